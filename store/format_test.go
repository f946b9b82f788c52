package store_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"wasl/store"
)

// contested is a store that has seen nothing, and in which another instance is always faster.
type contested struct {
	store.Engine
	writes int
}

func (*contested) Get(context.Context, string, ...string) ([]store.Doc, error) { return nil, nil }

func (c *contested) Write(context.Context, ...store.Change) error {
	if c.writes++; c.writes > 1000 {
		return store.ErrUnavailable
	}
	return store.ErrExists
}

func TestAnUpgradeThatMeetsAnotherWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		engine := &contested{}
		err := store.BringUp(ctx, engine, func(context.Context, store.Engine) error { return ctx.Err() })
		if !errors.Is(err, context.DeadlineExceeded) || engine.writes < 30 || engine.writes > 120 {
			t.Errorf("%d attempts in a minute: %v", engine.writes, err)
		}
	})
}
