package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wasl/channels"
	"wasl/contacts"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/condition"
	"wasl/internal/ids"
	"wasl/store"
)

// TestAnyOrderOfTheSameNewsGivesTheSameState shuffles and repeats what a provider tells.
func TestAnyOrderOfTheSameNewsGivesTheSameState(t *testing.T) {
	t.Parallel()
	news := [][]byte{
		says(ines, "wamid.IN2", "second", 10), says(ines, "wamid.IN3", "third", 20), says("12025550150", "wamid.B1", "another person", 15),
		edits(t, "wamid.E1", "wamid.IN2", "second, better", 30), edits(t, "wamid.E2", "wamid.IN2", "second, best", 31), revokes(t,
			"wamid.IN3", 40),
		reacts(ines, "wamid.R1", "wamid.SENT1", "👍", 50), reacts(ines, "wamid.R2", "wamid.SENT1", "", 51), reacts(ines, "wamid.R3",
			"wamid.IN2", "🎉", 52),
		status("wamid.SENT1", "sent", "", 60), status("wamid.SENT1", "delivered", "", 61), status("wamid.SENT1", "read", "", 62),
	}
	straight := make([]int, len(news))
	for n := range straight {
		straight[n] = n
	}
	want := afterNews(t, news, straight)
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.Permutation(append(straight, rapid.SliceOfN(rapid.IntRange(0, len(news)-1), 0, 6).Draw(rt, "repeated")...)).Draw(rt,
			"order")
		if got := afterNews(t, news, order); got != want {
			rt.Fatalf("order %v gives\n%s\nwant\n%s", order, got, want)
		}
	})
}

// afterNews is the state after the news came in that order, in words.
func afterNews(t *testing.T, news [][]byte, order []int) string {
	var b strings.Builder
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.answered()
		for n, which := range order {
			p.receive(append(slices.Clone(news[which]), strings.Repeat(" ", n)...))
		}
		settle(10 * time.Second)
		convs := w.conversations()
		slices.SortFunc(convs, func(a, b *Conversation) int { return cmp.Compare(a.Address.Value, b.Address.Value) })
		for _, c := range convs {
			fmt.Fprintln(&b, c.Address.Value, c.Status, c.LastInbound, c.WindowFrom, c.LastMessageAt, len(c.Outbox))
			for _, text := range p.thread(boss, c.ID, 3) {
				fmt.Fprintln(&b, "  says", text)
			}
		}
		for _, m := range w.messages() {
			v := viewMessage(m)
			line := fmt.Sprint(m.ProviderID, " ", v.Text, " ", v.Status, " ", m.Tokens)
			for _, r := range v.Reactions {
				line += " " + r.Emoji
			}
			for _, r := range v.History {
				line += " before: " + r.Text
			}
			fmt.Fprintln(&b, line)
		}
		w.quiet()
		p.stop()
	})
	lines := strings.Split(b.String(), "\n")
	slices.SortStableFunc(lines, func(a, b string) int { // messages lie in the order of their ids, which differ
		if strings.HasPrefix(a, "wamid") && strings.HasPrefix(b, "wamid") {
			return cmp.Compare(a, b)
		}
		return 0
	})
	return strings.Join(lines, "\n")
}

var someContacts = []string{ids.Derived("con", "1"), ids.Derived("con", "2")}

var genConversation = rapid.Custom(func(rt *rapid.T) *Conversation {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, name) }
	c := &Conversation{
		WorkspaceID: "w", Origin: pick("contact", someContacts...), ChannelID: pick("channel", "chn_1", "chn_2"),
		Status: rapid.SampledFrom([]Status{Open, Pending, Snoozed, Resolved}).Draw(rt, "status"),
		Type:   pick("type", "", "sales", "support"), Priority: pick("priority",
			live.Priorities...),
		Labels: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2, rapid.ID[string]).Draw(rt,
			"labels"), AssigneeID: pick("assignee", "", "usr_ann", "usr_ben"),
		TeamID: pick("team", "", "t"), Participants: []string{}, Outbox: []string{},
		InboundCount: rapid.Int64Range(0, 2).Draw(rt,
			"in"), LastActivityAt: sampleTime.Add(time.Duration(rapid.IntRange(0, 6).Draw(rt, "activity")) * time.Second),
	}
	if c.Status == Snoozed {
		c.SnoozedUntil = ptr(sampleTime.Add(time.Hour))
	}
	c.ChannelKind = rapid.SampledFrom([]channels.Kind{channels.KindWhatsApp, channels.KindEmail}).Draw(rt, "kind")
	c.LastMessageID = pick("newest message", "", "msg_order", "msg_thanks")
	if rapid.Bool().Draw(rt, "opted out") {
		c.OptedOutAt = ptr(sampleTime)
	}
	if rapid.Bool().Draw(rt, "took part") {
		c.Participants = append(c.Participants, "usr_ann")
	}
	if n := rapid.IntRange(0, 4).Draw(rt, "window"); n > 0 {
		c.WindowFrom = sampleTime.Add(time.Duration(n) * time.Minute)
	}
	return c
})

// where is a condition, and the same written out.
type where struct {
	text  string
	holds func(c *Conversation, unread bool) bool
	expr  *condition.Expr
}

var wheres = []where{
	{text: `{"field":"contact.tags","op":"contains","value":"vip"}`, holds: func(c *Conversation, _ bool) bool {
		return c.Origin == someContacts[0]
	}},
	{
		text: `{"any":[{"field":"contact.fields.plan","op":"is","value":"gold"},{"field":"unread","op":"is","value":true}]}`,
		holds: func(c *Conversation, unread bool) bool {
			return c.Origin == someContacts[0] || unread
		},
	},
	{
		text: `{"all":[{"field":"contact.name","op":"starts_with","value":"omar"},{"field":"contact.no_marketing","op":"is","value":true}]}`,
		holds: func(c *Conversation, _ bool) bool {
			return c.Origin == someContacts[1]
		},
	},
	{text: `{"field":"text","op":"matches_word","value":"order"}`, holds: func(c *Conversation, _ bool) bool {
		return c.LastMessageID == "msg_order"
	}},
	{
		text: `{"not":{"any":[{"field":"channel_kind","op":"is","value":"email"},{"field":"opted_out","op":"is","value":true}]}}`,
		holds: func(c *Conversation, _ bool) bool {
			return c.ChannelKind != channels.KindEmail && c.OptedOutAt == nil
		},
	},
	{
		text: fmt.Sprintf(`{"field":"contact_id","op":"is_not","value":%q}`, someContacts[1]),
		holds: func(c *Conversation, _ bool) bool {
			return c.Origin != someContacts[1]
		},
	},
	{
		text: fmt.Sprintf(`{"field":"last_activity_at","op":"gt","value":%q}`, sampleTime.Add(3*time.Second).UTC().Format(time.RFC3339)),
		holds: func(c *Conversation, _ bool) bool {
			return c.LastActivityAt.After(sampleTime.Add(3 * time.Second))
		},
	},
}

func init() {
	for n := range wheres {
		e, err := condition.ParseExpr([]byte(wheres[n].text), "filter")
		if err != nil {
			panic(err)
		}
		wheres[n].expr = &e
	}
}

// people plants whom and what the conditions are about.
func (w *world) people() {
	w.t.Helper()
	persons := store.NewCollection[contacts.Contact](w.disk, contacts.Schemas()[0])
	said := store.NewCollection[Message](w.disk, messageSchema)
	facts := []contacts.Facts{
		{Name: "Ines", Tags: []string{"new", "vip"}, Fields: map[string]string{"plan": "Gold"}}, {Name: "Omar Vip", NoMarketing: true},
	}
	var changes []store.Change
	for n, id := range someContacts {
		changes = append(changes, persons.Insert(&contacts.Contact{Meta: store.Meta{ID: id}, WorkspaceID: "w", Facts: facts[n]}))
	}
	for id, text := range map[string]string{"msg_order": "Where is my ORDER?", "msg_thanks": "ordered, thanks"} {
		changes = append(changes, said.Insert(&Message{
			Meta: store.Meta{ID: id}, WorkspaceID: "w", Content: channels.Content{Text: text},
		}))
	}
	if err := w.disk.Write(w.t.Context(), changes...); err != nil {
		w.t.Fatal(err)
	}
}

var genFilter = rapid.Custom(func(rt *rapid.T) Filter {
	some := func(name string, of ...string) []string {
		if rapid.IntRange(0, 2).Draw(rt, name+"?") > 0 {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 1, 2, rapid.ID[string]).Draw(rt, name)
	}
	f := Filter{
		Assignee: some("assignee", "me", "none", "usr_ben"), Team: some("team", "t"), Channel: some("channel", "chn_1", "chn_2"),
		Contact: some("contact", someContacts...), Label: some("label", "a", "b", "c"), Priority: some("priority", "none", "urgent",
			"high"), Type: some("type", "sales", "support"),
	}
	if rapid.Bool().Draw(rt, "where?") {
		f.Where = wheres[rapid.IntRange(0, len(wheres)-1).Draw(rt, "where")].expr
	}
	if rapid.Bool().Draw(rt, "unread?") {
		f.Unread = ptr(rapid.Bool().Draw(rt, "unread"))
	}
	f.Status = rapid.SampledFrom([][]string{
		nil,
		names(Open),
		names(Open, Pending),
		names(Snoozed),
		names(Open, Pending, Snoozed),
		names(Resolved),
		names(Open, Resolved),
	}).Draw(rt, "status")
	sorts := []live.Order{live.Newest, live.Oldest, live.ByPriority, live.ByWindow}
	if f.Status == nil || slices.Contains(f.Status, string(Resolved)) {
		sorts = sorts[:2] // what includes resolved ones comes in the order of time
	}
	f.Sort = rapid.SampledFrom(sorts).Draw(rt, "sort")
	return f
})

// TestListsAnswerLikeANaiveOne compares every page of lists with a filter over all conversations, also after a restart.
func TestListsAnswerLikeANaiveOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		convs := rapid.SliceOfN(genConversation, 0, 25).Draw(rt, "conversations")
		filters := rapid.SliceOfN(genFilter, 1, 8).Draw(rt, "filters")
		read := rapid.SliceOfN(rapid.Bool(), len(convs), len(convs)).Draw(rt, "read by ann")
		resolve := rapid.IntRange(0, 3).Draw(rt, "resolved later")
		limit := rapid.IntRange(1, 7).Draw(rt, "limit")
		wrong := ""
		bubble(t, func(t *testing.T, w *world) {
			w.people()
			p := w.boot()
			if _, err := p.Counts(t.Context(), ann); err != nil {
				t.Fatal(err)
			}
			for n, c := range convs {
				c.Meta = store.Meta{ID: ids.Derived("cnv", strconv.Itoa(n))}
				if err := p.commit(t.Context(), &change{conv: c, created: true}); err != nil {
					t.Fatal(err)
				}
				if !read[n] {
					continue
				}
				if _, err := p.MarkRead(t.Context(), access.Viewer{UserID: "usr_ann", WorkspaceID: "w", Role: access.Owner},
					c.ID); err != nil {
					t.Fatal(err)
				}
			}
			for n := range min(resolve, len(convs)) {
				p.edit(boss, convs[n].ID, Edit{Status: ptr(Resolved)})
			}
			all, marks := w.conversations(), map[string]*reads{}
			for _, c := range all {
				r, err := p.readsOf(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				marks[c.ID] = r
			}
			for range 2 {
				member := access.Viewer{UserID: "usr_ben", WorkspaceID: "w", Role: access.Agent, TeamIDs: []string{"t"}}
				for _, v := range []access.Viewer{ann, boss, member} {
					for _, f := range filters {
						if got, want := p.listed(v, f, limit), naive(all, marks, v, f); !slices.Equal(got, want) {
							wrong = fmt.Sprintf("%s asks %+v in pages of %d: %v, want %v", v.Name, f, limit, got, want)
						}
					}
				}
				p.stop()
				p = w.boot()
			}
			p.stop()
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// A condition about what must be read for each conversation looks at so many in one page and no more; those that follow find the rest.
func TestListsLookAtABoundedNumber(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.people()
		var changes []store.Change
		for n := range maxLoaded + 300 {
			c := &Conversation{
				Meta: store.Meta{ID: ids.Derived("cnv", strconv.Itoa(n))}, WorkspaceID: "w", Origin: someContacts[0], Status: Open,
				Priority: "none", Labels: []string{}, Participants: []string{}, Outbox: []string{},
				LastActivityAt: sampleTime.Add(-time.Duration(n) * time.Second), LastMessageID: "msg_thanks",
			}
			if n%(maxLoaded/2) == 100 {
				c.LastMessageID = "msg_order"
			}
			changes = append(changes, store.NewCollection[Conversation](w.disk, conversationSchema).Insert(c))
		}
		if err := w.disk.Write(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
		p := w.boot()
		if _, err := p.Counts(t.Context(), boss); err != nil {
			t.Fatal(err)
		}
		for _, f := range []Filter{{Status: names(Open), Where: wheres[3].expr}, {Where: wheres[3].expr}} {
			first, next, err := p.List(t.Context(), boss, f, "", 50)
			if err != nil || len(first) != 2 || next == "" {
				t.Errorf("the first page has %d, next %q, %v", len(first), next, err)
			}
			if all := p.listed(boss, f, 50); len(all) != 3 {
				t.Errorf("%d found", len(all))
			}
		}
		p.stop()
	})
}

// listed reads a list page by page.
func (p *process) listed(v access.Viewer, f Filter, limit int) (listed []string) {
	p.w.t.Helper()
	for cursor := ""; ; {
		found, next, err := p.List(context.Background(), v, f, cursor, limit)
		if err != nil || len(found) > limit {
			p.w.t.Fatalf("%d found, %v", len(found), err)
		}
		for _, c := range found {
			listed = append(listed, c.ID)
		}
		if next == "" {
			return listed
		}
		cursor = next
	}
}

// naive filters and sorts everything, as the words of the contract say.
func naive(all []*Conversation, marks map[string]*reads, v access.Viewer, f Filter) (listed []string) {
	any := func(wanted []string, has ...string) bool {
		return wanted == nil || slices.ContainsFunc(has, func(h string) bool { return slices.Contains(wanted, h) })
	}
	var found []*Conversation
	for _, c := range all {
		waits := c.AssigneeID == "" && (c.TeamID == "" || slices.Contains(v.TeamIDs, c.TeamID))
		visible := v.Role != access.Agent || waits || c.AssigneeID == v.UserID || slices.Contains(c.Participants, v.UserID)
		assignees := []string{c.AssigneeID}
		if c.AssigneeID == "" {
			assignees = []string{"none"}
		} else if c.AssigneeID == v.UserID {
			assignees = append(assignees, "me")
		}
		unread := marks[c.ID].unread(c, v.UserID) > 0
		for _, where := range wheres {
			visible = visible && (f.Where != where.expr || where.holds(c, unread))
		}
		if visible && any(f.Status, string(c.Status)) && any(f.Assignee, assignees...) && any(f.Team, c.TeamID) &&
			any(f.Channel, c.ChannelID) &&
			any(f.Contact, c.Origin) &&
			any(f.Label, c.Labels...) && any(f.Priority, c.Priority) && any(f.Type, c.Type) && (f.Unread == nil || *f.Unread == unread) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *Conversation) int {
		newest := cmp.Or(b.LastActivityAt.Compare(a.LastActivityAt), cmp.Compare(b.ID, a.ID))
		switch f.Sort {
		case "oldest":
			return -newest
		case "priority":
			return cmp.Or(slices.Index(live.Priorities, b.Priority)-slices.Index(live.Priorities, a.Priority), newest)
		case "window":
			if a.WindowFrom.IsZero() != b.WindowFrom.IsZero() {
				return map[bool]int{true: 1, false: -1}[a.WindowFrom.IsZero()]
			}
			return cmp.Or(a.WindowFrom.Compare(b.WindowFrom), newest)
		}
		return newest
	})
	for _, c := range found {
		listed = append(listed, c.ID)
	}
	return listed
}
