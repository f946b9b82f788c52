package inbox

import (
	"context"

	"wasl/channels"
	"wasl/internal/mail"
	"wasl/store"
)

// Greeting is what a program asks of a conversation before it writes to the customer by itself.
type Greeting struct {
	Standing
	ChannelID string
	Origin    string // the contact that the conversation was born with
	Language  string // of what the customer wrote; empty: not known
	// Address is where it would go; empty: nothing may be written, because nobody reads it, the customer wants no messages, there are
	// several of them, or a program wrote, or perhaps somebody else in the customer's name.
	Address string
}

// Greeting reports whether a program may answer what came in last, and where.
func (s *Service) Greeting(ctx context.Context, workspaceID, id string) (Greeting, error) {
	conv, err := s.getConversation(ctx, id)
	if err == nil && conv.WorkspaceID != workspaceID {
		err = store.ErrNotFound
	}
	if err != nil {
		return Greeting{}, err
	}
	g := Greeting{Standing: conv.standing(conv.state()), ChannelID: conv.ChannelID, Origin: conv.Origin, Language: conv.Classified.Language}
	found, _, err := s.messages.Find(ctx, store.Query{Index: "thread", Eq: []any{workspaceID, id}, Limit: newestExamined})
	if err != nil || conv.Address == nil || conv.OptedOutAt != nil || conv.Group != "" && conv.Mail == nil {
		return g, err
	}
	for _, m := range found {
		if m.Direction == In && m.Type != channels.TypeSystem {
			if m.answerable() && !(m.Mail != nil && mail.NoReply(conv.Address.Value)) {
				g.Address = conv.Address.Value
			}
			return g, nil
		}
	}
	return g, nil
}

// answerable reports whether a program may answer the message: a person wrote it, as far as that is known, and in their own name.
func (m *Message) answerable() bool {
	return m.Mail == nil || m.Mail.Auto == "" && !m.Mail.Unproven && !mail.NoReply(m.Mail.From)
}
