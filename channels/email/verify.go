package email

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"net/http"

	"wasl/channels"
	"wasl/channels/mailbox"
)

const (
	signatureHeader = "X-Twilio-Email-Event-Webhook-Signature"
	timestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp"
)

// Verify checks a signature over time and body, which events have and mails may have, or the name and password of the inbound
// address. Of the age of a signature nothing is said, because repeated deliveries may carry the first one; the same body twice is
// the same job. https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
func (a *Adapter) Verify(account channels.Account, hook channels.Webhook) error {
	if err := a.Screen(account, hook); err != nil {
		return err
	}
	if byBody(hook) && !signed(account.Credentials[credEvents], hook) {
		return refusal(hook)
	}
	return nil
}

// byBody reports whether a signature over the body is what proves the request.
func byBody(hook channels.Webhook) bool {
	return len(hook.Header.Values(signatureHeader)) > 0 || hook.Suffix != ""
}

// refusal is how a request that is not genuine is refused: mail is lost for good where its provider is not asked to come again.
func refusal(hook channels.Webhook) error {
	if hook.Suffix == "" {
		return channels.ErrSignatureLater
	}
	return channels.ErrSignature
}

// Screen checks name and password, or wants a signature and its time.
func (*Adapter) Screen(account channels.Account, hook channels.Webhook) error {
	if mailbox.Is(account.Credentials) {
		return channels.ErrSignature // nobody was given its address
	}
	if byBody(hook) {
		if len(hook.Header.Values(signatureHeader)) != 1 || len(hook.Header.Values(timestampHeader)) != 1 {
			return refusal(hook)
		}
		return nil
	}
	user, password := account.Credentials[credUser], account.Credentials[credPassword]
	gotUser, gotPassword, ok := (&http.Request{Header: hook.Header}).BasicAuth()
	right := subtle.ConstantTimeCompare([]byte(user), []byte(gotUser)) & subtle.ConstantTimeCompare([]byte(password), []byte(gotPassword))
	if !ok || user == "" || password == "" || right != 1 {
		return refusal(hook)
	}
	return nil
}

func signed(key string, hook channels.Webhook) bool {
	der, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return false
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	public, is := parsed.(*ecdsa.PublicKey)
	if err != nil || !is {
		return false
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(hook.Header.Get(signatureHeader))
	if err != nil {
		return false
	}
	sum := sha256.New()
	sum.Write([]byte(hook.Header.Get(timestampHeader)))
	sum.Write(hook.Body)
	return ecdsa.VerifyASN1(public, sum.Sum(nil), signature)
}
