package instagram

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"wasl/channels"
	"wasl/channels/meta"
)

// Ends reports whether the token is the account's own: it lasts 60 days. A page's is none of our business.
func (adapter) Ends(account channels.Account) bool { return !ofPage(account) }

// Renew asks for another 60 days, which Instagram gives to tokens that are a day old. The token stands in the address, as it wants.
// https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
func (a adapter) Renew(ctx context.Context, account channels.Account) (map[string]string, time.Duration, error) {
	token := account.Credentials[credToken]
	r := meta.Request{
		BaseURL: cmp.Or(account.BaseURL, host), Token: token, Method: http.MethodGet, Path: "refresh_access_token", Bare: true,
		Query: url.Values{"grant_type": {"ig_refresh_token"}, "access_token": {token}},
	}
	var answer struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	err := a.graph.Call(ctx, r, &answer)
	if err == nil && (answer.Token == "" || answer.Seconds <= 0) {
		err = &meta.Error{Status: http.StatusOK, Written: true, Cause: errors.New("the answer holds no token")}
	}
	if err != nil {
		return nil, 0, meta.SendError(err, meta.Shared, true)
	}
	return map[string]string{credToken: answer.Token}, time.Duration(answer.Seconds) * time.Second, nil
}
