package channels

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/store"
)

const (
	// authorizationFor is how long a person has to sign in at a provider, and then to connect the channel.
	authorizationFor = time.Hour
	// credAuthorization names, instead of credentials, the sign-in that gave them.
	credAuthorization = "authorization"
	// authorizedPage is where a provider's page leads back to.
	authorizedPage = "/settings/channels/authorized"
)

// authorization is one sign-in at a provider: its id is what the provider returns, its proof and what comes of it are sealed.
type authorization struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	UserID      string    `bson:"user_id"`
	Kind        Kind      `bson:"kind"`
	Provider    string    `bson:"provider"`
	Sealed      []byte    `bson:"sealed"` // the verifier, then the credentials
	Done        bool      `bson:"done,omitempty"`
	Until       time.Time `bson:"until"`
}

var authorizationSchema = store.Schema{Name: "channel_authorizations", Expire: "until"}

var (
	errNoAuthorization = errs.New(errs.Conflict, "authorization_over", "This sign-in is over, or was used already: begin it anew.")
	errNoProvider      = errs.New(errs.Conflict, "no_sign_in",
		"This system is not registered at that provider: whoever runs it has to do that, see the page about email.")
)

// BeginAuthorization begins a sign-in at a provider and returns its id and the address of the provider's page.
func (s *Service) BeginAuthorization(ctx context.Context, v access.Viewer, kind Kind, provider, hint string) (id, page string, err error) {
	a, can := s.adapters[kind].(Authorizer)
	if !can {
		return "", "", errs.InvalidField("unknown_kind", "kind", "nobody signs in at a provider for this kind of channel")
	}
	verifier := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	auth := &authorization{
		Meta: store.Meta{ID: "aut_" + ids.Token()}, WorkspaceID: v.WorkspaceID, UserID: v.UserID, Kind: kind, Provider: provider,
		Until: store.Millis(s.Clock.Now().Add(authorizationFor)),
	}
	auth.Sealed = s.Box.Seal(auth.ID, []byte(verifier))
	page, can = a.SignInPage(provider, AuthorizationRequest{
		State: auth.ID, Challenge: base64.RawURLEncoding.EncodeToString(challenge[:]), Redirect: s.authorizedURL(), Hint: hint,
	})
	if !can {
		return "", "", errNoProvider
	}
	return auth.ID, page, s.Engine.Write(ctx, s.authorizations.Insert(auth))
}

func (s *Service) authorizedURL() string {
	return strings.TrimSuffix(s.PublicURL, "/") + authorizedPage
}

// EndAuthorization takes what the provider's page returned to the user who began the sign-in, and returns the account.
func (s *Service) EndAuthorization(ctx context.Context, v access.Viewer, id string, result AuthorizationResult) (string, error) {
	auth, err := s.authorization(ctx, v.WorkspaceID, id)
	if err != nil {
		return "", err
	}
	if auth.UserID != v.UserID || auth.Done {
		return "", errNoAuthorization
	}
	verifier, err := s.Box.Open(auth.ID, auth.Sealed)
	if err != nil {
		return "", err
	}
	result.Verifier, result.Redirect = string(verifier), s.authorizedURL()
	credentials, err := s.adapters[auth.Kind].(Authorizer).Exchange(ctx, auth.Provider, result) //nolint:forcetypeassert // it began there
	if err != nil {
		return "", AsSendError(err).refuseCredentials("")
	}
	plain, err := json.Marshal(credentials)
	if err != nil {
		return "", err
	}
	auth.Done, auth.Sealed = true, s.Box.Seal(auth.ID, plain)
	if err := s.Engine.Write(ctx, s.authorizations.Replace(auth)); err != nil {
		return "", err
	}
	return accountOf(s.adapters[auth.Kind], credentials)
}

func (s *Service) authorization(ctx context.Context, workspaceID, id string) (*authorization, error) {
	auth, err := s.authorizations.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (auth.WorkspaceID != workspaceID || !s.Clock.Now().Before(auth.Until)) {
		return nil, errNoAuthorization
	}
	return auth, err
}

// authorized returns credentials with those of the sign-in that they name, and the change that uses it up.
func (s *Service) authorized(ctx context.Context, workspaceID string, given map[string]string) (map[string]string, []store.Change, error) {
	id := given[credAuthorization]
	if id == "" {
		return given, nil, nil
	}
	auth, err := s.authorization(ctx, workspaceID, id)
	if err != nil {
		return nil, nil, err
	}
	if !auth.Done {
		return nil, nil, errNoAuthorization
	}
	plain, err := s.Box.Open(auth.ID, auth.Sealed)
	if err != nil {
		return nil, nil, err
	}
	all := map[string]string{}
	if err := json.Unmarshal(plain, &all); err != nil {
		return nil, nil, err
	}
	maps.Copy(all, given)
	delete(all, credAuthorization)
	return all, []store.Change{s.authorizations.Delete(auth)}, nil
}
