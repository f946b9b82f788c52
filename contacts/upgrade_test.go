package contacts

import (
	"errors"
	"slices"
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
	"wasl/store/storetest"
)

// TestIdentitiesOfTheFirstFormatKeepTheirContact, and are met by every spelling of their number.
func TestIdentitiesOfTheFirstFormatKeepTheirContact(t *testing.T) {
	disk, err := pebble.Open("upgrade", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	ctx := t.Context()
	if err := disk.Ensure(ctx, slices.Concat(Schemas(), events.Schemas(), jobs.Schemas(), search.Schemas(),
		activity.Schemas())...); err != nil {
		t.Fatal(err)
	}
	old := store.NewCollection[bornIdentity](disk, identitySchema)
	for contact, i := range map[string]channels.Identity{
		"con_b": {Kind: kindWhatsApp, Value: "553170000001"},
		"con_m": {Kind: "psid", Scope: "page", Value: "1"},
	} {
		row := &bornIdentity{ContactID: contact, Identity: Identity{
			Meta: store.Meta{ID: identityID("w", i)}, WorkspaceID: "w",
			Identity: i,
		}}
		person := &Contact{Meta: store.Meta{ID: contact}, WorkspaceID: "w"}
		contacts := store.NewCollection[Contact](disk, contactSchema)
		if err := disk.Write(ctx, old.Insert(row), contacts.Insert(person)); err != nil {
			t.Fatal(err)
		}
	}
	cut := storetest.NewFaulty(disk)
	cut.Fail(1, storetest.KilledAfter)
	if err := Upgrade.Run(ctx, cut, &store.Progress{}); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("cut off: %v", err)
	}
	if err := Upgrade.Run(ctx, disk, &store.Progress{}); err != nil {
		t.Fatal(err)
	}
	runner := jobs.NewRunner(disk, clock.System{}, zerolog.Nop(), "one")
	s := NewService(disk, events.NewBus(disk, events.NewLocal(), runner, clock.System{}, zerolog.Nop()), activity.NewLog(disk), runner,
		clock.System{})
	for contact, i := range map[string]channels.Identity{
		"con_b": {Kind: kindWhatsApp, Value: "5531970000001"}, // as it is spelled today
		"con_m": {Kind: "psid", Scope: "page", Value: "1"},
	} {
		r, err := s.Resolve(ctx, "w", "chn", channels.Sender{Identities: []channels.Identity{i}}, "webhook",
			access.Actor{Kind: access.Contact})
		if err != nil || r.New || r.Contact.ID != contact {
			t.Errorf("%s: %+v, %v", contact, r, err)
		}
	}
}
