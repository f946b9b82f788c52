package messaging_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/instagram"
	"wasl/channels/messenger"
)

// serve starts a stand-in and connects the platform's account to it.
func (p platform) serve(t *testing.T, handler http.HandlerFunc) (channels.Adapter, channels.Account) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	account := p.account
	account.BaseURL = server.URL
	return p.new(server.Client()), account
}

func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func sendError(t *testing.T, err error) *channels.SendError {
	t.Helper()
	var e *channels.SendError
	if !errors.As(err, &e) {
		t.Fatalf("not a SendError: %v", err)
	}
	return e
}

func TestErrorsMeanWhatTheyMean(t *testing.T) {
	for name, c := range map[string]struct {
		status, code, subcode int
		outcome               channels.Outcome
		want                  string
	}{
		"outside of the window":              {400, 10, 2018278, channels.Refused, "window_closed"},
		"outside of the window on Instagram": {400, 10, 2534022, channels.Refused, "window_closed"},
		"no permission":                      {403, 10, 0, channels.Dead, "permission_missing"},
		"the page is restricted":             {403, 10, 1893063, channels.Dead, "account_restricted"},
		"a retired tag":                      {400, 100, 0, channels.Refused, "invalid_request"},
		"nobody by this id":                  {400, 100, 2018001, channels.Refused, "unknown_recipient"},
		"nobody by this id on Instagram":     {400, 100, 2534014, channels.Refused, "unknown_recipient"},
		"a token of an old password":         {401, 190, 460, channels.Dead, "token_invalid"},
		"blocked":                            {400, 551, 1545041, channels.Refused, "not_reachable"},
		"gone":                               {400, 200, 1545041, channels.Refused, "not_reachable"},
		"no consent":                         {400, 230, 0, channels.Refused, "consent_missing"},
		"a file that was not taken":          {400, 100, 2018047, channels.Refused, "media_rejected"},
		"too many calls":                     {400, 613, 0, channels.Throttled, "api_limit"},
		"too many calls of the account":      {400, 80006, 0, channels.Throttled, "api_limit"},
		"a policy":                           {400, 368, 0, channels.Dead, "account_restricted"},
		"a passing problem, refused":         {400, 1200, 2018344, channels.Down, "provider_down"},
		"a passing problem, half way":        {500, 1200, 2018344, channels.Uncertain, "delivery_unknown"},
		"something new":                      {400, 99999, 0, channels.Refused, "provider_refused"},
	} {
		both(t, func(t *testing.T, p platform) {
			a, account := p.serve(t, answers(c.status,
				fmt.Sprintf(`{"error":{"message":"m","code":%d,"error_subcode":%d,"fbtrace_id":"f"}}`, c.code, c.subcode)))
			_, err := a.Send(t.Context(), account, channels.Outgoing{
				To:      []channels.Identity{p.customer},
				Content: channels.Content{Type: "text", Text: "Hi"},
			})
			if e := sendError(t, err); e.Outcome != c.outcome || e.Code != c.want || e.Detail == "" {
				t.Errorf("%s: %d %s, want %d %s", name, e.Outcome, e.Code, c.outcome, c.want)
			}
		})
	}
}

func TestTheSampledErrors(t *testing.T) {
	p := platforms()[0]
	for name, want := range map[string]string{"error-100-retired-tag": "invalid_request", "error-outside-window": "window_closed"} {
		a, account := p.serve(t, answers(400, string(file(p.dir("api", "messenger-api-"+name+".json")))))
		_, err := a.Send(t.Context(), account, channels.Outgoing{
			To:      []channels.Identity{p.customer},
			Content: channels.Content{Type: "text", Text: "Hi"},
		})
		if e := sendError(t, err); e.Code != want {
			t.Errorf("%s: %s", name, e.Code)
		}
	}
}

func TestWhatCannotBeSentIsRefusedBeforeAnyCall(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		a, account := p.serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the provider was called") })
		stranger := p.customer
		stranger.Scope = "another account"
		text := channels.Content{Type: "text", Text: "Hi"}
		for want, out := range map[string]channels.Outgoing{
			"no_address": {To: []channels.Identity{{Kind: "whatsapp_phone", Value: "1"}, stranger}, Content: text},
			"text_too_long": {
				To:      []channels.Identity{p.customer},
				Content: channels.Content{Type: "text", Text: strings.Repeat("x", 2001)},
			},
			"caption_not_allowed": {
				To: []channels.Identity{p.customer},
				Content: channels.Content{
					Type: "media", Text: "Look",
					Attachments: []channels.Attachment{{Kind: "image", MIME: "image/png"}},
				},
			},
			"media_type_not_allowed": {
				To:      []channels.Identity{p.customer},
				Content: channels.Content{Type: "media", Attachments: []channels.Attachment{{Kind: "sticker", MIME: "image/webp"}}},
			},
			"location_missing": {
				To:      []channels.Identity{p.customer},
				Content: channels.Content{Type: "location", Location: &channels.Location{}},
			},
			"reaction_not_allowed": {
				To:      []channels.Identity{p.customer},
				Content: channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{ProviderID: "m_1", Emoji: "🦄"}},
			},
			"not_reactable": {
				To:      []channels.Identity{p.customer},
				Content: channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{ProviderID: "wasl:1:2:3", Emoji: "❤️"}},
			},
		} {
			_, err := a.Send(t.Context(), account, out)
			if e := sendError(t, err); e.Code != want || e.Outcome != channels.Refused {
				t.Errorf("%s: %+v", want, e)
			}
		}
	})
}

func TestReadMarksAndTyping(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		for typing, action := range map[bool]string{false: "mark_seen", true: "typing_on"} {
			a, account := p.serve(t, func(w http.ResponseWriter, r *http.Request) {
				want := `{"recipient":{"id":"` + p.customer.Value + `"},"sender_action":"` + action + `"}`
				if body, _ := io.ReadAll(r.Body); string(body) != want || r.URL.Path != "/v26.0/"+p.own+"/messages" {
					t.Errorf("%s %s", r.URL.Path, body)
				}
				_, _ = io.WriteString(w, `{"recipient_id":"1"}`)
			})
			if err := a.(channels.ReadMarker).MarkRead(t.Context(), account,
				channels.ReadMark{To: p.customer, Typing: typing}); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestAPersonsName(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		for body, want := range map[string]channels.Person{
			`{"name":"Ines Valdoro","username":"ines.v","first_name":"I"}`: {Name: "Ines Valdoro", Username: "ines.v"},
			`{"first_name":"Ines","last_name":"Valdoro"}`:                  {Name: "Ines Valdoro"},
			`{"name":"I","profile_pic":"https://scontent.xx.fbcdn.net/a.jpg?oe=1"}`: {
				Name:    "I",
				Picture: "https://scontent.xx.fbcdn.net/a.jpg?oe=1",
			},
			`{"name":"I","profile_pic":"https://fbcdn.net.example.com/a.jpg"}`: {Name: "I"},
			`{"name":"I","profile_pic":"http://scontent.xx.fbcdn.net/a.jpg"}`:  {Name: "I"},
			`{"name":"I","profile_pic":"http://169.254.169.254/latest"}`:       {Name: "I"},
			`{"name":"I","profile_pic":"://"}`:                                 {Name: "I"},
			`{"id":"1"}`:                                                       {},
		} {
			a, account := p.serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v26.0/"+p.customer.Value || !strings.Contains(r.URL.Query().Get("fields"), "name") {
					t.Error(r.URL)
				}
				_, _ = io.WriteString(w, body)
			})
			if got, err := a.(channels.Profiler).Profile(t.Context(), account, p.customer); err != nil || got != want {
				t.Errorf("%+v, %v", got, err)
			}
		}
		a, account := p.serve(t, answers(400, `{"error":{"code":230,"message":"User consent is required"}}`))
		if _, err := a.(channels.Profiler).Profile(t.Context(), account, p.customer); sendError(t, err).Outcome != channels.Refused {
			t.Error(err)
		}
	})
}

func TestCheckProvesTokenAndAccount(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		for body, code := range map[string]string{
			`{"id":"` + p.own + `"}`: "", `{"id":"5","user_id":"` + p.own + `"}`: "", `{"id":"5"}`: "account_mismatch", `{"id":"` + p.own +
				`","user_id":"5"}`: "account_mismatch",
		} {
			a, account := p.serve(t, answers(200, body))
			err := a.(channels.Checker).Check(t.Context(), account)
			if (err == nil) != (code == "") || err != nil && sendError(t, err).Code != code {
				t.Errorf("%s: %v", body, err)
			}
		}
	})
}

func TestFilesComeWithTypeAndNameAndWithoutTheToken(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		a, account := p.serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				t.Error("the file's host saw the token")
			}
			if r.URL.Path != "/file" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			w.Header().Set("Content-Type", "image/png; x=y")
			w.Header().Set("Content-Disposition", `attachment; filename="../photo.png"`)
			_, _ = io.WriteString(w, "bytes")
		})
		fetch := a.(channels.MediaFetcher)
		got, err := fetch.FetchMedia(t.Context(), account, channels.Attachment{SourceURL: account.BaseURL + "/file"})
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(got.Content)
		if string(content) != "bytes" || got.MIME != "image/png" || got.Name != "photo.png" || got.Size != 5 {
			t.Errorf("%q %+v", content, got)
		}
		_ = got.Content.Close()
		for _, address := range []string{account.BaseURL + "/story-that-ended", "", "file:///etc/passwd"} {
			_, err := fetch.FetchMedia(t.Context(), account, channels.Attachment{SourceURL: address})
			if e := sendError(t, err); e.Code != "media_unavailable" || e.Outcome != channels.Refused {
				t.Errorf("%q: %+v", address, e)
			}
		}
		b, other := p.serve(t, answers(503, ""))
		_, err = b.(channels.MediaFetcher).FetchMedia(t.Context(), other, channels.Attachment{SourceURL: other.BaseURL + "/file"})
		if e := sendError(t, err); e.Outcome != channels.Down {
			t.Errorf("a host that is down: %+v", e)
		}
	})
}

// asked answers every request and keeps the addresses.
type asked []string

// RoundTrip records.
func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	*a = append(*a, r.URL.Host+r.URL.Path+"?"+r.URL.RawQuery)
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"message_id":"m_1"}`)),
		Request: r,
	}, nil
}

func TestCallsGoWhereTheWayOfSigningInWants(t *testing.T) {
	for _, c := range []struct {
		new   func(*http.Client) channels.Adapter
		names [2]string
		token string
		kind  string
		want  string
	}{
		{messenger.New, [2]string{"page_id", "page_access_token"}, "EAAx", "psid", "graph.facebook.com/v26.0/7/messages?appsecret_proof="},
		{instagram.New, [2]string{"account_id", "access_token"}, "EAAx", "igsid", "graph.facebook.com/v26.0/me/messages?appsecret_proof="},
		{instagram.New, [2]string{"account_id", "access_token"}, "IGAAx", "igsid", "graph.instagram.com/v26.0/7/messages?"},
	} {
		var calls asked
		account := channels.Account{Credentials: map[string]string{c.names[0]: "7", c.names[1]: c.token, "app_secret": "s"}}
		_, err := c.new(&http.Client{Transport: &calls}).Send(t.Context(), account, channels.Outgoing{
			To: []channels.Identity{{Kind: c.kind, Scope: "7", Value: "1"}}, Content: channels.Content{Type: "text", Text: "Hi"},
		})
		if err != nil || len(calls) != 1 || !strings.HasPrefix(calls[0], c.want) {
			t.Errorf("%v, %v; want %s", calls, err, c.want)
		}
	}
}
