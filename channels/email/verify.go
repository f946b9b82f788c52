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
func (*Adapter) Verify(account channels.Account, hook channels.Webhook) error {
	refusal := channels.ErrSignature
	if mailbox.Is(account.Credentials) {
		return refusal // nobody was given its address
	}
	if hook.Suffix == "" {
		refusal = channels.ErrSignatureLater
	}
	if len(hook.Header.Values(signatureHeader)) > 0 || hook.Suffix != "" {
		if signed(account.Credentials[credEvents], hook) {
			return nil
		}
		return refusal
	}
	user, password := account.Credentials[credUser], account.Credentials[credPassword]
	gotUser, gotPassword, ok := (&http.Request{Header: hook.Header}).BasicAuth()
	right := subtle.ConstantTimeCompare([]byte(user), []byte(gotUser)) & subtle.ConstantTimeCompare([]byte(password), []byte(gotPassword))
	if !ok || user == "" || password == "" || right != 1 {
		return refusal
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
	signatures, times := hook.Header.Values(signatureHeader), hook.Header.Values(timestampHeader)
	if len(signatures) != 1 || len(times) != 1 {
		return false
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(signatures[0])
	if err != nil {
		return false
	}
	sum := sha256.New()
	sum.Write([]byte(times[0]))
	sum.Write(hook.Body)
	return ecdsa.VerifyASN1(public, sum.Sum(nil), signature)
}
