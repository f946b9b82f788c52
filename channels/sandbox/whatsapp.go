package sandbox

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// whatsApp is the dialect of the WhatsApp Cloud API.
type whatsApp struct {
	*graph
	templates []waTemplate
}

func newWhatsApp(g *graph) *whatsApp { return &whatsApp{graph: g, templates: seedTemplates()} }

// edges are the parts of the Graph API that a business uses to talk with its customers.
func (g *whatsApp) edges() map[string]edge {
	return map[string]edge{
		"GET ": g.object, "POST ": g.configure, "DELETE ": g.deleteMedia, "POST media": g.upload, "POST messages": g.send,
		"GET message_templates": g.listTemplates, "GET phone_numbers": g.phoneNumbers,
		"GET subscribed_apps": g.subscriptions, "POST subscribed_apps": g.subscribe, "DELETE subscribed_apps": g.unsubscribe,
	}
}

func (g *whatsApp) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /whatsapp_business/attachments/{$}", g.download)
}

func (g *whatsApp) credentials(a Account) []Credential {
	return []Credential{
		{"phone_number_id", a.ID},
		{"business_account_id", a.BusinessID},
		{"access_token", a.AccessToken},
		{"app_secret", a.AppSecret},
		{"verify_token", a.VerifyToken},
	}
}

func (g *whatsApp) address(_ Account, p Phone) string {
	if p.uses("whatsapp") && p.Phone != "" {
		return p.Phone
	}
	return p.UserID
}

// spoilt words the faults of the API.
func (g *whatsApp) spoilt(kind string) *graphError {
	if kind == FaultThrottle {
		return fail(130429, "Too many messages were sent in a short time.")
	}
	return fail(131000, "Something went wrong, as asked for.")
}

// newID makes a wamid: opaque, and long as they are.
func (g *whatsApp) newID(p Phone, _ Content) string {
	b := append([]byte{0x1c, 0x18, byte(len(p.Phone))}, p.Phone...)
	b = append(b, 0x15, 0x02, 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(append(b, strings.ToUpper(hex.EncodeToString(random(10)))...))
}

// object answers for a phone number, a business account or a media file.
func (g *whatsApp) object(c graphCall) (any, *graphError) {
	switch c.id {
	case c.account.ID:
		return selectFields(phoneFields(c.account), c.r.URL.Query().Get("fields"),
			[]string{"verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type", "throughput"})
	case c.account.BusinessID:
		return selectFields(map[string]any{
			"id": c.account.BusinessID, "name": c.account.Name, "timezone_id": "72", "currency": "USD",
			"message_template_namespace": "sandbox", "account_review_status": "APPROVED",
		}, c.r.URL.Query().Get("fields"), []string{"name", "timezone_id", "message_template_namespace"})
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
		"code_verification_status": "VERIFIED", "throughput": map[string]string{"level": level}, "name_status": "APPROVED",
		"status":               "CONNECTED",
		"messaging_limit_tier": "TIER_10K", "is_official_business_account": false, "account_mode": "LIVE",
		"health_status": map[string]any{
			"can_send_message": "AVAILABLE",
			"entities":         []map[string]string{{"entity_type": "PHONE_NUMBER", "id": a.ID, "can_send_message": "AVAILABLE"}},
		},
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
			number, err := selectFields(phoneFields(a), c.r.URL.Query().Get("fields"),
				[]string{"verified_name", "display_phone_number", "quality_rating"})
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
		data = append(data, map[string]any{
			"override_callback_uri": c.account.Callback,
			"whatsapp_business_api_data": map[string]string{
				"id": "600000000000001", "name": "Sandbox",
				"link": "https://www.facebook.com/games/?app_id=600000000000001",
			},
		})
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
