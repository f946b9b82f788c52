package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// FormatSchema is the collection that says which form a store's documents have.
var FormatSchema = Schema{Name: "format"}

// format is the only document of its collection.
type format struct {
	Meta  `bson:",inline"`
	Steps int `bson:"steps"` // how many upgrades it has seen; a store that is older than this document has seen none
}

const formatID = "store"

// meetAgain is about how long an upgrade waits that met another instance's.
const meetAgain = time.Second

// Upgrade is one change of the form of documents. It may be cut off anywhere, begin anew, and run on two instances at once.
type Upgrade func(ctx context.Context, engine Engine) error

// BringUp runs the upgrades that the store has not seen, in order. A store that a newer version wrote is refused.
func BringUp(ctx context.Context, engine Engine, upgrades ...Upgrade) error {
	formats := NewCollection[format](engine, FormatSchema)
	for {
		has, change := &format{Meta: Meta{ID: formatID}}, formats.Insert
		switch known, err := formats.Get(ctx, formatID); {
		case err == nil:
			has, change = known, formats.Replace
		case !errors.Is(err, ErrNotFound):
			return err
		}
		if has.Steps > len(upgrades) {
			return fmt.Errorf("the store was written by a newer version of Wasl (its format is %d, this version knows %d)", has.Steps, len(upgrades))
		}
		if has.Steps == len(upgrades) {
			return nil
		}
		err := upgrades[has.Steps](ctx, engine)
		if err == nil {
			has.Steps++
			err = engine.Write(ctx, change(has))
		}
		switch {
		case err == nil:
		case !errors.Is(err, ErrConflict) && !errors.Is(err, ErrExists):
			return fmt.Errorf("upgrade %d of the store: %w", has.Steps+1, err)
		default: // another instance does the same; that they do not hinder each other for long, they come back out of step
			select {
			case <-ctx.Done():
				return fmt.Errorf("upgrade %d of the store: %w", has.Steps+1, ctx.Err())
			case <-time.After(meetAgain/2 + rand.N(meetAgain)):
			}
		}
	}
}

// Rewrite writes the changes that fn makes of each page of the whole collection.
func (c Collection[T, P]) Rewrite(ctx context.Context, fn func(page []P) ([]Change, error)) error {
	q := Query{Limit: 500}
	for {
		page, next, err := c.Find(ctx, q)
		if err != nil {
			return err
		}
		changes, err := fn(page)
		if err == nil && len(changes) > 0 {
			err = c.engine.Write(ctx, changes...)
		}
		if err != nil || next == "" {
			return err
		}
		q.Cursor = next
	}
}
