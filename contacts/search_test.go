package contacts

import (
	"fmt"
	"slices"
	"testing"

	"wasl/search"
)

// What finds a contact is marked where people see it, digits also in the middle of a number that is written otherwise.
func TestHighlightsOfContacts(t *testing.T) {
	c := ContactView{
		Name: "Noa Levi", Phones: []string{"+972501234567", "+14155550123"}, Emails: []string{"noa@levi.example"},
		Identities: []IdentityView{{Display: "+972501234567"}, {Display: "noa@levi.example"}, {Display: "noa.insta"}},
	}
	for query, want := range map[string][]string{
		"050-123-4567":     {"phone +972501234567 [4 13]"},
		"0501234567 levi":  {"name Noa Levi [4 8]", "email noa@levi.example [4 8]", "phone +972501234567 [4 13]"},
		"٠٥٠١٢٣":           {"phone +972501234567 [4 9]", "phone +14155550123 [7 12]"},
		"0123":             {"phone +972501234567 [5 9]", "phone +14155550123 [8 12]"},
		"noa":              {"name Noa Levi [0 3]", "email noa@levi.example [0 3]", "identity noa.insta [0 3]"},
		"someone unmarked": {"name Noa Levi"},
	} {
		var got []string
		for _, h := range highlights(c, query) {
			line := h.Field + " " + h.Text
			for _, m := range h.Marks {
				line += fmt.Sprintf(" [%d %d]", m.Start, m.End)
			}
			got = append(got, line)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	r := &search.Registry{}
	s, _ := newBook(t)
	s.RegisterSearch(r)
	called(t, s, "w", "Noa Levi", "972501234567")
	for names, found := range map[string]bool{"": true, "contacts": true} {
		var kinds []string
		if names != "" {
			kinds = []string{names}
		}
		groups, err := r.Find(t.Context(), everything("w"), kinds, search.Query{Text: "noa", Limit: 5})
		if err != nil || len(groups) != 1 || (len(groups[0].Items.([]FoundView)) == 1) != found {
			t.Errorf("%q: %+v, %v", names, groups, err)
		}
	}
	if groups, err := r.Find(t.Context(), everything("w"), nil, search.Query{Text: "noa", From: []string{"usr_1"}, Limit: 5}); err != nil ||
		len(groups) != 0 {
		t.Errorf("who said it, of contacts: %+v, %v", groups, err)
	}
	if _, err := r.Find(t.Context(), everything("w"), []string{"tickets"}, search.Query{Text: "noa", Limit: 5}); err == nil {
		t.Error("an unknown kind is not refused")
	}
}
