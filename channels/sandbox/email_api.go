package sandbox

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"path"
	"slices"
	"strings"
	"time"
)

const mailMax = 30 << 20

// sgSend is the body of a call that sends a mail.
type (
	sgSend struct {
		Personalizations []sgPerson        `json:"personalizations"`
		From             sgAddress         `json:"from"`
		ReplyTo          *sgAddress        `json:"reply_to"`
		ReplyTos         []sgAddress       `json:"reply_to_list"`
		Subject          string            `json:"subject"`
		Content          []sgContent       `json:"content"`
		Attachments      []sgFile          `json:"attachments"`
		Headers          map[string]string `json:"headers"`
		Categories       []string          `json:"categories"`
		Args             map[string]string `json:"custom_args"`
		Tracking         json.RawMessage   `json:"tracking_settings"`
		Settings         struct {
			Sandbox struct {
				Enable bool `json:"enable"`
			} `json:"sandbox_mode"`
		} `json:"mail_settings"`
	}
	sgPerson struct {
		To      []sgAddress       `json:"to"`
		CC      []sgAddress       `json:"cc"`
		BCC     []sgAddress       `json:"bcc"`
		Subject string            `json:"subject"`
		Headers map[string]string `json:"headers"`
		Args    map[string]string `json:"custom_args"`
	}
	sgAddress struct {
		Email string `json:"email"`
		Name  string `json:"name"`
	}
	sgContent struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	sgFile struct {
		Content     string `json:"content"`
		Type        string `json:"type"`
		Filename    string `json:"filename"`
		Disposition string `json:"disposition"`
		ContentID   string `json:"content_id"`
	}
)

func (e *email) routes(mux *http.ServeMux) {
	for pattern, f := range map[string]func(Account, http.ResponseWriter, *http.Request){
		"POST /v3/mail/send":                          e.send,
		"GET /v3/scopes":                              e.scopes,
		"GET /v3/user/webhooks/parse/settings":        e.parseSettings,
		"POST /v3/user/webhooks/parse/settings":       e.setParse,
		"GET /v3/user/webhooks/event/settings":        e.eventSettings,
		"PATCH /v3/user/webhooks/event/settings":      e.setEvents,
		"GET /v3/user/webhooks/event/settings/signed": e.eventKey,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			for _, a := range e.s.Accounts() {
				if a.Kind == "email" && hmac.Equal([]byte(a.AccessToken), []byte(key)) {
					f(a, w, r)
					return
				}
			}
			refuseMail(w, http.StatusUnauthorized, "The provided authorization grant is invalid, expired, or revoked", "")
		})
	}
}

// refuseMail answers with an error as SendGrid words it.
func refuseMail(w http.ResponseWriter, status int, message, field string) {
	var named *string
	if field != "" {
		named = &field
	}
	writeJSON(w, status, map[string]any{"errors": []any{map[string]any{"message": message, "field": named, "help": nil}}})
}

// send takes a mail of the business.
func (e *email) send(a Account, w http.ResponseWriter, r *http.Request) {
	if e.s.spoil(w, r, func(kind string) {
		if kind == FaultThrottle {
			w.Header().Set("X-RateLimit-Reset", w.Header().Get("Retry-After"))
			refuseMail(w, http.StatusTooManyRequests, "too many requests", "")
		} else {
			refuseMail(w, http.StatusInternalServerError, "internal error", "")
		}
	}) {
		return
	}
	var in sgSend
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, mailMax))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			refuseMail(w, http.StatusRequestEntityTooLarge, "The JSON payload you have included in your request is too large", "")
			return
		}
		refuseMail(w, http.StatusBadRequest, "Bad Request: "+strings.TrimPrefix(err.Error(), "json: "), "")
		return
	}
	if status, message, field := e.check(a, &in); status != 0 {
		refuseMail(w, status, message, field)
		return
	}
	files, ok := e.files(in.Attachments)
	if !ok {
		refuseMail(w, http.StatusBadRequest, "The attachment content must be base64 encoded.", "attachments.0.content")
		return
	}
	id := base64.RawURLEncoding.EncodeToString(random(16))
	if !in.Settings.Sandbox.Enable {
		n := 0
		for _, to := range in.Personalizations {
			for _, each := range slices.Concat(to.To, to.CC, to.BCC) {
				e.post(a, &in, to, each, Message{ID: numbered(id, n), Content: Content{Type: "mail", Files: files}})
				n++
			}
		}
	}
	e.s.vanish()
	w.Header().Set("X-Message-Id", id)
	w.WriteHeader(http.StatusAccepted)
}

// numbered tells the copies of a mail apart.
func numbered(id string, n int) string {
	return id + strings.Repeat(".copy", n)
}

// post puts a copy of a mail into one mailbox, or finds that there is none.
func (e *email) post(a Account, in *sgSend, to sgPerson, each sgAddress, m Message) {
	headers := map[string]string{}
	for _, all := range []map[string]string{in.Headers, to.Headers} {
		for name, value := range all {
			headers[strings.ToLower(name)] = value
		}
	}
	letter := &Mail{
		Subject: in.Subject, From: header(in.From.Name, in.From.Email), To: spelt(to.To), CC: spelt(to.CC),
		InReplyTo: bare(headers["in-reply-to"]),
	}
	if to.Subject != "" {
		letter.Subject = to.Subject
	}
	if in.ReplyTo != nil {
		letter.ReplyTo = in.ReplyTo.Email
	} else if len(in.ReplyTos) > 0 {
		letter.ReplyTo = in.ReplyTos[0].Email
	}
	if letter.MessageID = bare(headers["message-id"]); letter.MessageID == "" {
		letter.MessageID = m.ID + "@geopod-ismtpd-sandbox"
	}
	for _, ref := range strings.Fields(headers["references"]) {
		letter.References = append(letter.References, bare(ref))
	}
	letter.Automatic = headers["auto-submitted"] != "" && headers["auto-submitted"] != "no"
	for _, c := range in.Content {
		switch c.Type {
		case "text/plain":
			m.Content.Text = c.Value
		case "text/html":
			letter.HTML = c.Value
		}
	}
	args := in.Args
	if to.Args != nil {
		args = to.Args
	}
	if args != nil {
		opaque, _ := json.Marshal(args) // text always can be
		m.Opaque = string(opaque)
	}
	m.Category, m.Content.Mail = strings.Join(in.Categories, ","), letter
	p, known := e.s.recipient(a, strings.ToLower(each.Email))
	if !known {
		m.Account, m.Status = a.ID, StatusFailed
		nobody := Phone{Customer: Customer{Email: each.Email}}
		for _, status := range []string{StatusSent, StatusFailed} {
			e.s.out.send(a, happening{kind: "status", phone: nobody, message: m, status: status})
		}
		return
	}
	for _, old := range e.s.book.chat(p.Key) {
		if letter.InReplyTo != "" && old.Content.Mail != nil && old.Content.Mail.MessageID == letter.InReplyTo {
			m.ReplyTo = old.ID
		}
	}
	e.s.deliver(a, p, m)
}

func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }

func spelt(all []sgAddress) []string {
	var out []string
	for _, a := range all {
		out = append(out, header(a.Name, a.Email))
	}
	return out
}

// reserved headers are SendGrid's to set.
var reserved = []string{
	"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
	"subject", "reply-to", "cc", "bcc",
}

// check returns what is wrong with a mail; a status of 0 means nothing.
func (e *email) check(a Account, in *sgSend) (status int, message, field string) {
	bad := func(message, field string) (int, string, string) { return http.StatusBadRequest, message, field }
	switch {
	case len(in.Personalizations) == 0 || len(in.Personalizations) > 1000:
		return bad("The personalizations field is required and must have at least one personalization.", "personalizations")
	case in.From.Email == "":
		return bad("The from object must be provided for every email send. It is an object that requires the email parameter.",
			"from.email")
	case !sameDomain(in.From.Email, a.Address):
		return http.StatusForbidden,
			"The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.", "from"
	case len(in.Content) == 0:
		return bad("Unless a valid template_id is provided, the content parameter is required.", "content")
	case len(in.Content) > 1 && in.Content[0].Type != "text/plain":
		return bad("If present, text/plain must be first, followed by text/html, followed by any other content.", "content")
	}
	for _, c := range in.Content {
		if c.Value == "" {
			return bad("The content value must be a string at least one character in length.", "content.0.value")
		}
	}
	for _, to := range in.Personalizations {
		if len(to.To) == 0 {
			return bad("The to array is required for all personalization objects, and must have at least one email object with a valid email address.", "personalizations.0.to")
		}
		if to.Subject == "" && in.Subject == "" {
			return bad("The subject is required.", "subject")
		}
		seen := map[string]bool{}
		for _, each := range slices.Concat(to.To, to.CC, to.BCC) {
			if at, err := mail.ParseAddress(each.Email); err != nil || at.Address != each.Email {
				return bad("Does not contain a valid address.", "personalizations.0.to.0.email")
			}
			if seen[strings.ToLower(each.Email)] {
				return bad("Each email address in the personalization block should be unique between to, cc, and bcc.", "personalizations")
			}
			seen[strings.ToLower(each.Email)] = true
		}
		size := 0
		for name, value := range to.Args {
			size += len(name) + len(value)
		}
		if size > 10_000 {
			return bad("The custom_args may have 10000 bytes.", "personalizations.0.custom_args")
		}
	}
	return checkHeaders(in)
}

func checkHeaders(in *sgSend) (status int, message, field string) {
	all := []map[string]string{in.Headers}
	for _, to := range in.Personalizations {
		all = append(all, to.Headers)
	}
	for _, headers := range all {
		for name := range headers {
			if slices.Contains(reserved, strings.ToLower(name)) {
				return http.StatusBadRequest, "The header " + name + " is reserved.", "headers"
			}
		}
	}
	return 0, "", ""
}

func sameDomain(x, y string) bool {
	_, one, _ := strings.Cut(x, "@")
	_, other, _ := strings.Cut(y, "@")
	return strings.EqualFold(one, other)
}

func (e *email) files(all []sgFile) ([]Media, bool) {
	var out []Media
	for _, f := range all {
		content, err := base64.StdEncoding.DecodeString(f.Content)
		if err != nil || len(content) == 0 || f.Filename == "" {
			return nil, false
		}
		m, err := e.s.AddMedia(FromBusiness, f.Type, path.Base(f.Filename), content)
		if err != nil {
			return nil, false
		}
		if f.Disposition == "inline" {
			m.CID = f.ContentID
		}
		out = append(out, m)
	}
	return out, true
}

func (e *email) scopes(_ Account, w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK,
		map[string]any{"scopes": []string{
			"mail.send", "mail.batch.read", "user.webhooks.parse.settings.read",
			"user.webhooks.event.settings.read",
		}})
}

func (e *email) parseSettings(a Account, w http.ResponseWriter, _ *http.Request) {
	_, domain, _ := strings.Cut(a.Address, "@")
	all := []any{}
	if a.Callback != "" {
		all = append(all, map[string]any{"hostname": domain, "url": a.Callback, "spam_check": true, "send_raw": a.Raw})
	}
	writeJSON(w, http.StatusOK, map[string]any{"result": all})
}

// setParse sets where mails to the account's domain go.
func (e *email) setParse(a Account, w http.ResponseWriter, r *http.Request) {
	var in struct {
		Hostname string `json:"hostname"`
		URL      string `json:"url"`
		Raw      bool   `json:"send_raw"`
	}
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in) != nil || in.URL == "" ||
		!sameDomain("@"+in.Hostname, a.Address) {
		refuseMail(w, http.StatusBadRequest, "hostname and url are required", "hostname")
		return
	}
	if err := e.s.SetCallback(r.Context(), a.ID, in.URL, ""); err != nil {
		refuseMail(w, http.StatusBadRequest, err.Error(), "url")
		return
	}
	e.s.change(a.ID, func(a *Account) { a.Raw = in.Raw })
	writeJSON(w, http.StatusCreated, map[string]any{"hostname": in.Hostname, "url": in.URL, "spam_check": true, "send_raw": in.Raw})
}

func (e *email) eventSettings(a Account, w http.ResponseWriter, _ *http.Request) {
	on := a.Reports != ""
	writeJSON(w, http.StatusOK, map[string]any{
		"enabled": on, "url": a.Reports, "processed": on, "delivered": on, "open": on, "bounce": on,
		"dropped": on, "deferred": on,
	})
}

// setEvents sets where events go.
func (e *email) setEvents(a Account, w http.ResponseWriter, r *http.Request) {
	var in struct {
		Enabled bool   `json:"enabled"`
		URL     string `json:"url"`
	}
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in) != nil {
		refuseMail(w, http.StatusBadRequest, "the body is no JSON", "")
		return
	}
	if !in.Enabled {
		in.URL = ""
	}
	if err := e.s.SetReports(a.ID, in.URL); err != nil {
		refuseMail(w, http.StatusBadRequest, err.Error(), "url")
		return
	}
	a.Reports = in.URL
	e.eventSettings(a, w, r)
}

func (e *email) eventKey(a Account, w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"id": "sandbox", "public_key": publicKey(a), "created": time.Time{}})
}
