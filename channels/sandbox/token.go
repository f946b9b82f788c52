package sandbox

import (
	"crypto/hmac"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	tokenFor = 60 * 24 * time.Hour
	tokenAge = 24 * time.Hour // before it is renewed
)

// renewed makes another token of an account. It says itself when it was made, so that it outlives the sandbox' process.
func renewed(a Account, at time.Time) string {
	made := strconv.FormatInt(at.Unix(), 10)
	return a.AccessToken + "." + made + "." + seal(a.AccessToken, made)
}

// made says when the account's token was made: never for the one that it began with; ok is false where it is not the account's.
func made(a Account, token string) (at time.Time, ok bool) {
	if hmac.Equal([]byte(a.AccessToken), []byte(token)) {
		return time.Time{}, true
	}
	rest, _ := strings.CutPrefix(token, a.AccessToken+".")
	stamp, _, _ := strings.Cut(rest, ".")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	at = time.Unix(seconds, 0)
	return at, err == nil && hmac.Equal([]byte(renewed(a, at)), []byte(token))
}

// opens reports whether the token is the account's and has not ended.
func (g *graph) opens(a Account, token string) bool {
	at, ok := made(a, token)
	return ok && (at.IsZero() || g.s.clock.Now().Before(at.Add(tokenFor)))
}

// refresh gives another token for one of an Instagram login that is a day old and has not ended.
func (m *messaging) refresh(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), m.s.clock.Now()
	if q.Get("grant_type") != "ig_refresh_token" {
		answerGraph(w, nil, refuse(100, 0, "Invalid parameter: grant_type"))
		return
	}
	for _, a := range m.s.Accounts() {
		token := q.Get("access_token")
		if a.Kind != m.kind || strings.HasPrefix(token, "EAA") || !m.opens(a, token) {
			continue
		}
		if at, _ := made(a, token); now.Sub(at) < tokenAge {
			answerGraph(w, nil, refuse(10, 0, "The access token must be at least 24 hours old to be refreshed."))
			return
		}
		answerGraph(w, map[string]any{"access_token": renewed(a, now), "token_type": "bearer", "expires_in": int(tokenFor.Seconds())}, nil)
		return
	}
	answerGraph(w, nil, fail(190, ""))
}
