package pebble

import (
	"context"
	"errors"
	"time"

	pdb "github.com/cockroachdb/pebble/v2"

	"wasl/store"
)

// sweepBatch is how many expired documents one batch removes.
const sweepBatch = 200

func (e *Engine) sweepRegularly(ctx context.Context) {
	defer close(e.swept)
	tick := time.NewTicker(sweepInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := e.Sweep(ctx); err != nil && !errors.Is(err, store.ErrUnavailable) && ctx.Err() == nil {
				e.opts.Report(err)
			}
		}
	}
}

// Sweep deletes what has expired by the clock. It runs every minute by itself.
func (e *Engine) Sweep(ctx context.Context) error {
	for name, c := range *e.collections.Load() {
		if c.schema.Expire == "" {
			continue
		}
		for again := true; again; {
			var err error
			if again, err = e.sweepSome(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepSome deletes one batch and reports whether there may be more.
func (e *Engine) sweepSome(ctx context.Context, name string) (bool, error) {
	now := e.opts.Clock.Now()
	page, err := e.Find(ctx, name, store.Query{Index: expiryIndex, Range: &store.Range{To: now}, Limit: sweepBatch})
	if err != nil || len(page.Docs) == 0 {
		return false, err
	}
	changes := make([]store.Change, 0, len(page.Docs))
	for _, doc := range page.Docs {
		changes = append(changes, store.Change{Kind: store.Delete, Collection: name, ID: doc.ID, Version: doc.Version})
	}
	err = e.writing(ctx, documentsOf(changes), func() error {
		batch := e.db.NewBatch()
		defer batch.Close()
		for _, change := range changes {
			// One that was changed meanwhile is looked at again by the next sweep.
			if err := e.apply(batch, change); err != nil && !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
		return commit(batch, pdb.NoSync)
	})
	return page.NextCursor != "", err
}
