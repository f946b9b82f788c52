package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/errs"
)

const (
	controlMax  = 1 << 20
	eventsEvery = time.Second
)

// State is everything at a glance.
type State struct {
	Accounts   []Account        `json:"accounts"`
	Phones     []Phone          `json:"phones"`
	Messages   []Message        `json:"messages"`
	Faults     map[string]Fault `json:"faults"`
	Deliveries Deliveries       `json:"deliveries"`
	Traffic    Traffic          `json:"traffic"`
}

// say is the body of a customer's message.
type say struct {
	Account  string             `json:"account"`
	Type     string             `json:"type"`
	Text     string             `json:"text"`
	Media    string             `json:"media"`  // the id of an upload
	Sample   string             `json:"sample"` // instead of an upload: a file that the sandbox has
	Location *channels.Location `json:"location"`
	Contacts []channels.Card    `json:"contacts"`
	Answer   *Answer            `json:"answer"`
	Order    *channels.Order    `json:"order"`
	ReplyTo  string             `json:"reply_to"`
	Mail     *Mail              `json:"mail"`  // its subject, copies and whether it is automatic
	Files    []string           `json:"files"` // of a mail: the ids of uploads
}

// about is the body of what a customer does to a message.
type about struct {
	Message string `json:"message"`
	Emoji   string `json:"emoji"`
	Text    string `json:"text"`
	Account string `json:"account"` // of a report about no message
	Report  string `json:"report"`  // its name, in the provider's words
}

// controlRoutes is the sandbox's own API: for its page, and for tests.
func (s *Sandbox) controlRoutes(mux *http.ServeMux) {
	for pattern, f := range map[string]func(*http.Request) (any, error){
		"GET /_sandbox/state":                   func(*http.Request) (any, error) { return s.State(), nil },
		"POST /_sandbox/faults":                 s.postFaults,
		"DELETE /_sandbox/faults":               s.deleteFaults,
		"POST /_sandbox/traffic":                s.postTraffic,
		"GET /_sandbox/traffic":                 func(*http.Request) (any, error) { return s.Traffic(), nil },
		"DELETE /_sandbox/traffic":              func(*http.Request) (any, error) { s.traffic.cancel(); return s.Traffic(), nil },
		"POST /_sandbox/retry":                  func(*http.Request) (any, error) { s.out.retry(); return s.out.counts(), nil },
		"POST /_sandbox/accounts/{id}/callback": s.postCallback,
		"POST /_sandbox/phones":                 s.postPhone,
		"PATCH /_sandbox/phones/{key}":          s.patchPhone,
		"GET /_sandbox/phones/{key}/messages":   s.getChat,
		"POST /_sandbox/phones/{key}/messages":  s.postMessage,
		"POST /_sandbox/phones/{key}/media":     s.postMedia,
		"POST /_sandbox/phones/{key}/native":    s.postNative,
		"POST /_sandbox/phones/{key}/{act}":     s.postAct,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			value, err := f(r)
			if err != nil {
				s.answerProblem(w, err)
				return
			}
			writeJSON(w, http.StatusOK, value)
		})
	}
	mux.HandleFunc("GET /_sandbox/events", s.events)
	mux.HandleFunc("GET /_sandbox/media/{id}", s.showMedia)
}

// answerProblem tells the caller, and the log when it is our fault.
func (s *Sandbox) answerProblem(w http.ResponseWriter, err error) {
	status, problem := http.StatusInternalServerError, map[string]any{"code": "internal", "title": "Something went wrong."}
	var known *errs.Error
	if errors.As(err, &known) {
		status = map[errs.Kind]int{
			errs.Invalid: http.StatusUnprocessableEntity, errs.NotFound: http.StatusNotFound,
			errs.Conflict: http.StatusConflict, errs.TooLarge: http.StatusRequestEntityTooLarge,
		}[known.Kind]
		problem = map[string]any{"code": known.Code, "title": known.Text, "errors": known.Fields}
	} else {
		s.log.Error().Err(err).Msg("sandbox request failed")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	writeJSON(w, status, problem)
}

// readControl reads a JSON body; what does not belong there is a mistake.
func readControl[T any](r *http.Request) (T, error) {
	var v T
	dec := json.NewDecoder(io.LimitReader(r.Body, controlMax))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return v, errs.Wrap(err, errs.Invalid, "body_invalid", "The body is not understood: "+strings.TrimPrefix(err.Error(), "json: ")+".")
	}
	return v, nil
}

// State returns everything at a glance.
func (s *Sandbox) State() State {
	s.book.mu.Lock()
	phones, messages := s.book.snapshot()
	s.book.mu.Unlock()
	return s.stateOf(phones, messages)
}

func (s *Sandbox) stateOf(phones []Phone, messages []Message) State {
	return State{s.Accounts(), phones, messages, s.faults.all(), s.out.counts(), s.Traffic()}
}

// SetFaults sets faults by kind; one that could never happen is taken away.
func (s *Sandbox) SetFaults(set map[string]Fault) error {
	for kind, f := range set {
		if !slices.Contains(faultKinds, kind) {
			return errs.InvalidField("fault_unknown", kind, "Faults are "+strings.Join(faultKinds, ", ")+".")
		}
		if f.Probability < 0 || f.Probability > 1 || f.Count < 0 || f.Millis < 0 || f.Millis > 120_000 || f.RetryAfter < 0 ||
			f.RetryAfter > 3600 {
			return errs.InvalidField("fault_invalid", kind,
				"A probability is 0 to 1, a wait at most 120000 ms, retry_after at most 3600 s.")
		}
	}
	s.faults.change(set)
	s.book.publish("faults", s.faults.all())
	return nil
}

// ClearFaults makes everything go well again.
func (s *Sandbox) ClearFaults() {
	s.faults.clear()
	s.book.publish("faults", s.faults.all())
}

func (s *Sandbox) postFaults(r *http.Request) (any, error) {
	set, err := readControl[map[string]Fault](r)
	if err != nil {
		return nil, err
	}
	err = s.SetFaults(set)
	return s.faults.all(), err
}

func (s *Sandbox) deleteFaults(*http.Request) (any, error) {
	s.ClearFaults()
	return s.faults.all(), nil
}

func (s *Sandbox) postCallback(r *http.Request) (any, error) {
	body, err := readControl[struct {
		URL     *string `json:"url"`
		Verify  string  `json:"verify_token"` // that of the channel; empty: the account's
		Reports *string `json:"reports"`
		Raw     *bool   `json:"raw"`
	}](r)
	if err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	if body.URL != nil {
		err = s.SetCallback(r.Context(), id, strings.TrimSpace(*body.URL), strings.TrimSpace(body.Verify))
	}
	if body.Reports != nil && err == nil {
		err = s.SetReports(id, strings.TrimSpace(*body.Reports))
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "callback_refused", err.Error())
	}
	if body.Raw != nil {
		s.change(id, func(a *Account) { a.Raw = *body.Raw })
	}
	return s.Accounts(), nil
}

func (s *Sandbox) postPhone(r *http.Request) (any, error) {
	c, err := readControl[Customer](r)
	if err != nil {
		return nil, err
	}
	return s.AddCustomer(c)
}

func (s *Sandbox) patchPhone(r *http.Request) (any, error) {
	body, err := readControl[struct {
		Off    *bool `json:"off"`
		NoRead *bool `json:"no_read"`
	}](r)
	if err != nil {
		return nil, err
	}
	p, ok := s.book.phone(r.PathValue("key"))
	if !ok {
		return nil, noPhone(r.PathValue("key"))
	}
	if body.Off != nil {
		p.Off = *body.Off
	}
	if body.NoRead != nil {
		p.NoRead = *body.NoRead
	}
	return s.Switch(p.Key, p.Off, p.NoRead)
}

func (s *Sandbox) getChat(r *http.Request) (any, error) {
	if _, ok := s.book.phone(r.PathValue("key")); !ok {
		return nil, noPhone(r.PathValue("key"))
	}
	return map[string]any{"items": s.Chat(r.PathValue("key"))}, nil
}

// postMessage sends what a customer typed, tapped or attached.
func (s *Sandbox) postMessage(r *http.Request) (any, error) {
	body, err := readControl[say](r)
	if err != nil {
		return nil, err
	}
	c := Content{Type: body.Type, Text: body.Text, Location: body.Location, Contacts: body.Contacts, Answer: body.Answer, Order: body.Order}
	if body.Mail != nil {
		c.Mail = &Mail{Subject: body.Mail.Subject, CC: body.Mail.CC, Automatic: body.Mail.Automatic}
	}
	for _, id := range body.Files {
		m, ok := s.book.mediaInfo(id)
		if !ok {
			return nil, errs.InvalidField("media_unknown", "files", "There is no such upload.")
		}
		c.Files = append(c.Files, m)
	}
	switch {
	case body.Sample != "":
		if c, err = s.sample(body.Sample); err != nil {
			return nil, err
		}
		c.Text = body.Text
	case body.Media != "":
		m, ok := s.book.mediaInfo(body.Media)
		if !ok {
			return nil, errs.InvalidField("media_unknown", "media", "There is no such upload.")
		}
		c.Media = &m
	}
	if c.Type == "answer" && c.Answer != nil {
		c.Text = c.Answer.Title
	}
	if err := complete(c); err != nil {
		return nil, err
	}
	return s.Say(Message{Phone: r.PathValue("key"), Account: body.Account, Content: c, ReplyTo: body.ReplyTo})
}

// postNative is what the business writes in the provider's own app.
func (s *Sandbox) postNative(r *http.Request) (any, error) {
	body, err := readControl[say](r)
	if err != nil {
		return nil, err
	}
	return s.Native(r.PathValue("key"), body.Account, body.Text)
}

// complete refuses a message that lacks what its type names.
func complete(c Content) error {
	missing := ""
	switch c.Type {
	case "text", "mail", "like":
	case "image", "video", "audio", "voice", "document", "sticker", "story_reply", "story_mention", "share":
		if c.Media == nil {
			missing = "media"
		}
	case "location":
		if c.Location == nil {
			missing = "location"
		}
	case "contacts", "contact_share":
		if len(c.Contacts) == 0 || (c.Type == "contact_share" && len(c.Contacts[0].Phones) == 0) {
			missing = "contacts"
		}
	case "answer":
		if c.Answer == nil || !slices.Contains([]string{"reply", "quick_reply", "row", "form", "call_permission"}, c.Answer.Kind) {
			missing = "answer"
		}
	case "order":
		if c.Order == nil || len(c.Order.Items) == 0 || slices.ContainsFunc(c.Order.Items,
			func(i channels.OrderItem) bool { return !json.Valid([]byte(i.Price)) }) {
			missing = "order"
		}
	default:
		missing = "type"
	}
	if missing != "" {
		return errs.InvalidField(missing+"_missing", missing, "A message of type "+c.Type+" needs this.")
	}
	return nil
}

// postMedia keeps a file that a customer picked; the body is the file.
func (s *Sandbox) postMedia(r *http.Request) (any, error) {
	content, err := io.ReadAll(io.LimitReader(r.Body, uploadMax+1))
	if err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	if len(content) == 0 || len(content) > uploadMax {
		return nil, errs.New(errs.TooLarge, "media_size", "A file has 1 byte to 100 MB.")
	}
	mime, name := r.Header.Get("Content-Type"), r.URL.Query().Get("name")
	if strings.HasPrefix(mime, "audio/webm") { // what browsers record; a phone sends Ogg
		if content, err = webmToOgg(content); err != nil {
			return nil, errs.Wrap(err, errs.Invalid, "recording_invalid", "The recording could not be read.")
		}
		mime = voiceMIME
	}
	return s.AddMedia(FromCustomer, mime, name, content)
}

// postAct does something to a message.
func (s *Sandbox) postAct(r *http.Request) (any, error) {
	body, err := readControl[about](r)
	if err != nil {
		return nil, err
	}
	key := r.PathValue("key")
	switch act := r.PathValue("act"); act {
	case "reactions":
		err = s.React(key, body.Message, body.Emoji)
	case "edit":
		err = s.Edit(key, body.Message, body.Text)
	case "delete":
		err = s.Delete(key, body.Message)
	case "play":
		err = s.Play(key, body.Message)
	case "report":
		err = s.Report(key, body.Account, body.Message, body.Report)
	default:
		err = errs.New(errs.NotFound, "act_unknown", "There is no act "+act+".")
	}
	if err != nil {
		return nil, err
	}
	m, _ := s.book.message(body.Message)
	return m, nil
}

// showMedia shows a file to the page, which alone may run anything.
func (s *Sandbox) showMedia(w http.ResponseWriter, r *http.Request) {
	m, ok := s.book.mediaInfo(r.PathValue("id"))
	content, err := s.book.mediaContent(r.PathValue("id"))
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", m.MIME)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	if major, _, _ := strings.Cut(m.MIME, "/"); major != "image" && major != "audio" && major != "video" {
		w.Header().Set("Content-Disposition", "attachment")
	}
	http.ServeContent(w, r, "", m.At, strings.NewReader(string(content)))
}

// events streams the whole state and then every change. Who falls behind is cut off and starts again.
func (s *Sandbox) events(w http.ResponseWriter, r *http.Request) {
	phones, messages, changes := s.book.watch()
	defer s.book.unwatch(changes)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	send := func(kind string, data any) bool {
		text, err := json.Marshal(data)
		if err == nil {
			_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind, text)
		}
		if err == nil {
			err = out.Flush()
		}
		return err == nil
	}
	if !send("state", s.stateOf(phones, messages)) {
		return
	}
	ticks := time.NewTicker(eventsEvery)
	defer ticks.Stop()
	var told struct {
		Deliveries Deliveries       `json:"deliveries"`
		Traffic    Traffic          `json:"traffic"`
		Faults     map[string]Fault `json:"faults"`
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case <-s.closed:
			return
		case c, open := <-changes:
			if !open || !send(c.kind, c.data) {
				return
			}
		case <-ticks.C:
			told.Deliveries, told.Traffic, told.Faults = s.out.counts(), s.Traffic(), s.faults.all()
			if !send("counts", told) {
				return
			}
		}
	}
}
