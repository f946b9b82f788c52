package inbox

import (
	"context"
	"slices"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/text"
	"wasl/search"
	"wasl/store"
)

// Hit is a message that a search found, with its conversation.
type Hit struct {
	Message      *Message
	Conversation *Conversation
}

// sources are the kinds of things that a message may be found as: what was said, a note, and its files.
type sources struct{ said, notes, files *search.Source[Hit] }

// loadFound returns those of the messages that the viewer may see.
type loadFound = func(ctx context.Context, v access.Viewer, messageIDs []string) (map[string]search.Found[Hit], error)

func newSources(engine store.Engine, load func(words func(*Message) []string) loadFound) sources {
	said, files := load(func(m *Message) []string { return m.Tokens }), load(func(m *Message) []string { return m.FileWords })
	return sources{
		search.NewSource(engine, search.Messages, said), search.NewSource(engine, search.Notes, said),
		search.NewSource(engine, search.Files, files),
	}
}

// findable is what the index of words knows of a message.
type findable struct{ said, notes, files search.Entry }

// changes are the rows to be written with a message; before: what the index knows of it.
func (x sources) changes(workspaceID string, before, after findable) []store.Change {
	return slices.Concat(x.said.Changes(workspaceID, before.said, after.said), x.notes.Changes(workspaceID, before.notes, after.notes),
		x.files.Changes(workspaceID, before.files, after.files))
}

// findable is what the index of words is to know of the message.
func (m *Message) findable() (f findable) {
	words := search.Entry{ID: m.ID, At: m.SentAt, Words: m.Tokens}
	if m.Type == channels.TypeNote {
		f.notes = words
	} else {
		f.said = words
	}
	f.files = search.Entry{ID: m.ID, At: m.SentAt, Words: m.FileWords}
	return f
}

// index keeps the words by which a search finds the message, and those by which it finds its files.
func (m *Message) index() {
	var texts, names []string
	for _, t := range m.texts() {
		texts = append(texts, t.Text)
	}
	for _, t := range m.fileNames() {
		names = append(names, t.Text)
	}
	if m.indexed == nil && m.Version > 0 {
		f := m.findable()
		m.indexed = &f
	}
	m.Tokens, m.FileWords = text.Tokens(texts...), text.Tokens(names...)
}

// texts are what a message is found by: what it says, and what people read of what comes with it.
func (m *Message) texts() []search.Shown {
	all := []search.Shown{{Field: "text", Text: m.Text}}
	show := func(field, said string) { all = append(all, search.Shown{Field: field, Text: said}) }
	for _, c := range m.Contacts {
		show("contact", c.Name)
		for _, p := range c.Phones {
			show("contact", p.Phone)
		}
	}
	if m.Link != nil {
		show("link", m.Link.Title)
	}
	if m.Location != nil {
		show("location", m.Location.Name)
		show("location", m.Location.Address)
	}
	if m.Mail != nil {
		show("subject", m.Mail.Subject)
	}
	return all
}

// fileNames are what its files are found by, unless it was withdrawn.
func (m *Message) fileNames() (all []search.Shown) {
	if m.DeletedAt != nil {
		return nil
	}
	for _, a := range m.Attachments {
		if a.Name != "" {
			all = append(all, search.Shown{Field: "name", ID: a.ID, Text: a.Name})
		}
	}
	return all
}

// finder finds what is kept in a source.
func (s *Service) finder(source *search.Source[Hit]) func(context.Context, access.Viewer, search.Query) ([]Hit, string, error) {
	return func(ctx context.Context, v access.Viewer, q search.Query) ([]Hit, string, error) {
		keep, err := s.narrow(ctx, v, q)
		if err != nil {
			return nil, "", err
		}
		return source.Find(ctx, v, search.Ask[Hit]{
			Terms: text.Terms(q.Text), Since: q.Since, Keep: keep, Cursor: q.Cursor, Limit: q.Limit,
		})
	}
}

// narrow selects what was said on channels and by whom; nil: everything.
func (s *Service) narrow(ctx context.Context, v access.Viewer, q search.Query) (func(Hit) bool, error) {
	if len(q.Channels)+len(q.From) == 0 {
		return nil, nil //nolint:nilnil // nothing narrows
	}
	from, err := s.Contacts.Family(ctx, v.WorkspaceID, q.From...)
	if err != nil {
		return nil, err
	}
	says := func(m *Message) bool {
		switch by := m.Author; by.Type {
		case ByContact:
			return slices.Contains(from, search.FromCustomers) || slices.Contains(from, m.ContactID)
		case ByAgent:
			return slices.Contains(from, search.FromAgents) || slices.Contains(from, by.ID)
		}
		return false
	}
	return func(h Hit) bool {
		return (q.Channels == nil || slices.Contains(q.Channels, h.Message.ChannelID)) && (q.From == nil || says(h.Message))
	}, nil
}

// loadHits returns what loads messages; words are those by which they are found.
func (s *Service) loadHits(words func(*Message) []string) loadFound {
	return func(ctx context.Context, v access.Viewer, messageIDs []string) (map[string]search.Found[Hit], error) {
		messages, err := s.messages.GetMany(ctx, messageIDs...)
		if err != nil {
			return nil, err
		}
		seen, err := s.conversationsOf(ctx, v, messages)
		if err != nil {
			return nil, err
		}
		hits := make(map[string]search.Found[Hit], len(messages))
		for _, m := range messages {
			if c := seen[m.ConversationID]; c != nil {
				hits[m.ID] = search.Found[Hit]{Item: Hit{Message: m, Conversation: c}, Words: words(m)}
			}
		}
		return hits, nil
	}
}

// conversationsOf returns those of the messages' conversations that the viewer may see, by id.
func (s *Service) conversationsOf(ctx context.Context, v access.Viewer, messages []*Message) (map[string]*Conversation, error) {
	seen := map[string]*Conversation{}
	var wanted []string
	for _, m := range messages {
		if _, known := seen[m.ConversationID]; !known {
			seen[m.ConversationID] = nil
			wanted = append(wanted, m.ConversationID)
		}
	}
	found, err := s.conversations.GetMany(ctx, wanted...)
	for _, c := range found {
		if c.WorkspaceID == v.WorkspaceID && c.seenBy(v) {
			seen[c.ID] = c
		}
	}
	return seen, err
}
