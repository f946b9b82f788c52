package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// tooEarly is said of a reply that the provider took before one that was written before it.
const tooEarly = "too early"

// verdict collects what is wrong.
type verdict struct {
	wrong []string
}

func (v *verdict) add(format string, args ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

// judge compares what REST shows a user who never reads anything with what the ledger says. The load has ended.
func (l *ledger) judge(p *picture, channels []string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := &verdict{}
	l.judgeContacts(v, p)
	inbound, here := map[string]int64{}, map[string]*shown{}
	customerOf := map[string]int{}
	for id, thread := range p.threads {
		var came []*message
		for n, m := range thread {
			if n > 0 && (thread[n-1].SentAt < m.SentAt || (thread[n-1].SentAt == m.SentAt && thread[n-1].Seq <= m.Seq)) {
				v.add("conversation %s: %s (%s) is listed after %s (%s), which is older", id, m.ID, m.SentAt, thread[n-1].ID,
					thread[n-1].SentAt)
			}
			key := cmp.Or(m.ClientID, m.ProviderID)
			if here[key] != nil {
				v.add("%s is stored twice: %s and %s", key, here[key].ID, m.ID)
			}
			here[key] = m
			if m.ClientID != "" {
				continue
			}
			said := l.messages[m.ProviderID]
			if said == nil {
				v.add("conversation %s has %s, which nobody sent", id, m.ProviderID)
				continue
			}
			if said.echo != (m.Direction == "out") {
				v.add("%s went %s", said.id, m.Direction)
			}
			if !said.echo {
				came = append(came, said)
			}
			if who, known := customerOf[id]; known && who != said.customer {
				v.add("conversation %s has messages of customers %d and %d", id, who, said.customer)
			}
			customerOf[id] = said.customer
			if c := p.conversations[id]; c == nil || c.ChannelID != channels[said.channel] || c.Contact.Name != name(said.customer) {
				v.add("%s of customer %d is in conversation %s, which is another's", said.id, said.customer, id)
			}
		}
		inbound[id] = int64(len(came))
		slices.Reverse(came)
		l.judgeOrder(v, id, came)
		if c := p.conversations[id]; c != nil && len(thread) > 0 && c.last() != thread[0].ID {
			v.add("conversation %s shows %s as its last message instead of %s", id, c.last(), thread[0].ID)
		}
	}
	l.judgeMessages(v, here, inbound)
	l.judgeReplies(v, here)
	judgeUnread(v, p, inbound)
	for _, d := range p.dead {
		v.add("a dead letter: %s", d)
	}
	return v.wrong
}

// judgeContacts: one contact for each customer who was heard, with the number or address alone, and nobody else.
func (l *ledger) judgeContacts(v *verdict, p *picture) {
	heard := map[string]int{}
	for _, m := range l.messages {
		if !m.said.acked.IsZero() {
			heard[name(m.customer)] = m.customer
		}
	}
	seen := map[string]string{}
	for _, c := range p.contacts {
		who, known := heard[c.Name]
		if !known {
			v.add("contact %s %q is nobody who wrote", c.ID, c.Name)
		} else if len(c.Identities) != 1 || c.Identities[0].Value != identity(who) {
			v.add("contact %s %q has the identities %v", c.ID, c.Name, c.Identities)
		}
		if seen[c.Name] != "" {
			v.add("%s is two contacts: %s and %s", c.Name, seen[c.Name], c.ID)
		}
		seen[c.Name] = c.ID
	}
	for who := range heard {
		if seen[who] == "" {
			v.add("%s is no contact", who)
		}
	}
}

// judgeOrder: a conversation shows the provider's times; of the same time what arrived first comes first. In different webhooks and at
// different instances that is known as well as their clocks agree.
func (l *ledger) judgeOrder(v *verdict, conversation string, came []*message) {
	for n := 1; n < len(came); n++ {
		a, b := came[n-1], came[n]
		if a.at > b.at {
			v.add("conversation %s: %s, of %d, comes before %s, of %d", conversation, a.id, a.at, b.id, b.at)
		}
		for k := n - 1; k >= 0 && came[k].at == b.at; k-- {
			if a := came[k]; b.said.before(a.said) && (a.said.body == b.said.body || l.stepped.IsZero() ||
				a.said.posted.Before(l.stepped)) {
				v.add("conversation %s: %s comes before %s of the same second, which was acknowledged before it was sent", conversation,
					a.id, b.id)
			}
		}
	}
}

// before reports whether p certainly arrived before q: it stood before it in a body, or was acknowledged before the other left.
func (p *part) before(q *part) bool {
	if p.body == q.body {
		return p.place < q.place
	}
	return !p.acked.IsZero() && p.acked.Before(q.posted)
}

// judgeMessages: everything acknowledged is there and says what was said last.
func (l *ledger) judgeMessages(v *verdict, here map[string]*shown, inbound map[string]int64) {
	for id, m := range l.messages {
		got := here[id]
		if m.said.acked.IsZero() {
			v.add("%s was never acknowledged", id)
			continue
		}
		if got == nil {
			v.add("%s was acknowledged at %s and is not there", id, m.said.acked.Format("15:04:05.000"))
			continue
		}
		want, emoji, deleted := m.text, "", false
		if m.edit != nil && !m.edit.acked.IsZero() {
			want = m.edit.text
		}
		if m.revoke != nil && !m.revoke.acked.IsZero() {
			want, deleted = "", true
		}
		if m.reaction != nil && !m.reaction.acked.IsZero() {
			emoji = m.reaction.text
			inbound[got.ConversationID]++
		}
		shownEmoji := ""
		for _, r := range got.Reactions {
			shownEmoji += r.Emoji
		}
		if got.Text != want || (got.DeletedAt != nil) != deleted || shownEmoji != emoji {
			v.add("%s says %q, deleted %t, reactions %q instead of %q, %t, %q", id, got.Text, got.DeletedAt != nil, shownEmoji, want,
				deleted, emoji)
		}
	}
}

// judgeReplies: each reply once with the provider, in the order of its conversation, with the right end.
func (l *ledger) judgeReplies(v *verdict, here map[string]*shown) {
	threads := map[string][]*reply{}
	for key, r := range l.replies {
		threads[r.conversation] = append(threads[r.conversation], r)
		if len(r.accepted) > 1 {
			v.add("%q was sent %d times: %v", key, len(r.accepted), r.asked)
		}
		got := here[key]
		if got == nil {
			if !r.answered.IsZero() || len(r.accepted) > 0 {
				v.add("%q is lost: answered %t, accepted %d times", key, !r.answered.IsZero(), len(r.accepted))
			}
			continue
		}
		if want := r.ends(); !slices.Contains(want, got.Status) {
			v.add("%q (%s) ends as %s instead of %s; the provider: %v, reported %v", key, got.ID, got.Status, strings.Join(want, " or "),
				r.asked, r.reported)
		}
		if got.Status == "unknown" && !l.excuses(r) {
			v.add("%q (%s) is unknown without a reason; the provider: %v", key, got.ID, r.asked)
		}
	}
	for id, rs := range threads {
		slices.SortFunc(rs, func(a, b *reply) int { return a.made - b.made })
		last := 0
		for n, r := range rs {
			if len(r.accepted) == 0 {
				continue
			}
			if r.accepted[0].n < last && n > 0 {
				v.add("conversation %s: the provider got %q %s", id, rs[n-1].key, tooEarly)
			}
			last = max(last, r.accepted[0].n)
		}
	}
}

// ends are the states that a reply may end in.
func (r *reply) ends() []string {
	switch {
	case r.reported["read"]:
		return []string{"read"}
	case r.reported["delivered"]:
		return []string{"delivered"}
	case r.reported["failed"]:
		return []string{"failed"}
	case r.reported["sent"]:
		return []string{"sent"}
	case len(r.accepted) > 0:
		return []string{"sent", "unknown"}
	}
	return []string{"unknown"}
}

// excuses reports whether something happened to the reply that hid its fate.
func (l *ledger) excuses(r *reply) bool {
	for _, what := range r.asked {
		if what != isThrottled {
			return true
		}
	}
	return slices.ContainsFunc(l.kills, r.posted.Before)
}

// judgeUnread: for who never reads, everything that came in is unread where nobody has answered, elsewhere at most that; and the counters
// say so.
func judgeUnread(v *verdict, p *picture, inbound map[string]int64) {
	unread := 0
	for id, c := range p.conversations {
		if c.Unread > 0 && c.waits() {
			unread++
		}
		answered := slices.ContainsFunc(p.threads[id], func(m *shown) bool { return m.Direction == "out" })
		if c.Inbound != inbound[id] || c.Unread > inbound[id] || !answered && c.Unread != inbound[id] {
			v.add("conversation %s counts %d and shows %d unread; recounted: %d", id, c.Inbound, c.Unread, inbound[id])
		}
	}
	if p.unread != unread {
		v.add("%d conversations are unread, the counter says %d", unread, p.unread)
	}
}

// judgeSocket: what a socket was shown is what REST shows, without a gap.
func (w *world) judgeSocket(s *socket, headers map[string]*conversation, p *picture) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &verdict{}
	w.sights.mu.Lock()
	for _, st := range s.stretches {
		for seq := range w.sights.seen[st.epoch] {
			if seq > st.from && seq <= st.to && !s.seen[st.epoch][seq] {
				v.add("socket %s was connected and never got %s %d, which others got", s.name, st.epoch, seq)
			}
		}
	}
	w.sights.mu.Unlock()
	for id, c := range headers {
		held := s.conversations[id]
		if held == nil || held.Inbound != c.Inbound || held.Unread != c.Unread || held.Status != c.Status || held.last() != c.last() {
			v.add("socket %s shows conversation %s as %s instead of %s", s.name, id, held, c)
		}
	}
	now := map[string]*shown{}
	for _, thread := range p.threads {
		for _, m := range thread {
			now[m.ID] = m
			held := s.messages[m.ID]
			if held != nil && (held.Status != m.Status || held.Text != m.Text || (held.DeletedAt == nil) != (m.DeletedAt == nil) ||
				len(held.Reactions) != len(m.Reactions)) {
				v.add("socket %s shows message %s (%s%s) as %s %q instead of %s %q", s.name, m.ID, m.ProviderID, m.ClientID, held.Status,
					held.Text, m.Status, m.Text)
			}
			if held == nil && s.owed(w.book, m) {
				v.add("socket %s never got message %s (%s%s)", s.name, m.ID, m.ProviderID, m.ClientID)
			}
		}
	}
	for id := range s.messages {
		if now[id] == nil {
			v.add("socket %s shows message %s, which is not there", s.name, id)
		}
	}
	return v.wrong
}

// owed reports whether the message was made after the socket's picture began, so that it must have come as a frame.
func (s *socket) owed(l *ledger, m *shown) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if said := l.messages[m.ProviderID]; said != nil && m.ClientID == "" {
		return said.said.posted.After(s.since)
	}
	if r := l.replies[m.ClientID]; r != nil {
		return r.posted.After(s.since)
	}
	return false
}

// waits reports whether somebody still has to work on it.
func (c *conversation) waits() bool { return c.Status == "open" || c.Status == "pending" }

func (c *conversation) last() string {
	if c.LastMessage == nil {
		return ""
	}
	return c.LastMessage.ID
}

// String is what a violation says of a conversation.
func (c *conversation) String() string {
	if c == nil {
		return "nothing"
	}
	return fmt.Sprintf("{%s, %d in, %d unread, last %s, %s}", c.Status, c.Inbound, c.Unread, c.last(), c.UpdatedAt)
}
