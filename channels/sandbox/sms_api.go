package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var e164 = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)

// create takes a message of the business.
func (t *sms) create(a Account, w http.ResponseWriter, r *http.Request) {
	if t.s.spoil(w, r, func(kind string) {
		if kind == FaultThrottle {
			refuseSMS(w, http.StatusTooManyRequests, 20429, "Too Many Requests")
		} else {
			refuseSMS(w, http.StatusInternalServerError, 20500, "Internal Server Error")
		}
	}) {
		return
	}
	if err := r.ParseForm(); err != nil {
		refuseSMS(w, http.StatusBadRequest, 21602, "Message body is required.")
		return
	}
	if code, message := t.check(a, r.PostForm); code != 0 {
		refuseSMS(w, http.StatusBadRequest, code, message)
		return
	}
	to := r.PostForm.Get("To")
	p, known := t.s.recipient(a, to)
	if known && slices.Contains(p.Stopped, a.ID) {
		refuseSMS(w, http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient")
		return
	}
	content := Content{Type: "text", Text: r.PostForm.Get("Body")}
	for _, link := range r.PostForm["MediaUrl"] {
		f, err := t.s.fetch(r.Context(), link)
		if err != nil || f.Size > smsMediaMax {
			// fetched later in the real world, and reported as 30019 or 12300
			refuseSMS(w, http.StatusBadRequest, 21620, "Invalid media URL(s)")
			return
		}
		content.Files = append(content.Files, f)
	}
	if len(content.Files) > 0 {
		content.Type, content.Media, content.Files = kindOf(content.Files[0].MIME), &content.Files[0], content.Files[1:]
	}
	m := Message{ID: t.newID(p, content), Content: content, Reports: r.PostForm.Get("StatusCallback")}
	if known {
		t.s.deliver(a, p, m)
	} else { // taken all the same: the carrier finds out
		m.Account, m.Status = a.ID, StatusFailed
		t.s.out.send(a, happening{
			kind: "status", phone: Phone{Customer: Customer{Phone: digits(to)}}, message: m, status: StatusFailed,
			failure: 30005,
		})
	}
	t.s.vanish()
	writeJSON(w, http.StatusCreated, t.view(a, m, to))
}

// check returns the code and the words of what is wrong with a message; 0: nothing is.
func (t *sms) check(a Account, form url.Values) (code int, message string) {
	to, from, service, body, media := form.Get("To"), form.Get("From"), form.Get("MessagingServiceSid"), form.Get("Body"), form["MediaUrl"]
	switch {
	case to == "":
		return 21604, "A 'To' phone number is required."
	case !e164.MatchString(to):
		return 21211, fmt.Sprintf("Invalid 'To' Phone Number: %s", to)
	case from == "" && service == "":
		return 21603, "A 'From' phone number is required."
	case service != "" && service != a.BusinessID:
		return 21703, "The Messaging Service does not exist."
	case service == "" && digits(from) != digits(a.Address):
		return 21606, fmt.Sprintf("The 'From' phone number %s is not a valid, message-capable phone number for this account.", from)
	case digits(to) == digits(a.Address):
		return 21266, "'To' and 'From' number cannot be the same"
	case body == "" && len(media) == 0:
		return 21602, "Message body is required."
	case utf8.RuneCountInString(body) > 1600:
		return 21617, "The concatenated message body exceeds the 1600 character limit"
	case len(media) > 10:
		return 21623, "Number of media files exceeds allowed limit"
	}
	if callback := form.Get("StatusCallback"); callback != "" && t.s.guard.check(t.s.reach(callback)) != nil {
		return 21609, fmt.Sprintf("The StatusCallback URL %s is not a valid URL.", callback)
	}
	return 0, ""
}

// view is a message as the API shows it.
func (t *sms) view(a Account, m Message, to string) map[string]any {
	now, path := t.s.clock.Now().UTC().Format(rfc2822), smsAPI+a.ID+"/Messages/"+m.ID
	v := map[string]any{
		"account_sid": a.ID, "api_version": "2010-04-01", "body": m.Content.Text, "date_created": now, "date_sent": nil,
		"date_updated": now,
		"direction":    "outbound-api", "error_code": nil, "error_message": nil, "from": "+" + digits(a.Address),
		"messaging_service_sid": nil,
		"num_media":             strconv.Itoa(len(filesOf(m.Content))), "num_segments": strconv.Itoa(max(1,
			segments(m.Content.Text))), "price": nil, "price_unit": nil,
		"sid": m.ID, "status": "queued", "subresource_uris": map[string]string{"media": path + "/Media.json"}, "to": to, "uri": path +
			".json",
	}
	if a.BusinessID != "" { // which number sends is decided later
		v["from"], v["messaging_service_sid"], v["num_segments"], v["status"] = nil, a.BusinessID, "0", "accepted"
	}
	return v
}

func (t *sms) account(a Account, w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"sid": a.ID, "friendly_name": a.Name, "status": "active", "type": "Full",
		"owner_account_sid": a.ID,
	})
}

func (t *sms) number(a Account) map[string]any {
	return map[string]any{
		"sid": "PN" + a.ID[2:], "account_sid": a.ID, "phone_number": "+" +
			digits(a.Address), "friendly_name": a.Name, "sms_url": a.Callback, "sms_method": http.MethodPost,
		"capabilities": map[string]bool{"sms": true, "mms": true, "voice": false},
	}
}

func (t *sms) numbers(a Account, w http.ResponseWriter, r *http.Request) {
	all := []any{}
	if asked := r.URL.Query().Get("PhoneNumber"); asked == "" || digits(asked) == digits(a.Address) {
		all = append(all, t.number(a))
	}
	writeJSON(w, http.StatusOK, map[string]any{"incoming_phone_numbers": all, "page": 0, "page_size": 50})
}

// configure sets where the number's messages go.
func (t *sms) configure(a Account, w http.ResponseWriter, r *http.Request) {
	if r.PathValue("number") != "PN"+a.ID[2:]+".json" {
		refuseSMS(w, http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	if address := r.FormValue("SmsUrl"); address != "" {
		if err := t.s.SetCallback(r.Context(), a.ID, address, ""); err != nil {
			refuseSMS(w, http.StatusBadRequest, 21402, "SmsUrl is not valid: "+err.Error())
			return
		}
	}
	changed, _ := t.s.account(a.ID)
	writeJSON(w, http.StatusOK, t.number(changed))
}

// mediaOf finds the file of a customer's message.
func (t *sms) mediaOf(a Account, r *http.Request) (Media, bool) {
	id := strings.TrimLeft(strings.TrimPrefix(strings.TrimSuffix(r.PathValue("media"), ".json"), "ME"), "0")
	m, ok := t.s.book.message(r.PathValue("message"))
	if !ok || m.Account != a.ID || !slices.ContainsFunc(filesOf(m.Content), func(f Media) bool { return f.ID == id }) {
		return Media{}, false
	}
	return t.s.book.mediaInfo(id)
}

// media sends on to the storage, where the credentials are not wanted.
func (t *sms) media(a Account, w http.ResponseWriter, r *http.Request) {
	f, ok := t.mediaOf(a, r)
	if !ok {
		refuseSMS(w, http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	http.Redirect(w, r, t.s.fileURL(f), http.StatusTemporaryRedirect)
}

func (t *sms) deleteMedia(a Account, w http.ResponseWriter, r *http.Request) {
	f, ok := t.mediaOf(a, r)
	if !ok {
		refuseSMS(w, http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	t.s.book.deleteMedia(f.ID)
	w.WriteHeader(http.StatusNoContent)
}
