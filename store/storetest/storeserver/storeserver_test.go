package storeserver_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest"
	"wasl/store/storetest/storeserver"
)

type note struct {
	store.Meta `bson:",inline"`
	Text       string `bson:"text"`
}

var schema = store.Schema{Name: "notes"}

func serve(t *testing.T) *pebble.Engine {
	t.Helper()
	engine, err := pebble.Open("data", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	return engine
}

func connect(t *testing.T, engine store.Engine, addr string) (*storeserver.Link, store.Engine) {
	t.Helper()
	link, err := storeserver.Listen(engine, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close() })
	client, err := storeserver.Dial(link.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if err := client.Ensure(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	return link, client
}

// swept is a client that can also tell the engine behind the link to sweep.
type swept struct {
	store.Engine
	behind *pebble.Engine
}

func (s swept) Sweep(ctx context.Context) error { return s.behind.Sweep(ctx) }

// An engine behind a link is an engine.
func TestSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Engine {
		engine := serve(t)
		_, client := connect(t, engine, "127.0.0.1:0")
		return swept{client, engine}
	})
}

// Two processes see each other's writes, and one link's trouble is not the other's.
func TestTwoLinks(t *testing.T) {
	ctx, engine := t.Context(), serve(t)
	linkA, a := connect(t, engine, filepath.Join(t.TempDir(), "a.sock"))
	_, b := connect(t, engine, "127.0.0.1:0")
	notesA, notesB := store.NewCollection[note](a, schema), store.NewCollection[note](b, schema)
	if err := a.Write(ctx, notesA.Insert(&note{store.Meta{ID: "n1"}, "hello"})); err != nil {
		t.Fatal(err)
	}
	linkA.Cut()
	if err := a.Ping(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("over a cut link: %v", err)
	}
	if got, err := notesB.Get(ctx, "n1"); err != nil || got.Text != "hello" {
		t.Errorf("over the other link: %v, %v", got, err)
	}
	linkA.Mend()
	if _, err := notesA.Get(ctx, "n1"); err != nil {
		_, err = notesA.Get(ctx, "n1") // the first call may be the one that finds the old connection broken
		if err != nil {
			t.Errorf("over the mended link: %v", err)
		}
	}
}

// A write whose answer is lost is unavailable to its writer, and done.
func TestCutAfterCommit(t *testing.T) {
	ctx := t.Context()
	link, client := connect(t, serve(t), "127.0.0.1:0")
	notes := store.NewCollection[note](client, schema)
	link.CutAfterCommit()
	if err := client.Write(ctx, notes.Insert(&note{store.Meta{ID: "n1"}, "hello"})); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the write with a lost answer: %v", err)
	}
	if err := client.Write(ctx, notes.Insert(&note{store.Meta{ID: "n1"}, "hello"})); !errors.Is(err, store.ErrExists) {
		t.Errorf("the same again: %v", err)
	}
}

// A slow link keeps nobody longer than his deadline.
func TestSlow(t *testing.T) {
	link, client := connect(t, serve(t), "127.0.0.1:0")
	link.Slow(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := client.Ping(ctx); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	link.Slow(0)
	if err := client.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
