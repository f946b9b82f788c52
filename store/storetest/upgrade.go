package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"wasl/internal/clock"
	"wasl/store"
)

// prepare is the start of a program that knows these upgrades.
func prepare(t *testing.T, e store.Engine, upgrades ...store.Upgrade) error {
	t.Helper()
	return store.Setup{
		Version: "v1", Clock: clock.System{}, Schemas: []store.Schema{accountSchema}, Upgrades: upgrades, Report: func(string) {},
	}.Prepare(t.Context(), e)
}

func testUpgrades(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	for _, id := range []string{"a", "b"} {
		must(t, e.Write(ctx, c.Insert(&account{Meta: store.Meta{ID: id}, Balance: 1})))
	}
	var ran []string
	upgrade := func(name string) store.Upgrade {
		return store.Upgrade{Name: name, Run: func(ctx context.Context, engine store.Engine, progress *store.Progress) error {
			ran = append(ran, name)
			c := store.NewCollection[account](engine, accountSchema)
			return c.Rewrite(ctx, progress, func(page []*account) (changes []store.Change, _ error) {
				for _, a := range page {
					if a.Owner != name {
						a.Owner = name
						a.Balance *= 10
						changes = append(changes, c.Replace(a))
					}
				}
				return changes, nil
			})
		}}
	}
	first, second := upgrade("first"), upgrade("second")
	must(t, prepare(t, e, first))
	cut := NewFaulty(e)
	cut.Fail(3, Unanswered) // after the lease was taken and the upgrade begun, the documents are changed, and that may not be known
	if err := prepare(t, cut, first, second); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("a store that went away: %v", err)
	}
	for range 2 {
		must(t, prepare(t, e, first, second))
	}
	if !slices.Equal(ran, []string{"first", "second", "second"}) {
		t.Errorf("ran %v", ran)
	}
	for _, id := range []string{"a", "b"} {
		if a, err := c.Get(ctx, id); err != nil || a.Balance != 100 || a.Owner != "second" {
			t.Errorf("%s became %+v, %v", id, a, err)
		}
	}
	history, err := store.NewCollection[upgradesSeen](e, store.FormatSchema).Get(ctx, "store")
	must(t, err)
	if len(history.Ran) != 2 || history.Ran[1].Name != "second" || history.Ran[1].Version != "v1" ||
		time.Since(history.Ran[1].At) > time.Hour {
		t.Errorf("recorded %+v", history.Ran)
	}
	before := NewFaulty(e)
	if err := prepare(t, before, first); err == nil || before.Writes() > 0 {
		t.Errorf("an older version took the store of a newer one: %v, %d writes", err, before.Writes())
	}
	if err := prepare(t, before, first, upgrade("another")); err == nil || before.Writes() > 0 {
		t.Errorf("a version of another branch took the store: %v, %d writes", err, before.Writes())
	}
}

// upgradesSeen is the document that operators may read.
type upgradesSeen struct {
	store.Meta `bson:",inline"`
	Ran        []struct {
		Name    string    `bson:"name"`
		At      time.Time `bson:"at"`
		Version string    `bson:"version"`
	} `bson:"ran"`
}

// testManyPrepare: of many instances that start at once one runs each upgrade, and all of them go on when it is done.
func testManyPrepare(t *testing.T, e store.Engine) {
	ran := make(chan string, 100)
	upgrades := []store.Upgrade{}
	for _, name := range []string{"first", "second", "third"} {
		upgrades = append(upgrades, store.Upgrade{Name: name, Run: func(context.Context, store.Engine, *store.Progress) error {
			ran <- name
			return nil
		}})
	}
	done := make(chan error)
	for range 5 {
		go func() { done <- prepare(t, e, upgrades...) }()
	}
	for range 5 {
		must(t, <-done)
	}
	close(ran)
	var names []string
	for name := range ran {
		names = append(names, name)
	}
	if !slices.Equal(names, []string{"first", "second", "third"}) {
		t.Errorf("ran %v", names)
	}
}
