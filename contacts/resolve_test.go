package contacts

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"wasl/activity"
	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/search"
	"wasl/store"
	"wasl/store/pebble"
)

// TestSpellingsOfANumberMeet, and numbers that are not the same do not.
func TestSpellingsOfANumberMeet(t *testing.T) {
	for _, same := range [][]string{
		{"12025550143", "+12025550143"},
		{"553170000001", "5531970000001", "+5531970000001"},
		{"5215512345678", "525512345678", "+525512345678"},
		{"5491112345678", "541112345678"},
	} {
		for _, number := range same[1:] {
			if phoneKey(number) != phoneKey(same[0]) || phoneKey(number) == "" {
				t.Errorf("%s is %s, %s is %s", number, phoneKey(number), same[0], phoneKey(same[0]))
			}
		}
	}
	for _, other := range [][2]string{
		{"553130000001", "5531930000001"},
		{"12025550143", "12025550144"},
		{"5511970000001", "5521970000001"},
	} {
		if phoneKey(other[0]) == phoneKey(other[1]) {
			t.Errorf("%s and %s are one number", other[0], other[1])
		}
	}
	for _, none := range []string{"", "12345", "SHOP", "BR.7000000000000000001", "1234567890123456"} {
		if phoneKey(none) != "" {
			t.Errorf("%q is taken for the number %s", none, phoneKey(none))
		}
	}
}

// counting counts what is asked of the store.
type counting struct {
	store.Engine
	reads int
}

func (c *counting) Get(ctx context.Context, collection string, ids ...string) ([]store.Doc, error) {
	c.reads++
	return c.Engine.Get(ctx, collection, ids...)
}

func (c *counting) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	c.reads++
	return c.Engine.Find(ctx, collection, q)
}

// TestAKnownSenderCostsTwoReads: every message that comes in pays for it.
func TestAKnownSenderCostsTwoReads(t *testing.T) {
	disk, err := pebble.Open("contacts", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = disk.Close() }()
	for _, schemas := range [][]store.Schema{events.Schemas(), jobs.Schemas(), search.Schemas(), activity.Schemas(), Schemas()} {
		if err := disk.Ensure(t.Context(), schemas...); err != nil {
			t.Fatal(err)
		}
	}
	engine, now := &counting{Engine: disk}, clock.System{}
	runner := jobs.NewRunner(engine, now, zerolog.Nop(), "test")
	bus := events.NewBus(engine, events.NewLocal(), runner, now, zerolog.Nop())
	s := NewService(engine, bus, activity.NewLog(engine), runner, now)
	sender := channels.Sender{Name: "Inês", Identities: []channels.Identity{
		{Kind: kindWhatsApp, Value: "12025550143"}, {Kind: "whatsapp_bsuid", Scope: "1", Value: "US.1"},
	}}
	first, err := s.Resolve(t.Context(), "w", "chn", sender, "webhook", access.Actor{Kind: access.Contact})
	if err != nil || !first.New {
		t.Fatalf("new %v, %v", first.New, err)
	}
	if err := bus.Commit(t.Context(), &events.Write{Changes: first.Write.Changes, Events: first.Write.Events}); err != nil {
		t.Fatal(err)
	}
	engine.reads = 0
	again, err := s.Resolve(t.Context(), "w", "chn", sender, "webhook", access.Actor{Kind: access.Contact})
	if err != nil || again.Contact.ID != first.Contact.ID || len(again.Write.Changes) != 0 {
		t.Errorf("%+v, %v", again, err)
	}
	if engine.reads != 2 {
		t.Errorf("%d reads", engine.reads)
	}
}
