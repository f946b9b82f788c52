package inbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wasl/channels"
	"wasl/contacts"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/condition"
	"wasl/store"
)

// Past is what a conversation was at a moment, as far as somebody else knows.
type Past struct {
	At                        time.Time
	Type, Sentiment, Language string
	Priority                  string
	TeamID, AssigneeID        string
}

// HeldThen reports for each of the conditions whether it would have held for a conversation when it was as Past says, and open. Its text is
// the newest one at that moment that is still kept; all else is as it is now.
func (s *Service) HeldThen(ctx context.Context, workspaceID, id string, p Past, conditions []Condition) ([]bool, error) {
	editing, err := s.open(ctx, access.Actor{}, workspaceID, id)
	if err != nil {
		return nil, err
	}
	conv := editing.c.conv
	conv.Status, conv.SnoozedUntil = Open, nil
	conv.Type, conv.Classified.Sentiment, conv.Classified.Language = p.Type, p.Sentiment, p.Language
	conv.Priority, conv.TeamID, conv.AssigneeID = p.Priority, p.TeamID, p.AssigneeID
	l := listed{conv: conv}
	found, _, err := s.messages.Find(ctx, store.Query{
		Index: "thread", Eq: []any{workspaceID, id}, Range: &store.Range{To: p.At}, Limit: newestExamined,
	})
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		if m.Type != "note" && m.Type != channels.TypeSystem && m.DeletedAt == nil && !m.unsaid() {
			l.last = m
			break
		}
	}
	persons, err := s.Contacts.GetMany(ctx, workspaceID, conv.Origin)
	if err != nil {
		return nil, err
	}
	l.contact = persons[conv.Origin]
	return s.hold(ctx, l, conditions, p.At)
}

// hold reports for each of the conditions whether it holds at a moment for a conversation with its contact and its newest message, which
// may be nil.
func (s *Service) hold(ctx context.Context, l listed, conditions []Condition, at time.Time) ([]bool, error) {
	headers, err := s.live.Headers(ctx, l.conv.WorkspaceID, []*live.Entry{l.conv.entry()})
	if err != nil {
		return nil, err
	}
	l.header, l.contact, l.last = headers[0], cmp.Or(l.contact, &contacts.Contact{}), cmp.Or(l.last, &Message{})
	holds := make([]bool, len(conditions))
	for n, c := range conditions {
		holds[n] = c.of.Holds(l, at)
	}
	return holds, nil
}

// maxSpoken bounds how many messages are looked at for an answer.
const maxSpoken = 200

// Answered is when an agent first answered in a conversation after a moment; zero: nobody did, before another moment.
func (s *Service) Answered(ctx context.Context, workspaceID, id string, after, before time.Time) (time.Time, error) {
	found, _, err := s.messages.Find(ctx, store.Query{
		Index: "thread", Eq: []any{workspaceID, id}, Range: &store.Range{From: after, To: before}, Reverse: true, Limit: maxSpoken,
	})
	for _, m := range found {
		if m.Direction == Out && m.Type != "note" && m.Author.Type == ByAgent && !m.unsaid() {
			return m.SentAt, err
		}
	}
	return time.Time{}, err
}

// Matching returns which of the newest conversations that the viewer may see fulfil a condition, the newest first, and how many they are.
func (s *Service) Matching(
	ctx context.Context, v access.Viewer, when []byte, newest int,
) (matching []*Conversation, of int, err error) {
	if _, err := s.fields.Parse(when, "when"); err != nil {
		return nil, 0, err
	}
	where, err := condition.ParseExpr(when, "when")
	if err != nil {
		return nil, 0, err
	}
	ready, err := s.prepareFilter(ctx, v, Filter{Where: &where})
	if err != nil {
		return nil, 0, err
	}
	all, err := s.prepareFilter(ctx, v, Filter{})
	if err != nil {
		return nil, 0, err
	}
	found, _, err := s.conversations.Find(ctx, store.Query{
		Index: "live", Eq: []any{v.WorkspaceID, anyOf(append(slices.Clone(unresolved), string(Resolved)))}, Limit: newest,
	})
	if err != nil {
		return nil, 0, err
	}
	seen, err := all.fit(ctx, found)
	if err != nil {
		return nil, 0, err
	}
	fits, err := ready.fit(ctx, found)
	if err != nil {
		return nil, 0, err
	}
	for n, c := range found {
		if seen[n] {
			of++
		}
		if fits[n] {
			matching = append(matching, c)
		}
	}
	return matching, of, nil
}

// Views shows conversations as REST shows them to the viewer, who may see them.
func (s *Service) Views(ctx context.Context, v access.Viewer, convs []*Conversation) ([]ConversationView, error) {
	return s.conversationViews(ctx, v.UserID, convs)
}
