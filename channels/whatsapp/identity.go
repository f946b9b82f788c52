package whatsapp

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"wasl/channels"
	"wasl/channels/meta"
)

// The kinds of identity by which WhatsApp knows a person.
const (
	kindPhone  = "whatsapp_phone"
	kindBSUID  = "whatsapp_bsuid"
	kindParent = "whatsapp_parent_bsuid"
)

// bsuidForm is the form of a business-scoped user id.
// https://developers.facebook.com/docs/whatsapp/business-scoped-user-ids
var bsuidForm = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// ids are the names by which one place of a body knows a person; any may be empty.
type ids struct{ phone, user, parent text }

func (i ids) empty() bool { return i == ids{} }

// sort moves a BSUID out of the place of the phone, where integrators have seen it.
func (i ids) sort() ids {
	if !bsuidForm.MatchString(string(i.phone)) {
		return i
	}
	if i.user == "" {
		i.user = i.phone
	}
	i.phone = ""
	return i
}

// identities lists them, the address to answer to first. BSUIDs are unique within a business portfolio, of which the
// account id is the part that every body names.
func (i ids) identities(waba string) []channels.Identity {
	var out []channels.Identity
	if i.phone != "" {
		out = append(out, phoneIdentity(string(i.phone)))
	}
	if i.user != "" {
		out = append(out, bsuidIdentity(kindBSUID, waba, string(i.user)))
	}
	if i.parent != "" {
		out = append(out, bsuidIdentity(kindParent, waba, string(i.parent)))
	}
	return out
}

func phoneIdentity(waID string) channels.Identity {
	return channels.Identity{Kind: kindPhone, Value: waID, Display: displayPhone(waID)}
}

func bsuidIdentity(kind, waba, id string) channels.Identity {
	return channels.Identity{Kind: kind, Scope: waba, Value: id, Display: id}
}

// displayPhone writes a wa_id for people. The wa_id itself stays as it is: some countries' differ from what is dialled.
func displayPhone(waID string) string {
	if waID == "" || len(waID) > 15 || digits(waID) != waID {
		return waID
	}
	// What phonenumbers.Parse would find out at ten times the cost: the calling code, of which none begins another.
	for n := 1; n <= 3 && n < len(waID); n++ {
		code, err := strconv.Atoi(waID[:n])
		number, err2 := strconv.ParseUint(waID[n:], 10, 64)
		if err != nil || err2 != nil || waID[n] == '0' || phonenumbers.GetRegionCodeForCountryCode(code) == phonenumbers.UNKNOWN_REGION {
			continue
		}
		return phonenumbers.Format(&phonenumbers.PhoneNumber{CountryCode: new(int32(code)), NationalNumber: new(number)},
			phonenumbers.INTERNATIONAL)
	}
	return "+" + waID
}

// digits keeps the digits of a phone number as people write it.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// people finds the entries of contacts[] by id: their number and order need not be those of messages[].
type people struct {
	waba  string
	byID  map[text]person
	only  *person
	alone bool // one message stands beside the contacts
}

func newPeople(waba text, contacts []person) people {
	p := people{waba: string(waba), byID: make(map[text]person, 2*len(contacts))}
	for _, c := range contacts {
		for _, id := range []text{c.WaID, c.UserID} {
			if id != "" {
				p.byID[id] = c
			}
		}
	}
	if len(contacts) == 1 {
		p.only = &contacts[0]
	}
	return p
}

// sender returns everything that the body says about the person with these ids; nil if it names nobody.
func (p people) sender(i ids) *channels.Sender {
	i = i.sort()
	c, found := p.byID[i.user]
	if !found {
		c, found = p.byID[i.phone]
	}
	if !found {
		c, found = p.beside(i)
	}
	if found {
		known := ids{c.WaID, c.UserID, c.ParentID}.sort()
		i = ids{phone: or(i.phone, known.phone), user: or(i.user, known.user), parent: or(i.parent, known.parent)}
	}
	if i.empty() {
		return nil
	}
	return &channels.Sender{
		Identities: i.identities(p.waba),
		Name:       strings.TrimSpace(string(c.Profile.Name)),
		Username:   strings.TrimPrefix(meta.First(c.Profile.Username, c.Username), "@"),
	}
}

// beside returns the one contact of the body where that is whom these ids mean, and whether its ids are theirs too: one message and one
// contact are the same person, also where a country's numbers are written in two ways.
func (p people) beside(i ids) (person, bool) {
	if p.only == nil || !i.empty() && !p.alone {
		return person{}, false
	}
	known := ids{p.only.WaID, p.only.UserID, p.only.ParentID}.sort()
	if i.user != "" && known.user != "" && i.user != known.user {
		return person{}, false
	}
	return *p.only, i.phone == "" || known.phone == ""
}

func or(a, b text) text {
	if a != "" {
		return a
	}
	return b
}
