package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"wasl/channels"
	"wasl/contacts"
	"wasl/internal/text"
	"wasl/internal/web"
)

// SharedView is a conversation as all its receivers see it; ConversationView adds what is the receiver's own.
type SharedView struct {
	ID             string             `json:"id"`
	Contact        ContactRef         `json:"contact"`
	ChannelID      string             `json:"channel_id"`
	ChannelKind    channels.Kind      `json:"channel_kind"`
	Address        *channels.Identity `json:"address" doc:"Where answers go"`
	Status         Status             `json:"status" enum:"open,pending,snoozed,resolved"`
	MergedInto     string             `json:"merged_into,omitempty" doc:"In frames: the conversation that has what was said in this one"`
	MovedAt        *web.Time          `json:"moved_at,omitempty" doc:"When messages last came from another conversation or went to one: whoever shows them reads them again"`
	Type           string             `json:"type" enum:",sales,support,complaint,other"`
	TypeSource     ClassifiedBy       `json:"type_source" enum:",rule,classifier,agent" doc:"Who said so; empty: nobody has"`
	TypeConfidence float64            `json:"type_confidence" doc:"0 to 1: how sure the classifier is; 1 from a rule or an agent"`
	TypeReason     string             `json:"type_reason" doc:"The words that decided for the classifier, at most three"`
	Sentiment      string             `json:"sentiment" enum:",positive,neutral,negative,angry" doc:"Of what the customer wrote when the conversation began; empty: not known"`
	Language       string             `json:"language" doc:"Of that: en, he or ar; empty: not known"`
	Priority       string             `json:"priority" enum:"none,low,medium,high,urgent"`
	Labels         []string           `json:"labels" nullable:"false"`
	Subject        string             `json:"subject,omitempty" doc:"Of a mail's conversation"`
	AssigneeID     *string            `json:"assignee_id"`
	TeamID         *string            `json:"team_id"`
	Participants   []string           `json:"participants" nullable:"false"`
	LastMessage    *Snippet           `json:"last_message"`
	LastActivityAt web.Time           `json:"last_activity_at"`
	Window         WindowView         `json:"window"`
	OptedOutAt     *web.Time          `json:"opted_out_at" doc:"Since when the customer wants no messages on this channel; null: they may be sent"`
	SnoozedUntil   *web.Time          `json:"snoozed_until"`
	WaitingSince   *web.Time          `json:"waiting_since" doc:"Since when the customer has had no answer by a person; null: they do not wait"`
	SLA            []LevelView        `json:"sla" nullable:"false" doc:"The service levels since it last began, in the order of their beginning"`
	Rating         *RatingView        `json:"rating,omitempty" doc:"What the customer answered last when they were asked whether they are satisfied"`
	InboundCount   int64              `json:"inbound_count" doc:"How many messages came in; unread_count counts those after the caller's mark"`
	CreatedAt      web.Time           `json:"created_at"`
	UpdatedAt      web.Time           `json:"updated_at"`
}

// ConversationView is a conversation as REST shows it to the caller.
type ConversationView struct {
	SharedView
	UnreadCount int64 `json:"unread_count"`
}

// ContactRef names the contact of a conversation.
type ContactRef struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	AvatarURL string `json:"avatar_url"`
}

// WindowView says whether free-form messages are allowed now, and until when.
type WindowView struct {
	Open     bool      `json:"open"`
	ClosesAt *web.Time `json:"closes_at" doc:"null: the channel has no window, or the customer has not written yet"`
	// HumanClosesAt is later than ClosesAt where the channel gives people more time than programs.
	HumanClosesAt *web.Time `json:"human_closes_at" doc:"Until when a person may still answer; null: no longer than closes_at"`
}

// Snippet is the last message in a list.
type Snippet struct {
	ID             string                 `json:"id"`
	Type           channels.MessageType   `json:"type" enum:"text,media,template,interactive,location,contacts,reaction,note,order,story,system,unsupported"`
	Direction      Direction              `json:"direction" enum:"in,out"`
	Text           string                 `json:"text"`
	At             web.Time               `json:"at"`
	Status         channels.MessageStatus `json:"status" enum:"received,scheduled,queued,sending,sent,delivered,read,failed,unknown,canceled"`
	Author         Author                 `json:"author"`
	AttachmentKind string                 `json:"attachment_kind,omitempty" enum:"image,video,audio,voice,document,sticker"`
	DeletedAt      *web.Time              `json:"deleted_at,omitempty"`
	Version        int64                  `json:"version" doc:"As in the message"`
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *Service) sharedView(ctx context.Context, c *Conversation, contact *contacts.Contact, last *Message) SharedView {
	v := SharedView{
		ID: c.ID, ChannelID: c.ChannelID, ChannelKind: c.ChannelKind, Address: c.Address, Status: c.Status, Type: c.Type,
		TypeSource: c.Classified.TypeSource, TypeConfidence: c.Classified.TypeConfidence, TypeReason: c.Classified.TypeReason,
		Sentiment: c.Classified.Sentiment, Language: c.Classified.Language,
		Priority: c.Priority,
		Labels:   c.Labels, AssigneeID: orNull(c.AssigneeID), TeamID: orNull(c.TeamID), Participants: c.Participants,
		LastActivityAt: web.At(c.LastActivityAt), Window: s.windowView(ctx,
			c), OptedOutAt: web.AtOrNull(c.OptedOutAt), SnoozedUntil: web.AtOrNull(c.SnoozedUntil), InboundCount: c.InboundCount,
		WaitingSince: web.AtOrNull(c.WaitingSince), SLA: c.Levels.views(), Rating: c.Rating.view(),
		CreatedAt: web.At(c.CreatedAt), UpdatedAt: web.At(c.UpdatedAt), Contact: ContactRef{ID: c.ContactID},
		MergedInto: c.MergedInto,
	}
	if c.Mail != nil {
		v.Subject = c.Mail.Subject
	}
	if c.Status == Merged {
		v.Status = Resolved
	}
	if !c.MovedAt.IsZero() {
		v.MovedAt = web.AtOrNull(&c.MovedAt)
	}
	if contact != nil {
		v.Contact = ContactRef{ID: contact.ID, Name: contact.Name, AvatarURL: contact.AvatarURL()}
	}
	if last != nil {
		v.LastMessage = &Snippet{
			ID: last.ID, Type: last.Type, Direction: last.Direction, Text: text.Preview(last.Text, 160), At: web.At(last.SentAt),
			Status: last.Status, Author: last.Author, AttachmentKind: attachmentKind(last), DeletedAt: web.AtOrNull(last.DeletedAt),
			Version: last.Version,
		}
	}
	return v
}

// windowView uses the same function that decides about sending.
func (s *Service) windowView(ctx context.Context, c *Conversation) WindowView {
	ch, err := s.Channels.Connected(ctx, c.ChannelID)
	if err != nil {
		return WindowView{}
	}
	caps := ch.Can
	if caps.Window == 0 {
		return WindowView{Open: true}
	}
	closes, human := c.windowCloses(caps, false), c.windowCloses(caps, true)
	if closes.IsZero() {
		return WindowView{}
	}
	v := WindowView{Open: s.Clock.Now().Before(closes), ClosesAt: web.AtOrNull(&closes)}
	if human.After(closes) {
		v.HumanClosesAt = web.AtOrNull(&human)
	}
	return v
}

func attachmentKind(m *Message) string {
	if len(m.Attachments) == 0 {
		return ""
	}
	return m.Attachments[0].Kind
}

// conversationViews shows conversations to a user.
func (s *Service) conversationViews(ctx context.Context, userID string, convs []*Conversation) ([]ConversationView, error) {
	conversationIDs, contactIDs, messageIDs := make([]string, len(convs)), make([]string, len(convs)), make([]string, len(convs))
	for n, c := range convs {
		conversationIDs[n], contactIDs[n], messageIDs[n] = c.ID, c.Origin, c.LastMessageID
	}
	persons := map[string]*contacts.Contact{}
	if len(convs) > 0 {
		var err error
		if persons, err = s.Contacts.GetMany(ctx, convs[0].WorkspaceID, contactIDs...); err != nil {
			return nil, err
		}
	}
	messages, err := s.messages.GetMany(ctx, messageIDs...)
	if err != nil {
		return nil, err
	}
	last := map[string]*Message{}
	for _, m := range messages {
		last[m.ID] = m
	}
	read, err := s.readsOfMany(ctx, conversationIDs)
	if err != nil {
		return nil, err
	}
	views := make([]ConversationView, 0, len(convs))
	for _, c := range convs {
		views = append(views, ConversationView{
			SharedView:  s.sharedView(ctx, c, persons[c.Origin], last[c.LastMessageID]),
			UnreadCount: read[c.ID].unread(c, userID),
		})
	}
	return views, nil
}

// MessageView is a message as REST shows it.
type MessageView struct {
	ID             string                 `json:"id"`
	ConversationID string                 `json:"conversation_id"`
	ChannelID      string                 `json:"channel_id"`
	ContactID      string                 `json:"contact_id"`
	Direction      Direction              `json:"direction" enum:"in,out"`
	Type           channels.MessageType   `json:"type" enum:"text,media,template,interactive,location,contacts,reaction,note,order,story,system,unsupported"`
	Text           string                 `json:"text"`
	Attachments    []AttachmentView       `json:"attachments" nullable:"false"`
	Location       *channels.Location     `json:"location,omitempty"`
	Contacts       []channels.Card        `json:"contacts,omitempty" nullable:"false"`
	Interactive    *channels.Interactive  `json:"interactive,omitempty"`
	Order          *channels.Order        `json:"order,omitempty"`
	Mail           *channels.Mail         `json:"mail,omitempty" doc:"What a mail has besides its text"`
	Product        *channels.Product      `json:"product,omitempty"`
	Link           *channels.Link         `json:"link,omitempty"`
	Referral       *channels.Referral     `json:"referral,omitempty"`
	Template       *channels.TemplateUse  `json:"template,omitempty"`
	Forwarded      string                 `json:"forwarded,omitempty"`
	System         string                 `json:"system,omitempty"`
	Status         channels.MessageStatus `json:"status" enum:"received,scheduled,queued,sending,sent,delivered,read,failed,unknown,canceled"`
	Error          *SendError             `json:"error"`
	ProviderID     string                 `json:"provider_id"`
	ClientID       string                 `json:"client_id"`
	Author         Author                 `json:"author"`
	ReplyTo        *string                `json:"reply_to" doc:"The id of the message that this answers"`
	Quote          *Quote                 `json:"quote,omitempty" doc:"What that message says"`
	Mentions       []string               `json:"mentions,omitempty" nullable:"false" doc:"Users for whom a note is meant"`
	Reactions      []ReactionView         `json:"reactions" nullable:"false"`
	History        []RevisionView         `json:"history,omitempty" nullable:"false"`
	EditedAt       *web.Time              `json:"edited_at,omitempty"`
	DeletedAt      *web.Time              `json:"deleted_at,omitempty"`
	Raw            json.RawMessage        `json:"raw,omitempty" doc:"Of what is unsupported, and of opt-ins: the provider's own form"`
	SentAt         web.Time               `json:"sent_at"`
	Seq            int64                  `json:"seq" doc:"Orders messages of the same sent_at"`
	Arrived        int64                  `json:"arrived" doc:"Grows with each message that is news in its conversation: which of two came later, whatever their times say"`
	SendAt         *web.Time              `json:"send_at" doc:"When it leaves, of what is scheduled or can still be undone; null: it has left"`
	IfUnanswered   bool                   `json:"cancel_if_answered" doc:"It is canceled if the customer answers before"`
	Then           *Afterwards            `json:"afterwards,omitempty" doc:"What becomes of the conversation when it leaves"`
	CreatedAt      web.Time               `json:"created_at"`
	Version        int64                  `json:"version" doc:"Grows with every change: of two pictures of a message the higher one is the newer one"`
}

// ReactionView is a reaction as REST shows it.
type ReactionView struct {
	Emoji string   `json:"emoji"`
	By    Author   `json:"by"`
	At    web.Time `json:"at"`
}

// RevisionView is what a message said before, as REST shows it.
type RevisionView struct {
	Text string   `json:"text"`
	At   web.Time `json:"at"`
}

// AttachmentView is an attachment as REST shows it.
type AttachmentView struct {
	channels.Attachment
	URL          string `json:"url"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
}

// Quote shows the message that another one answers.
type Quote struct {
	ID             string               `json:"id"`
	Type           channels.MessageType `json:"type" enum:"text,media,template,interactive,location,contacts,reaction,note,order,story,system,unsupported"`
	Direction      Direction            `json:"direction" enum:"in,out"`
	Text           string               `json:"text"`
	AuthorName     string               `json:"author_name"`
	AttachmentKind string               `json:"attachment_kind,omitempty" enum:"image,video,audio,voice,document,sticker"`
}

func (s *Service) messageViews(ctx context.Context, messages []*Message) ([]MessageView, error) {
	var quotedIDs []string
	for _, m := range messages {
		if m.ReplyTo != "" {
			quotedIDs = append(quotedIDs, m.ReplyTo)
		}
	}
	quoted := map[string]*Message{}
	if quotedIDs != nil {
		found, err := s.messages.GetMany(ctx, quotedIDs...)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			quoted[m.ID] = m
		}
	}
	views := make([]MessageView, 0, len(messages))
	for _, m := range messages {
		v := viewMessage(m)
		if q := quoted[m.ReplyTo]; q != nil {
			v.Quote = &Quote{
				ID: q.ID, Type: q.Type, Direction: q.Direction, Text: text.Preview(q.Text,
					200), AuthorName: q.Author.Name, AttachmentKind: attachmentKind(q),
			}
		}
		views = append(views, v)
	}
	return views, nil
}

func viewMessage(m *Message) MessageView {
	person := cmp.Or(m.person, m.ContactID)
	v := MessageView{
		ID: m.ID, ConversationID: m.ConversationID, ChannelID: m.ChannelID, ContactID: person, Direction: m.Direction, Type: m.Type,
		Text: m.Text, Location: m.Location, Contacts: m.Content.Contacts, Interactive: m.Interactive, Order: m.Order, Mail: m.Mail,
		Product: m.Product, Link: m.Link,
		Referral: m.Referral, Template: m.Template, Forwarded: m.Forwarded, System: m.System, Status: m.Status, Error: m.Error,
		ProviderID: m.ProviderID, ClientID: m.ClientID, Author: m.Author.now(person), ReplyTo: orNull(m.ReplyTo),
		Mentions: m.Mentions, Reactions: make([]ReactionView, 0, len(m.Reactions)),
		EditedAt: web.AtOrNull(m.EditedAt), DeletedAt: web.AtOrNull(m.DeletedAt), Raw: rawView(m.Raw), SentAt: web.At(m.SentAt),
		Seq:     m.Seq,
		Arrived: m.came(),
		SendAt:  timeOrNone(m.SendAt), IfUnanswered: m.CancelIfAnswered, Then: m.Then,
		CreatedAt:   web.At(m.CreatedAt),
		Attachments: make([]AttachmentView, 0, len(m.Attachments)), Version: m.Version,
	}
	for _, r := range m.Reactions {
		if r.Emoji == "" {
			continue
		}
		v.Reactions = append(v.Reactions, ReactionView{Emoji: r.Emoji, By: r.By.now(person), At: web.At(r.At)})
	}
	for _, r := range m.History {
		v.History = append(v.History, RevisionView{Text: r.Text, At: web.At(r.At)})
	}
	for _, a := range m.Attachments {
		v.Attachments = append(v.Attachments, viewAttachment(a))
	}
	return v
}

func timeOrNone(t time.Time) *web.Time {
	if t.IsZero() {
		return nil
	}
	return web.AtOrNull(&t)
}

// now names the contact that the author is now: a message keeps the one that it came from.
func (a Author) now(person string) Author {
	if a.Type == ByContact {
		a.ID = person
	}
	return a
}

func viewAttachment(a channels.Attachment) AttachmentView {
	v := AttachmentView{Attachment: a, URL: "/api/v1/media/" + a.ID}
	if a.Thumbnail {
		v.ThumbnailURL = v.URL + "/thumbnail"
	}
	return v
}
