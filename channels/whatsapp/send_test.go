package whatsapp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/whatsapp"
	"wasl/internal/httpclient"
)

// serve runs a stand-in and returns an adapter and an account that use it.
func serve(t *testing.T, handler http.HandlerFunc) (*whatsapp.Adapter, channels.Account) {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	a := account
	a.BaseURL = srv.URL
	return whatsapp.New(whatsapp.Options{HTTP: httpclient.New(httpclient.Options{AllowPrivate: true})}), a
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func text(s string) channels.Outgoing {
	return channels.Outgoing{MessageID: "msg_1", To: []channels.Identity{phone()}, Content: channels.Content{Type: "text", Text: s}}
}

func sendError(t *testing.T, err error) *channels.SendError {
	t.Helper()
	var e *channels.SendError
	if !errors.As(err, &e) {
		t.Fatalf("not a SendError: %v", err)
	}
	return e
}

func TestEveryCodeOfThePlatformMeansSomething(t *testing.T) {
	const refused, throttled, down, uncertain, dead = channels.Refused, channels.Throttled, channels.Down, channels.Uncertain, channels.Dead
	for _, c := range []struct {
		status, code int
		outcome      channels.Outcome
		ours         string
	}{
		{401, 190, dead, "token_invalid"},
		{401, 0, dead, "token_invalid"},
		{403, 3, dead, "permission_missing"},
		{403, 10, dead, "permission_missing"},
		{403, 200, dead, "permission_missing"},
		{403, 299, dead, "permission_missing"},
		{403, 131005, dead, "permission_missing"},
		{400, 4, throttled, "api_limit"},
		{400, 80007, throttled, "api_limit"},
		{400, 1, down, "provider_down"},
		{400, 2, down, "provider_down"},
		{400, 131000, down, "provider_down"},
		{400, 135000, down, "provider_down"},
		{500, 1, uncertain, "delivery_unknown"},
		{500, 2, uncertain, "delivery_unknown"},
		{500, 131000, uncertain, "delivery_unknown"},
		{503, 131016, down, "provider_down"},
		{503, 133004, down, "provider_down"},
		{500, 131057, down, "number_in_maintenance"},
		{500, 777, uncertain, "delivery_unknown"},
		{400, 777, refused, "provider_refused"},
		{429, 777, throttled, "rate_limited"},
		{400, 33, refused, "invalid_request"},
		{400, 100, refused, "invalid_request"},
		{400, 131008, refused, "invalid_request"},
		{400, 131009, refused, "invalid_request"},
		{429, 130429, throttled, "rate_limited"},
		{400, 130429, throttled, "rate_limited"},
		{400, 131056, throttled, "recipient_rate_limited"},
		{400, 131048, refused, "spam_limited"},
		{400, 131049, refused, "marketing_limited"},
		{400, 130472, refused, "marketing_limited"},
		{400, 131050, refused, "marketing_stopped"},
		{400, 131026, refused, "not_reachable"},
		{400, 131047, refused, "window_closed"},
		{400, 131051, refused, "type_not_supported"},
		{400, 131052, refused, "media_unavailable"},
		{400, 131053, refused, "media_rejected"},
		{400, 131021, refused, "recipient_is_sender"},
		{400, 131030, refused, "not_on_test_list"},
		{400, 130497, refused, "country_not_allowed"},
		{403, 131031, dead, "account_restricted"},
		{403, 368, dead, "account_restricted"},
		{400, 131037, refused, "display_name_not_approved"},
		{400, 131042, dead, "payment_problem"},
		{400, 131044, dead, "payment_problem"},
		{400, 131045, dead, "number_not_registered"},
		{400, 133000, dead, "number_not_registered"},
		{400, 133010, dead, "number_not_registered"},
		{400, 133016, dead, "number_not_registered"},
		{400, 131060, refused, "content_unavailable"},
		{400, 131062, refused, "phone_required"},
		{400, 131063, refused, "marketing_not_allowed"},
		{400, 131064, refused, "marketing_limited"},
		{400, 132000, refused, "template_parameter_invalid"},
		{400, 132001, refused, "template_unknown"},
		{400, 132005, refused, "template_too_long"},
		{400, 132007, refused, "template_policy"},
		{400, 132008, refused, "template_parameter_invalid"},
		{400, 132012, refused, "template_parameter_invalid"},
		{400, 132015, refused, "template_paused"},
		{400, 132016, refused, "template_disabled"},
		{400, 132018, refused, "template_parameter_invalid"},
		{400, 132068, refused, "form_blocked"},
		{400, 132069, throttled, "form_limited"},
		{400, 137000, refused, "identity_changed"},
	} {
		a, account := serve(t, reply(c.status,
			fmt.Sprintf(`{"error":{"message":"(#%d) words","type":"OAuthException","code":%d,"error_data":{"messaging_product":"whatsapp","details":"More words."}}}`, c.code, c.code)))
		_, err := a.Send(t.Context(), account, text("x"))
		e := sendError(t, err)
		if e.Outcome != c.outcome || e.Code != c.ours || e.Title == "" || e.Detail == "" {
			t.Errorf("HTTP %d, code %d: %+v, want outcome %d %s", c.status, c.code, e, c.outcome, c.ours)
		}
		if e.Recipient != (c.code == 131056) {
			t.Errorf("code %d: only the recipient waits: %v", c.code, e.Recipient)
		}
	}
}

func TestErrorsCarryTheProvidersNumberAndPatience(t *testing.T) {
	a, acc := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "11")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(file("testdata/api/whatsapp-api-error-131056.json"))
	})
	_, err := a.Send(t.Context(), acc, text("x"))
	if e := sendError(t, err); e.Provider != "131056" || e.RetryAfter != 11*time.Second || !e.Recipient {
		t.Errorf("%+v", e)
	}
	a, acc = serve(t, reply(401, string(file("testdata/api/meta-error-190-expired-token.json"))))
	_, err = a.Send(t.Context(), acc, text("x"))
	if e := sendError(t, err); e.Provider != "190/463" {
		t.Errorf("%+v", e)
	}
	a, acc = serve(t, reply(400, `{"error":{"code":777,"message":"m","error_user_msg":"u","error_data":{"details":"Say this."}}}`))
	_, err = a.Send(t.Context(), acc, text("x"))
	if e := sendError(t, err); e.Detail != "Say this." {
		t.Errorf("an unknown refusal needs the provider's own words: %+v", e)
	}
	a, acc = serve(t, reply(500, `{"error":{"message":"no code"}}`))
	_, err = a.Send(t.Context(), acc, text("x"))
	if e := sendError(t, err); e.Outcome != channels.Uncertain {
		t.Errorf("an error without a code must not stop the channel: %+v", e)
	}
}

func TestWhatWhatsAppWouldRefuseIsNotSent(t *testing.T) {
	a, acc := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("called %s", r.URL.Path) })
	attached := func(kind, mime string, size int64, caption string) channels.Content {
		return channels.Content{Type: "media", Text: caption, Attachments: []channels.Attachment{{Kind: kind, MIME: mime, Size: size}}}
	}
	for code, content := range map[string]channels.Content{
		"text_too_long":          {Type: "text", Text: strings.Repeat("א", 4097)},
		"text_empty":             {Type: "text", Text: " \n"},
		"media_too_large":        attached("image", "image/png", 5<<20+1, ""),
		"media_type_not_allowed": attached("image", "image/heic", 4, ""),
		"caption_too_long":       attached("image", "image/png", 4, strings.Repeat("x", 1025)),
		"caption_not_allowed":    attached("voice", "audio/ogg", 4, "x"),
		"media_missing":          {Type: "media"},
		"type_not_supported":     {Type: "note", Text: "secret"},
	} {
		_, err := a.Send(t.Context(), acc, channels.Outgoing{To: []channels.Identity{phone()}, Content: content})
		if e := sendError(t, err); e.Outcome != channels.Refused || e.Code != code {
			t.Errorf("want %s, got %+v", code, e)
		}
	}
	_, err := a.Send(t.Context(), acc, channels.Outgoing{
		To:      []channels.Identity{{Kind: "email", Value: "a@example.com"}},
		Content: text("x").Content,
	})
	if e := sendError(t, err); e.Code != "no_address" {
		t.Errorf("%+v", e)
	}
}

func TestAFailedUploadIsNeverUncertain(t *testing.T) {
	image := channels.Attachment{Kind: "image", MIME: "image/png", Size: 4}
	for _, c := range []struct {
		status  int
		body    string
		outcome channels.Outcome
	}{{500, "", channels.Down}, {200, "{}", channels.Down}, {200, "<html>", channels.Down}, {
		400, `{"error":{"code":131053}}`,
		channels.Refused,
	}, {401, `{"error":{"code":190}}`, channels.Dead}} {
		a, acc := serve(t, reply(c.status, c.body))
		_, err := a.Upload(t.Context(), acc, image, strings.NewReader("data"))
		if e := sendError(t, err); e.Outcome != c.outcome {
			t.Errorf("%d %s: %+v, want %d", c.status, c.body, e, c.outcome)
		}
	}
}

func TestTheCanonicalAddressComesBack(t *testing.T) {
	a, acc := serve(t, reply(200, `{"contacts":[{"input":"+5531900000001","wa_id":"553100000001"}],"messages":[{"id":"wamid.1"}]}`))
	out := text("x")
	out.To = []channels.Identity{{Kind: "whatsapp_phone", Value: "5531900000001"}}
	sent, err := a.Send(t.Context(), acc, out)
	if err != nil || len(sent.To) != 1 || sent.To[0].Value != "553100000001" {
		t.Errorf("%+v, %v", sent, err)
	}
}

func TestMarkReadAndTyping(t *testing.T) {
	for typing, want := range map[bool]string{
		false: `{"message_id":"wamid.1","messaging_product":"whatsapp","status":"read"}`,
		true:  `{"message_id":"wamid.1","messaging_product":"whatsapp","status":"read","typing_indicator":{"type":"text"}}`,
	} {
		a, acc := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if body, _ := io.ReadAll(r.Body); string(body) != want || r.URL.Path != "/v26.0/800000000000001/messages" {
				t.Errorf("%s %s", r.URL.Path, body)
			}
			_, _ = io.WriteString(w, `{"success":true}`)
		})
		if err := a.MarkRead(t.Context(), acc, channels.ReadMark{To: phone(), ProviderID: "wamid.1", Typing: typing}); err != nil {
			t.Error(err)
		}
	}
}

func TestCheckProvesTokenAndNumber(t *testing.T) {
	for body, code := range map[string]string{
		`{"id":"800000000000001","display_phone_number":"+1 202-555-0100"}`: "",
		`{"id":"800000000000002"}`: "account_mismatch",
	} {
		a, acc := serve(t, reply(200, body))
		if err := a.Check(t.Context(), acc); (err == nil) != (code == "") || code != "" && sendError(t, err).Code != code {
			t.Errorf("%s: %v", body, err)
		}
	}
	a, acc := serve(t, reply(401, string(file("testdata/api/meta-error-190-expired-token.json"))))
	if e := sendError(t, a.Check(t.Context(), acc)); e.Outcome != channels.Dead {
		t.Errorf("%+v", e)
	}
}

func TestTemplatesAreReadPageByPage(t *testing.T) {
	const first = `{"data":[{"id":"400000000000001","name":"order_update","language":"en_US","category":"UTILITY","status":"APPROVED",
		"quality_score":{"score":"GREEN"},"rejected_reason":"NONE","components":[
		{"type":"HEADER","format":"TEXT","text":"Order {{1}}","example":{"header_text":["1042"]}},
		{"type":"BODY","text":"Hi {{1}}, {{2}}","example":{"body_text":[["Ines","soon"]]}},
		{"type":"FOOTER","text":"Example Shop"},
		{"type":"BUTTONS","buttons":[{"type":"URL","text":"Track","url":"https://example.com/{{1}}","example":["https://example.com/1"]},
		{"type":"QUICK_REPLY","text":"Stop"},{"type":"PHONE_NUMBER","text":"Call","phone_number":"+12025550100"}]}]}],
		"paging":{"cursors":{"before":"a","after":"b"},"next":"https://graph.facebook.com/next"}}`
	const second = `{"data":[{"id":"2","name":"promo","language":"es","category":"MARKETING","status":"PAUSED","components":[
		{"type":"BODY","text":"Hi {{first_name}}","example":{"body_text_named_params":[{"param_name":"first_name","example":"Ines"}]}}]}],"paging":{"cursors":{"after":"c"}}}`
	a, acc := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v26.0/900000000000001/message_templates" {
			t.Error(r.URL.Path)
		}
		page := map[string]string{"": first, "b": second}[r.URL.Query().Get("after")]
		_, _ = io.WriteString(w, page)
	})
	got, err := a.Templates(t.Context(), acc)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	one := got[0]
	if one.Status != "approved" || one.Category != "utility" || one.Quality != "green" || one.Reason != "" || len(one.Components) != 4 {
		t.Errorf("%+v", one)
	}
	if c := one.Components[0]; c.Type != "header" || c.Format != "text" || c.Example[0] != "1042" {
		t.Errorf("%+v", c)
	}
	if b := one.Components[3].Buttons; b[0].Type != "url" || b[0].URL != "https://example.com/{{1}}" || b[2].Phone != "+12025550100" {
		t.Errorf("%+v", b)
	}
	if c := got[1].Components[0]; len(c.Example) != 1 || c.Example[0] != "Ines" {
		t.Errorf("%+v", c)
	}
}

func TestHandshake(t *testing.T) {
	ask := func(mode, token, challenge string) (string, error) {
		return adapter().Handshake(account, channels.Webhook{Method: http.MethodGet, Query: map[string][]string{
			"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {challenge},
		}})
	}
	if got, err := ask("subscribe", "fixture-verify-token", "1158201444"); err != nil || got != "1158201444" {
		t.Errorf("%q, %v", got, err)
	}
	for _, c := range [][3]string{
		{"subscribe", "wrong", "1"},
		{"subscribe", "", "1"},
		{"unsubscribe", "fixture-verify-token", "1"},
		{"subscribe", "fixture-verify-token", ""},
	} {
		if _, err := ask(c[0], c[1], c[2]); !errors.Is(err, channels.ErrSignature) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, err := adapter().Handshake(channels.Account{},
		channels.Webhook{Query: map[string][]string{"hub.mode": {"subscribe"}, "hub.challenge": {"1"}}}); err == nil {
		t.Error("no verify token must not match an absent one")
	}
}
