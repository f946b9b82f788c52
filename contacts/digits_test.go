package contacts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/rs/zerolog"
	"pgregory.net/rapid"

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

var digitsSchemas = slices.Concat(Schemas(), events.Schemas(), jobs.Schemas(), search.Schemas(), activity.Schemas())

func newBook(t *testing.T) (*Service, *pebble.Engine) {
	t.Helper()
	disk, err := pebble.Open("digits", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	if err := disk.Ensure(t.Context(), digitsSchemas...); err != nil {
		t.Fatal(err)
	}
	runner := jobs.NewRunner(disk, clock.System{}, zerolog.Nop(), "one")
	bus := events.NewBus(disk, events.NewLocal(), runner, clock.System{}, zerolog.Nop())
	return NewService(disk, bus, activity.NewLog(disk), runner, clock.System{}), disk
}

// A number is found in every spelling of people: national and international, with any separators, in Arabic digits, beside the name,
// and in part.
func TestEverySpellingOfANumberFindsThePerson(t *testing.T) {
	s, _ := newBook(t)
	noa := called(t, s, "w", "Noa Levi", "972501234567")
	called(t, s, "w", "Someone Else", "972521239999")
	called(t, s, "w", "Ends Alike", "972541112345")
	for _, query := range []string{
		"0501234567", "050-123-4567", "1234567", "00972501234567", "+972 50 123 4567", "+972 (0)50 123-4567", "972501234567",
		"٠٥٠١٢٣٤٥٦٧", "٠٥٠-١٢٣-٤٥٦٧", "+٩٧٢٥٠١٢٣٤٥٦٧", "011 972 50 123 4567", "Noa 050 123 4567", "050-1234567 levi", "(050) 123.4567",
		"0123", "4567", "9725012", "5012",
	} {
		if found := names(t, s, "w", query); !slices.Equal(found, []string{"Noa Levi"}) {
			t.Errorf("%q finds %v", query, found)
		}
	}
	// What is one person's last digits is found within another's number too.
	if found := names(t, s, "w", "2345"); len(found) != 2 {
		t.Errorf("2345 finds %v", found)
	}
	for query, want := range map[string]int{"9999999": 0, "Someone 0501234567": 0, "972": 3, "97": 3} {
		if found := names(t, s, "w", query); len(found) != want {
			t.Errorf("%q finds %v", query, found)
		}
	}
	if found := names(t, s, "v", "0501234567"); len(found) > 0 {
		t.Errorf("another workspace finds %v", found)
	}
	// A merge brings the other number.
	by := access.Actor{Kind: access.User, ID: "usr_1"}
	other := called(t, s, "w", "Noa at work", "14155550123")
	if err := s.Change(t.Context(), "w", by, noa.ID, func(f *Facts) { f.Name = "Noa L." }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Merge(t.Context(), "w", noa.ID, other.ID, by); err != nil {
		t.Fatal(err)
	}
	if found := names(t, s, "w", "(415) 555-0123"); !slices.Equal(found, []string{"Noa L."}) {
		t.Errorf("after the merge: %v", found)
	}
}

// Every run of four or more digits of a number, and how its country dials it, finds the person, whatever country it is of.
func TestEveryRunOfDigitsFindsThePerson(t *testing.T) {
	s, disk := newBook(t)
	countries := []string{"IL", "US", "GB", "DE", "FR", "IT", "RU", "BR", "MX", "AR", "EG", "SA", "AE", "JO", "IN", "HU", "ZA", "AU"}
	workspaces := 0
	rapid.Check(t, func(rt *rapid.T) {
		workspaces++
		w := fmt.Sprint("w", workspaces)
		country := rapid.SampledFrom(countries).Draw(rt, "country")
		example := phonenumbers.GetExampleNumberForType(country, phonenumbers.MOBILE)
		national := []byte(phonenumbers.GetNationalSignificantNumber(example))
		for n := len(national) - 4; n < len(national); n++ {
			national[n] = byte(rapid.IntRange('0', '9').Draw(rt, "digit"))
		}
		number, err := phonenumbers.Parse(fmt.Sprintf("+%d%s", example.GetCountryCode(), national), "")
		if err != nil {
			rt.Fatal(err)
		}
		waID := strings.TrimPrefix(phonenumbers.Format(number, phonenumbers.E164), "+")
		called(rt, s, w, "the one", waID)
		from := rapid.IntRange(0, len(waID)-minDigits).Draw(rt, "from")
		to := rapid.IntRange(from+minDigits, len(waID)).Draw(rt, "to")
		inside := phonenumbers.Format(number, phonenumbers.NATIONAL)
		for _, query := range []string{
			waID[from:to], inside, keepDigits(inside), "00" + waID, phonenumbers.Format(number, phonenumbers.INTERNATIONAL),
			phonenumbers.Format(number, phonenumbers.RFC3966),
		} {
			query = strings.TrimPrefix(query, "tel:")
			if found := names(rt, s, w, query); !slices.Equal(found, []string{"the one"}) {
				rt.Fatalf("%s: %q does not find %s: %v", country, query, waID, found)
			}
		}
		rows, err := store.NewKeySet(disk, store.Schema{Name: "words", Keys: true}).Find(t.Context(), store.Range{Prefix: w + "/"}, 100)
		if err != nil || len(rows) > 40 {
			rt.Fatalf("one number has %d rows, %v", len(rows), err)
		}
	})
}

// A store of before is found by digits after its upgrade, however often that is cut off, and what there is stays.
func TestContactsOfBeforeAreFoundByDigits(t *testing.T) {
	s, disk := newBook(t)
	c := &Contact{Meta: store.Meta{ID: "con_1"}, WorkspaceID: "w", Facts: Facts{Name: "Noa", Phones: []string{"+972501234567"}}}
	c.index(nil)
	changes := append(s.words.Changes("w", search.Entry{}, c.entry()), s.contacts.Insert(c))
	if err := disk.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
	if found := names(t, s, "w", "0501234567"); len(found) > 0 {
		t.Fatalf("before: %v", found)
	}
	for range 2 {
		if err := UpgradeDigits.Run(t.Context(), disk, &store.Progress{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, query := range []string{"0501234567", "noa"} {
		if found := names(t, s, "w", query); !slices.Equal(found, []string{"Noa"}) {
			t.Errorf("%q finds %v", query, found)
		}
	}
}

type failing interface {
	Helper()
	Fatal(args ...any)
}

func called(t failing, s *Service, workspaceID, name, waID string) *Contact {
	t.Helper()
	number := channels.Identity{Kind: kindWhatsApp, Value: waID, Display: "+" + waID}
	c, err := s.Create(context.Background(), workspaceID, access.Actor{Kind: access.User, ID: "usr_1"}, name, []channels.Identity{number})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func names(t failing, s *Service, workspaceID, query string) (out []string) {
	t.Helper()
	found, _, err := s.Search(context.Background(), everything(workspaceID), query, "", 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found {
		out = append(out, c.Name)
	}
	return out
}
