package contacts

import (
	"slices"
	"testing"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/search"
)

// TestContactsAreFoundByWhatTheyShow: by words and by custom fields, those of members as the person's, and after a merge was taken back as
// before it.
func TestContactsAreFoundByWhatTheyShow(t *testing.T) {
	s, bus := newContacts(t)
	ctx := t.Context()
	made, by := map[string]string{}, access.Actor{Kind: access.User, ID: "usr_1"}
	for name, plan := range map[string]string{"Dana": "Gold", "Noa": "silver"} {
		sender := channels.Sender{Name: name, Identities: []channels.Identity{{Kind: kindEmail, Value: name + "@b.example"}}}
		r, err := s.Resolve(ctx, "w", "chn", sender, "webhook", by)
		if err != nil {
			t.Fatal(err)
		}
		if err := bus.Commit(ctx, &r.Write); err != nil {
			t.Fatal(err)
		}
		if err := s.Change(ctx, "w", by, r.Contact.ID, func(f *Facts) { f.Fields = map[string]string{"plan": plan} }); err != nil {
			t.Fatal(err)
		}
		made[name] = r.Contact.ID
	}
	check := func(when string, words, values map[string][]string) {
		t.Helper()
		for query, want := range words {
			found, _, err := s.Search(ctx, everything("w"), query, "", 10)
			if got := namesOf(found); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %q finds %v, %v, want %v", when, query, got, err, want)
			}
		}
		for value, want := range values {
			found, _, err := s.byField(ctx, everything("w"), search.FieldQuery{Field: "plan", Value: value, Limit: 10})
			if got := namesOf(found); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: the plan %q finds %v, %v, want %v", when, value, got, err, want)
			}
		}
	}
	apart := map[string][]string{"gold": {"Dana"}, "silver": {"Noa"}, "": {"Dana", "Noa"}}
	check("apart", map[string][]string{"dan": {"Dana"}, "noa": {"Noa"}}, apart)
	survivor, err := s.Merge(ctx, "w", made["Dana"], made["Noa"], by)
	if err != nil {
		t.Fatal(err)
	}
	check("merged", map[string][]string{"dan": {"Dana"}, "noa": {"Dana"}},
		map[string][]string{"gold": {"Dana"}, "silver": nil, "": {"Dana"}})
	member, err := s.contacts.Get(ctx, made["Noa"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unmerge(ctx, "w", survivor.ID, member.MergeID, by); err != nil {
		t.Fatal(err)
	}
	check("apart again", map[string][]string{"dan": {"Dana"}, "noa": {"Noa"}}, apart)
}

func namesOf(contacts []*Contact) (names []string) {
	for _, c := range contacts {
		names = append(names, c.Name)
	}
	return names
}
