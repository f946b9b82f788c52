package contacts

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
)

// What is changed of a person who is several contacts is as it was asked for; what was taken away does not come back from one of them, and
// once they are apart again each has what is its own.
func TestAPersonIsEdited(t *testing.T) {
	s, bus := newContacts(t)
	ctx := t.Context()
	by, v := access.Actor{Kind: access.User, ID: "usr_1"}, everything("w")
	edit := func(id string, e Edit) error { return s.EditPerson(ctx, nil, v, id, e) }
	made := map[string]string{}
	text := func(s string) *string { return &s }
	for name, tags := range map[string][]string{"Dana": {"vip", " vip ", "new"}, "Noa": {"vip", "late"}} {
		sender := channels.Sender{Name: name, Identities: []channels.Identity{{Kind: kindEmail, Value: name + "@b.example"}}}
		r, err := s.Resolve(ctx, "w", "chn", sender, "webhook", by)
		if err != nil {
			t.Fatal(err)
		}
		if err := bus.Commit(ctx, &r.Write); err != nil {
			t.Fatal(err)
		}
		made[name] = r.Contact.ID
		if err := edit(r.Contact.ID, Edit{Tags: &tags, Fields: map[string]string{"plan": name, name: "x"}}); err != nil {
			t.Fatal(err)
		}
	}
	person, err := s.Merge(ctx, "w", made["Dana"], made["Noa"], by)
	if err != nil {
		t.Fatal(err)
	}
	shows := func(when, id string, tags []string, fields map[string]string) {
		t.Helper()
		c, err := s.contacts.Get(ctx, id)
		if err != nil || !slices.Equal(c.Tags, tags) || !maps.Equal(c.Fields, fields) {
			t.Errorf("%s: %v %v, %v", when, c.Tags, c.Fields, err)
		}
	}
	shows("merged", person.ID, []string{"vip", "new", "late"}, map[string]string{"plan": "Dana", "Dana": "x", "Noa": "x"})
	if err := edit(made["Noa"], Edit{
		Tags: &[]string{"late", "paid", "new"}, Fields: map[string]string{"plan": "gold", "Noa": "", "Dana": ""},
	}); err != nil {
		t.Fatal(err)
	}
	shows("edited", person.ID, []string{"new", "paid", "late"}, map[string]string{"plan": "gold"})
	member, err := s.contacts.Get(ctx, made["Noa"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unmerge(ctx, "w", person.ID, member.MergeID, by); err != nil {
		t.Fatal(err)
	}
	shows("Dana apart", made["Dana"], []string{"new", "paid"}, map[string]string{"plan": "gold"})
	shows("Noa apart", made["Noa"], []string{"late"}, map[string]string{"plan": "Noa"})

	many := make([]string, maxTags+1)
	for n := range many {
		many[n] = strings.Repeat("t", n+1)
	}
	for _, c := range []struct {
		e    Edit
		code string
	}{
		{Edit{Name: text(" \u200b ")}, "invalid_input"},
		{Edit{Tags: &[]string{"\u202e"}}, "invalid_input"},
		{Edit{Tags: &[]string{strings.Repeat("א", maxTag+1)}}, "invalid_input"},
		{Edit{Tags: &many}, "too_many_tags"},
		{Edit{Fields: map[string]string{"": "x"}}, "invalid_input"},
		{Edit{Fields: map[string]string{"x": strings.Repeat("x", maxFieldValue+1)}}, "invalid_input"},
	} {
		var refused *errs.Error
		if err := edit(made["Dana"], c.e); !errors.As(err, &refused) || refused.Code != c.code {
			t.Errorf("%+v: %v instead of %s", c.e, err, c.code)
		}
	}
	shows("after what was refused", made["Dana"], []string{"new", "paid"}, map[string]string{"plan": "gold"})
}
