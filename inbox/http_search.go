package inbox

import (
	"context"

	"wasl/internal/access"
	"wasl/internal/text"
	"wasl/search"
)

// HitView is a message that was found, with where it was said.
type HitView struct {
	Message      MessageView        `json:"message"`
	Conversation ConversationView   `json:"conversation"`
	Highlights   []search.Highlight `json:"highlights" nullable:"false" doc:"field is text, subject, contact, link or location; of files name"`
}

// RegisterSearch registers what is found of conversations: messages, notes and files.
func (s *Service) RegisterSearch(r *search.Registry) {
	register := func(name search.Name, source *search.Source[Hit], texts func(*Message) []search.Shown) {
		find := s.finder(source)
		search.Add(r, search.Feature[HitView]{
			Name: name, May: access.ReadConversations, Said: true,
			Find: func(ctx context.Context, v access.Viewer, q search.Query) ([]HitView, string, error) {
				hits, next, err := find(ctx, v, q)
				if err != nil {
					return nil, "", err
				}
				views, err := s.hitViews(ctx, v, hits)
				terms := text.Terms(q.Text)
				for n := range views {
					views[n].Highlights = search.Highlights(terms, texts(hits[n].Message)...)
				}
				return views, next, err
			},
		})
	}
	register("messages", s.words.said, (*Message).texts)
	register("notes", s.words.notes, (*Message).texts)
	register("files", s.words.files, (*Message).fileNames)
}

// hitViews shows what was found, without its highlights.
func (s *Service) hitViews(ctx context.Context, v access.Viewer, hits []Hit) ([]HitView, error) {
	messages, convs := make([]*Message, len(hits)), make([]*Conversation, len(hits))
	for n, h := range hits {
		messages[n], convs[n] = h.Message, h.Conversation
		h.Message.person = h.Conversation.ContactID
	}
	messageViews, err := s.messageViews(ctx, messages)
	if err != nil {
		return nil, err
	}
	convViews, err := s.conversationViews(ctx, v.UserID, convs)
	if err != nil {
		return nil, err
	}
	out := make([]HitView, len(hits))
	for n := range hits {
		out[n] = HitView{Message: messageViews[n], Conversation: convViews[n]}
	}
	return out, nil
}
