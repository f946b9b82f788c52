package sms

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"wasl/channels"
)

// The kinds of identity that Twilio's addresses become.
const (
	kindPhone = channels.IdentityPhone
	// kindSender is a short code or a name. It is unique in no larger a place than the country, and belongs to no person: it is never
	// matched with another channel's.
	kindSender   = "sms_sender"
	kindWhatsApp = channels.IdentityWhatsAppPhone
	kindBSUID    = "whatsapp_bsuid" // a user id that holds for the business, of people without a visible number
)

var (
	e164 = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)
	// loose is a number behind the name of a network, where the plus may be missing or have become a blank.
	loose = regexp.MustCompile(`^\+?[1-9][0-9]{5,14}$`)
	bsuid = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)
)

// sender says who wrote, by everything that the webhook names; nil: nobody. Cities and postcodes are the phone company's guesses about the
// number and are left out. account is the Twilio account within which user ids of WhatsApp are unique.
func sender(p params, account string) *channels.Sender {
	s := &channels.Sender{Name: strings.TrimSpace(p.get("ProfileName"))}
	known := []string{p.get("From"), p.get("ExternalUserId")}
	if number := p.get("WaId"); number != "" {
		known = append(known, "whatsapp:"+number)
	}
	for n, address := range known {
		if address == "" {
			continue
		}
		// what only stands beside the address counts where it says more than a name
		if i := identity(address, account); (n == 0 || i.Kind != kindSender) && !slices.Contains(s.Identities, i) {
			s.Identities = append(s.Identities, i)
		}
	}
	if len(s.Identities) == 0 {
		return nil
	}
	return s
}

// identity of an address. Other networks than the phone's stand before it, as in whatsapp:+12025550143 and rcs:+12025550143.
func identity(address, account string) channels.Identity {
	network, rest, named := strings.Cut(address, ":")
	rest = strings.TrimSpace(rest)
	switch network = strings.ToLower(network); {
	case named && network == "whatsapp" && loose.MatchString(rest):
		number := strings.TrimPrefix(rest, "+")
		return channels.Identity{Kind: kindWhatsApp, Value: number, Display: display("+" + number)}
	case named && network == "whatsapp" && bsuid.MatchString(rest):
		return channels.Identity{Kind: kindBSUID, Scope: account, Value: rest, Display: rest}
	case named && network == "rcs" && loose.MatchString(rest): // the phone itself: it is answered by the same number
		address = "+" + strings.TrimPrefix(rest, "+")
	}
	if e164.MatchString(address) {
		return channels.Identity{Kind: kindPhone, Value: address, Display: display(address)}
	}
	return channels.Identity{Kind: kindSender, Value: address, Display: address}
}

func display(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return number
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}
