package files

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"wasl/internal/secret"
)

const (
	// linkPurpose keeps such links apart from everything else that is sealed.
	linkPurpose = "media-link"
	// LinkTime is how long a provider may take to fetch a file: as long as it may queue the message.
	LinkTime = 48 * time.Hour
)

// Link returns an address under which the provider can fetch a file that is being sent. It says nothing but what only we can read.
func (s *Service) Link(id string) string {
	until := strconv.FormatInt(s.Clock.Now().Add(LinkTime).Unix(), 10)
	token := s.Box.Seal(linkPurpose, []byte(id+" "+until))
	return strings.TrimSuffix(s.PublicURL, "/") + "/m/" + base64.RawURLEncoding.EncodeToString(token)
}

// Linked returns the id of the file that a link of ours is for, while it lasts.
func (s *Service) Linked(token string) (string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", secret.ErrOpen
	}
	plain, err := s.Box.Open(linkPurpose, sealed)
	if err != nil {
		return "", err
	}
	id, until, _ := strings.Cut(string(plain), " ")
	if at, err := strconv.ParseInt(until, 10, 64); err != nil || s.Clock.Now().Unix() > at {
		return "", secret.ErrOpen
	}
	return id, nil
}
