package auth

import (
	"cmp"
	"strings"
	"time"

	"wasl/internal/access"
	"wasl/internal/ids"
	"wasl/store"
)

// Workspace is one company: everything belongs to exactly one.
type Workspace struct {
	store.Meta `bson:",inline"`
	Name       string `bson:"name"`
	// FormerNames are those that it had, the latest last.
	FormerNames []string `bson:"former_names,omitempty"`
	Country     string   `bson:"country,omitempty"` // where phone numbers in their national form belong to: IL, BR …
	// RemindMinutes is after how many minutes without an answer somebody is reminded; 0: nobody is.
	RemindMinutes int `bson:"remind_minutes,omitempty"`
	// PushCustomers: what devices are told of while Wasl is closed names the customer and what they wrote.
	PushCustomers bool `bson:"push_customers,omitempty"`
	// AssignOnReply: who answers a conversation that nobody has, has it from then on.
	AssignOnReply bool `bson:"assign_on_reply,omitempty"`
	// ThanksReopen: also a customer who only says thanks opens a resolved conversation again.
	ThanksReopen bool      `bson:"thanks_reopen,omitempty"`
	CreatedAt    time.Time `bson:"created_at"`
}

// User is a person who signs in. The id is derived from the address, so an address has one user.
type User struct {
	store.Meta   `bson:",inline"`
	WorkspaceID  string      `bson:"workspace_id"`
	Name         string      `bson:"name"`
	Email        string      `bson:"email"`
	Role         access.Role `bson:"role"`
	PasswordHash string      `bson:"password_hash"`
	Language     string      `bson:"language"` // en he ar; empty: the browser's
	TeamIDs      []string    `bson:"team_ids,omitempty"`
	Active       bool        `bson:"active"`
	// Signature is the formatted text under the user's mails, ChannelSignatures by channel where it is another one there.
	Signature         string            `bson:"signature,omitempty"`
	ChannelSignatures map[string]string `bson:"channel_signatures,omitempty"`
	// Keys has, by an action of the app, the key that does it for this user; empty: none. For the others it is the app's.
	Keys      map[string]string `bson:"keys,omitempty"`
	CreatedAt time.Time         `bson:"created_at"`
}

// SignatureOn is the formatted text under the user's mails on a channel; empty: none.
func (u *User) SignatureOn(channelID string) string {
	return cmp.Or(u.ChannelSignatures[channelID], u.Signature)
}

// session is a token that somebody holds, known by its hash.
type session struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	UserID      string    `bson:"user_id"`
	CreatedAt   time.Time `bson:"created_at"`
	ExpiresAt   time.Time `bson:"expires_at"`
}

// UserID returns the id of the user with this address.
func UserID(email string) string { return ids.Derived("usr", normalEmail(email)) }

func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

var (
	workspaces = store.Schema{Name: "workspaces"}
	users      = store.Schema{Name: "users", Indexes: []store.Index{
		{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("name")}},
	}}
	sessions = store.Schema{Name: "sessions", Expire: "expires_at", Indexes: []store.Index{
		{Name: "user", Fields: []store.Field{store.Asc("user_id")}},
	}}
)

// Schemas declares the collections of this package.
func Schemas() []store.Schema { return []store.Schema{workspaces, users, teams, sessions} }
