// Package contacts knows who a customer is: contacts and the identities by which the channels know them.
//
// Identities are rows of their own, with an id derived from what they name, so that nobody can belong to two contacts
// at once. An identity keeps its origin, the contact it was born with, for good. A merge only points one contact at another:
// a person is a tree of contacts, and its root is what people see. So a merge is one small write however much the
// two have, and taking it back separates exactly what came from either, in any order.
package contacts

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/text"
	"wasl/search"
	"wasl/store"
)

// Contact is one customer.
type Contact struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	// Facts are what people see: its own and those of the contacts that were merged into it.
	Facts `bson:",inline"`
	// Own are its own facts, where others were merged into it.
	Own *Facts `bson:"own,omitempty"`
	// Members were merged into it, in this order.
	Members    []string `bson:"members,omitempty"`
	MergedInto string   `bson:"merged_into,omitempty"`
	MergeID    string   `bson:"merge_id,omitempty"` // the merge that did it
	// Apart are contacts of which somebody said that they are another person.
	Apart     []string  `bson:"apart,omitempty"`
	CreatedAt time.Time `bson:"created_at"`
}

// Facts are what is known about a contact.
type Facts struct {
	Name   string            `bson:"name"`
	Named  bool              `bson:"named"`             // by us: the name that a channel reports no longer changes it
	NameAt time.Time         `bson:"name_at,omitempty"` // when a channel reported it
	Phones []string          `bson:"phones"`
	Emails []string          `bson:"emails"`
	Tags   []string          `bson:"tags"`
	Fields map[string]string `bson:"fields"`
	// OwnerID is the user whose customer the person is; empty: nobody's.
	OwnerID string `bson:"owner_id,omitempty"`
	// Picture is the stored file with the person's picture, as a channel shows it.
	Picture string `bson:"picture,omitempty"`
	// NoMarketing: asked for no more marketing messages.
	NoMarketing bool `bson:"no_marketing,omitempty"`
	// MarketingAt is when they said so, or that they want them.
	MarketingAt time.Time `bson:"marketing_at,omitempty"`
	Tokens      []string  `bson:"tokens"`
}

var (
	contactSchema = store.Schema{Name: "contacts", Indexes: []store.Index{
		{Name: "created", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("created_at")}},
	}}
	identitySchema = store.Schema{Name: "identities", Indexes: []store.Index{
		{Name: "origin", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("origin"), store.Asc("created_at")}},
	}}
	mergeSchema = store.Schema{Name: "merges"}
)

// Schemas declares the collections of this package.
func Schemas() []store.Schema { return []store.Schema{contactSchema, identitySchema, mergeSchema} }

// entry is what the index of words knows of the contact: nothing, where it was merged into another one.
func (c *Contact) entry() search.Entry {
	e := search.Entry{ID: c.ID, At: c.CreatedAt}
	if c.MergedInto == "" {
		e.Words = c.Tokens
	}
	return e
}

// fields are what the index of custom fields knows of the contact.
func (c *Contact) fields() map[string]string {
	if c.MergedInto != "" {
		return nil
	}
	return c.Fields
}

// AvatarURL is the address of the person's picture; empty: there is none.
func (f *Facts) AvatarURL() string {
	if f.Picture == "" {
		return ""
	}
	return "/api/v1/media/" + f.Picture + "/thumbnail"
}

// own returns the contact's own facts, to be changed. What people see follows by fold.
func (c *Contact) own() *Facts {
	if c.Own != nil {
		return c.Own
	}
	return &c.Facts
}

// fold makes what people see of the contact's own facts and those of its members: its own come first.
func (c *Contact) fold(members []*Contact) {
	if len(members) == 0 {
		if c.Own != nil {
			c.Facts, c.Own = *c.Own, nil
		}
		return
	}
	if c.Own == nil {
		own := c.Facts
		c.Own = &own
	}
	all := *c.Own
	all.Phones, all.Emails, all.Tags, all.Tokens = slices.Clone(all.Phones), slices.Clone(all.Emails), slices.Clone(all.Tags),
		slices.Clone(all.Tokens)
	all.Fields = maps.Clone(all.Fields)
	for _, m := range members {
		all.add(m.Facts)
	}
	c.Facts = all
}

func (f *Facts) add(more Facts) {
	if !f.Named && more.Named {
		f.Name, f.Named = more.Name, true
	}
	f.Picture, f.OwnerID = cmp.Or(f.Picture, more.Picture), cmp.Or(f.OwnerID, more.OwnerID)
	for _, phone := range more.Phones {
		f.Phones = appendPhone(f.Phones, phone)
	}
	f.Emails, f.Tags, f.Tokens = appendNew(f.Emails, more.Emails...), appendNew(f.Tags, more.Tags...), appendNew(f.Tokens, more.Tokens...)
	for name, value := range more.Fields {
		if _, has := f.Fields[name]; !has {
			f.Fields[name] = value
		}
	}
	f.NoMarketing = f.NoMarketing || more.NoMarketing
}

// index keeps what a search for the contact may ask for.
func (f *Facts) index(rows []*Identity) {
	texts := append([]string{f.Name}, f.Phones...)
	texts = append(texts, f.Emails...)
	for _, row := range rows {
		texts = append(texts, row.Value, row.Display)
	}
	f.Tokens = text.Tokens(texts...)
}

// maxAddresses bounds the phones, and the mail addresses, that a contact shows of its own.
const maxAddresses = 100

// learn takes from identities what people call phones and mail addresses.
func (f *Facts) learn(known []channels.Identity) {
	for _, i := range known {
		switch {
		case (i.Kind == kindWhatsApp || i.Kind == kindPhone) && len(f.Phones) < maxAddresses:
			f.Phones = appendPhone(f.Phones, "+"+strings.TrimPrefix(i.Value, "+"))
		case i.Kind == kindEmail && len(f.Emails) < maxAddresses:
			f.Emails = appendNew(f.Emails, i.Value)
		}
	}
}

// rename follows the name that the person used on the channel last, until we give one ourselves.
func (f *Facts) rename(sender channels.Sender) bool {
	name := text.Name(sender.Name)
	if f.Named || name == "" || name == f.Name || sender.At.Before(f.NameAt) {
		return false
	}
	f.Name, f.NameAt = name, sender.At
	return true
}

// Consent follows what the person said last about marketing messages: at a time, that they want none or that they want them.
func (f *Facts) Consent(stop bool, at time.Time) {
	if !at.Before(f.MarketingAt) {
		f.NoMarketing, f.MarketingAt = stop, at
	}
}

func appendNew(list []string, values ...string) []string {
	for _, value := range values {
		if !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}

// appendPhone adds a number unless it is there in another spelling.
func appendPhone(list []string, phone string) []string {
	key := phoneKey(phone)
	if key != "" && slices.ContainsFunc(list, func(has string) bool { return phoneKey(has) == key }) {
		return list
	}
	return appendNew(list, phone)
}

// nameOf is what a sender without a name is called: the best that the identities have.
func nameOf(s channels.Sender) string {
	name := text.Name(s.Name)
	switch {
	case name != "":
		return name
	case s.Username != "":
		return s.Username
	case len(s.Identities) > 0 && s.Identities[0].Display != "":
		return s.Identities[0].Display
	case len(s.Identities) > 0:
		return s.Identities[0].Value
	}
	return "?"
}
