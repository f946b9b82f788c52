package contacts

import (
	"slices"
	"testing"

	"github.com/rs/zerolog"

	"wasl/activity"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/search"
	"wasl/store/pebble"
)

// newContacts returns a service over an empty store in memory.
func newContacts(t *testing.T) (*Service, *events.Bus) {
	t.Helper()
	disk, err := pebble.Open("contacts", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	all := slices.Concat(events.Schemas(), jobs.Schemas(), search.Schemas(), activity.Schemas(), Schemas())
	if err := disk.Ensure(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	runner := jobs.NewRunner(disk, clock.System{}, zerolog.Nop(), "test")
	bus := events.NewBus(disk, events.NewLocal(), runner, clock.System{}, zerolog.Nop())
	return NewService(disk, bus, activity.NewLog(disk), runner, clock.System{}), bus
}
