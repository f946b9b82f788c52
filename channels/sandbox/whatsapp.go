package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// whatsApp is the dialect of the WhatsApp Cloud API.
type whatsApp struct {
	s         *Sandbox
	client    *http.Client // for the question whether an address wants webhooks
	templates []waTemplate

	mu     sync.Mutex
	limits map[string]*bucket
}

func newWhatsApp(s *Sandbox, client *http.Client) *whatsApp {
	return &whatsApp{s: s, client: client, templates: seedTemplates(), limits: map[string]*bucket{}}
}

// graphCall is one call of the API by somebody who may.
type graphCall struct {
	account Account
	id      string // of the object in the path
	r       *http.Request
}

var graphVersion = regexp.MustCompile(`^v\d{1,3}\.\d$`)

// routes adds the parts of the Graph API that a business uses to talk with its customers.
func (g *whatsApp) routes(mux *http.ServeMux) {
	for pattern, f := range map[string]func(graphCall) (any, *graphError){
		"GET /{version}/{id}":                    g.object,
		"POST /{version}/{id}":                   g.configure,
		"DELETE /{version}/{id}":                 g.deleteMedia,
		"POST /{version}/{id}/media":             g.upload,
		"GET /{version}/{id}/message_templates":  g.listTemplates,
		"GET /{version}/{id}/phone_numbers":      g.phoneNumbers,
		"GET /{version}/{id}/subscribed_apps":    g.subscriptions,
		"POST /{version}/{id}/subscribed_apps":   g.subscribe,
		"DELETE /{version}/{id}/subscribed_apps": g.unsubscribe,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			value, err := g.call(r, f)
			answerGraph(w, value, err)
		})
	}
	mux.HandleFunc("POST /{version}/{id}/messages", g.messages)
	mux.HandleFunc("GET /whatsapp_business/attachments/{$}", g.download)
	mux.HandleFunc("/{version}/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		err := fail(2500, "")
		err.title += ": " + r.URL.Path
		answerGraph(w, nil, err)
	})
}

// call checks the version and the caller before f runs.
func (g *whatsApp) call(r *http.Request, f func(graphCall) (any, *graphError)) (any, *graphError) {
	if !graphVersion.MatchString(r.PathValue("version")) {
		err := fail(2500, "")
		err.title += ": " + r.URL.Path
		return nil, err
	}
	a, err := g.authorise(r)
	if err != nil {
		return nil, err
	}
	return f(graphCall{account: a, id: r.PathValue("id"), r: r})
}

// authorise finds the account whose token this is.
func (g *whatsApp) authorise(r *http.Request) (Account, *graphError) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		token = r.URL.Query().Get("access_token")
	}
	if token == "" {
		err := fail(190, "")
		err.title = "An access token is required to request this resource."
		return Account{}, err
	}
	for _, a := range g.s.Accounts() {
		if a.Kind != "whatsapp" || !hmac.Equal([]byte(a.AccessToken), []byte(token)) {
			continue
		}
		if proof := r.URL.Query().Get("appsecret_proof"); proof != "" {
			mac := hmac.New(sha256.New, []byte(a.AppSecret))
			mac.Write([]byte(token))
			if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(proof)) {
				err := fail(100, "")
				err.title = "Invalid appsecret_proof provided in the API argument"
				return Account{}, err
			}
		}
		if id := r.PathValue("id"); id != a.ID && id != a.BusinessID { // a token may belong to several numbers
			if other, ok := g.s.account(id); ok && id != "" && other.AccessToken == token {
				return other, nil
			}
		}
		return a, nil
	}
	return Account{}, fail(190, "")
}

// newID makes a wamid: opaque, and long as they are.
func (g *whatsApp) newID(p Phone) string {
	b := append([]byte{0x1c, 0x18, byte(len(p.Phone))}, p.Phone...)
	b = append(b, 0x15, 0x02, 0x00)
	random := make([]byte, 10)
	_, _ = rand.Read(random)
	return "wamid." + base64.StdEncoding.EncodeToString(append(b, strings.ToUpper(hex.EncodeToString(random))...))
}

// object answers for a phone number, a business account or a media file.
func (g *whatsApp) object(c graphCall) (any, *graphError) {
	switch c.id {
	case c.account.ID:
		return selectFields(phoneFields(c.account), c.r.URL.Query().Get("fields"), []string{"verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type", "throughput"})
	case c.account.BusinessID:
		return selectFields(map[string]any{"id": c.account.BusinessID, "name": c.account.Name, "timezone_id": "72", "currency": "USD",
			"message_template_namespace": "sandbox", "account_review_status": "APPROVED"}, c.r.URL.Query().Get("fields"), []string{"name", "timezone_id", "message_template_namespace"})
	}
	return g.mediaInfo(c)
}

func phoneFields(a Account) map[string]any {
	level := "STANDARD"
	if a.PerSecond > 80 {
		level = "HIGH"
	}
	fields := map[string]any{
		"id": a.ID, "display_phone_number": a.Address, "verified_name": a.Name, "quality_rating": "GREEN", "platform_type": "CLOUD_API",
		"code_verification_status": "VERIFIED", "throughput": map[string]string{"level": level}, "name_status": "APPROVED", "status": "CONNECTED",
		"messaging_limit_tier": "TIER_10K", "is_official_business_account": false, "account_mode": "LIVE",
		"health_status":         map[string]any{"can_send_message": "AVAILABLE", "entities": []map[string]string{{"entity_type": "PHONE_NUMBER", "id": a.ID, "can_send_message": "AVAILABLE"}}},
		"webhook_configuration": map[string]string{"application": a.Callback},
	}
	return fields
}

// selectFields keeps the fields that were asked for, and the id always.
func selectFields(all map[string]any, asked string, usual []string) (any, *graphError) {
	names := usual
	if asked != "" {
		names = strings.Split(asked, ",")
	}
	out := map[string]any{"id": all["id"]}
	for _, name := range names {
		name = strings.TrimSpace(name)
		value, ok := all[name]
		if !ok {
			err := fail(100, "")
			err.title = fmt.Sprintf("Tried accessing nonexisting field (%s)", name)
			return nil, err
		}
		out[name] = value
	}
	return out, nil
}

func (g *whatsApp) phoneNumbers(c graphCall) (any, *graphError) {
	if c.id != c.account.BusinessID {
		return nil, noObject(c.id)
	}
	numbers := []any{}
	for _, a := range g.s.Accounts() {
		if a.BusinessID == c.id {
			number, err := selectFields(phoneFields(a), c.r.URL.Query().Get("fields"), []string{"verified_name", "display_phone_number", "quality_rating"})
			if err != nil {
				return nil, err
			}
			numbers = append(numbers, number)
		}
	}
	return map[string]any{"data": numbers}, nil
}

// callbackRequest names another webhook address.
type callbackRequest struct {
	Address string `json:"override_callback_uri"`
	Token   string `json:"verify_token"`
}

// subscriptions lists the app, as it is subscribed.
func (g *whatsApp) subscriptions(c graphCall) (any, *graphError) {
	if c.id != c.account.BusinessID {
		return nil, noObject(c.id)
	}
	data := []any{}
	if c.account.Callback != "" {
		data = append(data, map[string]any{"override_callback_uri": c.account.Callback,
			"whatsapp_business_api_data": map[string]string{"id": "600000000000001", "name": "Sandbox", "link": "https://www.facebook.com/games/?app_id=600000000000001"}})
	}
	return map[string]any{"data": data}, nil
}

// subscribe sends the webhooks of every number of the business account to the address that the body names.
func (g *whatsApp) subscribe(c graphCall) (any, *graphError) {
	if c.id != c.account.BusinessID {
		return nil, noObject(c.id)
	}
	var body callbackRequest
	if err := readForm(c.r, &body); err != nil {
		return nil, err
	}
	if body.Address == "" {
		return map[string]bool{"success": true}, nil
	}
	for _, a := range g.s.Accounts() {
		if a.BusinessID == c.id {
			if err := g.setCallback(c.r.Context(), a, body); err != nil {
				return nil, err
			}
		}
	}
	return map[string]bool{"success": true}, nil
}

// configure changes a number's webhook address.
func (g *whatsApp) configure(c graphCall) (any, *graphError) {
	if c.id != c.account.ID {
		return nil, noObject(c.id)
	}
	var body struct {
		Webhook callbackRequest `json:"webhook_configuration"`
	}
	if err := readForm(c.r, &body); err != nil {
		return nil, err
	}
	if body.Webhook.Address == "" {
		return nil, fail(100, "webhook_configuration.override_callback_uri is required.")
	}
	return map[string]bool{"success": true}, g.setCallback(c.r.Context(), c.account, body.Webhook)
}

func (g *whatsApp) unsubscribe(c graphCall) (any, *graphError) {
	if c.id != c.account.BusinessID {
		return nil, noObject(c.id)
	}
	return map[string]bool{"success": true}, g.setCallback(c.r.Context(), c.account, callbackRequest{})
}

func (g *whatsApp) setCallback(ctx context.Context, a Account, body callbackRequest) *graphError {
	if err := g.s.SetCallback(ctx, a.ID, body.Address, body.Token); err != nil {
		failed := fail(2200, "%v", err)
		failed.title += " with the following errors: " + err.Error()
		return failed
	}
	return nil
}

// readForm reads parameters from JSON, or from a form as many clients send them.
func readForm(r *http.Request, into any) *graphError {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		return fail(100, "The body could not be read.")
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || len(body) == 0 {
		form, _ := url.ParseQuery(string(body))
		for name, values := range r.URL.Query() {
			form[name] = values
		}
		flat := map[string]any{}
		for name, values := range form {
			flat[name] = values[0]
			if json.Valid([]byte(values[0])) && strings.HasPrefix(values[0], "{") {
				flat[name] = json.RawMessage(values[0])
			}
		}
		if body, err = json.Marshal(flat); err != nil {
			return fail(100, "The form could not be read.")
		}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fail(100, "The body is not valid JSON.")
	}
	return nil
}

// confirm asks an address, as Meta does before it sends anything there.
func (g *whatsApp) confirm(ctx context.Context, _ Account, address, verifyToken string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("callback address: %w", err)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1e9))
	if err != nil {
		return fmt.Errorf("challenge: %w", err)
	}
	challenge := n.Add(n, big.NewInt(1e9)).String()
	q := u.Query()
	q.Set("hub.mode", "subscribe")
	q.Set("hub.challenge", challenge)
	q.Set("hub.verify_token", verifyToken)
	u.RawQuery = q.Encode()
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fmt.Errorf("callback request: %w", err)
	}
	req.Header.Set("User-Agent", "facebookplatform/1.0 (+http://developers.facebook.com)")
	res, err := g.client.Do(req)
	if err != nil {
		return fmt.Errorf("callback not reached: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("callback answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP Status Code = %d", res.StatusCode)
	}
	if string(body) != challenge {
		return fmt.Errorf("the challenge was not echoed")
	}
	return nil
}

// bucket is a token bucket: so many at once, one more in each interval.
type bucket struct {
	tokens float64
	at     time.Time
}

// limit takes one from the named bucket, if it is not empty.
func (g *whatsApp) limit(name string, burst float64, every time.Duration) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.s.clock.Now()
	b := g.limits[name]
	if b == nil {
		b = &bucket{tokens: burst, at: now}
		g.limits[name] = b
	}
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()/every.Seconds())
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
