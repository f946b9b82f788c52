package inbox

import (
	"context"
	"net/http"
	"slices"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
	"wasl/store"
)

// sinceExamined is how many of the newest messages are looked at for what came after the one that a writer saw last.
const sinceExamined = 50

// WrittenAgain is why an answer was not taken: the customer or a colleague wrote since its writer looked. Nothing was stored.
type WrittenAgain struct {
	// Messages is what they wrote, in the order in which it came.
	Messages []*Message
}

var errWrittenAgain = errs.New(errs.Conflict, "written_again", "The customer or a colleague has written since; nothing was sent.")

// Error says so.
func (w *WrittenAgain) Error() string { return errWrittenAgain.Error() }

// Unwrap returns the error without the messages.
func (w *WrittenAgain) Unwrap() error { return errWrittenAgain }

// confirm refuses what a person writes who has not seen what the customer or a colleague wrote last; seen is the message that came last
// of those that they saw. The conversation is written at the version at which it was read, so nothing comes between this and the write.
func (s *Service) confirm(ctx context.Context, conv *Conversation, by access.Actor, seen string) error {
	known, err := s.conversationMessage(ctx, conv, seen, "seen_message_id")
	if err != nil {
		return err
	}
	newest, _, err := s.messages.Find(ctx, store.Query{
		Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Limit: sinceExamined,
	})
	if err != nil {
		return err
	}
	saw := known.came()
	if known.Author.ID == by.ID { // that it left since says nothing about what its writer looked at
		saw = known.Arrived
	}
	saw = max(saw, conv.KnownUpTo)
	since := slices.DeleteFunc(newest, func(m *Message) bool { return m.came() <= saw || !m.concerns(by) })
	if len(since) == 0 {
		return nil
	}
	slices.SortStableFunc(since, func(a, b *Message) int { return int(a.came() - b.came()) })
	return &WrittenAgain{since}
}

// came tells which of two messages came later: as it was written, or left where it had waited.
func (m *Message) came() int64 { return max(m.Arrived, m.Left) }

// concerns reports whether whoever answers has to know the message: the customer's, and what others answered. Notes and what is said
// automatically do not.
func (m *Message) concerns(by access.Actor) bool {
	switch {
	case m.DeletedAt != nil, m.Type == channels.TypeNote, m.Type == channels.TypeSystem, m.Status == Scheduled, m.Status == Canceled:
		return false
	case m.Direction == In:
		return true
	case m.Author.Type == BySystem:
		return m.Author.ID == "" // written in the provider's own app
	}
	return m.Author.ID != by.ID
}

// writtenAgainProblem is the answer to a message that was not taken because somebody wrote meanwhile.
type writtenAgainProblem struct {
	web.Problem
	Messages []MessageView `json:"messages,omitempty" nullable:"false" doc:"What the customer or colleagues wrote since, in the order in which it came"`
}

// shownAgain is the answer that has the messages.
func (s *Service) shownAgain(ctx context.Context, w *WrittenAgain) error {
	views, err := s.messageViews(ctx, w.Messages)
	if err != nil {
		return err
	}
	return &writtenAgainProblem{Problem: *web.NewProblem(http.StatusConflict, errWrittenAgain.Code, errWrittenAgain.Text), Messages: views}
}
