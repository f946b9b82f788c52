package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's choice
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	smsAPI      = "/2010-04-01/Accounts/"
	formType    = "application/x-www-form-urlencoded"
	rfc2822     = "Mon, 02 Jan 2006 15:04:05 -0700"
	smsMediaMax = 5 << 20
)

// sms is the dialect of Twilio's messages.
type sms struct{ s *Sandbox }

func (t *sms) routes(mux *http.ServeMux) {
	for pattern, f := range map[string]func(Account, http.ResponseWriter, *http.Request){
		"POST " + smsAPI + "{sid}/Messages.json":                      t.create,
		"GET " + smsAPI + "{sid}":                                     t.account,
		"GET " + smsAPI + "{sid}/IncomingPhoneNumbers.json":           t.numbers,
		"POST " + smsAPI + "{sid}/IncomingPhoneNumbers/{number}":      t.configure,
		"GET " + smsAPI + "{sid}/Messages/{message}/Media/{media}":    t.media,
		"DELETE " + smsAPI + "{sid}/Messages/{message}/Media/{media}": t.deleteMedia,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			a, ok := t.s.account(user)
			if !ok || a.Kind != "sms" || !hmac.Equal([]byte(a.AccessToken), []byte(password)) ||
				strings.TrimSuffix(r.PathValue("sid"), ".json") != a.ID {
				refuseSMS(w, http.StatusUnauthorized, 20003, "Authenticate")
				return
			}
			f(a, w, r)
		})
	}
}

// refuseSMS answers with an error as Twilio words it.
func refuseSMS(w http.ResponseWriter, status, code int, message string) {
	writeJSON(w, status, map[string]any{
		"code": code, "message": message,
		"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), "status": status,
	})
}

func (t *sms) credentials(a Account) []Credential {
	from := Credential{"from_number", "+" + digits(a.Address)}
	if a.BusinessID != "" {
		from = Credential{"messaging_service_sid", a.BusinessID}
	}
	return []Credential{{"account_sid", a.ID}, {"auth_token", a.AccessToken}, from}
}

func (t *sms) newID(_ Phone, c Content) string {
	prefix := "SM"
	if c.Media != nil || len(c.Files) > 0 {
		prefix = "MM"
	}
	return prefix + hex.EncodeToString(random(16))
}

func (t *sms) address(_ Account, p Phone) string {
	if !p.uses("sms") {
		return ""
	}
	return "+" + p.Phone
}

// confirm asks nothing: Twilio takes any address.
func (t *sms) confirm(context.Context, Account, string, string) error { return nil }

// judge tries once more where nobody answered; what is answered badly is lost.
func (t *sms) judge(_ *wording, status, tries int, _ time.Duration) verdict {
	switch {
	case status >= 200 && status < 300:
		return taken
	case status == 0 && tries == 0:
		return again
	}
	return lost
}

// headers signs the address and every parameter with the account's token.
func (t *sms) headers(a Account, w *wording, address string) http.Header {
	form, _ := url.ParseQuery(string(w.Body)) // our own
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	sort.Strings(names)
	signed, _, _ := strings.Cut(address, "#") // overrides of the connection are not sent
	for _, name := range names {
		signed += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(a.AccessToken))
	mac.Write([]byte(signed))
	return http.Header{
		"Content-Type":       {formType},
		"User-Agent":         {"TwilioProxy/1.1"},
		"X-Twilio-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
}

// params are the parameters of a webhook in the order in which they come on the wire.
type params []string

func (p *params) add(name, value string) { *p = append(*p, name+"="+url.QueryEscape(value)) }

// webhook words a message of a customer, or the status of one of the business.
func (t *sms) webhook(a Account, h happening) (*wording, error) {
	var p params
	from, to := t.address(a, h.phone), "+"+digits(a.Address)
	switch h.kind {
	case "message":
		if h.message.Content.Type == "location" || h.message.Content.Type == "contacts" {
			return nil, fmt.Errorf("sms has no message type %q", h.message.Content.Type)
		}
		t.received(&p, a, h.message, from, to)
		return &wording{Body: []byte(strings.Join(p, "&")), Type: formType}, nil
	case "status":
		status := map[string]string{StatusSent: "sent", StatusDelivered: "delivered", StatusFailed: "undelivered"}[h.status]
		if status == "" || h.message.Reports == "" {
			return nil, nil //nolint:nilnil // nobody wants to know
		}
		if h.status == StatusFailed {
			code := h.failure
			if code < 30001 || code > 63999 {
				code = 30003
			}
			p.add("ErrorCode", strconv.Itoa(code))
		}
		p.add("SmsSid", h.message.ID)
		p.add("SmsStatus", status)
		p.add("MessageStatus", status)
		p.add("To", from)
		t.common(&p, a, h.message.ID)
		p.add("From", to)
		p.add("ApiVersion", "2010-04-01")
		if h.status == StatusDelivered {
			p.add("RawDlrDoneDate", t.s.clock.Now().UTC().Format("0601021504"))
		}
		return &wording{Body: []byte(strings.Join(p, "&")), Type: formType, URL: h.message.Reports}, nil
	}
	return nil, nil //nolint:nilnil // there is no such thing in a text message
}

func (t *sms) common(p *params, a Account, id string) {
	if a.BusinessID != "" {
		p.add("MessagingServiceSid", a.BusinessID)
	}
	p.add("MessageSid", id)
	p.add("AccountSid", a.ID)
}

func (t *sms) received(p *params, a Account, m Message, from, to string) {
	files := filesOf(m.Content)
	p.add("ToCountry", countryOf(to))
	p.add("FromCountry", countryOf(from))
	p.add("SmsMessageSid", m.ID)
	p.add("NumMedia", strconv.Itoa(len(files)))
	p.add("SmsSid", m.ID)
	p.add("SmsStatus", "received")
	p.add("Body", m.Content.Text)
	p.add("To", to)
	p.add("NumSegments", strconv.Itoa(max(1, segments(m.Content.Text))))
	t.common(p, a, m.ID)
	p.add("From", from)
	p.add("ApiVersion", "2010-04-01")
	for i, f := range files {
		p.add(fmt.Sprintf("MediaContentType%d", i), bareType(f.MIME))
		p.add(fmt.Sprintf("MediaUrl%d", i), t.s.listen+smsAPI+a.ID+"/Messages/"+m.ID+"/Media/"+mediaSID(f.ID))
	}
	if keyword := keywordOf(m.Content.Text); keyword != "" && a.BusinessID != "" {
		p.add("OptOutType", keyword)
	}
}

// filesOf are the files of a message, however many its kind may have.
func filesOf(c Content) []Media {
	if c.Media == nil {
		return c.Files
	}
	return append([]Media{*c.Media}, c.Files...)
}

func countryOf(number string) string {
	country, _, _ := strings.Cut(userID(Customer{Phone: strings.TrimPrefix(number, "+")}), ".")
	return country
}

// segments counts the parts that a text is sent in.
func segments(text string) int {
	units, wide := 0, false
	for _, r := range text {
		wide = wide || r > 127 || r == '`'
		units++
		if r > 0xffff {
			units++
		}
	}
	one, many := 160, 153
	if wide {
		one, many = 70, 67
	}
	if units <= one {
		return min(units, 1)
	}
	return (units + many - 1) / many
}

// mediaSID is a file's name at Twilio.
func mediaSID(id string) string { return "ME" + strings.Repeat("0", max(0, 32-len(id))) + id }

// keywordOf is what a message of one word asks for: STOP, START or HELP.
func keywordOf(text string) string {
	word := strings.ToUpper(strings.TrimSpace(text))
	for asks, words := range map[string][]string{
		"STOP":  {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"},
		"START": {"START", "YES", "UNSTOP"}, "HELP": {"HELP", "INFO"},
	} {
		if slices.Contains(words, word) {
			return asks
		}
	}
	return ""
}

// heard answers keywords for the business, as Twilio does before anybody else.
func (t *sms) heard(a Account, p Phone, m Message) {
	var answer string
	stopped := slices.Contains(p.Stopped, a.ID)
	switch keyword := keywordOf(m.Content.Text); {
	case keyword == "STOP" && !stopped:
		p.Stopped = append(slices.Clone(p.Stopped), a.ID)
		answer = "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
	case keyword == "START" && stopped:
		p.Stopped = slices.DeleteFunc(slices.Clone(p.Stopped), func(id string) bool { return id == a.ID })
		answer = "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe."
	case keyword == "HELP":
		answer = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
	default:
		return
	}
	t.s.book.savePhone(p)
	content := Content{Type: "text", Text: answer}
	t.s.book.add(Message{
		ID: t.newID(p, content), Account: a.ID, Phone: p.Key, From: FromBusiness, At: t.s.clock.Now(), Status: StatusDelivered,
		Content: content,
	})
}
