package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"wasl/auth"
	"wasl/channels"
	"wasl/channels/sandbox"
	"wasl/files"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/events"
)

// storyClock is the demo's time: it stands where a story is while its past is told, and is the machine's afterwards.
type storyClock struct {
	mu   sync.Mutex
	told time.Time
}

// Now returns the time of the telling, or the machine's.
func (c *storyClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.told.IsZero() {
		return c.told
	}
	return clock.System{}.Now()
}

func (c *storyClock) set(t time.Time) {
	c.mu.Lock()
	c.told = t
	c.mu.Unlock()
}

// teller makes the demo's past happen through the front door: customers write on their phones, agents answer in the inbox, and
// everything between them is the real thing.
type teller struct {
	g     *gateway
	box   *sandbox.Sandbox
	clock *storyClock
	heard chan inbox.MessageView

	agents map[string]access.Viewer // by language
	convs  map[string]string        // conversation, by chatOf
	lines  map[string]told          // by lineOf
}

type told struct{ provider, message string }

func newTeller(g *gateway, box *sandbox.Sandbox, c *storyClock) *teller {
	t := &teller{
		g: g, box: box, clock: c, heard: make(chan inbox.MessageView, 1024),
		agents: map[string]access.Viewer{}, convs: map[string]string{}, lines: map[string]told{},
	}
	for _, u := range demoUsers {
		v := access.Viewer{UserID: auth.UserID(u.Email), WorkspaceID: auth.WorkspaceID(demoAccount.Name), Name: u.Name, Role: u.Role}
		t.agents[u.Language] = v // the last of a language answers in it
	}
	g.bus.Subscribe(func(n events.Numbered) {
		var m inbox.MessageView
		if strings.HasPrefix(n.Type, "message.") && json.Unmarshal(n.Data, &m) == nil {
			select {
			case t.heard <- m:
			default:
			}
		}
	})
	return t
}

type moment struct {
	line     sandbox.Line
	story    sandbox.Story
	language string
}

// tell plays all stories in the order of their times.
func (t *teller) tell(ctx context.Context) error {
	now := clock.System{}.Now()
	defer t.clock.set(time.Time{})
	languages := map[string]string{}
	for _, c := range sandbox.DemoCustomers() {
		languages[c.Key] = c.Language
	}
	var all []moment
	for _, s := range sandbox.DemoStories() {
		for _, l := range s.Lines {
			all = append(all, moment{l, s, languages[s.Customer]})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return int(b.line.Ago - a.line.Ago) })
	for _, m := range all {
		t.clock.set(now.Add(-m.line.Ago))
		var err error
		if m.line.From == sandbox.FromCustomer {
			err = t.customer(ctx, m)
		} else {
			err = t.agent(ctx, m)
		}
		if err != nil {
			return fmt.Errorf("story of %s: %w", m.story.Customer, err)
		}
	}
	return t.arrange(ctx)
}

func (t *teller) customer(ctx context.Context, m moment) error {
	to := t.lines[lineOf(m.story, m.line.To)]
	if m.line.React != "" {
		return t.box.React(m.story.Customer, to.provider, m.line.React)
	}
	content := m.line.Content
	if m.line.Sample != "" {
		body, mime, err := sandbox.Sample(m.line.Sample)
		if err != nil {
			return err
		}
		media, err := t.box.AddMedia(sandbox.FromCustomer, mime, m.line.Sample, body)
		if err != nil {
			return err
		}
		content.Media = &media
	}
	if content.Type == "mail" && content.Mail.Subject == "" {
		to.provider = t.lastMail(m.story.Customer) // an answer
	}
	said, err := t.box.Say(sandbox.Message{Account: t.account(m.story), Phone: m.story.Customer, ReplyTo: to.provider, Content: content})
	if err != nil {
		return err
	}
	seen, err := t.wait(ctx, func(v inbox.MessageView) bool { return v.Direction == "in" && v.ProviderID == said.ID })
	if err != nil {
		return err
	}
	t.convs[chatOf(m.story)] = seen.ConversationID
	t.remember(m, told{said.ID, seen.ID})
	return nil
}

// lastMail is the mail that lies on top in somebody's mailbox.
func (t *teller) lastMail(customer string) string {
	for _, m := range slices.Backward(t.box.Chat(customer)) {
		if m.Content.Type == "mail" {
			return m.ID
		}
	}
	return ""
}

// account is the sandbox's for a story.
func (t *teller) account(s sandbox.Story) string {
	for _, a := range t.box.Accounts() {
		if a.Kind == kindOf(s) {
			return a.ID
		}
	}
	return ""
}

func kindOf(s sandbox.Story) string {
	if s.Kind == "" {
		return "whatsapp"
	}
	return s.Kind
}

func chatOf(s sandbox.Story) string { return s.Customer + " " + kindOf(s) }

func lineOf(s sandbox.Story, name string) string { return chatOf(s) + " " + name }

// remember keeps the ids of a line that later ones answer.
func (t *teller) remember(m moment, ids told) {
	if m.line.Name != "" {
		t.lines[lineOf(m.story, m.line.Name)] = ids
	}
}

func (t *teller) agent(ctx context.Context, m moment) error {
	v, to := t.agents[m.language], t.lines[lineOf(m.story, m.line.To)]
	n, err := t.reply(ctx, v, m.line)
	if err != nil {
		return err
	}
	n.ClientID = fmt.Sprintf("story-%s-%s-%d", m.story.Customer, kindOf(m.story), m.line.Ago)
	if m.line.React != "" {
		n.ReactTo = to.message
	}
	conv := t.convs[chatOf(m.story)]
	if _, err := t.g.inbox.MarkRead(ctx, v, conv); err != nil {
		return err
	}
	sent, _, err := t.g.inbox.Reply(ctx, v, conv, n)
	if err != nil || m.line.React != "" {
		return err
	}
	seen, err := t.wait(ctx, func(v inbox.MessageView) bool { return v.ID == sent.ID && v.ProviderID != "" })
	t.remember(m, told{seen.ProviderID, sent.ID})
	return err
}

// reply turns a line into what an agent would send.
func (t *teller) reply(ctx context.Context, v access.Viewer, l sandbox.Line) (inbox.NewMessage, error) {
	switch {
	case l.React != "":
		return inbox.NewMessage{Content: channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{Emoji: l.React}}}, nil
	case l.Content.Type == "template":
		return inbox.NewMessage{Content: channels.Content{Type: "template", Template: &channels.TemplateUse{
			Name: "invoice_reminder", Language: "ar",
			Body:    []channels.TemplateParam{{Value: "سارة"}, {Value: "INV-2026-00912"}, {Value: "350.50 AED"}},
			Buttons: []channels.TemplateParam{{Value: "912"}},
		}}}, nil
	case l.Content.Location != nil:
		return inbox.NewMessage{Content: channels.Content{Type: "location", Location: l.Content.Location}}, nil
	case l.Sample == "":
		return inbox.NewMessage{Content: channels.Content{Type: "text", Text: l.Content.Text}}, nil
	}
	body, _, err := sandbox.Sample(l.Sample)
	if err != nil {
		return inbox.NewMessage{}, err
	}
	file, err := t.g.files.Upload(ctx, files.New{WorkspaceID: v.WorkspaceID, CreatedBy: v.UserID, Name: l.Sample}, bytes.NewReader(body))
	if err != nil {
		return inbox.NewMessage{}, err
	}
	return inbox.NewMessage{
		Content: channels.Content{Type: "media", Text: l.Content.Text}, Attachments: []inbox.AttachmentRef{{ID: file.ID}},
	}, nil
}

// storyPatience is how long one line may take on a slow machine.
const storyPatience = 20 * time.Second

// wait returns the first message that was heard and fits.
func (t *teller) wait(ctx context.Context, fits func(inbox.MessageView) bool) (inbox.MessageView, error) {
	late := time.NewTimer(storyPatience)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return inbox.MessageView{}, ctx.Err()
		case <-late.C:
			return inbox.MessageView{}, fmt.Errorf("a line did not arrive within %s", storyPatience)
		case m := <-t.heard:
			if fits(m) {
				return m, nil
			}
		}
	}
}

// arrange leaves the conversations as a working day would.
func (t *teller) arrange(ctx context.Context) error {
	t.clock.set(time.Time{})
	lead := t.agents["he"]
	for _, s := range sandbox.DemoStories() {
		topic := s.Topic
		if _, err := t.g.inbox.Change(ctx, lead, t.convs[chatOf(s)], inbox.Edit{Type: &topic}); err != nil {
			return err
		}
	}
	maya, layla := t.agents["en"].UserID, t.agents["ar"].UserID
	urgent, high, resolved, snoozed := "urgent", "high", inbox.Resolved, inbox.Snoozed
	vip, billing := []string{"VIP"}, []string{"billing"}
	tomorrow := clock.System{}.Now().Add(16 * time.Hour)
	for _, step := range []struct {
		customer, agent string
		edit            inbox.Edit
	}{
		{"sivan-avraham", "", inbox.Edit{Priority: &urgent, Labels: &billing}},
		{"david-miller", maya, inbox.Edit{Priority: &high, Labels: &vip}},
		{"sara-khalil", layla, inbox.Edit{Labels: &billing}},
		{"ahmad-haddad", layla, inbox.Edit{}},
		{"emma-brown", maya, inbox.Edit{Status: &resolved}},
		{"yossi-barak", lead.UserID, inbox.Edit{Status: &snoozed, SnoozedUntil: &tomorrow}},
	} {
		id := t.convs[step.customer+" whatsapp"]
		if step.agent != "" {
			if _, err := t.g.inbox.Assign(ctx, lead, id, inbox.Assignment{AgentID: &step.agent}); err != nil {
				return err
			}
		}
		if _, err := t.g.inbox.Change(ctx, lead, id, step.edit); err != nil {
			return err
		}
	}
	note := channels.Content{Type: "note", Text: "הוחזר כבר תשלום אחד באוגוסט. לבדוק מול הנהלת החשבונות לפני תשובה. INV-2026-00871"}
	_, _, err := t.g.inbox.Reply(ctx, lead, t.convs["sivan-avraham whatsapp"], inbox.NewMessage{ClientID: "story-note", Content: note})
	return err
}
