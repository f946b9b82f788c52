package inbox

import (
	"context"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/web"
)

// Rating is what a customer answered when they were asked whether they are satisfied.
type Rating struct {
	Score   int       `bson:"score"` // 1 to 5
	Comment string    `bson:"comment,omitempty"`
	At      time.Time `bson:"at"`
}

// QuestionChoice begins the ids of choices that answer a question which a program asked: whoever presses one says nothing that wants an
// answer, so that the conversation stays as it is. Whoever asked hears of it (Changed.Chose).
const QuestionChoice = "question:"

// chosen is what the customer chose as an answer to a program's question; empty: nothing.
func (m *Message) chosen() string {
	if m.Interactive == nil || m.Interactive.Reply == nil || !strings.HasPrefix(m.Interactive.Reply.ID, QuestionChoice) {
		return ""
	}
	return m.Interactive.Reply.ID
}

// answersQuestion takes what came in as an answer to a program's question; false: it is none.
func (c *Conversation) answersQuestion(m *Message, in *channels.Incoming) bool {
	if in.Echo || c.Version == 0 || m.chosen() == "" {
		return false
	}
	c.chose = m.chosen()
	return true
}

// Chose is what the customer chose in this change as an answer to a program's question; empty: nothing.
func (c *Changed) Chose() string { return c.c.conv.chose }

// Handed reports whether the conversation is given to somebody in this change with a note for them.
func (c *Changed) Handed() bool { return c.c.conv.note != "" }

// Rate makes the rating that of the changed conversation.
func (c *Changed) Rate(r Rating) { c.c.conv.Rating = &r }

// Note adds to the caller's write a line of a conversation's history, for those who may see it: what happened is called after the field.
func (s *Service) Note(ctx context.Context, w *events.Write, by access.Actor, workspaceID, id string, what events.Change) error {
	e, err := s.open(ctx, by, workspaceID, id)
	if err != nil {
		return err
	}
	row := s.addActivity(e.c, "conversation."+what.Field, []events.Change{what})
	e.c.Events = append(e.c.Events, row.Event(e.c.conv.audience()))
	w.Add(&e.c.Write)
	return nil
}

// RatingView is a rating as REST and the socket show it.
type RatingView struct {
	Score   int      `json:"score" minimum:"1" maximum:"5"`
	Comment string   `json:"comment,omitempty"`
	At      web.Time `json:"at"`
}

func (r *Rating) view() *RatingView {
	if r == nil {
		return nil
	}
	return &RatingView{r.Score, r.Comment, web.At(r.At)}
}
