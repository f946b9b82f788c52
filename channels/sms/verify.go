package sms

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's choice; as an HMAC it is sound
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"

	"wasl/channels"
)

const signatureHeader = "X-Twilio-Signature"

// Screen wants Twilio's signature.
func (*Adapter) Screen(_ channels.Account, hook channels.Webhook) error {
	if given := hook.Header.Values(signatureHeader); len(given) != 1 || given[0] == "" {
		return channels.ErrSignature
	}
	return nil
}

// Verify checks the signature over the public address and every parameter. The port of the address is signed by some of Twilio's
// systems and not by others, so both spellings count. https://www.twilio.com/docs/usage/webhooks/webhooks-security
func (a *Adapter) Verify(account channels.Account, hook channels.Webhook) error {
	given, token := hook.Header.Get(signatureHeader), account.Credentials[credToken]
	if token == "" || a.Screen(account, hook) != nil {
		return channels.ErrSignature
	}
	params := ""
	if stated := hook.Query.Get("bodySHA256"); stated != "" {
		sum := sha256.Sum256(hook.Body)
		if subtle.ConstantTimeCompare([]byte(strings.ToLower(stated)), []byte(hex.EncodeToString(sum[:]))) != 1 {
			return channels.ErrSignature
		}
	} else {
		form, err := url.ParseQuery(string(hook.Body))
		if err != nil || len(form) == 0 {
			return channels.ErrSignature
		}
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(form)) {
			if len(form[name]) != 1 {
				return channels.ErrSignature // Twilio repeats nothing, and programs disagree on what that would mean
			}
			b.WriteString(name + form[name][0])
		}
		params = b.String()
	}
	right := 0
	for _, address := range addresses(account, hook) {
		right |= subtle.ConstantTimeCompare([]byte(given), []byte(sign(token, address+params)))
	}
	if right != 1 {
		return channels.ErrSignature
	}
	return nil
}

// addresses are the spellings of the public address of this request: as it is, and with and without its port.
func addresses(account channels.Account, hook channels.Webhook) []string {
	tail := ""
	if hook.Suffix != "" {
		tail = "/" + hook.Suffix
	}
	if hook.RawQuery != "" {
		tail += "?" + hook.RawQuery
	}
	out := []string{account.WebhookURL + tail}
	u, err := url.Parse(account.WebhookURL)
	if err != nil {
		return out
	}
	port := u.Port()
	if port == "" && u.Scheme == "https" {
		port = "443"
	} else if port == "" {
		port = "80"
	}
	for _, host := range []string{u.Hostname(), u.Hostname() + ":" + port} {
		out = append(out, u.Scheme+"://"+host+u.EscapedPath()+tail)
	}
	return out
}

func sign(token, text string) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
