package inbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/store"
	"wasl/store/storetest"
)

// twoNumbers has one person write from two numbers on one channel: two conversations.
func (p *process) twoNumbers() (a, b string) {
	p.w.t.Helper()
	p.receive(says(ines, "wamid.A1", "a1", 0), says("12025550199", "wamid.B1", "b1", 5))
	ma, mb := p.w.message("a1"), p.w.message("b1")
	if _, err := p.Contacts.Merge(p.w.t.Context(), "w", ma.ContactID, mb.ContactID, ann.Actor()); err != nil {
		p.w.t.Fatal(err)
	}
	settle(time.Minute)
	return ma.ConversationID, mb.ConversationID
}

func (p *process) merges(v access.Viewer, from, into string) (token string) {
	p.w.t.Helper()
	_, token, err := p.Merge(p.w.t.Context(), v, from, into)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return token
}

// shown is what people see of a conversation.
func (p *process) shown(id string) string {
	p.w.t.Helper()
	c, err := p.stored(p.w.t.Context(), id)
	if err != nil {
		p.w.t.Fatal(err)
	}
	if c.Status == Merged {
		return "merged into " + c.MergedInto
	}
	r, err := p.readsOf(p.w.t.Context(), c)
	if err != nil {
		p.w.t.Fatal(err)
	}
	address := ""
	if c.Address != nil {
		address = c.Address.Value
	}
	waits := "-"
	if c.WaitingSince != nil {
		waits = c.WaitingSince.Format(time.TimeOnly)
	}
	return fmt.Sprint(c.Status, " ", c.Priority, " ", c.Labels, " ", c.AssigneeID, " ", c.TeamID, " ", c.Participants, " to ", address,
		" in ", c.InboundCount, " unread ", r.unread(c, ann.UserID), "/", r.unread(c, boss.UserID), " waits ", waits,
		" last ", c.LastMessageID,
		" ", c.LastActivityAt.Format(time.TimeOnly), " scheduled ", len(c.Scheduled), " window ", c.WindowFrom.Format(time.TimeOnly), "\n",
		strings.Join(p.numbered(id), "\n"))
}

// numbered are the messages of a conversation as they stand, with their places among what came in.
func (p *process) numbered(id string) (out []string) {
	p.w.t.Helper()
	found, _, err := p.messages.Find(p.w.t.Context(), store.Query{Index: "thread", Eq: []any{"w", id}, Limit: 200})
	if err != nil {
		p.w.t.Fatal(err)
	}
	for _, m := range found {
		out = append(out, fmt.Sprint(m.Text, " ", m.Number, " ", m.Arrived, " ", m.Home, " ", m.ConversationID == id))
	}
	return out
}

// After a merge all stands in one conversation, in order, with what was unread and labels of both; the other id leads there, what the
// customer says next on either number comes there, and answers go to where they wrote last. Undone, both are what they were.
func TestAMergeGoesOnAsOneAndIsUndoneExactly(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		a, b := p.twoNumbers()
		p.edit(ann, a, Edit{Priority: ptr("high"), Labels: &[]string{"x"}})
		p.write(ann, a, NewMessage{ClientID: "n", Content: noteOf("look")})
		p.write(ann, a, at("s", "later", time.Now().Add(time.Hour)))
		if _, err := p.MarkRead(t.Context(), ann, b); err != nil {
			t.Fatal(err)
		}
		settle(time.Minute)
		was := []string{p.shown(a), p.shown(b)}
		token := p.merges(ann, a, b)
		settle(time.Minute)
		c := conversation(t, p, a)
		if c.ID != b || c.Priority != "high" || !slices.Equal(c.Labels, []string{"x"}) || c.InboundCount != 2 || len(c.Scheduled) != 1 {
			t.Errorf("%s: %s %q %d in, %d scheduled", c.ID, c.Priority, c.Labels, c.InboundCount, len(c.Scheduled))
		}
		r, _ := p.readsOf(t.Context(), c)
		if r.unread(c, ann.UserID) != 1 || r.unread(c, boss.UserID) != 2 {
			t.Errorf("unread %d and %d", r.unread(c, ann.UserID), r.unread(c, boss.UserID))
		}
		if got := p.thread(ann, b, 20); !slices.Equal(got, []string{"later", "look", "b1", "a1"}) {
			t.Errorf("%q", got)
		}
		list, _, err := p.List(t.Context(), boss, Filter{Status: names(Open, Pending)}, "", 10)
		if err != nil || len(list) != 1 || list[0].ID != b {
			t.Errorf("%d in the list, %v", len(list), err)
		}
		done := p.undoes(ann, token)
		settle(time.Minute)
		if got := []string{p.shown(a), p.shown(b)}; !slices.Equal(got, was) || len(done.Left) != 0 {
			t.Errorf("undone, left %v:\n%s\n%s\nwas\n%s\n%s", done.Left, got[0], got[1], was[0], was[1])
		}
		token = p.merges(ann, a, b)
		p.receive(says(ines, "wamid.A2", "a2", 600))
		p.write(ann, b, words("r", "answer"))
		settle(time.Minute)
		if got := w.provider.sentTo(ines); !slices.Equal(got, []string{"answer"}) {
			t.Errorf("sent to the number that wrote last: %v", got)
		}
		p.undoes(ann, token)
		settle(2 * time.Hour)
		if x, y := p.thread(ann, a, 20), p.thread(ann, b, 20); !slices.Equal(x, []string{"later", "a2", "look", "a1"}) ||
			!slices.Equal(y, []string{"answer", "b1"}) {
			t.Errorf("what has come since: %q, %q", x, y)
		}
		p.receive(says(ines, "wamid.A3", "a3", 700))
		if p.w.message("a3").ConversationID != a {
			t.Error("after the undo the customer's messages go elsewhere")
		}
		w.quiet()
	})
}

// What cannot be merged or split is refused with its code, and nothing is changed.
func TestMergesThatAreRefused(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		a, b := p.twoNumbers()
		p.receive(says("12025550177", "wamid.C1", "c1", 9))
		other := w.message("c1").ConversationID
		for want, into := range map[string]string{"same_conversation": a, "different_contacts": other, "unknown_conversation": "cnv_none"} {
			if _, _, err := p.Merge(t.Context(), ann, a, into); code(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		stranger := access.Viewer{UserID: "usr_x", WorkspaceID: "other", Role: access.Owner}
		if _, _, err := p.Merge(t.Context(), stranger, a, b); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another workspace: %v", err)
		}
		c := conversation(t, p, other)
		c.ChannelID = "chn_other"
		c.Origin = conversation(t, p, a).Origin
		if err := w.disk.Write(t.Context(), p.conversations.Replace(c)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Merge(t.Context(), ann, a, other); code(err) != "different_channels" {
			t.Errorf("two channels: %v", err)
		}
		p.write(ann, a, undo("u", "soon", 20))
		if _, _, err := p.Merge(t.Context(), ann, a, b); code(err) != "still_sending" {
			t.Errorf("while it is sent: %v", err)
		}
		if _, _, err := p.Split(t.Context(), ann, b, w.message("b1").ID); code(err) != "nothing_left" {
			t.Errorf("from the first message on: %v", err)
		}
		if _, _, err := p.Split(t.Context(), ann, b, w.message("a1").ID); code(err) != "unknown_message" {
			t.Errorf("from another conversation's message on: %v", err)
		}
		settle(time.Minute)
		w.quiet()
	})
}

// Whatever fails at whichever write of a merge and its undo: it is done once, or not at all, and then undone once.
func TestAMergeIsDoneAndUndoneOnceWhateverFails(t *testing.T) {
	t.Parallel()
	everyFault(t, func(t *testing.T, n int, fault storetest.Fault) (writes int) {
		bubble(t, func(t *testing.T, w *world) {
			first := w.boot().connect()
			a, b := first.twoNumbers()
			was := []string{first.shown(a), first.shown(b)}
			before := first.engine.Writes()
			if n > 0 {
				first.engine.Fail(before+n, fault)
			}
			token := ""
			for range 3 {
				_, got, err := first.Merge(t.Context(), ann, a, b)
				if err == nil {
					token = got
				}
				if err == nil || first.engine.Dead() || code(err) == "same_conversation" {
					break
				}
			}
			settle(time.Minute)
			if token != "" {
				first.undoes(ann, token)
			}
			settle(time.Minute)
			writes = first.engine.Writes() - before
			first.stop()
			w.outboxes()
			second := w.boot().connect()
			settle(time.Minute)
			if c, _ := second.stored(t.Context(), a); c.Status == Merged {
				for _, u := range everything[undoable](w, undoSchema) {
					if u.Kind == undoMerge {
						second.undoes(ann, u.ID)
					}
				}
			}
			settle(time.Minute)
			if got := []string{second.shown(a), second.shown(b)}; !slices.Equal(got, was) {
				t.Errorf("\n%s\n%s\nwas\n%s\n%s", got[0], got[1], was[0], was[1])
			}
			second.stop()
			w.outboxes()
			w.quiet()
		})
		return writes
	})
}

// Any sequence of messages, notes, merges, splits and undos loses, doubles and reorders nothing; an undo right after gives exactly what was
// there.
func TestAnyMergesAndSplitsLoseNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) happening {
			number := rapid.IntRange(0, 20)
			what, which, other := number.Draw(rt, "what")%8, number.Draw(rt, "which"), number.Draw(rt, "other")
			return happening{what, which, other, rapid.Bool().Draw(rt, "undone at once")}
		}), 3, 14).Draw(rt, "steps")
		var err error
		bubble(t, func(t *testing.T, w *world) {
			m := &mixed{p: w.boot().connect(), texts: []string{"a1", "b1"}}
			a, b := m.p.twoNumbers()
			m.known = []string{a, b}
			for n, one := range steps {
				if err = m.do(n, one); err != nil {
					break
				}
				settle(30 * time.Second)
			}
			if err == nil {
				err = m.consistent()
			}
			w.quiet()
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}

// happening is one thing that happens, to which of those that there are.
type happening struct {
	what, which, other int
	undone             bool
}

// mixed is conversations that are merged and split, and what must be in them.
type mixed struct {
	p             *process
	known, tokens []string
	texts         []string
}

func (m *mixed) do(n int, of happening) error {
	ctx, text, pick := m.p.w.t.Context(), fmt.Sprint("m", n), m.known[of.which%len(m.known)]
	switch of.what {
	case 0, 1:
		m.p.receive(says([]string{ines, "12025550199"}[of.what], "wamid.X"+text, text, 60*(n+1)))
		m.texts = append(m.texts, text)
	case 2, 3:
		said := NewMessage{ClientID: text, Content: noteOf(text)}
		if of.what == 3 {
			said = words(text, text)
		}
		m.p.write(boss, pick, said)
		m.texts = append(m.texts, text)
	case 4, 5:
		return m.rearrange(of, pick)
	case 6:
		if len(m.tokens) > 0 {
			at := of.which % len(m.tokens)
			if _, err := m.p.Undo(ctx, ann, m.tokens[at]); err != nil && code(err) != "undo_used" && code(err) != "still_sending" {
				return err
			}
			m.tokens = slices.Delete(m.tokens, at, at+1)
		}
	case 7:
		_, err := m.p.MarkRead(ctx, ann, pick)
		return err
	}
	return nil
}

// rearrange merges or splits, and checks an undo at once.
func (m *mixed) rearrange(of happening, pick string) error {
	was := m.pictures(m.known)
	token, made, err := m.merge(of, pick)
	if of.what == 5 {
		token, made, err = m.split(of, pick)
	}
	if err != nil || token == "" {
		return err
	}
	if !of.undone {
		m.tokens = append(m.tokens, token)
	} else {
		settle(time.Second)
		m.p.undoes(ann, token)
		settle(time.Second)
		if got := m.pictures(m.known); !slices.Equal(got, was) {
			return fmt.Errorf("undone at once:\n%s\nwas\n%s", strings.Join(got, "\n"), strings.Join(was, "\n"))
		}
	}
	if made != "" {
		m.known = append(m.known, made)
	}
	return nil
}

func (m *mixed) merge(of happening, pick string) (token, made string, err error) {
	if of.what != 4 {
		return "", "", nil
	}
	_, token, err = m.p.Merge(m.p.w.t.Context(), ann, pick, m.known[of.other%len(m.known)])
	if code(err) == "same_conversation" || code(err) == "still_sending" {
		return "", "", nil
	}
	return token, "", err
}

func (m *mixed) split(of happening, pick string) (token, made string, err error) {
	c := conversation(m.p.w.t, m.p, pick)
	found, err := m.p.Service.all(m.p.w.t.Context(), c)
	if err != nil || len(found) == 0 {
		return "", "", err
	}
	conv, token, err := m.p.Split(m.p.w.t.Context(), ann, c.ID, found[of.other%len(found)].ID)
	if code(err) == "nothing_left" || code(err) == "still_sending" {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return token, conv.ID, nil
}

func (m *mixed) pictures(known []string) (out []string) {
	for _, id := range known {
		out = append(out, id+": "+m.p.shown(id))
	}
	return out
}

// consistent reports what is wrong: a message that is lost, doubled, out of order, or counted wrongly.
func (m *mixed) consistent() error {
	var seen []string
	for _, id := range m.known {
		c, err := m.p.stored(m.p.w.t.Context(), id)
		if err != nil {
			return err
		}
		found, err := m.p.Service.all(m.p.w.t.Context(), c)
		if err != nil {
			return err
		}
		if c.Status == Merged {
			if len(found) > 0 {
				return fmt.Errorf("%s was merged and has %d messages", id, len(found))
			}
			continue
		}
		came := int64(0)
		for n, m := range found {
			seen = append(seen, m.Text)
			if m.ConversationID != id || n > 0 && m.SentAt.After(found[n-1].SentAt) {
				return fmt.Errorf("%s in %s is of %s", m.Text, id, m.ConversationID)
			}
			if m.Direction == In {
				came++
			}
		}
		if came != c.InboundCount || c.AnsweredUpTo < 0 || c.AnsweredUpTo > c.InboundCount || len(c.Outbox) > 0 {
			return fmt.Errorf("%s counts %d of %d, answered up to %d", id, c.InboundCount, came, c.AnsweredUpTo)
		}
		if len(found) > 0 && c.LastMessageID != found[0].ID {
			return fmt.Errorf("the last of %s is %s, not %s", id, c.LastMessageID, found[0].ID)
		}
	}
	slices.Sort(seen)
	slices.Sort(m.texts)
	if !slices.Equal(seen, m.texts) {
		return fmt.Errorf("%q, want %q", seen, m.texts)
	}
	return nil
}

func noteOf(said string) channels.Content {
	return channels.Content{Type: channels.TypeNote, Text: said}
}
