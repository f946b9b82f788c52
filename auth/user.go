package auth

import (
	"cmp"
	"strings"
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

// Workspace is one company: everything belongs to exactly one.
type Workspace struct {
	store.Meta `bson:",inline"`
	Name       string    `bson:"name"`
	Country    string    `bson:"country,omitempty"` // where phone numbers in their national form belong to: IL, BR …
	CreatedAt  time.Time `bson:"created_at"`
}

// User is a person who signs in. The id is derived from the address, so an address has one user.
type User struct {
	store.Meta   `bson:",inline"`
	WorkspaceID  string `bson:"workspace_id"`
	Name         string `bson:"name"`
	Email        string `bson:"email"`
	Role         Role   `bson:"role"`
	PasswordHash string `bson:"password_hash"`
	Language     string `bson:"language"` // en he ar; empty: the browser's
	Active       bool   `bson:"active"`
	// Signature is the formatted text under the user's mails, ChannelSignatures by channel where it is another one there.
	Signature         string            `bson:"signature,omitempty"`
	ChannelSignatures map[string]string `bson:"channel_signatures,omitempty"`
	CreatedAt         time.Time         `bson:"created_at"`
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

// Role is what a user is in the workspace.
type Role string

// The roles, from the most to the least.
const (
	Owner      Role = "owner"
	Admin      Role = "admin"
	Supervisor Role = "supervisor"
	Agent      Role = "agent"
)

// Permission is one thing that a role may do.
type Permission string

// The permissions.
const (
	ViewAll        Permission = "conversation.view_all" // every conversation of the workspace
	Reply          Permission = "conversation.reply"    // read, answer, note, assign, resolve what one sees
	ManageDead     Permission = "deadletter.manage"
	ManageChannels Permission = "channel.manage"
	ManageUsers    Permission = "user.manage"
)

var permissions = map[Role][]Permission{
	Owner:      {Reply, ViewAll, ManageDead, ManageChannels, ManageUsers},
	Admin:      {Reply, ViewAll, ManageDead, ManageChannels, ManageUsers},
	Supervisor: {Reply, ViewAll, ManageDead},
	Agent:      {Reply},
}

// Valid reports whether the role exists.
func (r Role) Valid() bool { return permissions[r] != nil }

// Viewer is who is calling.
type Viewer struct {
	UserID      string
	WorkspaceID string
	Name        string
	Role        Role
}

// Can reports whether the viewer's role has the permission.
func (v Viewer) Can(p Permission) bool {
	for _, has := range permissions[v.Role] {
		if has == p {
			return true
		}
	}
	return false
}

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
func Schemas() []store.Schema { return []store.Schema{workspaces, users, sessions} }
