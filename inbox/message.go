package inbox

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/ids"
	"wasl/store"
)

// The states of a message, beside those that providers report.
const (
	Received  channels.MessageStatus = "received"
	Queued    channels.MessageStatus = "queued"
	Sending   channels.MessageStatus = "sending"
	Sent                             = channels.StatusSent
	Delivered                        = channels.StatusDelivered
	Read                             = channels.StatusRead
	FailedMsg                        = channels.StatusFailed
	Unknown   channels.MessageStatus = "unknown" // perhaps sent: settled by the provider's report or by a person
	Scheduled channels.MessageStatus = "scheduled"
	Canceled  channels.MessageStatus = "canceled" // taken back before it left
)

// Direction says who a message goes to.
type Direction string

// The directions of messages: In from the customer, Out to them, from whomever, and notes.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// AuthorType is the kind of an author.
type AuthorType string

// The kinds of authors.
const (
	ByContact AuthorType = "contact"
	ByAgent   AuthorType = "agent"
	ByBot     AuthorType = "bot"
	BySystem  AuthorType = "system"
)

// Message is one message of a conversation.
type Message struct {
	store.Meta     `bson:",inline"`
	WorkspaceID    string `bson:"workspace_id"`
	ConversationID string `bson:"conversation_id"`
	// Thread is the conversation in which it is shown; empty for a reaction of ours, which only travels as a message.
	Thread string `bson:"thread,omitempty"`
	// Home is the conversation that it would be in, had that not been merged; empty: the one that it is in.
	Home             string    `bson:"home,omitempty"`
	ChannelID        string    `bson:"channel_id"`
	ContactID        string    `bson:"contact_id"` // the conversation's origin
	person           string    // the contact that this is now, where somebody shows it
	indexed          *findable // what the index of words has, where that is to change
	Direction        Direction `bson:"direction"`
	channels.Content `bson:",inline"`
	Status           channels.MessageStatus `bson:"status"`
	Error            *SendError             `bson:"error,omitempty"`
	ProviderID       string                 `bson:"provider_id,omitempty"`
	Digest           string                 `bson:"digest,omitempty"`  // what it says, in short: of mail, where an id is not proof
	Earlier          []string               `bson:"earlier,omitempty"` // provider's ids of attempts before it was sent again
	ClientID         string                 `bson:"client_id,omitempty"`
	Author           Author                 `bson:"author"`
	ReplyTo          string                 `bson:"reply_to,omitempty"` // our id of the quoted message
	QuoteID          string                 `bson:"quote_id,omitempty"` // the provider's id of it
	Reactions        []Reaction             `bson:"reactions,omitempty"`
	History          []Revision             `bson:"history,omitempty"` // what it said before, oldest first
	SentAt           time.Time              `bson:"sent_at"`
	Seq              int64                  `bson:"seq"`
	// Arrived is the version of the conversation with which it came: which of two messages came later, whatever their times say; 0: it is
	// no news, or from before this was kept.
	Arrived int64 `bson:"arrived,omitempty"`
	// Left is likewise the version with which it left, of what had waited.
	Left int64 `bson:"left,omitempty"`
	// SendAt is when it leaves, until it does: what is queued can be taken back until then. CancelIfAnswered: not if the customer answers
	// before.
	SendAt           time.Time   `bson:"send_at,omitempty"`
	CancelIfAnswered bool        `bson:"cancel_if_answered,omitempty"`
	Then             *Afterwards `bson:"afterwards,omitempty"` // what becomes of the conversation when it leaves
	Attempts         int         `bson:"attempts,omitempty"`   // sends that were put off
	Bounced          bool        `bson:"bounced,omitempty"`    // it came back: no earlier report, coming late, changes that
	Listed           bool        `bson:"listed,omitempty"`     // it has a row among the failed sends
	LetGo            bool        `bson:"let_go,omitempty"`     // somebody took it off them
	Mentions         []string    `bson:"mentions,omitempty"`   // users for whom a note is meant
	// ReceivedAt is when the webhook that brought it was taken, DurableIn how many milliseconds later that was safe on disk;
	// negative: not known, because the work was interrupted.
	ReceivedAt time.Time `bson:"received_at,omitempty"`
	DurableIn  int32     `bson:"durable_in,omitempty"`
	// Number is its place among what came in, by which read marks count; 0: it does not count.
	Number    int64      `bson:"number,omitempty"`
	Trail     []Step     `bson:"trail,omitempty"` // what happened to it on its way, in order
	EditedAt  *time.Time `bson:"edited_at,omitempty"`
	DeletedAt *time.Time `bson:"deleted_at,omitempty"`
	Erased    bool       `bson:"erased,omitempty"` // withdrawn so that nothing of what it said may be kept, also of what comes late
	Raw       []byte     `bson:"raw,omitempty"`
	Tokens    []string   `bson:"tokens,omitempty"`     // the words under which a search finds it
	FileWords []string   `bson:"file_words,omitempty"` // those under which its files are found
	CreatedAt time.Time  `bson:"created_at"`
}

// SendError is why a message failed, in plain words.
type SendError struct {
	Code   string `bson:"code" json:"code"`
	Title  string `bson:"title" json:"title"`
	Detail string `bson:"detail" json:"detail"`
}

// Author is who wrote a message.
type Author struct {
	Type AuthorType `bson:"type" json:"type" enum:"contact,agent,bot,system"`
	ID   string     `bson:"id" json:"id"`
	Name string     `bson:"name" json:"name"`
}

// Reaction is an emoji that somebody put on a message.
type Reaction struct {
	Emoji string    `bson:"emoji"`
	By    Author    `bson:"by"`
	At    time.Time `bson:"at"`
}

// Revision is what a message said before it was edited or deleted.
type Revision struct {
	Text string    `bson:"text"`
	At   time.Time `bson:"at"`
}

// inboundID is the id of what a provider calls providerID.
func inboundID(channelID, providerID string) string { return ids.Derived("msg", channelID, providerID) }

// outboundID is the id of what a user sends under a key of the client's.
func outboundID(conversationID, userID, clientID string) string {
	return ids.Derived("msg", conversationID, userID, clientID)
}

// rank orders the states of what we send; a report never lowers it.
var rank = map[channels.MessageStatus]int{Queued: 0, Sending: 1, Unknown: 1, FailedMsg: 2, Sent: 2, Delivered: 3, Read: 4}

// advance moves the status to what a report says, and tells whether anything changed.
func (m *Message) advance(status channels.MessageStatus, failure *SendError) bool {
	switch {
	case m.Direction != Out || status == m.Status || m.Bounced:
		return false
	case status == FailedMsg && rank[m.Status] >= rank[Delivered]:
		return false
	case status == Sent && m.Status == FailedMsg:
		return false
	case rank[status] < rank[m.Status]:
		return false
	}
	m.Status, m.Error = status, failure
	return true
}

// bounce makes a mail failed that came back, also where it had been delivered.
func (m *Message) bounce(failure *SendError) bool {
	if m.Direction != Out || m.Bounced {
		return false
	}
	m.Status, m.Error, m.Bounced = FailedMsg, failure, true
	return true
}

// copied reports whether the address only got a copy of the mail: what becomes of that says nothing about the message.
func (m *Message) copied(address string) bool {
	if m.Mail == nil || address == "" {
		return false
	}
	others := slices.Concat(m.Mail.To[min(1, len(m.Mail.To)):], m.Mail.CC, m.Mail.BCC)
	return slices.ContainsFunc(others, func(a channels.Address) bool { return strings.EqualFold(a.Address, address) })
}

// react sets or, with an empty emoji, removes somebody's reaction, unless a newer one is there. A removal stays as an empty
// reaction, so that what it removed does not come back with a late repetition.
func (m *Message) react(emoji string, by Author, at time.Time) bool {
	kept := m.Reactions[:0:0]
	for _, r := range m.Reactions {
		if r.By.Type != by.Type || r.By.ID != by.ID {
			kept = append(kept, r)
			continue
		}
		if r.At.After(at) || (r.At.Equal(at) && r.Emoji == emoji) {
			return false
		}
	}
	m.Reactions = append(kept, Reaction{Emoji: emoji, By: by, At: at})
	return true
}

// textSince is since when the message says what it says.
func (m *Message) textSince() time.Time {
	if m.EditedAt != nil {
		return *m.EditedAt
	}
	return m.SentAt
}

// erase forgets what the message said, in every form of it. That it was there stays.
func (m *Message) erase() {
	m.Content = channels.Content{Type: m.Type, System: m.System}
	m.History, m.Raw, m.Digest, m.Erased = nil, nil, "", true
}

// edit makes the message say something else and keeps what it said. An edit that comes late joins the history at its place.
func (m *Message) edit(words string, at time.Time) bool {
	if m.Erased {
		return false
	}
	if m.EditedAt != nil && at.Equal(*m.EditedAt) {
		return false
	}
	if m.DeletedAt != nil || at.Before(m.textSince()) {
		return m.remember(Revision{Text: words, At: at})
	}
	m.remember(Revision{Text: m.Text, At: m.textSince()})
	m.Text, m.EditedAt = words, &at
	return true
}

// remember puts a revision into the history, which is in the order of time and has each once.
func (m *Message) remember(r Revision) bool {
	n := 0
	for ; n < len(m.History) && !m.History[n].At.After(r.At); n++ {
		if m.History[n].At.Equal(r.At) && m.History[n].Text == r.Text {
			return false
		}
	}
	m.History = slices.Insert(m.History, n, r)
	return true
}

// raw keeps the provider's form as text where it is JSON.
func rawView(raw []byte) json.RawMessage {
	if json.Valid(raw) {
		return raw
	}
	return nil
}

var (
	conversationSchema = store.Schema{Name: "conversations", Indexes: []store.Index{
		{
			Name: "live", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("status"), store.Desc("last_activity_at")},
			Includes: headerFields,
		},
		{Name: "contact", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("origin"), store.Desc("last_activity_at")}},
		{Name: "address", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("channel_id"), store.Asc("address.value")}},
		{Name: "label", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("labels")}},
	}}
	messageSchema = store.Schema{Name: "messages", Indexes: []store.Index{
		{Name: "thread", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("thread"), store.Desc("sent_at"), store.Desc("seq")}},
		{Name: "provider", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("channel_id"), store.Asc("provider_id")}},
	}}
	draftSchema = store.Schema{Name: "drafts"}
)

// Schemas declares the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{
		conversationSchema, messageSchema, draftSchema, consentSchema, failedSchema, readsSchema, lockSchema, undoSchema, traceSchema,
		movementSchema,
	}
}
