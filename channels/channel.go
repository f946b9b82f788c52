package channels

import (
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

// The states of a channel.
const (
	Active = "active"
	Paused = "paused" // by a person: what comes in is taken, nothing is sent
	Failed = "error"  // by the provider: credentials or rights are gone, nothing is sent until somebody mends it
)

// Channel is one connected account of a provider. Its id is derived from workspace, kind and account, so connecting the
// same account again after it was removed finds its conversations.
type Channel struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string   `bson:"workspace_id"`
	Kind        Kind     `bson:"kind"`
	Name        string   `bson:"name"`
	Account     string   `bson:"account"` // the provider's id of our account
	Status      string   `bson:"status"`
	Problem     *Trouble `bson:"problem,omitempty"`
	Sealed      []byte   `bson:"sealed"` // the credentials, encrypted
	// Earlier are credentials before those, encrypted, by which webhooks are still known until then at the latest: the provider's side is
	// changed later.
	Earlier      []byte    `bson:"earlier,omitempty"`
	EarlierUntil time.Time `bson:"earlier_until,omitempty"`
	MendedAt     time.Time `bson:"mended_at,omitempty"` // when a person last entered credentials or switched it on or off
	Renewal      *Renewal  `bson:"renewal,omitempty"`   // of credentials that end by themselves
	SourceID     string    `bson:"source_id,omitempty"` // what it is fetched from, where its provider does not come by itself
	BaseURL      string    `bson:"base_url,omitempty"`
	CreatedAt    time.Time `bson:"created_at"`
}

// Trouble says in plain words what is wrong and what mends it.
type Trouble struct {
	Code   string `bson:"code" json:"code"`
	Title  string `bson:"title" json:"title"`
	Detail string `bson:"detail" json:"detail"`
}

// storedTemplate is a template of a channel as the provider last described it.
type storedTemplate struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string   `bson:"workspace_id"`
	ChannelID   string   `bson:"channel_id"`
	Template    Template `bson:"template"`
	// ListedAt is when the provider was asked for the list that has it, SaidAt when its notices said what they say, by field.
	ListedAt time.Time            `bson:"listed_at,omitempty"`
	SaidAt   map[string]time.Time `bson:"said_at,omitempty"`
}

func channelID(workspaceID string, kind Kind, account string) string {
	return ids.Derived("chn", workspaceID, string(kind), account)
}

func templateID(channelID, name, language string) string {
	return ids.Derived("tpl", channelID, name, language)
}

var (
	channelSchema = store.Schema{Name: "channels", Indexes: []store.Index{
		{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("created_at")}},
	}}
	templateSchema = store.Schema{Name: "templates", Indexes: []store.Index{
		{Name: "channel", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("channel_id"), store.Asc("template.name")}},
	}}
)

// Schemas declares the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{channelSchema, templateSchema, pulseSchema, sourceSchema, operationSchema, authorizationSchema}
}
