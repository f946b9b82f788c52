package inbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/contacts"
	"wasl/internal/access"
	"wasl/store"
	"wasl/store/storetest"
)

// speaks is a text of somebody known by a phone number, a user id, or both.
func speaks(phone, user, id, words string, at int) []byte {
	from, contact := "", `"profile":{"name":"Somebody"}`
	if phone != "" {
		from, contact = from+fmt.Sprintf(`"from":%q,`, phone), contact+fmt.Sprintf(`,"wa_id":%q`, phone)
	}
	if user != "" {
		from, contact = from+fmt.Sprintf(`"from_user_id":%q,`, user), contact+fmt.Sprintf(`,"user_id":%q`, user)
	}
	return hook(fmt.Sprintf(`"contacts":[{%s}],"messages":[{%s"id":%q,"timestamp":"%d","type":"text","text":{"body":%q}}]`, contact, from,
		id, sampleTime.Unix()+int64(at), words))
}

// suggested lists who may be the same person as the contact, and why.
func (p *process) suggested(id string) (out []string) {
	p.w.t.Helper()
	found, err := p.Contacts.Suggest(p.w.t.Context(), "w", id, nil)
	if err != nil {
		p.w.t.Fatal(err)
	}
	for _, s := range found {
		out = append(out, s.Contact.ID+" "+s.Reasons[0].Kind)
	}
	return out
}

// with returns the person whom the conversation's origin belongs to now.
func (p *process) with(c *Conversation) *contacts.Contact {
	p.w.t.Helper()
	person, err := p.Contacts.Contact(p.w.t.Context(), c.WorkspaceID, c.Origin)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return person
}

// persons are the contacts as lists show them.
func (p *process) persons() []contacts.ContactView {
	p.w.t.Helper()
	found, _, err := p.Contacts.Search(p.w.t.Context(), boss, "", "", 100)
	if err != nil {
		p.w.t.Fatal(err)
	}
	views, err := p.Contacts.Views(p.w.t.Context(), found)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return views
}

func (p *process) view(id string) contacts.ContactView {
	p.w.t.Helper()
	v, err := p.Contacts.View(p.w.t.Context(), "w", id)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return v
}

func (p *process) joins(into, from string) contacts.ContactView {
	p.w.t.Helper()
	if _, err := p.Contacts.Merge(p.w.t.Context(), "w", into, from, boss.Actor()); err != nil {
		p.w.t.Fatal(err)
	}
	settle(time.Second)
	return p.view(into)
}

// said is everything said with a person, newest first, read in pages.
func (p *process) timeline(v access.Viewer, id string, limit int) (texts []string) {
	p.w.t.Helper()
	for cursor := ""; ; {
		found, next, err := p.Timeline(p.w.t.Context(), v, id, cursor, limit)
		if err != nil || len(found) > limit {
			p.w.t.Fatalf("%d messages, %v", len(found), err)
		}
		for _, m := range found {
			if got := viewMessage(m).ContactID; got != p.view(id).ID {
				p.w.t.Errorf("message %s is shown as of %s", m.Text, got)
			}
			texts = append(texts, m.Text)
		}
		if next == "" {
			return texts
		}
		cursor = next
	}
}

// TestAUserIDAndANumberAreOnePerson: whichever is known first, and whatever the number changes to.
func TestAUserIDAndANumberAreOnePerson(t *testing.T) {
	const user = "BR.7000000000000000001"
	for name, bodies := range map[string][][]byte{
		"the id first": {
			speaks("", user, "1", "one", 1), speaks("5531900000001", user, "2", "two", 2),
			speaks("5531900000001", "", "3", "three", 3), speaks("", user, "4", "four", 4),
		},
		"the number first": {
			speaks("5531900000001", "", "1", "one", 1), speaks("5531900000001", user, "2", "two", 2),
			speaks("", user, "3", "three", 3),
		},
		"Brazil without the nine": {speaks("553170000001", "", "1", "one", 1), speaks("5531970000001", "", "2", "two", 2)},
		"Mexico with the one":     {speaks("5215512345678", "", "1", "one", 1), speaks("525512345678", "", "2", "two", 2)},
		"Argentina with the nine": {speaks("541112345678", "", "1", "one", 1), speaks("5491112345678", "", "2", "two", 2)},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot().connect()
				p.receive(bodies...)
				if persons := p.persons(); len(persons) != 1 {
					t.Errorf("%d contacts: %+v", len(persons), persons)
				}
				if conv := w.only(); conv.InboundCount != int64(len(bodies)) {
					t.Errorf("%d of %d messages in the conversation", conv.InboundCount, len(bodies))
				}
				settle(time.Minute)
				w.quiet()
				p.stop()
			})
		})
	}
}

// TestOneBodyThatNamesTwoContactsMergesThem, once: when somebody separates them they stay apart.
func TestOneBodyThatNamesTwoContactsMergesThem(t *testing.T) {
	const user = "BR.7000000000000000001"
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(speaks("12025550143", "", "1", "by number", 1), speaks("", user, "2", "by id", 2))
		if len(p.persons()) != 2 {
			t.Fatalf("%d contacts before", len(p.persons()))
		}
		p.receive(speaks("12025550143", user, "3", "by both", 3))
		settle(time.Second)
		persons := p.persons()
		if len(persons) != 1 || len(persons[0].MergedFrom) != 1 || persons[0].MergedFrom[0].By != "" || len(persons[0].Identities) != 2 {
			t.Fatalf("after the body that names both: %+v", persons)
		}
		if got := p.timeline(boss, persons[0].ID, 2); !slices.Equal(got, []string{"by both", "by id", "by number"}) {
			t.Errorf("timeline %v", got)
		}
		if types := p.types(""); !strings.Contains(types, "contact.merged") {
			t.Errorf("events: %s", types)
		}
		for _, c := range w.conversations() {
			if c.ContactID != persons[0].ID {
				t.Errorf("conversation of %s is shown with %s", c.Origin, c.ContactID)
			}
		}
		separated, err := p.Contacts.Unmerge(t.Context(), "w", persons[0].ID, persons[0].MergedFrom[0].MergeID, boss.Actor())
		if err != nil {
			t.Fatal(err)
		}
		p.receive(speaks("12025550143", user, "4", "by both again", 4))
		settle(time.Second)
		if persons := p.persons(); len(persons) != 2 {
			t.Errorf("%d contacts after they were separated by hand", len(persons))
		}
		if got := p.view(separated.ID); got.ID != separated.ID || len(got.Identities) != 1 || got.MergedInto != "" {
			t.Errorf("the one that was separated: %+v", got)
		}
		if _, err := p.Contacts.Unmerge(t.Context(), "w", persons[0].ID, persons[0].MergedFrom[0].MergeID,
			boss.Actor()); code(err) != "already_separated" {
			t.Errorf("separated again: %v", err)
		}
		w.quiet()
		p.stop()
	})
}

// TestAMergeShowsEverythingOfBothAndTakesNothing, and taking it back leaves each as it was.
func TestAMergeShowsEverythingOfBothAndTakesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "1", "first", 1), says("12025550150", "2", "second", 2))
		a, b := p.with(w.convOf(ines)), p.with(w.convOf("12025550150"))
		change := func(id string, fn func(*contacts.Facts)) {
			if err := p.Contacts.Change(t.Context(), "w", boss.Actor(), id, fn); err != nil {
				t.Fatal(err)
			}
		}
		change(a.ID, func(f *contacts.Facts) { f.Tags, f.Fields = []string{"vip"}, map[string]string{"city": "Haifa"} })
		change(b.ID, func(f *contacts.Facts) {
			f.Name, f.Named, f.Tags, f.Fields, f.Emails = "Inês Prado", true, []string{"new"}, map[string]string{
				"city": "Yafo",
				"size": "M",
			}, []string{"ines@shop.example"}
		})
		beforeA, beforeB := p.view(a.ID), p.view(b.ID)
		merged := p.joins(a.ID, b.ID)
		if merged.Name != "Inês Prado" || len(merged.Phones) != 2 || len(merged.Emails) != 1 || fmt.Sprint(merged.Tags) != "[vip new]" ||
			merged.Fields["city"] != "Haifa" || merged.Fields["size"] != "M" || len(merged.Identities) != 2 || len(merged.MergedFrom) != 1 {
			t.Errorf("merged: %+v", merged)
		}
		if got := p.view(b.ID); got.ID != a.ID || got.MergedInto != a.ID {
			t.Errorf("the absorbed one answers %s, merged into %q", got.ID, got.MergedInto)
		}
		for _, query := range []string{"Prado", "ines@shop.example", "12025550150", ""} {
			found, _, err := p.Contacts.Search(t.Context(), boss, query, "", 10)
			if err != nil || len(found) != 1 || found[0].ID != a.ID {
				t.Errorf("search %q finds %d, %v", query, len(found), err)
			}
		}
		p.receive(says("12025550150", "3", "after", 3))
		for _, f := range []Filter{
			{Contact: []string{b.ID}},
			{Contact: []string{a.ID}},
			{Contact: []string{a.ID}, Status: names(Open)},
		} {
			if got := p.listed(boss, f, 1); len(got) != 2 {
				t.Errorf("%d conversations of the person by %+v", len(got), f)
			}
		}
		if _, err := p.Contacts.Unmerge(t.Context(), "w", b.ID, merged.MergedFrom[0].MergeID, boss.Actor()); err != nil {
			t.Fatal(err)
		}
		settle(time.Second)
		if got := fmt.Sprintf("%+v", p.view(a.ID)); got != fmt.Sprintf("%+v", beforeA) {
			t.Errorf("the survivor is\n%s, was\n%+v", got, beforeA)
		}
		if got := fmt.Sprintf("%+v", p.view(b.ID)); got != fmt.Sprintf("%+v", beforeB) {
			t.Errorf("the other is\n%s, was\n%+v", got, beforeB)
		}
		if got := p.timeline(boss, b.ID, 1); !slices.Equal(got, []string{"after", "second"}) {
			t.Errorf("its messages: %v", got)
		}
		w.quiet()
		p.stop()
	})
}

// convOf returns the conversation with a number.
func (w *world) convOf(phone string) *Conversation {
	w.t.Helper()
	for _, c := range w.conversations() {
		if c.Address.Value == phone {
			return c
		}
	}
	w.t.Fatalf("no conversation with %s", phone)
	return nil
}

// TestMergesAtTheSameTimeMakeNoCircle: of A with B, B with C and C with A, at once.
func TestMergesAtTheSameTimeMakeNoCircle(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550141", "1", "a", 1), says("12025550142", "2", "b", 2), says("12025550143", "3", "c", 3))
		persons := p.persons()
		done := make(chan error)
		for n := range 6 {
			into, from := persons[n%3].ID, persons[(n+1+n/3)%3].ID
			go func() {
				_, err := p.Contacts.Merge(t.Context(), "w", into, from, boss.Actor())
				done <- err
			}()
		}
		for range 6 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		settle(time.Second)
		if persons := p.persons(); len(persons) != 1 || len(persons[0].MergedFrom) != 2 || len(persons[0].Identities) != 3 {
			t.Errorf("%d persons: %+v", len(persons), persons)
		}
		w.quiet()
		p.stop()
	})
}

// TestAMergeIsWholeOrNotThereWhateverFails, and so is taking it back.
func TestAMergeIsWholeOrNotThereWhateverFails(t *testing.T) {
	t.Parallel()
	everyFault(t, func(t *testing.T, n int, fault storetest.Fault) (writes int) {
		bubble(t, func(t *testing.T, w *world) {
			first := w.boot().connect()
			first.receive(says("12025550141", "1", "a", 1), says("12025550142", "2", "b", 2))
			settle(time.Minute)
			a, b := first.with(w.convOf("12025550141")).ID, first.with(w.convOf("12025550142")).ID
			before := first.engine.Writes()
			if n > 0 {
				first.engine.Fail(before+n, fault)
			}
			_, err := first.Contacts.Merge(t.Context(), "w", a, b, boss.Actor())
			settle(time.Minute)
			writes = first.engine.Writes() - before
			first.stop()
			second := w.boot().connect()
			settle(2 * time.Minute)
			v := second.view(a)
			if err == nil && len(v.MergedFrom) != 1 {
				t.Errorf("taken, and not there: %+v", v)
			}
			if len(v.MergedFrom) > 0 {
				if got := second.timeline(boss, a, 5); !slices.Equal(got, []string{"b", "a"}) || w.convOf("12025550142").ContactID != a {
					t.Errorf("half a merge: %v, the conversation is with %s", got, w.convOf("12025550142").ContactID)
				}
				if _, err := second.Contacts.Unmerge(t.Context(), "w", a, v.MergedFrom[0].MergeID, boss.Actor()); err != nil {
					t.Error(err)
				}
				settle(time.Minute)
			}
			if got := second.timeline(boss, b, 5); !slices.Equal(got, []string{"b"}) || w.convOf("12025550142").ContactID != b {
				t.Errorf("not separated: %v", got)
			}
			second.stop()
			w.quiet()
		})
		return writes
	})
}

// TestSuggestionsNameWhyAndAreForgottenWhenDismissed: the same name, a number or an address that somebody wrote.
func TestSuggestionsNameWhyAndAreForgottenWhenDismissed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550141", "1", "my other number is +1 (202) 555-0142", 1), says("12025550142", "2", "hello", 2),
			speaks("12025550143", "", "3", "hi", 3), speaks("12025550144", "", "4", "hi", 4))
		s := func(phone string) string { return p.with(w.convOf(phone)).ID }
		suggested := func(phone string) (out []string) {
			written, err := p.writtenIdentities(t.Context(), boss, s(phone))
			if err != nil {
				t.Fatal(err)
			}
			found, err := p.Contacts.Suggest(t.Context(), "w", s(phone), written)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				out = append(out, fmt.Sprint(f.Contact.Phones[0], " ", f.Reasons[0].Kind))
			}
			return out
		}
		if got := suggested("12025550141"); !slices.Equal(got, []string{"+12025550142 written_phone"}) {
			t.Errorf("by a written number: %v", got)
		}
		if got := suggested("12025550143"); !slices.Equal(got, []string{"+12025550144 same_name"}) {
			t.Errorf("by name: %v", got)
		}
		if err := p.Contacts.Dismiss(t.Context(), "w", boss.Actor(), s("12025550144"), s("12025550143")); err != nil {
			t.Fatal(err)
		}
		if got := suggested("12025550143"); len(got) != 0 {
			t.Errorf("after it was dismissed: %v", got)
		}
		p.stop()
	})
}

// TestWhatIsTypedByHandGoesThroughTheSameDoor: a number in any form is the number, and one that is taken says whose it is.
func TestWhatIsTypedByHandGoesThroughTheSameDoor(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550141", "1", "a", 1), says("553170000001", "2", "b", 2))
		a, b := p.with(w.convOf("12025550141")), p.with(w.convOf("553170000001"))
		add := func(id, written, country string) error {
			i, err := contacts.ParsePhone(written, country)
			if err != nil {
				return err
			}
			return p.Contacts.Add(t.Context(), "w", boss.Actor(), id, "", i)
		}
		if err := add(a.ID, "(31) 97000-0001", "BR"); err != nil || len(p.view(a.ID).Phones) != 2 || len(p.view(a.ID).Identities) != 1 {
			t.Errorf("a number of another contact: %v, %+v", err, p.view(a.ID))
		}
		if got := p.suggested(a.ID); !slices.Equal(got, []string{b.ID + " same_phone"}) {
			t.Errorf("it suggests %v", got)
		}
		brazilian, _ := contacts.ParsePhone("(31) 97000-0001", "BR")
		if err := p.Contacts.Forget(t.Context(), "w", boss.Actor(), a.ID, brazilian); err != nil || len(p.view(a.ID).Phones) != 1 {
			t.Errorf("taken away again: %v, %v", err, p.view(a.ID).Phones)
		}
		if err := p.Contacts.Forget(t.Context(), "w", boss.Actor(), b.ID, brazilian); code(err) != "identity_proven" {
			t.Errorf("what a channel has shown: %v", err)
		}
		if err := add(b.ID, "(31) 97000-0001", "BR"); err != nil || len(p.view(b.ID).Phones) != 1 {
			t.Errorf("its own number: %v, phones %v", err, p.view(b.ID).Phones)
		}
		if err := add(a.ID, "054-999-9999", ""); code(err) != "invalid_phone" {
			t.Errorf("a national form without a country: %v", err)
		}
		if err := add(a.ID, "054-999-9999", "IL"); err != nil {
			t.Fatal(err)
		}
		israeli, _ := contacts.ParsePhone("+972549999999", "")
		if err := p.Contacts.Forget(t.Context(), "w", boss.Actor(), a.ID, israeli); err != nil || len(p.view(a.ID).Phones) != 1 ||
			len(p.view(a.ID).Identities) != 1 {
			t.Errorf("taken away: %v, %+v", err, p.view(a.ID))
		}
		if err := p.Contacts.Forget(t.Context(), "w", boss.Actor(), a.ID, israeli); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("taken away twice: %v", err)
		}
		if err := add(a.ID, "054-999-9999", "IL"); err != nil {
			t.Fatal(err)
		}
		p.receive(says("972549999999", "3", "from the typed number", 3))
		if err := p.Contacts.Forget(t.Context(), "w", boss.Actor(), a.ID, israeli); code(err) != "identity_proven" {
			t.Errorf("a typed number that a channel has shown since: %v", err)
		}
		if got := p.with(w.convOf("972549999999")); got.ID != a.ID {
			t.Errorf("the typed number belongs to %s, want %s", got.Name, a.Name)
		}
		if v := p.view(a.ID); len(v.Phones) != 2 || len(v.Identities) != 3 {
			t.Errorf("phones %v, identities %+v", v.Phones, v.Identities)
		}
		p.stop()
	})
}

// TestAConversationBeginsOnAnotherChannel with what is known of the contact.
func TestAConversationBeginsOnAnotherChannel(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550141", "1", "a", 1))
		other := p.channel("w", "800000000000002")
		person := p.with(w.only())
		conv, created, err := p.Begin(t.Context(), ann, person.ID, other.ID, "")
		if err != nil || !created || conv.Address.Value != "12025550141" || conv.Origin != person.ID {
			t.Fatalf("%+v, new %v, %v", conv, created, err)
		}
		again, created, err := p.Begin(t.Context(), ann, person.ID, other.ID, "")
		if err != nil || created || again.ID != conv.ID {
			t.Errorf("the second time: %v, new %v, %v", again, created, err)
		}
		if _, _, err := p.Begin(t.Context(), ann, person.ID, "chn_x", ""); code(err) != "channel_not_found" {
			t.Errorf("a channel that is not there: %v", err)
		}
		p.stop()
	})
}

// TestAgentsMergeOnlyWhomTheyMaySee: somebody else's customers stay theirs.
func TestAgentsMergeOnlyWhomTheyMaySee(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		s.user("outsider", "w", access.Agent)
		holder := s.user("holder", "w", access.Agent)
		p := s.process
		p.receive(says("12025550150", "wamid.B1", "another person", 15))
		conv := w.message("Broken corner")
		if _, err := p.Assign(t.Context(), access.Viewer{UserID: holder.UserID, WorkspaceID: holder.WorkspaceID, Role: access.Supervisor},
			conv.ConversationID, Assignment{AgentID: &holder.UserID}); err != nil {
			t.Fatal(err)
		}
		other := w.message("another person").ContactID
		path, body := "/api/v1/contacts/"+conv.ContactID+"/merge", fmt.Sprintf(`{"contact_id":%q}`, other)
		theirs := "/api/v1/contacts/" + other
		for _, call := range [][2]string{ // as if there were no such contact
			{path, body},
			{theirs + "/merge", fmt.Sprintf(`{"contact_id":%q}`, conv.ContactID)},
			{theirs + "/merge", `{"contact_id":"con_none"}`},
			{theirs + "/suggestions/dismiss", fmt.Sprintf(`{"contact_id":%q}`, conv.ContactID)},
			{theirs + "/suggestions/dismiss", `{"contact_id":"con_none"}`},
			{"/api/v1/contacts/" + conv.ContactID + "/unmerge", `{"merge_id":"mrg_none"}`},
		} {
			if status, _, answer := s.call("outsider", "POST", call[0], call[1]); status != 404 || !strings.Contains(answer, "not_found") {
				t.Errorf("the outsider: %s %s: %d %s", call[0], call[1], status, answer)
			}
		}
		if status, _, answer := s.call("holder", "POST", path, body); status != 200 || !strings.Contains(answer, `"id":"`+conv.ContactID) {
			t.Errorf("the holder: %d %s", status, answer)
		}
		if status, _, answer := s.call("holder", "GET", "/api/v1/contacts/"+conv.ContactID+"/timeline?limit=1", ""); status != 200 ||
			!strings.Contains(answer, "next_cursor") {
			t.Errorf("the timeline: %d %s", status, answer)
		}
		if status, _, answer := s.call("outsider", "GET", "/api/v1/contacts/"+conv.ContactID+"/timeline", ""); status != 200 ||
			strings.Contains(answer, "Broken corner") || !strings.Contains(answer, "another person") {
			t.Errorf("the outsider's timeline: %d %s", status, answer)
		}
	})
}
