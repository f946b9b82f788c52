package inbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/store"
)

// passed is one step of a life-line as it is told. A zero time was not recorded.
type lineEvent struct {
	Step
	by Author
}

// Lifeline tells where a message of a conversation that the viewer may see has been, in the order in which it went on.
// It says what is known and nothing else.
func (s *Service) Lifeline(ctx context.Context, v access.Viewer, id string) (*Message, []lineEvent, error) {
	m, err := s.messages.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	conv, err := s.Conversation(ctx, v, m.ConversationID)
	if err != nil {
		return nil, nil, err
	}
	var line []lineEvent
	switch {
	case m.Type == channels.TypeNote:
		line = []lineEvent{{Step: Step{Kind: "stored", At: m.CreatedAt}, by: m.Author}}
	case !m.ReceivedAt.IsZero():
		line = m.inboundSteps()
	case m.Direction == Out:
		line = m.outboundSteps()
	default: // stored before such times were kept
		line = []lineEvent{{Step: Step{Kind: "written", At: m.SentAt}, by: m.Author}, {Step: Step{Kind: "stored", At: m.CreatedAt}}}
	}
	if m.Status == Queued {
		line = append(line, s.waitingSteps(ctx, conv, m)...)
	}
	if m.Thread != "" && m.Direction == In {
		read, err := s.readsOf(ctx, conv)
		if err != nil {
			return nil, nil, err
		}
		line = append(line, lineEvent{Step: Step{Kind: "shown"}})
		line = append(line, read.readers(m)...)
	}
	line = append(line, m.rewritten()...)
	return m, line, s.nameUsers(ctx, m, line)
}

// inboundSteps is the way of what a webhook brought.
func (m *Message) inboundSteps() []lineEvent {
	line := []lineEvent{
		{Step: Step{Kind: "written", At: m.SentAt}, by: m.Author},
		{Step: Step{Kind: "received", At: m.ReceivedAt}},
	}
	durable := Step{Kind: "durable"}
	if m.DurableIn >= 0 {
		durable.At = m.ReceivedAt.Add(time.Duration(m.DurableIn) * time.Millisecond)
	}
	line = append(line, lineEvent{Step: durable})
	later := m.Trail
	if len(later) > 0 && later[0].Kind == stepResumed {
		line, later = append(line, lineEvent{Step: later[0]}), later[1:]
	}
	line = append(line, lineEvent{Step: Step{Kind: "stored", At: m.CreatedAt}})
	for _, step := range later {
		line = append(line, lineEvent{Step: step})
	}
	return line
}

// outboundSteps is the way of what somebody wrote here.
func (m *Message) outboundSteps() (line []lineEvent) {
	if len(m.Trail) == 0 || m.Trail[0].Kind != stepQueued {
		line = []lineEvent{{Step: Step{Kind: stepQueued, At: m.CreatedAt}, by: m.Author}}
	}
	for _, step := range m.Trail {
		line = append(line, lineEvent{Step: step})
	}
	return line
}

// waitingSteps says what a queued message waits for.
func (s *Service) waitingSteps(ctx context.Context, conv *Conversation, m *Message) []lineEvent {
	if at := slices.Index(conv.Outbox, m.ID); at > 0 {
		return []lineEvent{{Step: Step{Kind: "behind", More: at}}}
	}
	ch, err := s.Channels.Of(ctx, conv.WorkspaceID, conv.ChannelID)
	if err != nil || ch.Status == channels.Active {
		return nil
	}
	step := Step{Kind: "held", Code: ch.Status}
	if ch.Problem != nil {
		step.Code, step.Text = ch.Problem.Code, ch.Problem.Title
	}
	return []lineEvent{{Step: step}}
}

// readers are the users who have read the message. The time is known where nothing newer was read since.
func (r *reads) readers(m *Message) (line []lineEvent) {
	for id, upTo := range r.UpTo {
		if m.Number <= 0 || upTo < m.Number {
			continue
		}
		step := Step{Kind: "seen", By: id}
		if mark, ok := r.Latest[id]; ok && mark.After < m.Number {
			step.At = mark.At
		}
		line = append(line, lineEvent{Step: step})
	}
	slices.SortFunc(line, func(a, b lineEvent) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.By, b.By)) })
	return line
}

// rewritten is what the customer did to the message later.
func (m *Message) rewritten() (line []lineEvent) {
	if m.EditedAt != nil {
		line = append(line, lineEvent{Step: Step{Kind: "edited", At: *m.EditedAt}})
	}
	if m.DeletedAt != nil {
		line = append(line, lineEvent{Step: Step{Kind: "deleted", At: *m.DeletedAt}})
	}
	return line
}

// nameUsers completes the steps that users made with the users' names.
func (s *Service) nameUsers(ctx context.Context, m *Message, line []lineEvent) error {
	for n, step := range line {
		if step.By == "" {
			continue
		}
		line[n].by = Author{Type: ByAgent, ID: step.By}
		u, err := s.Users.User(ctx, m.WorkspaceID, step.By)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil {
			line[n].by.Name = u.Name
		}
	}
	return nil
}
