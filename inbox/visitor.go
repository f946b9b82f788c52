package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"wasl/channels"
	"wasl/files"
	"wasl/internal/access"
	"wasl/internal/web"
	"wasl/store"
)

// A visitor is a customer whose own browser reads the conversation from here. They see a view of its own: no notes, nothing of ours
// that has not been sent, no ids of people.

// visitorKind is the identity by which such customers are known.
const visitorKind = "visitor"

// Visitor is a customer who has proven with a token who they are.
type Visitor struct {
	Channel *channels.Connected
	ID      string
}

func (v Visitor) identity() channels.Identity {
	return channels.Identity{Kind: visitorKind, Scope: v.Channel.ID, Value: v.ID}
}

// guest is the visitor whose conversation it is, or "".
func (c *Conversation) guest() string {
	if c.Address == nil || c.Address.Kind != visitorKind {
		return ""
	}
	return c.Address.Value
}

// VisitorMessage is a message as the visitor sees it.
type VisitorMessage struct {
	ID          string                 `json:"id"`
	ClientID    string                 `json:"client_id,omitempty" doc:"Of the visitor's own: the id that their browser gave it"`
	From        string                 `json:"from" enum:"visitor,us"`
	Name        string                 `json:"name,omitempty" doc:"The first name of who answered"`
	Text        string                 `json:"text"`
	Attachments []VisitorAttachment    `json:"attachments" nullable:"false"`
	Status      channels.MessageStatus `json:"status" enum:"received,sent,delivered,read"`
	SentAt      web.Time               `json:"sent_at"`
	Seq         int64                  `json:"seq" doc:"Orders messages of the same sent_at"`
	Deleted     bool                   `json:"deleted,omitempty"`
}

// VisitorAttachment is a file as the visitor sees it; its address is made from the ids of message and file.
type VisitorAttachment struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	MIME      string `json:"mime"`
	Name      string `json:"name"`
	Size      int64  `json:"size"`
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	Thumbnail bool   `json:"thumbnail,omitempty"`
	Failed    bool   `json:"failed,omitempty"`
}

// VisitorThread is what has been said with a visitor, newest first.
type VisitorThread struct {
	Items  []VisitorMessage `json:"items" nullable:"false"`
	More   bool             `json:"more" doc:"There is older: ask with before"`
	ReadTo string           `json:"read_to,omitempty" doc:"The client_id of the newest message that was read here"`
}

// public reports whether a visitor may see the message.
func (m *Message) public() bool {
	switch {
	case m.Thread == "" || m.Type == channels.TypeNote || m.Type == channels.TypeSystem || m.Type == channels.TypeUnsupported:
		return false
	case m.Direction == In:
		return true
	}
	return m.Status == Sent || m.Status == Delivered || m.Status == Read
}

// own is the visitor's name for a message of theirs.
func own(visitor, providerID string) string {
	id, _ := strings.CutPrefix(providerID, visitor+":")
	return id
}

func visitorView(m *Message, visitor string) VisitorMessage {
	v := VisitorMessage{
		ID: m.ID, From: "us", Text: m.Text, Status: m.Status, SentAt: web.At(m.SentAt), Seq: m.Seq, Deleted: m.DeletedAt != nil,
		Attachments: make([]VisitorAttachment, 0, len(m.Attachments)),
	}
	if m.Direction == In {
		v.From, v.ClientID = "visitor", own(visitor, m.ProviderID)
	} else if m.Author.Type == ByAgent {
		v.Name, _, _ = strings.Cut(m.Author.Name, " ")
	}
	for _, a := range m.Attachments {
		v.Attachments = append(v.Attachments, VisitorAttachment{
			ID: a.ID, Kind: a.Kind, MIME: a.MIME, Name: a.Name, Size: a.Size, Width: a.Width, Height: a.Height, Thumbnail: a.Thumbnail,
			Failed: a.State == channels.FileFailed,
		})
	}
	return v
}

// outside is the message as the conversation's visitor sees it; nil where there is none, or it is not for them.
func (c *Conversation) outside(m *Message) json.RawMessage {
	if c.guest() == "" || !m.public() {
		return nil
	}
	data, _ := json.Marshal(visitorView(m, c.guest())) // a view always encodes
	return data
}

// readOutside tells the visitor up to where their messages were read.
func (c *Conversation) readOutside(r *reads) json.RawMessage {
	if c.guest() == "" {
		return nil
	}
	data, _ := json.Marshal(map[string]string{"read_to": own(c.guest(), r.Reported)}) // strings always encode
	return data
}

// visitorConversation returns the visitor's conversation, or store.ErrNotFound where they have not written yet.
func (s *Service) visitorConversation(ctx context.Context, v Visitor) (*Conversation, error) {
	origin, err := s.Contacts.Origin(ctx, v.Channel.WorkspaceID, v.identity())
	if err != nil {
		return nil, err
	}
	return s.getConversation(ctx, conversationID(v.Channel.ID, origin, ""))
}

// VisitorAudience returns the visitor's conversation and who may see it.
func (s *Service) VisitorAudience(ctx context.Context, v Visitor) (string, access.Audience, error) {
	conv, err := s.visitorConversation(ctx, v)
	if err != nil {
		return "", access.Audience{}, err
	}
	return conv.ID, conv.audience(), nil
}

// visitorPage is how many messages a visitor gets at once.
const visitorPage = 50

// VisitorThread returns the visitor's conversation; before is the id of a message of it, or "" for the newest.
func (s *Service) VisitorThread(ctx context.Context, v Visitor, before string) (VisitorThread, error) {
	t := VisitorThread{Items: []VisitorMessage{}}
	conv, err := s.visitorConversation(ctx, v)
	if errors.Is(err, store.ErrNotFound) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	r, err := s.readsOf(ctx, conv)
	if err != nil {
		return t, err
	}
	t.ReadTo = own(v.ID, r.Reported)
	for len(t.Items) < visitorPage { // what is not for them may fill a page
		found, _, err := s.page(ctx, conv, &messagesInput{Limit: visitorPage + 1, Before: before})
		if err != nil {
			return t, err
		}
		t.More = len(found) > visitorPage
		found = found[:min(len(found), visitorPage)]
		for _, m := range found {
			if m.public() {
				t.Items = append(t.Items, visitorView(m, v.ID))
			}
		}
		if !t.More {
			break
		}
		before = found[len(found)-1].ID
	}
	return t, nil
}

// attachUploads gives the message the files that its sender uploaded before, each once. One that is gone, or somebody else's, is shown as
// failed.
func (s *Service) attachUploads(ctx context.Context, c *change, m *Message, sender string) error {
	if !slices.ContainsFunc(m.Attachments, func(a channels.Attachment) bool { return a.UploadID != "" }) {
		return nil
	}
	named := map[string]bool{}
	m.Attachments = slices.DeleteFunc(m.Attachments, func(a channels.Attachment) bool {
		again := named[a.UploadID]
		named[a.UploadID] = a.UploadID != ""
		return again
	})
	for n := range m.Attachments {
		a := &m.Attachments[n]
		if a.UploadID == "" {
			continue
		}
		file, err := s.Files.Get(ctx, a.UploadID)
		if errors.Is(err, store.ErrNotFound) || (err == nil && (file.WorkspaceID != m.WorkspaceID || file.CreatedBy != sender)) {
			a.State, a.Error = channels.FileFailed, "The file is no longer here."
			continue
		}
		if err != nil {
			return err
		}
		*a = attachmentOf(file)
		a.UploadID = file.ID
		c.Changes = append(c.Changes, s.Files.Give(file, ownerOf(m))...)
	}
	m.index()
	return nil
}

// VisitorFile returns a file of a message of the visitor's conversation.
func (s *Service) VisitorFile(ctx context.Context, v Visitor, messageID, id string) (*files.File, error) {
	conv, err := s.visitorConversation(ctx, v)
	if err != nil {
		return nil, err
	}
	m, err := s.messages.Get(ctx, messageID)
	if err != nil {
		return nil, err
	}
	if m.ConversationID != conv.ID || !m.public() || !slices.ContainsFunc(m.Attachments,
		func(a channels.Attachment) bool { return a.ID == id }) {
		return nil, store.ErrNotFound
	}
	return s.Files.Get(ctx, id)
}
