package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/internal/limit"
	"wasl/internal/web"
	"wasl/store"
)

// Attempt is somebody who wants to sign in.
type Attempt struct {
	Email, Password string
	Client          string // whoever sends it: web.Client
	Device          string // what a browser kept of an earlier sign-in; empty: nothing
}

// SignedIn is a session that was opened.
type SignedIn struct {
	Token  string
	Device string // for the browser to keep
	User   *User
}

// How often somebody may try. A device on which the user has signed in before has a limit of its own, which nobody else spends. Others are
// limited by account and client together, so that nobody can lock an account for its owner; when many clients try one account, each gets
// only a few attempts more. Of one client, whatever account it tries, right passwords count a fifth of wrong ones.
var (
	perDevice    = limit.Rate{Every: 30 * time.Second, Burst: 10}
	perPair      = limit.Rate{Every: 30 * time.Second, Burst: 10}
	perClient    = limit.Rate{Every: 2 * time.Second, Burst: 15}
	perSuccess   = limit.Rate{Every: perClient.Every / 5, Burst: 5 * perClient.Burst}
	perAccount   = limit.Rate{Every: 5 * time.Second, Burst: 100}
	perNewcomer  = limit.Rate{Every: 10 * time.Minute, Burst: 3} // of an account that many try
	errTooManyOf = errs.New(errs.RateLimited, "too_many_attempts", "Too many attempts to sign in. Wait a little and try again.")
)

var errBadCredentials = errs.New(errs.Unauthorized, "bad_credentials", "The email address or the password is wrong.")

// deviceLife is how long a device is known that is not used, devicePurpose keeps its mark apart from all else that is sealed.
const (
	deviceLife    = 400 * 24 * time.Hour
	devicePurpose = "device"
)

// unknownUser is compared against when nobody has the address, so that the answer takes as long.
const unknownUser = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$kcCmVJ2VbkRTzdmpxBDw1D0uvd3Wl7DTZLUHoPoTZlM"

// Login checks the password and opens a session.
func (s *Service) Login(ctx context.Context, a Attempt) (SignedIn, error) {
	a.Email = normalEmail(a.Email)
	g, err := s.mayTry(ctx, a)
	if err != nil {
		return SignedIn{}, err
	}
	u, err := s.users.Get(ctx, UserID(a.Email))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return SignedIn{}, err
	}
	hash := unknownUser
	if u != nil {
		hash = u.PasswordHash
	}
	match, err := s.compare(ctx, g.client, a.Password, hash)
	if err != nil {
		return SignedIn{}, err
	}
	if !match || u == nil || !u.Active {
		return SignedIn{}, errBadCredentials
	}
	for _, key := range g.forgiven {
		if err := s.limiter.Forget(ctx, key); err != nil {
			return SignedIn{}, err
		}
	}
	in := SignedIn{User: u, Device: s.mark(u.ID, a.Device)}
	if in.Token, err = s.Open(ctx, u); err != nil {
		return SignedIn{}, err
	}
	// A password that was replaced while this one was compared ended the sessions that there were before this one.
	now, err := s.users.Get(ctx, u.ID)
	if err == nil && now.PasswordHash == hash {
		return in, nil
	}
	if err == nil {
		err = errBadCredentials
	}
	return SignedIn{}, errors.Join(err, s.Logout(ctx, in.Token))
}

// compare checks a password, and what its client has tried. Each takes 19 MiB and time while it is hashed, so only a few are at once.
func (s *Service) compare(ctx context.Context, client, password, hash string) (bool, error) {
	select {
	case s.hashSlots <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-s.hashSlots }()
	if client != "" {
		if err := s.allow(ctx, client, perClient.Peek()); err != nil {
			return false, err
		}
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil || client == "" {
		return match, err
	}
	cost := perClient
	if match {
		cost = perSuccess
	}
	_, err = s.limiter.Reserve(ctx, client, cost) // it has happened, whatever there was room for
	return match, err
}

// gate is what an attempt has passed: the key of its client, whose attempts are counted by their outcome, empty for a known device; and
// the keys that a success forgives.
type gate struct {
	client   string
	forgiven []string
}

// mayTry refuses an attempt that comes too soon after others.
func (s *Service) mayTry(ctx context.Context, a Attempt) (gate, error) {
	user := UserID(a.Email)
	if id := s.device(user, a.Device); id != "" {
		key := "login-device:" + id
		return gate{forgiven: []string{key}}, s.allow(ctx, key, perDevice)
	}
	pair, newcomer := "login:"+user+" "+a.Client, "login-new:"+user+" "+a.Client
	g := gate{client: "login-from:" + a.Client, forgiven: []string{pair, newcomer}}
	if err := s.allow(ctx, pair, perPair); err != nil {
		return g, err
	}
	quiet, _, err := s.limiter.Allow(ctx, "login-of:"+user, perAccount)
	if err == nil && !quiet {
		err = s.allow(ctx, newcomer, perNewcomer)
	}
	return g, err
}

func (s *Service) allow(ctx context.Context, key string, rate limit.Rate) error {
	ok, wait, err := s.limiter.Allow(ctx, key, rate)
	if err == nil && !ok {
		err = &web.RetryError{After: wait, Cause: errTooManyOf}
	}
	return err
}

// mark is what a browser keeps of a sign-in: that it is a device of the user, and which one. It opens nothing.
func (s *Service) mark(userID, before string) string {
	if s.box == nil {
		return ""
	}
	id := s.device(userID, before)
	if id == "" {
		id = ids.Token()[:16]
	}
	until := strconv.FormatInt(s.clock.Now().Add(deviceLife).Unix(), 10)
	return base64.RawURLEncoding.EncodeToString(s.box.Seal(devicePurpose, []byte(userID+" "+id+" "+until)))
}

// device returns which device of the user a mark is of; empty: of none.
func (s *Service) device(userID, mark string) string {
	sealed, err := base64.RawURLEncoding.DecodeString(mark)
	if s.box == nil || err != nil {
		return ""
	}
	plain, err := s.box.Open(devicePurpose, sealed)
	if err != nil {
		return ""
	}
	said := strings.Fields(string(plain))
	if len(said) != 3 || said[0] != userID {
		return ""
	}
	if until, err := strconv.ParseInt(said[2], 10, 64); err != nil || s.clock.Now().Unix() > until {
		return ""
	}
	return said[1]
}
