// Package storetest is what every storage engine must do, as tests; both engines pass them.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
)

type test struct {
	name string
	run  func(*testing.T, store.Engine)
}

// serial are the tests that one caller makes, with one document in a write and no array in an ordering field.
var serial = []test{
	{"documents are read in the order asked for", testGet},
	{"queries answer in index order", testQueries},
	{"nothing scans", testRefusals},
	{"conditions examine no more than allowed", testExamined},
	{"a cursor belongs to its query", testCursors},
	{"any mixture of writes and queries agrees with a model", testModel},
	{"a new index covers old documents, a dropped one is gone", testIndexChange},
	{"a cancelled caller is let go", testCancelled},
	{"keys are put, removed and found in order", testKeys},
}

var others = []test{
	{"a write of several documents is one", testAtomic},
	{"of many replacements of a version one succeeds", testConflict},
	{"of many insertions of an id one succeeds", testExists},
	{"concurrent updates are all counted", testUpdates},
	{"concurrent transfers keep the sum", testTransfers},
	{"changes that make no sense are refused", testNonsense},
	{"queries answer element by element", testElementQueries},
	{"any mixture agrees with a model element by element", testElementModel},
	{"pages under concurrent insertions miss and repeat nothing", testPaging},
	{"expired documents go, others stay", testExpiry},
	{"keys are written with their document or not at all", testKeysBesideDocuments},
	{"upgrades run once, and a newer store is refused", testUpgrades},
	{"one of many instances runs the upgrades", testManyPrepare},
}

// Run holds the engines that open returns, each empty, to everything that package store promises.
func Run(t *testing.T, open func(*testing.T) store.Engine) {
	RunSerial(t, open)
	run(t, open, others)
}

// RunSerial is the part of Run that needs no transactions, no concurrency and no order among an array's elements.
func RunSerial(t *testing.T, open func(*testing.T) store.Engine) {
	run(t, open, serial)
}

func run(t *testing.T, open func(*testing.T) store.Engine, tests []test) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// account is the document of the tests that write.
type account struct {
	store.Meta `bson:",inline"`
	Owner      string `bson:"owner"`
	Balance    int    `bson:"balance"`
}

var accountSchema = store.Schema{Name: "accounts", Indexes: []store.Index{
	{Name: "owner", Fields: []store.Field{store.Asc("owner"), store.Desc("balance")}},
}}

func accounts(t *testing.T, e store.Engine) store.Collection[account, *account] {
	t.Helper()
	must(t, e.Ensure(t.Context(), accountSchema))
	return store.NewCollection[account](e, accountSchema)
}

func newAccount(id string) *account {
	return &account{Meta: store.Meta{ID: id}, Owner: "dana", Balance: 100}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func testAtomic(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	a, b := newAccount("acc_a"), newAccount("acc_b")
	must(t, e.Write(ctx, c.Insert(a), c.Insert(b)))
	stale := *b
	must(t, e.Write(ctx, c.Replace(b)))

	for name, last := range map[string]struct {
		change store.Change
		want   error
	}{
		"an insertion that exists":     {c.Insert(newAccount("acc_b")), store.ErrExists},
		"a replacement of old":         {c.Replace(&stale), store.ErrConflict},
		"a deletion of old":            {c.Delete(&account{Meta: store.Meta{ID: "acc_b", Version: 1}}), store.ErrConflict},
		"a replacement of what is not": {c.Replace(&account{Meta: store.Meta{ID: "acc_x", Version: 1}}), store.ErrConflict},
		"a deletion of what is not":    {c.Delete(&account{Meta: store.Meta{ID: "acc_x", Version: 1}}), store.ErrConflict},
	} {
		changed := *a
		changed.Owner = "nobody"
		err := e.Write(ctx, c.Insert(newAccount("acc_c")), c.Replace(&changed), last.change)
		if !errors.Is(err, last.want) {
			t.Errorf("%s: got %v, want %v", name, err, last.want)
		}
		docs, err := e.Get(ctx, "accounts", "acc_a", "acc_b", "acc_c")
		must(t, err)
		if len(docs) != 2 || docs[0].Version != 1 || docs[1].Version != 2 {
			t.Fatalf("%s: part of a failed write was done: %v", name, docs)
		}
		if n, err := c.Count(ctx, store.Query{Index: "owner", Eq: []any{"nobody"}}, 10); err != nil || n != 0 {
			t.Errorf("%s: the index has %d entries of a failed write, %v", name, n, err)
		}
	}
	must(t, e.Write(ctx, c.Delete(a), c.Delete(b), c.Insert(newAccount("acc_c"))))
	left, _, err := c.Find(ctx, store.Query{Index: "owner", Eq: []any{"dana"}, Limit: 10})
	must(t, err)
	if len(left) != 1 || left[0].ID != "acc_c" {
		t.Errorf("after deletions: %v", left)
	}
	must(t, e.Write(ctx))
}

// race runs n functions at once and returns their errors.
func race(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

func wantOne(t *testing.T, errs []error, others error) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, others) {
			t.Errorf("a loser got %v, want %v", err, others)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d succeeded, want 1", won, len(errs))
	}
}

func testConflict(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	must(t, e.Write(ctx, c.Insert(newAccount("acc_a")), c.Insert(newAccount("acc_b"))))
	wantOne(t, race(100, func(i int) error {
		mine := newAccount("acc_a")
		mine.Version, mine.Balance = 1, i
		return e.Write(ctx, c.Replace(mine))
	}), store.ErrConflict)
	wantOne(t, race(100, func(i int) error {
		a, b := newAccount("acc_a"), newAccount("acc_b")
		a.Version, b.Version = 2, 1
		changes := []store.Change{c.Replace(a), c.Delete(b)}
		if i%2 == 0 {
			slices.Reverse(changes)
		}
		return e.Write(ctx, changes...)
	}), store.ErrConflict)
}

func testExists(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	wantOne(t, race(100, func(i int) error {
		return e.Write(ctx, c.Insert(newAccount("acc_a")), c.Insert(newAccount(fmt.Sprint("own_", i))))
	}), store.ErrExists)
	if n, err := c.Count(ctx, store.Query{}, 1000); err != nil || n != 2 {
		t.Errorf("%d documents, want 2 (%v)", n, err)
	}
}

func testUpdates(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	must(t, e.Write(ctx, c.Insert(newAccount("acc_a"))))
	for _, err := range race(100, func(int) error {
		_, err := c.Update(ctx, "acc_a", func(a *account) error { a.Balance++; return nil })
		return err
	}) {
		must(t, err)
	}
	a, err := c.Get(ctx, "acc_a")
	must(t, err)
	if a.Balance != 200 || a.Version != 101 {
		t.Errorf("balance %d version %d, want 200 and 101", a.Balance, a.Version)
	}
}

func testTransfers(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	const people = 5
	id := func(i int) string { return fmt.Sprint("acc_", i%people) }
	for i := range people {
		must(t, e.Write(ctx, c.Insert(newAccount(id(i)))))
	}
	var moved atomic.Int64
	for _, err := range race(40, func(i int) error {
		for {
			both, err := c.GetMany(ctx, id(i), id(i+1+i%3))
			if err != nil {
				return err
			}
			both[0].Balance -= i
			both[1].Balance += i
			err = e.Write(ctx, c.Replace(both[0]), c.Replace(both[1]))
			if err == nil {
				moved.Add(1)
				return nil
			}
			if !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
	}) {
		must(t, err)
	}
	sum, versions := 0, int64(0)
	must(t, c.Each(ctx, store.Query{Limit: 2}, func(a *account) error {
		sum += a.Balance
		versions += a.Version - 1
		return nil
	}))
	if sum != 100*people || versions != 2*moved.Load() {
		t.Errorf("sum %d, %d changes; want %d and %d", sum, versions, 100*people, 2*moved.Load())
	}
}

func testNonsense(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	data := func(v any) []byte {
		raw, err := bson.Marshal(v)
		must(t, err)
		return raw
	}
	for name, changes := range map[string][]store.Change{
		"two changes of one document": {c.Insert(newAccount("acc_a")), c.Insert(newAccount("acc_a"))},
		"data of another id": {{
			Kind: store.Insert, Collection: "accounts", ID: "acc_a",
			Data: data(bson.M{"_id": "acc_b", "_v": int64(1)}),
		}},
		"data of another version": {{
			Kind: store.Insert, Collection: "accounts", ID: "acc_a",
			Data: data(bson.M{"_id": "acc_a", "_v": int64(7)}),
		}},
		"no data": {{Kind: store.Insert, Collection: "accounts", ID: "acc_a"}},
		"no id":   {{Kind: store.Insert, Collection: "accounts", Data: data(bson.M{"_id": "", "_v": int64(1)})}},
		"an undeclared collection": {{
			Kind: store.Insert, Collection: "nowhere", ID: "acc_a",
			Data: data(bson.M{"_id": "acc_a", "_v": int64(1)}),
		}},
	} {
		if err := e.Write(ctx, changes...); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if docs, err := e.Get(ctx, "accounts", "acc_a", "acc_b", ""); err != nil || len(docs) != 0 {
		t.Errorf("left behind: %v, %v", docs, err)
	}
}

func testGet(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	for _, id := range []string{"acc_a", "acc_b", "acc_c"} {
		must(t, e.Write(ctx, c.Insert(newAccount(id))))
	}
	found, err := c.GetMany(ctx, "acc_c", "acc_x", "acc_a", "acc_b", "acc_c")
	must(t, err)
	var ids []string
	for _, a := range found {
		ids = append(ids, a.ID)
	}
	if !slices.Equal(ids, []string{"acc_c", "acc_a", "acc_b", "acc_c"}) {
		t.Errorf("got %v", ids)
	}
	if none, err := c.GetMany(ctx); err != nil || len(none) != 0 {
		t.Errorf("no ids: %v, %v", none, err)
	}
	_, err = c.Get(ctx, "acc_x")
	wantError(t, err, store.ErrNotFound)
	must(t, e.Ping(ctx))
}

func testCancelled(t *testing.T, e store.Engine) {
	c := accounts(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Get(ctx, "acc_a")
	wantError(t, err, context.Canceled)
	wantError(t, e.Write(ctx, c.Insert(newAccount("acc_a"))), context.Canceled)
	if docs, err := e.Get(t.Context(), "accounts", "acc_a"); err != nil || len(docs) != 0 {
		t.Errorf("a write of a caller that was gone was done: %v", err)
	}
}

// sweeper is an engine that deletes what has expired when told to, besides doing so by itself.
type sweeper interface {
	Sweep(ctx context.Context) error
}

type ticket struct {
	store.Meta `bson:",inline"`
	Until      *time.Time `bson:"until,omitempty"`
}

func testExpiry(t *testing.T, e store.Engine) {
	ctx := t.Context()
	schema := store.Schema{Name: "tickets", Expire: "until"}
	must(t, e.Ensure(ctx, schema))
	c := store.NewCollection[ticket](e, schema)
	past, future := time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	var changes []store.Change
	for i := range 450 {
		changes = append(changes, c.Insert(&ticket{store.Meta{ID: fmt.Sprint("old_", i)}, &past}))
	}
	must(t, e.Write(ctx, changes...))
	must(t, e.Write(ctx, c.Insert(&ticket{store.Meta{ID: "valid"}, &future}), c.Insert(&ticket{store.Meta{ID: "forever"}, nil})))
	if s, ok := e.(sweeper); ok {
		must(t, s.Sweep(ctx))
	} else {
		waitForCount(t, e, "tickets", 2, 2*time.Minute)
	}
	left, _, err := c.Find(ctx, store.Query{Limit: 1000})
	must(t, err)
	if len(left) != 2 || left[0].ID != "forever" || left[1].ID != "valid" {
		t.Errorf("left: %d, %v", len(left), left)
	}
}

// waitForCount looks once a second, because the server's own sweep tells nobody when it is done.
func waitForCount(t *testing.T, e store.Engine, collection string, want int, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for tick := time.NewTicker(time.Second); ; {
		n, err := e.Count(ctx, collection, store.Query{}, 1000)
		must(t, err)
		if n == want {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%d documents after %v, want %d", n, limit, want)
		}
	}
}
