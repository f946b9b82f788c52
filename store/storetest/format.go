package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"wasl/store"
)

func testBringUp(t *testing.T, e store.Engine) {
	ctx := t.Context()
	must(t, e.Ensure(ctx, store.FormatSchema))
	c := accounts(t, e)
	for _, id := range []string{"a", "b"} {
		must(t, e.Write(ctx, c.Insert(&account{Meta: store.Meta{ID: id}, Balance: 1})))
	}
	var ran []string
	upgrade := func(name string) store.Upgrade {
		return func(ctx context.Context, engine store.Engine) error {
			ran = append(ran, name)
			c := store.NewCollection[account](engine, accountSchema)
			return c.Rewrite(ctx, func(page []*account) (changes []store.Change, _ error) {
				for _, a := range page {
					if a.Owner != name {
						a.Owner = name
						a.Balance *= 10
						changes = append(changes, c.Replace(a))
					}
				}
				return changes, nil
			})
		}
	}
	first, second := upgrade("first"), upgrade("second")
	must(t, store.BringUp(ctx, e, first))
	cut := NewFaulty(e)
	cut.Fail(2, KilledAfter) // the documents are changed, and that may not be known
	if err := store.BringUp(ctx, cut, first, second); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("a store that went away: %v", err)
	}
	for range 2 {
		must(t, store.BringUp(ctx, e, first, second))
	}
	if n := len(ran); n > 3 || !slices.Equal(ran[:2], []string{"first", "second"}) {
		t.Errorf("ran %v", ran)
	}
	for _, id := range []string{"a", "b"} {
		if a, err := c.Get(ctx, id); err != nil || a.Balance != 100 || a.Owner != "second" {
			t.Errorf("%s became %+v, %v", id, a, err)
		}
	}
	if err := store.BringUp(ctx, e, first); err == nil {
		t.Error("an older version took the store of a newer one")
	}
}
