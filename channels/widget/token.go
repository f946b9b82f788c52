package widget

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"wasl/channels"
)

// Claims are what a token says: purpose.visitor.expiry.signature.
type Claims struct {
	Visitor   string
	FilesOnly bool // opens files and nothing else
	Expires   time.Time
}

const (
	forAll   = "visit"
	forFiles = "files"
)

func sign(secret string, c Claims) string {
	purpose := forAll
	if c.FilesOnly {
		purpose = forFiles
	}
	said := purpose + "." + c.Visitor + "." + strconv.FormatInt(c.Expires.Unix(), 10)
	return said + "." + signature(secret, said)
}

func signature(secret, said string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(said))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Read returns what a token says, or channels.ErrSignature where it is not ours or no longer valid.
func Read(secret, token string, now time.Time) (Claims, error) {
	cut := strings.LastIndexByte(token, '.')
	if secret == "" || cut < 0 || !hmac.Equal([]byte(token[cut+1:]), []byte(signature(secret, token[:cut]))) {
		return Claims{}, channels.ErrSignature
	}
	parts := strings.Split(token[:cut], ".")
	if len(parts) != 3 || (parts[0] != forAll && parts[0] != forFiles) {
		return Claims{}, channels.ErrSignature
	}
	until, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || now.Unix() >= until {
		return Claims{}, channels.ErrSignature
	}
	return Claims{Visitor: parts[1], FilesOnly: parts[0] == forFiles, Expires: time.Unix(until, 0).UTC()}, nil
}
