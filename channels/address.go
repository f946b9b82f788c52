package channels

import "strings"

// On returns the identity as channels of the kind address it; ok is false where they cannot. The account is the channel's: some
// providers know a person under a name of that account's own.
func (i Identity) On(kind Kind, account string) (address Identity, ok bool) {
	switch kind {
	case "whatsapp":
		if i.Kind == "phone" {
			return Identity{Kind: "whatsapp_phone", Value: strings.TrimPrefix(i.Value, "+"), Display: i.Display}, true
		}
		return i, strings.HasPrefix(i.Kind, "whatsapp_")
	case "sms":
		return i, i.Kind == "phone"
	case "email":
		return i, i.Kind == "email"
	case "messenger":
		return i, i.Kind == "psid" && i.Scope == account
	case "instagram":
		return i, i.Kind == "igsid" && i.Scope == account
	}
	return Identity{}, false
}
