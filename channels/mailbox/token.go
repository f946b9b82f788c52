package mailbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/url"
	"time"

	"wasl/channels"
)

// tokenLeft is how long a token must still hold to be used.
const tokenLeft = 2 * time.Minute

// token is an access token, kept until shortly before its end.
type token struct {
	value string
	until time.Time
}

// token returns the access token of a mailbox whose owner signed in at its host; fresh: it was made for this call.
func (c *Client) token(ctx context.Context, set Settings) (value string, fresh bool, err error) {
	key := sha256.Sum256([]byte(set.Refresh))
	c.mu.Lock()
	kept := c.tokens[key]
	c.mu.Unlock()
	if kept.until.Sub(c.clock.Now()) > tokenLeft {
		return kept.value, false, nil
	}
	made, err, _ := c.asking.Do(string(key[:]), func() (any, error) {
		g, err := c.ask(ctx, set.OAuth, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {set.Refresh}})
		if err != nil {
			return token{}, err
		}
		next := token{value: g.Access, until: c.clock.Now().Add(time.Duration(g.Seconds) * time.Second)}
		c.mu.Lock()
		c.tokens[key] = next
		c.mu.Unlock()
		return next, nil
	})
	if err != nil {
		return "", false, err
	}
	return made.(token).value, true, nil //nolint:forcetypeassert // as made above
}

// dropToken forgets a token that the host no longer takes.
func (c *Client) dropToken(set Settings) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tokens, sha256.Sum256([]byte(set.Refresh)))
}

// withSecret calls fn with the password, or with a token; a second time with a new token where the host does not take the one at hand.
func (c *Client) withSecret(ctx context.Context, set Settings, fn func(secret string) error) error {
	if set.OAuth == "" {
		return fn(set.Password)
	}
	for {
		value, fresh, err := c.token(ctx, set)
		if err != nil {
			return err
		}
		err = fn(value)
		var e *channels.SendError
		if err == nil || !errors.As(err, &e) || e.Code != "sign_in_refused" {
			return err
		}
		if fresh {
			e.Code, e.Title, e.Detail = "oauth_refused", "The mail host does not let this account in",
				"Sign in again in the channel's settings. If it lasts, switch on IMAP and authenticated SMTP for the mailbox at the host."
			return e
		}
		c.dropToken(set)
	}
}

// xoauth2 is the mechanism by which a token signs in. https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
type xoauth2 struct{ user, token string }

// Start returns the mechanism and all there is to say.
func (x xoauth2) Start() (mech string, ir []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the reason for a refusal, after which the server refuses.
func (xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }
