package contacts

import (
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"wasl/channels"
	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/store"
)

// Identity is one way in which a channel knows a contact.
type Identity struct {
	store.Meta        `bson:",inline"`
	WorkspaceID       string `bson:"workspace_id"`
	Origin            string `bson:"origin"`     // the contact it was born with, whatever that was merged into
	ChannelID         string `bson:"channel_id"` // where it was first seen; empty: typed by hand
	channels.Identity `bson:",inline"`
	// Alias: no channel has named it yet. It is a phone number in the one form under which all its spellings meet.
	Alias     bool      `bson:"alias,omitempty"`
	Username  string    `bson:"username,omitempty"`
	Source    string    `bson:"source"` // webhook, echo, profile, manual …
	CreatedAt time.Time `bson:"created_at"`
}

// The kinds of identity that mean the same on every channel.
const (
	kindWhatsApp = "whatsapp_phone"
	kindPhone    = "phone"
	kindEmail    = "email"
)

func identityID(workspaceID string, i channels.Identity) string {
	return ids.Derived("idn", workspaceID, i.Kind, i.Scope, i.Value)
}

// aliases returns the forms under which other spellings of these identities meet, without those that are named anyway.
func aliases(of, named []channels.Identity) []channels.Identity {
	seen := map[channels.Identity]bool{}
	for _, i := range named {
		seen[channels.Identity{Kind: i.Kind, Scope: i.Scope, Value: i.Value}] = true
	}
	var out []channels.Identity
	for _, i := range of {
		if i.Kind != kindWhatsApp && i.Kind != kindPhone {
			continue
		}
		alias := channels.Identity{Kind: kindPhone, Value: phoneKey(i.Value)}
		if alias.Value == "" || seen[alias] {
			continue
		}
		seen[alias] = true
		alias.Display = i.Display
		out = append(out, alias)
	}
	return out
}

// phoneKey is the one form of an international number, however a channel or a person writes it; empty for what is none. It is
// the number as it is dialled, except where countries put a digit before mobiles that some networks leave out.
func phoneKey(number string) string {
	n := strings.TrimPrefix(number, "+")
	if len(n) < 7 || len(n) > 15 || strings.Trim(n, "0123456789") != "" {
		return ""
	}
	switch {
	case len(n) == 12 && strings.HasPrefix(n, "55") && n[4] >= '6': // Brazil: a mobile from before the ninth digit
		n = n[:4] + "9" + n[4:]
	case len(n) == 13 && strings.HasPrefix(n, "521"): // Mexico
		n = "52" + n[3:]
	case len(n) == 13 && strings.HasPrefix(n, "549"): // Argentina
		n = "54" + n[3:]
	}
	return "+" + n
}

// ParsePhone reads a number as people write it; country is where national forms belong to, empty for nowhere.
func ParsePhone(written, country string) (channels.Identity, error) {
	n, err := phonenumbers.Parse(written, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return channels.Identity{}, errs.InvalidField("invalid_phone", "value",
			"a phone number with its country code, such as +1 202 555 0143")
	}
	return channels.Identity{
		Kind: kindPhone, Value: phonenumbers.Format(n, phonenumbers.E164), Display: phonenumbers.Format(n, phonenumbers.INTERNATIONAL),
	}, nil
}

func valuesOf(rows []*Identity) []channels.Identity {
	out := make([]channels.Identity, len(rows))
	for n, row := range rows {
		out[n] = row.Identity
	}
	return out
}
