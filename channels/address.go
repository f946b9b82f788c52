package channels

import "strings"

// On returns the identity as channels of the kind address it; ok is false where they cannot. The account is the channel's: some
// providers know a person under a name of that account's own.
func (i Identity) On(kind Kind, account string) (address Identity, ok bool) {
	switch kind {
	case KindWhatsApp:
		if i.Kind == IdentityPhone {
			return Identity{Kind: IdentityWhatsAppPhone, Value: strings.TrimPrefix(i.Value, "+"), Display: i.Display}, true
		}
		return i, strings.HasPrefix(i.Kind, "whatsapp_")
	case KindSMS:
		return i, i.Kind == IdentityPhone
	case KindEmail:
		return i, i.Kind == IdentityEmail
	case KindMessenger:
		return i, i.Kind == IdentityMessenger && i.Scope == account
	case KindInstagram:
		return i, i.Kind == IdentityInstagram && i.Scope == account
	}
	return Identity{}, false
}
