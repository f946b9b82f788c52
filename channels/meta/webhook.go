// Package meta is what the channels over Meta's Graph API share: the webhook's signature and handshake, calls, uploads
// and the meaning of errors. What differs between them lives in their own packages.
package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"

	"wasl/channels"
)

const (
	signatureHeader = "X-Hub-Signature-256"
	signaturePrefix = "sha256="
	signatureLength = len(signaturePrefix) + 2*sha256.Size
)

// Screen wants a header that looks like a signature.
func Screen(hook channels.Webhook) error {
	if given := hook.Header.Values(signatureHeader); len(given) != 1 || len(given[0]) != signatureLength {
		return channels.ErrSignature
	}
	return nil
}

// Verify checks X-Hub-Signature-256: "sha256=" and the lower-case hex HMAC-SHA256 of the raw body under the app
// secret. The escapes of which Meta's page speaks are already in those bytes.
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
func Verify(appSecret string, hook channels.Webhook) error {
	if appSecret == "" || Screen(hook) != nil {
		return channels.ErrSignature
	}
	if subtle.ConstantTimeCompare([]byte(hook.Header.Get(signatureHeader)), []byte(Sign(appSecret, hook.Body))) != 1 {
		return channels.ErrSignature
	}
	return nil
}

// Sign returns the signature header's value for a body.
func Sign(appSecret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	return signaturePrefix + hex.EncodeToString(mac.Sum(nil))
}

// Handshake answers the GET with which Meta confirms an address: hub.challenge as it came if hub.verify_token is ours.
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
func Handshake(verifyToken string, hook channels.Webhook) (string, error) {
	token, challenge := hook.Query.Get("hub.verify_token"), hook.Query.Get("hub.challenge")
	right := subtle.ConstantTimeCompare([]byte(token), []byte(verifyToken)) == 1
	if verifyToken == "" || !right || hook.Query.Get("hub.mode") != "subscribe" || challenge == "" {
		return "", channels.ErrSignature
	}
	return challenge, nil
}

// Proof is the appsecret_proof of a token: apps can demand it of every call from a server.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests#appsecret_proof
func Proof(appSecret, token string) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}
