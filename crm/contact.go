// Package crm knows who a customer is: contacts and the identities by which the channels know them.
//
// Identities are rows of their own, with an id derived from what they name, so that nobody can belong to two contacts
// at once; a contact groups them.
package crm

import (
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/ids"
	"wasl/internal/text"
	"wasl/store"
)

// Contact is one customer.
type Contact struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string            `bson:"workspace_id"`
	Name        string            `bson:"name"`
	Named       bool              `bson:"named"` // by us: the name that a channel reports no longer changes it
	Phones      []string          `bson:"phones"`
	Emails      []string          `bson:"emails"`
	Tags        []string          `bson:"tags"`
	Fields      map[string]string `bson:"fields"`
	// NoMarketing: asked for no more marketing messages.
	NoMarketing bool      `bson:"no_marketing,omitempty"`
	Tokens      []string  `bson:"tokens"`
	CreatedAt   time.Time `bson:"created_at"`
}

// Identity is one way in which a channel knows a contact.
type Identity struct {
	store.Meta        `bson:",inline"`
	WorkspaceID       string `bson:"workspace_id"`
	ContactID         string `bson:"contact_id"`
	ChannelID         string `bson:"channel_id"` // where it was first seen
	channels.Identity `bson:",inline"`
	Username          string    `bson:"username,omitempty"`
	Source            string    `bson:"source"` // webhook, echo, profile …
	CreatedAt         time.Time `bson:"created_at"`
}

func identityID(workspaceID string, i channels.Identity) string {
	return ids.Derived("idn", workspaceID, i.Kind, i.Scope, i.Value)
}

var (
	contactSchema = store.Schema{Name: "contacts", Indexes: []store.Index{
		{Name: "created", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("created_at")}},
		{Name: "tokens", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("tokens")}},
	}}
	identitySchema = store.Schema{Name: "identities", Indexes: []store.Index{
		{Name: "contact", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("contact_id"), store.Asc("created_at")}},
	}}
)

// Schemas declares the collections of this package.
func Schemas() []store.Schema { return []store.Schema{contactSchema, identitySchema} }

// index keeps what a search for the contact may ask for.
func (c *Contact) index(known []channels.Identity) {
	texts := append([]string{c.Name}, c.Phones...)
	texts = append(texts, c.Emails...)
	for _, i := range known {
		texts = append(texts, i.Value, i.Display)
	}
	c.Tokens = text.Tokens(texts...)
}

// learn takes from identities what people call phones and mail addresses.
func (c *Contact) learn(known []channels.Identity) {
	for _, i := range known {
		switch i.Kind {
		case "whatsapp_phone", "phone":
			c.Phones = appendNew(c.Phones, "+"+strings.TrimPrefix(i.Value, "+"))
		case "email":
			c.Emails = appendNew(c.Emails, i.Value)
		}
	}
}

func appendNew(list []string, value string) []string {
	for _, has := range list {
		if has == value {
			return list
		}
	}
	return append(list, value)
}

// nameOf is what a sender without a name is called: the best that the identities have.
func nameOf(s channels.Sender) string {
	switch {
	case strings.TrimSpace(s.Name) != "":
		return strings.TrimSpace(s.Name)
	case s.Username != "":
		return s.Username
	case len(s.Identities) > 0 && s.Identities[0].Display != "":
		return s.Identities[0].Display
	case len(s.Identities) > 0:
		return s.Identities[0].Value
	}
	return "?"
}
