package instagram_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/instagram"
)

func account(token string) channels.Account {
	return channels.Account{Credentials: map[string]string{
		"account_id": "178", "access_token": token, "app_secret": "s",
		"verify_token": "v",
	}}
}

func TestOnlyTheAccountsOwnTokenEnds(t *testing.T) {
	r := instagram.New(http.DefaultClient).(channels.Renewer)
	for token, ends := range map[string]bool{"IGQVJ": true, "another": true, "EAABsbCS": false} {
		if r.Ends(account(token)) != ends {
			t.Errorf("%s: %v", token, !ends)
		}
	}
}

func TestRenewal(t *testing.T) {
	for name, c := range map[string]struct {
		status       int
		answer, want string
		outcome      channels.Outcome
	}{
		"renewed":              {200, `{"access_token":"IGnew","token_type":"bearer","expires_in":5183944}`, "", 0},
		"too young":            {400, `{"error":{"code":10}}`, "permission_missing", channels.Dead},
		"ended":                {400, `{"error":{"code":190,"error_subcode":463}}`, "token_invalid", channels.Dead},
		"unwell":               {503, `oops`, "provider_down", channels.Down},
		"no token":             {200, `{"expires_in":5183944}`, "provider_down", channels.Down},
		"a token without time": {200, `{"access_token":"IGnew"}`, "provider_down", channels.Down},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.RequestURI() != "/refresh_access_token?access_token=IGold&grant_type=ig_refresh_token" {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.answer)
		}))
		a := account("IGold")
		a.BaseURL = server.URL
		fresh, lasts, err := instagram.New(server.Client()).(channels.Renewer).Renew(t.Context(), a)
		server.Close()
		if c.want == "" {
			if err != nil || len(fresh) != 1 || fresh["access_token"] != "IGnew" || lasts != 5183944*time.Second {
				t.Errorf("%s: %v, %v, %v", name, fresh, lasts, err)
			}
			continue
		}
		var e *channels.SendError
		if !errors.As(err, &e) || e.Code != c.want || e.Outcome != c.outcome || strings.Contains(err.Error(), "IG") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An address that nobody answers stands in no error: the token is in it.
func TestTheTokenIsInNoError(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	a := account("IGsecret")
	a.BaseURL = server.URL
	server.Close()
	_, _, err := instagram.New(server.Client()).(channels.Renewer).Renew(t.Context(), a)
	if err == nil || strings.Contains(err.Error(), "IGsecret") {
		t.Errorf("%v", err)
	}
}
