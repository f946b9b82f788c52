package channels

import (
	"encoding/json"
	"time"
)

// Event is one thing that a provider told us. Exactly one of the pointers is set; only a Message may stand beside a Receipt or a Reaction:
// it is what is shown where these are about no message of ours.
type Event struct {
	// Key is stable: the same happening reported again has the same key within its channel.
	Key string
	// Account is the provider's id of our account that this belongs to, which may be a sibling of the channel whose address the body came
	// to.
	Account string
	// Contact is who it is about; nil for notices about our account.
	Contact *Sender
	At      time.Time // the provider's time; zero where it states none: then it is the time of arrival

	Message  *Incoming
	Receipt  *Receipt
	Reaction *Reaction
	Edit     *Edit
	Deletion *Deletion
	Profile  *Profile
	Notice   *Notice
}

// Sender is the person on the other side, with everything that one signed body says about who that is.
type Sender struct {
	Identities []Identity // the first is the address to answer to
	Name       string     // as the person calls themselves; may be empty
	Username   string     // display only; changes at will
	At         time.Time  // when they were called so; zero: now. The inbox fills it in
}

// The kinds of identities that channels of several kinds, or people, know.
const (
	IdentityPhone         = "phone" // E.164
	IdentityEmail         = "email"
	IdentityWhatsAppPhone = "whatsapp_phone" // a phone number without its plus
	IdentityMessenger     = "psid"           // scoped to a page
	IdentityInstagram     = "igsid"          // scoped to an account
)

// Identity is one way in which a provider knows a person.
type Identity struct {
	// whatsapp_phone whatsapp_bsuid whatsapp_parent_bsuid psid igsid phone sms_sender email visitor
	Kind    string `bson:"kind" json:"kind"`   // one of the constants below, or an adapter's own
	Scope   string `bson:"scope" json:"-"`     // where the value is unique: empty for the whole world, else the provider's account
	Value   string `bson:"value" json:"value"` // as the provider spells it
	Display string `bson:"display" json:"display"`
}

// Incoming is a message that somebody else sent: a customer, or, as an echo, a colleague in the provider's own app.
type Incoming struct {
	ProviderID string
	// Digest is what it says, in short, where providers may give one id to several messages; empty: they do not.
	Digest string
	Echo   bool // sent by our side outside of Wasl: direction "out"
	// MaybeOurs: the provider echoes what Wasl itself sends in the same form, without an id of ours.
	MaybeOurs bool
	Content   Content
	ReplyTo   string // provider id of the quoted message, which we may never have seen
	// OpensWindow: the provider counts it as a message of the customer that allows free-form answers.
	OpensWindow bool
	// Consent is what the customer asks for with this message: "stop" writing, "start" again, or "".
	Consent Consent
	// Historic: no news: imported from before the connection, or said while another app answers. It notifies nobody and
	// reopens nothing.
	Historic bool
	// Status is the state of a historic message or echo of our side, where the provider says it.
	Status MessageStatus
	// Thread says what a mail belongs to; nil where a contact has one conversation.
	Thread *Thread
	// AnswerTo is where the sender wants answers, if that is not the first of the identities.
	AnswerTo *Identity
	// Group is the provider's id of a group conversation; empty for one to one.
	Group string
	// Raw is the provider's own form, kept for what is unsupported.
	Raw json.RawMessage
}

// Receipt is a provider's report about a message that we sent.
type Receipt struct {
	ProviderID string // empty where only MessageID identifies it; without both it is the last message to Recipient
	MessageID  string // ours, where the report carries it
	Status     MessageStatus
	Error      *SendError
	// Bounced: it failed for good, also where it had been delivered before.
	Bounced bool
	// Recipient is whom the report is about, where a message has several.
	Recipient string
	// Consent is "stop" or "start" where the customer asked the provider for that; Status is then empty.
	Consent Consent
	// Watermark: everything sent up to Event.At (Messenger) or up to the message ProviderID (Instagram) has reached Status.
	Watermark bool
}

// Thread says what a mail belongs to, strongest first. Empty fields say nothing.
type Thread struct {
	Token      string   // ours, from an address or a message id
	References []string // ids of mails before it, oldest first
	Subject    string   // without what marks answers, for comparison
	Reply      bool     // the subject was marked as an answer
}

// Reaction is an emoji on a message; an empty one removes the person's reaction.
type Reaction struct {
	MessageProviderID string
	Emoji             string
	Echo              bool // ours, from the provider's own app
	OpensWindow       bool // the provider counts it as a message that allows free-form answers
}

// Edit replaces the content of a message that the person sent before.
type Edit struct {
	MessageProviderID string
	Content           Content
	Echo              bool
}

// Deletion withdraws a message for everyone.
type Deletion struct {
	MessageProviderID string
	Echo              bool
	// Erase: the provider demands that what was said is forgotten too.
	Erase bool
}

// ProfileKind is what changed about a person.
type ProfileKind string

// What may change about a person. What was saved in a phone's address book says nothing about the person.
const (
	NumberChanged    ProfileKind = "number_changed"
	IDChanged        ProfileKind = "id_changed"
	IdentityChanged  ProfileKind = "identity_changed"
	ContactSaved     ProfileKind = "contact_saved"
	ContactRemoved   ProfileKind = "contact_removed"
	MarketingStopped ProfileKind = "marketing_stopped"
	MarketingResumed ProfileKind = "marketing_resumed"
	Details          ProfileKind = "details"
)

// Profile is news about the person: another number, another id, a consent.
type Profile struct {
	Kind ProfileKind
	// Emails are addresses that the person says are theirs: shown, and no proof.
	Emails []string
	// Previous are identities that the contact was known by; Event.Contact has the new ones.
	Previous []Identity
	Text     string // the provider's own words, for a notice in the conversation
}

// Notice is news about our account: templates, quality, limits, restrictions, security.
type Notice struct {
	Kind     string // template_status template_quality template_category quality limit restriction security account error test unknown
	Severity string // info warning critical
	Title    string // in plain words
	Detail   string
	Template *TemplateChange
	Pauses   bool // the provider takes nothing from this account until somebody mends it
	Raw      json.RawMessage
}

// TemplateChange is what a notice says about one template; empty fields did not change.
type TemplateChange struct {
	ID, Name, Language        string
	Status, Category, Quality string
	Reason                    string
}
