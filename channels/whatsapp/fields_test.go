package whatsapp_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"wasl/channels/whatsapp"
)

// What Meta documents is no riddle: each of its fields is understood, or let go by name. What brings nothing of what it should bring, and
// what nobody knows, stays visible.
func TestDocumentedFieldsAreNoRiddles(t *testing.T) {
	text, err := os.ReadFile("testdata/fields.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "\n\n")
	var letGo []string
	for line := range strings.Lines(list) {
		field, becomes, _ := strings.Cut(strings.TrimSpace(line), ": ")
		got := parse(t, []byte(change(field, `{"messaging_product":"whatsapp","metadata":{"phone_number_id":"800000000000001"},"event":"X","groups":[{"type":"x"}]}`)))
		switch unknown := len(got) == 1 && strings.HasPrefix(got[0], "notice unknown"); {
		case becomes == "let go" && len(got) == 0:
			letGo = append(letGo, field)
		case becomes == "notice" && len(got) == 1 && !unknown, becomes == "people" && unknown:
		default:
			t.Errorf("%s, %s: %q", field, becomes, got)
		}
	}
	if known := slices.Sorted(maps.Keys(whatsapp.LetGo)); !slices.Equal(known, letGo) {
		t.Errorf("let go %q, documented %q", known, letGo)
	}
}

// While another app answers for the number, what is said is kept quietly.
func TestWhatAnotherAppAnswersIsKeptQuietly(t *testing.T) {
	got := parse(t, []byte(change("standby", `{"metadata":{"display_phone_number":"12025550100","phone_number_id":"800000000000001"},`+
		`"messages":[{"from":"12025550143","id":"wamid.1","timestamp":"1790000001","type":"text","text":{"body":"for the other app"}}]}`)))
	if want := []string{`message wamid.1 text "for the other app" historic | phone:12025550143 | at +00001`}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
