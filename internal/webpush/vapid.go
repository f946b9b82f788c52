package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"wasl/internal/clock"
)

// tokenLife is how long the signature of a message is good: at most 24 hours (RFC 8292, section 2), by whatever clock the push service has.
const tokenLife = 12 * time.Hour

// Key is who sends, as push services know them: browsers subscribe to its public half.
type Key struct {
	private *ecdsa.PrivateKey
	public  string
	subject string
	clock   clock.Clock
}

// GenerateKey returns the private half of a new key.
func GenerateKey() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return key.Bytes()
}

// NewKey reads a private half that GenerateKey made. subject is where the operators of push services find who sends: mailto: or https:.
func NewKey(private []byte, subject string, c clock.Clock) (*Key, error) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), private)
	if err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	return &Key{private: key, public: base64.RawURLEncoding.EncodeToString(point), subject: subject, clock: c}, nil
}

// Public is the public half as browsers want it: an uncompressed point in base64url.
func (k *Key) Public() string { return k.public }

// authorize returns the Authorization of a message to a push service: a JWT that names the service, signed (RFC 8292, sections 2 and 3).
func (k *Key) authorize(endpoint *url.URL) (string, error) {
	claims, err := json.Marshal(map[string]any{
		"aud": endpoint.Scheme + "://" + endpoint.Host, "exp": k.clock.Now().Add(tokenLife).Unix(), "sub": k.subject,
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(claims)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64) // both numbers at full length (RFC 7518, section 3.4)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return "vapid t=" + text + "." + encode(signature) + ", k=" + k.public, nil
}
