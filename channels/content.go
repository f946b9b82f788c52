package channels

import "time"

// MessageType is what a message is.
type MessageType string

// The types of messages: of those that go out the first eight, of those that come in all but template and note.
const (
	TypeText        MessageType = "text"
	TypeMedia       MessageType = "media"
	TypeTemplate    MessageType = "template"
	TypeInteractive MessageType = "interactive"
	TypeLocation    MessageType = "location"
	TypeContacts    MessageType = "contacts"
	TypeReaction    MessageType = "reaction"
	TypeNote        MessageType = "note" // internal, never sent
	TypeOrder       MessageType = "order"
	TypeStory       MessageType = "story"
	TypeSystem      MessageType = "system"
	TypeUnsupported MessageType = "unsupported" // a placeholder; the raw body is kept
)

// MessageStatus is how far a message has come; inbox has the states before and beside what a provider reports.
type MessageStatus string

// The states that a provider reports.
const (
	StatusSent      MessageStatus = "sent"
	StatusDelivered MessageStatus = "delivered"
	StatusRead      MessageStatus = "read"
	StatusFailed    MessageStatus = "failed"
)

// Consent is what a customer asks for.
type Consent string

// What a customer may ask for.
const (
	Stop  Consent = "stop"
	Start Consent = "start"
)

// Content is what a message says, in both directions and on every channel.
type Content struct {
	// Type: text media location contacts interactive order story system unsupported, and out only: template reaction note.
	Type        MessageType  `bson:"type"`
	Text        string       `bson:"text,omitempty"` // also caption, button title, or the readable form of what has no text of its own
	Attachments []Attachment `bson:"attachments,omitempty"`
	Location    *Location    `bson:"location,omitempty"`
	Contacts    []Card       `bson:"contacts,omitempty"`
	Interactive *Interactive `bson:"interactive,omitempty"`
	Order       *Order       `bson:"order,omitempty"`
	Referral    *Referral    `bson:"referral,omitempty"`
	Template    *TemplateUse `bson:"template,omitempty"`
	Reaction    *ReactionOut `bson:"reaction,omitempty"`
	Mail        *Mail        `bson:"mail,omitempty"`
	Product     *Product     `bson:"product,omitempty"`   // the product that the customer asks about
	Link        *Link        `bson:"link,omitempty"`      // what was shared: a post, a reel, a page
	Forwarded   string       `bson:"forwarded,omitempty"` // "", "once" or "often"
	// which notice, for type system, story and unsupported: number_changed, call, poll_creation, reply, mention …
	System string `bson:"system,omitempty"`
}

// Mail is what a mail has besides its text, which is what its writer added: what was quoted stands apart.
type Mail struct {
	Subject string    `bson:"subject,omitempty" json:"subject"`
	From    string    `bson:"from,omitempty" json:"from,omitempty"`
	To      []Address `bson:"to,omitempty" json:"to,omitempty" nullable:"false"`
	CC      []Address `bson:"cc,omitempty" json:"cc,omitempty" nullable:"false"`
	BCC     []Address `bson:"bcc,omitempty" json:"bcc,omitempty" nullable:"false"`
	// Quoted is the text of earlier mails, and the signature.
	Quoted string `bson:"quoted,omitempty" json:"quoted,omitempty"`
	// Auto says that no person wrote it, and must never be answered by a program: reply, bounce, list, bulk, loop.
	Auto string `bson:"auto,omitempty" json:"auto,omitempty" enum:",reply,bounce,list,bulk,loop"`
	// Unproven: neither SPF nor DKIM speak for the sender.
	Unproven bool `bson:"unproven,omitempty" json:"unproven,omitempty"`
	// HasHTML: the formatted text is there to be asked for.
	HasHTML bool `bson:"has_html,omitempty" json:"has_html"`
	// HTML is the formatted text as it came or goes, which is kept beside the message.
	HTML string `bson:"-" json:"-"`
}

// Address is one recipient of a mail.
type Address struct {
	Name    string `bson:"name,omitempty" json:"name,omitempty"`
	Address string `bson:"address" json:"address"`
}

// FileState says whether an attachment's file is here.
type FileState string

// The states of a file. Of what is sent it is empty.
const (
	FilePending FileState = "pending" // it is fetched from the provider
	FileReady   FileState = "ready"
	FileFailed  FileState = "failed"
)

// Attachment is one file of a message.
type Attachment struct {
	ID         string `bson:"id" json:"id"`
	Kind       string `bson:"kind" json:"kind" enum:"image,video,audio,voice,document,sticker"`
	MIME       string `bson:"mime" json:"mime"` // without parameters
	Name       string `bson:"name,omitempty" json:"name"`
	Size       int64  `bson:"size,omitempty" json:"size"`
	ProviderID string `bson:"provider_id,omitempty" json:"-"`
	// ProviderUntil is how long the provider keeps what was uploaded to it as ProviderID.
	ProviderUntil time.Time `bson:"provider_until,omitempty" json:"-"`

	SourceURL string `bson:"source_url,omitempty" json:"-"` // where the provider keeps it; short-lived
	// of a file that its sender uploaded here before the message: nothing is fetched
	UploadID  string `bson:"upload_id,omitempty" json:"-"`
	SHA256    string `bson:"sha256,omitempty" json:"-"`                 // as the provider states it
	ContentID string `bson:"content_id,omitempty" json:"-"`             // by which formatted text shows it
	Inline    bool   `bson:"in_text,omitempty" json:"inline,omitempty"` // stands inside the formatted text
	Data      []byte `bson:"-" json:"-"`                                // where it came with the message
	Animated  bool   `bson:"animated,omitempty" json:"animated,omitempty"`
	// State: pending (being fetched), ready, failed. What was uploaded here is ready.
	State FileState `bson:"state,omitempty" json:"state,omitempty" enum:"pending,ready,failed"`
	Error string    `bson:"error,omitempty" json:"error,omitempty"` // why it failed, in plain words
	// Width, Height and Thumbnail are known once it is ready, for images.
	Width     int  `bson:"width,omitempty" json:"width,omitempty"`
	Height    int  `bson:"height,omitempty" json:"height,omitempty"`
	Thumbnail bool `bson:"thumbnail,omitempty" json:"-"`
}

// Location is a point that was shared.
type Location struct {
	Latitude  float64 `bson:"latitude" json:"latitude" minimum:"-90" maximum:"90"`
	Longitude float64 `bson:"longitude" json:"longitude" minimum:"-180" maximum:"180"`
	Name      string  `bson:"name,omitempty" json:"name,omitempty"`
	Address   string  `bson:"address,omitempty" json:"address,omitempty"`
	URL       string  `bson:"url,omitempty" json:"url,omitempty"`
}

// Card is a contact card inside a message.
type Card struct {
	Name      string      `bson:"name" json:"name"`
	Phones    []CardPhone `bson:"phones,omitempty" json:"phones,omitempty"`
	Emails    []string    `bson:"emails,omitempty" json:"emails,omitempty"`
	Company   string      `bson:"company,omitempty" json:"company,omitempty"`
	Title     string      `bson:"title,omitempty" json:"title,omitempty"`
	URLs      []string    `bson:"urls,omitempty" json:"urls,omitempty"`
	Addresses []string    `bson:"addresses,omitempty" json:"addresses,omitempty"` // one line each
	Birthday  string      `bson:"birthday,omitempty" json:"birthday,omitempty"`
}

// CardPhone is a number on a card; WhatsAppID is set where the provider knows the number as an account.
type CardPhone struct {
	Phone      string `bson:"phone" json:"phone"`
	Type       string `bson:"type,omitempty" json:"type,omitempty"`
	WhatsAppID string `bson:"whatsapp_id,omitempty" json:"whatsapp_id,omitempty"`
}

// InteractiveKind is what choices are offered or were made.
type InteractiveKind string

// What is offered, and what comes back.
const (
	Buttons             InteractiveKind = "buttons"
	List                InteractiveKind = "list"
	LinkButton          InteractiveKind = "link"
	LocationRequest     InteractiveKind = "location_request"
	ContactRequest      InteractiveKind = "contact_request"
	ButtonReply         InteractiveKind = "button_reply"
	ListReply           InteractiveKind = "list_reply"
	TemplateButtonReply InteractiveKind = "template_button"
	FormReply           InteractiveKind = "form_reply"
	CallPermission      InteractiveKind = "call_permission"
)

// Interactive is a message with choices (out), or the choice that was made (in).
type Interactive struct {
	// Kind: out: buttons list link location_request contact_request; in: button_reply list_reply template_button form_reply
	// call_permission.
	Kind   InteractiveKind `bson:"kind" json:"kind" enum:"buttons,list,link,location_request,contact_request,button_reply,list_reply,template_button,form_reply,call_permission"`
	Header string          `bson:"header,omitempty" json:"header,omitempty"`
	Footer string          `bson:"footer,omitempty" json:"footer,omitempty"`
	// Button opens the list or the link.
	Button   string    `bson:"button,omitempty" json:"button,omitempty"`
	URL      string    `bson:"url,omitempty" json:"url,omitempty"`
	Buttons  []Choice  `bson:"buttons,omitempty" json:"buttons,omitempty"`
	Sections []Section `bson:"sections,omitempty" json:"sections,omitempty"`
	// Reply is the choice that came in; its title is the message's text.
	Reply *Choice `bson:"reply,omitempty" json:"reply,omitempty"`
	// Form holds the answers of a form (WhatsApp flow or address), by field name.
	Form map[string]string `bson:"form,omitempty" json:"form,omitempty"`
}

// Choice is a button or a row of a list.
type Choice struct {
	ID          string `bson:"id" json:"id"`
	Title       string `bson:"title" json:"title"`
	Description string `bson:"description,omitempty" json:"description,omitempty"`
}

// Section groups the rows of a list.
type Section struct {
	Title string   `bson:"title,omitempty" json:"title,omitempty"`
	Rows  []Choice `bson:"rows" json:"rows"`
}

// Order is a cart that the customer sent. Amounts are decimal text as the provider gave them, because its
// price field is a JSON number of unstated precision.
type Order struct {
	CatalogID string      `bson:"catalog_id,omitempty" json:"catalog_id,omitempty"`
	Items     []OrderItem `bson:"items" json:"items"`
}

// OrderItem is one line of a cart.
type OrderItem struct {
	ProductID string `bson:"product_id" json:"product_id"`
	Quantity  int64  `bson:"quantity" json:"quantity"`
	Price     string `bson:"price" json:"price"`
	Currency  string `bson:"currency" json:"currency"`
}

// Product names an item of a catalogue.
type Product struct {
	CatalogID string `bson:"catalog_id,omitempty" json:"catalog_id,omitempty"`
	ProductID string `bson:"product_id" json:"product_id"`
	Title     string `bson:"title,omitempty" json:"title,omitempty"`
	Detail    string `bson:"detail,omitempty" json:"detail,omitempty"` // what stands below the title: mostly the price
}

// Link is something that lives elsewhere and was shared.
type Link struct {
	Kind  string `bson:"kind" json:"kind" enum:"post,reel,page"`
	Title string `bson:"title,omitempty" json:"title,omitempty"`
	URL   string `bson:"url,omitempty" json:"url,omitempty"` // where people can look at it; empty where the provider gives only the file
}

// Referral says where the customer came from: an advertisement or a post.
type Referral struct {
	Source   string `bson:"source,omitempty" json:"source,omitempty"` // ad post …
	SourceID string `bson:"source_id,omitempty" json:"source_id,omitempty"`
	URL      string `bson:"url,omitempty" json:"url,omitempty"`
	Headline string `bson:"headline,omitempty" json:"headline,omitempty"`
	Body     string `bson:"body,omitempty" json:"body,omitempty"`
	MediaURL string `bson:"media_url,omitempty" json:"media_url,omitempty"`
	ClickID  string `bson:"click_id,omitempty" json:"click_id,omitempty"`
	Welcome  string `bson:"welcome,omitempty" json:"welcome,omitempty"`
	Ref      string `bson:"ref,omitempty" json:"ref,omitempty"` // what we wrote into the link or advertisement
}

// ReactionOut is a reaction that we send; an empty emoji removes ours.
type ReactionOut struct {
	ProviderID string `bson:"provider_id" json:"-"` // the message reacted to
	Emoji      string `bson:"emoji" json:"emoji"`
}

// Template is a message form that the provider approved.
type Template struct {
	ID         string              `bson:"id" json:"id"`
	Name       string              `bson:"name" json:"name"`
	Language   string              `bson:"language" json:"language"` // as the provider writes it: en_US
	Category   string              `bson:"category" json:"category"` // marketing utility authentication
	Status     string              `bson:"status" json:"status"`     // approved pending rejected paused disabled …
	Quality    string              `bson:"quality,omitempty" json:"quality,omitempty"`
	Reason     string              `bson:"reason,omitempty" json:"reason,omitempty"`
	Components []TemplateComponent `bson:"components" json:"components"`
}

// TemplateComponent is one part of a template. Parameters are written {{1}} or {{name}} inside Text.
type TemplateComponent struct {
	Type    string           `bson:"type" json:"type"`                         // header body footer buttons
	Format  string           `bson:"format,omitempty" json:"format,omitempty"` // of a header: text image video document location
	Text    string           `bson:"text,omitempty" json:"text,omitempty"`
	Buttons []TemplateButton `bson:"buttons,omitempty" json:"buttons,omitempty"`
	Example []string         `bson:"example,omitempty" json:"example,omitempty"` // sample values of the parameters, in order
}

// TemplateButton is a button of a template; a URL that ends in {{1}} takes a parameter.
type TemplateButton struct {
	Type  string `bson:"type" json:"type"` // quick_reply url phone_number copy_code flow …
	Text  string `bson:"text" json:"text"`
	URL   string `bson:"url,omitempty" json:"url,omitempty"`
	Phone string `bson:"phone,omitempty" json:"phone,omitempty"`
}

// TemplateUse is a template with its parameters filled in.
type TemplateUse struct {
	Name     string `bson:"name" json:"name"`
	Language string `bson:"language" json:"language"`
	// text parameters; a media header uses the message's one attachment
	Header   []TemplateParam `bson:"header,omitempty" json:"header,omitempty"`
	Body     []TemplateParam `bson:"body,omitempty" json:"body,omitempty"`
	Buttons  []TemplateParam `bson:"buttons,omitempty" json:"buttons,omitempty"` // Index says which button
	Location *Location       `bson:"location,omitempty" json:"location,omitempty"`
}

// TemplateParam is the value of one parameter.
type TemplateParam struct {
	Name  string `bson:"name,omitempty" json:"name,omitempty"` // for named parameters; empty: by position
	Index int    `bson:"index,omitempty" json:"index,omitempty"`
	Type  string `bson:"type,omitempty" json:"type,omitempty"` // of a button: quick_reply url copy_code flow; Template.Complete fills it in
	Value string `bson:"value" json:"value"`
}

// WindowCloses returns when free-form messages end after a customer's message at the given time, for a person or a
// program: a minute before the provider's own limit, so that what was allowed here is not refused there.
func (c Capabilities) WindowCloses(lastInbound time.Time, human bool) time.Time {
	window := c.Window
	if human {
		window = max(window, c.HumanWindow)
	}
	return lastInbound.Add(window - time.Minute)
}
