package sandbox

import (
	"slices"
	"time"

	"wasl/channels"
)

// The two sides of a chat.
const (
	FromCustomer = "customer"
	FromBusiness = "business"
)

// The states of a message. A customer's message is sent at once, delivered when the webhook was taken, and read
// when the business says so; the business' own follow the phone.
const (
	StatusSent      = "sent"
	StatusDelivered = "delivered"
	StatusRead      = "read"
	StatusPlayed    = "played"
	StatusFailed    = "failed"
)

// Customer is a person with a phone.
type Customer struct {
	Key      string `json:"key"`             // names the phone in addresses and test ids; empty: made of the name
	Name     string `json:"name"`            // as the person calls themselves
	Phone    string `json:"phone,omitempty"` // digits with the country code; empty: known by user id alone
	Email    string `json:"email,omitempty"`
	UserID   string `json:"user_id,omitempty"`  // the provider's id of the person; empty: made of the key
	Username string `json:"username,omitempty"` // with the leading @
	Language string `json:"language"`           // en he ar: the language of the phone
	// Apps are the kinds of channel that the person uses; empty: every one that there is an address for.
	Apps []string `json:"apps,omitempty"`
}

// uses says whether the person can be reached by this kind of channel.
func (c Customer) uses(kind string) bool {
	if len(c.Apps) > 0 && !slices.Contains(c.Apps, kind) {
		return false
	}
	switch kind {
	case "whatsapp":
		return c.Phone != "" || c.Username != ""
	case "sms":
		return c.Phone != ""
	case "email":
		return c.Email != ""
	}
	return true
}

// Phone is a customer's phone and how it behaves.
type Phone struct {
	Customer
	Off      bool `json:"off"`     // what is sent to it arrives when it is switched on
	NoRead   bool `json:"no_read"` // what arrives stays unread
	Scripted bool `json:"scripted,omitempty"`
	// Stopped are the accounts that may not write any more.
	Stopped []string `json:"stopped,omitempty"`
	// Held are the accounts whose chat another app of the business answers.
	Held []string `json:"held,omitempty"`
}

// Message is one message of a chat, in either direction.
type Message struct {
	ID        string            `json:"id"` // the provider's
	Account   string            `json:"account"`
	Phone     string            `json:"phone"`
	From      string            `json:"from"`
	At        time.Time         `json:"at"`
	ReplyTo   string            `json:"reply_to,omitempty"`
	Content   Content           `json:"content"`
	Status    string            `json:"status"`
	Error     string            `json:"error,omitempty"`
	Reactions map[string]string `json:"reactions,omitempty"` // by side
	Edited    bool              `json:"edited,omitempty"`
	Edits     int               `json:"edits,omitempty"`
	Deleted   bool              `json:"deleted,omitempty"`
	Opaque    string            `json:"opaque,omitempty"`   // what the sender wants to hear back with every report
	Category  string            `json:"category,omitempty"` // of a template
	Reports   string            `json:"reports,omitempty"`  // where its reports go, if the sender named a place
}

// Content is what a message says, whoever carries it.
type Content struct {
	// Type: text image video audio voice document sticker location contacts choices template order answer
	// contact_share product mail story_reply story_mention share like.
	Type     string             `json:"type"`
	Text     string             `json:"text,omitempty"`  // also caption, and the title of an answer
	Media    *Media             `json:"media,omitempty"` // of a story reply: the story
	Files    []Media            `json:"files,omitempty"` // of a mail or a multimedia message
	Mail     *Mail              `json:"mail,omitempty"`
	Location *channels.Location `json:"location,omitempty"`
	Contacts []channels.Card    `json:"contacts,omitempty"`
	Choices  *Choices           `json:"choices,omitempty"`
	Answer   *Answer            `json:"answer,omitempty"`
	Order    *channels.Order    `json:"order,omitempty"`
}

// Mail is what a mail has beside its text and its files.
type Mail struct {
	Subject    string   `json:"subject"`
	From       string   `json:"from,omitempty"` // as the header says it
	To         []string `json:"to,omitempty"`
	CC         []string `json:"cc,omitempty"`
	ReplyTo    string   `json:"reply_to,omitempty"` // where answers go, if not to From
	HTML       string   `json:"html,omitempty"`
	MessageID  string   `json:"message_id,omitempty"` // without the angle brackets, as the next two
	InReplyTo  string   `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"`
	Automatic  bool     `json:"automatic,omitempty"` // nobody wrote it: an absence notice
}

// Media is a file that the sandbox keeps, or a link to one that it never fetches.
type Media struct {
	ID     string    `json:"id,omitempty"`
	MIME   string    `json:"mime,omitempty"`
	Name   string    `json:"name,omitempty"`
	Size   int64     `json:"size,omitempty"`
	SHA256 string    `json:"sha256,omitempty"` // hex
	Link   string    `json:"link,omitempty"`
	At     time.Time `json:"at,omitzero"`
	From   string    `json:"from,omitempty"` // the side that brought it
	CID    string    `json:"cid,omitempty"`  // by which the HTML of a mail shows it
}

// Choices is what a message offers beside its text.
type Choices struct {
	Header   string    `json:"header,omitempty"`
	Footer   string    `json:"footer,omitempty"`
	Buttons  []Button  `json:"buttons,omitempty"`
	Open     string    `json:"open,omitempty"` // the words that open the sections
	Sections []Section `json:"sections,omitempty"`
}

// Button is something to tap.
type Button struct {
	// Kind: reply quick_reply url phone copy form location contact call_permission.
	Kind  string `json:"kind"`
	ID    string `json:"id,omitempty"`
	Title string `json:"title"`
	Value string `json:"value,omitempty"` // the address, number or code behind it
}

// Section groups the rows of a list, or the products of an offer.
type Section struct {
	Title string            `json:"title,omitempty"`
	Rows  []channels.Choice `json:"rows"`
}

// Answer is the choice that a customer made; Message.ReplyTo names what it answers.
type Answer struct {
	// Kind: reply quick_reply row form call_permission.
	Kind        string            `json:"kind"`
	ID          string            `json:"id,omitempty"`
	Title       string            `json:"title,omitempty"`
	Description string            `json:"description,omitempty"`
	Form        map[string]string `json:"form,omitempty"`
}

// rank orders the states: a message never goes back.
func rank(status string) int {
	switch status {
	case StatusSent, StatusFailed:
		return 1
	case StatusDelivered:
		return 2
	case StatusRead:
		return 3
	case StatusPlayed:
		return 4
	}
	return 0
}
