package channels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"wasl/internal/errs"
	"wasl/store"
)

const (
	// overlap is how long webhooks are also known by credentials that were replaced.
	overlap = 24 * time.Hour
	// maxReplaced bounds how many of those a channel keeps.
	maxReplaced = 5
	// appSecret is the credential with which a provider signs the webhooks of all accounts of one app.
	appSecret = "app_secret"
	// maxSecrets bounds with how many secrets one webhook is compared.
	maxSecrets = 16
)

// errOtherApp: the account is connected here, as a channel of another app than that which signed.
var errOtherApp = errors.New("its channel has another app secret than the channel at whose address it came")

// replaced are credentials that are no longer a channel's own, and until when webhooks are still known by them.
type replaced struct {
	Until       time.Time         `json:"until"`
	Credentials map[string]string `json:"credentials"`
}

// earlier opens the credentials that a channel had before.
func (s *Service) earlier(ch *Channel) ([]replaced, error) {
	if !s.Clock.Now().Before(ch.EarlierUntil) {
		return nil, nil
	}
	plain, err := s.reveal(ch.ID, ch.Earlier)
	if err != nil {
		return nil, err
	}
	var all []replaced
	if json.Unmarshal(plain, &all) == nil {
		return all, nil
	}
	one := replaced{Until: ch.EarlierUntil} // as it was written while there could be one
	err = json.Unmarshal(plain, &one.Credentials)
	return []replaced{one}, err
}

// keepEarlier keeps the present credentials as earlier ones of a channel that gets others.
func (s *Service) keepEarlier(ch *Channel, present map[string]string) error {
	all, err := s.earlier(ch)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	all = append(slices.DeleteFunc(all, func(r replaced) bool { return !now.Before(r.Until) }), replaced{now.Add(overlap), present})
	plain, err := json.Marshal(all[max(0, len(all)-maxReplaced):])
	if err != nil {
		return err
	}
	ch.Earlier, ch.EarlierUntil = s.Box.Seal(ch.ID, plain), now.Add(overlap)
	return nil
}

// knownBy returns the accounts by which the channel's webhooks are known: its own, and those before it in their time.
func (c *Connected) knownBy(now time.Time) []Account {
	out := []Account{c.Account}
	for _, r := range slices.Backward(c.earlier) {
		if now.Before(r.Until) {
			before := c.Account
			before.Credentials = r.Credentials
			out = append(out, before)
		}
	}
	return out
}

// secrets are those of the channel's app that count now.
func (c *Connected) secrets(now time.Time) []string {
	var out []string
	for _, account := range c.knownBy(now) {
		if secret := account.Credentials[appSecret]; secret != "" && !slices.Contains(out, secret) {
			out = append(out, secret)
		}
	}
	return out
}

// kin are the channels of one kind in a workspace, as they were lately.
type kin struct {
	channels []*Connected
	readAt   time.Time
}

// kin returns the channels of c's workspace and kind. Such as cannot be opened are left out.
func (s *Service) kin(ctx context.Context, c *Connected) ([]*Connected, error) {
	key, now := c.WorkspaceID+" "+string(c.Kind), s.Clock.Now()
	s.mu.Lock()
	k := s.kinds[key]
	s.mu.Unlock()
	if !k.readAt.IsZero() && now.Sub(k.readAt) < freshFor {
		return k.channels, nil
	}
	k = kin{readAt: now}
	q := store.Query{Index: "workspace", Eq: []any{c.WorkspaceID}, Limit: 200}
	err := s.channels.Each(ctx, q, func(ch *Channel) error {
		if ch.Kind != c.Kind {
			return nil
		}
		other, err := s.connect(ch)
		if err != nil {
			s.Log.Warn().Err(err).Str("channel", ch.ID).Msg("a channel's secrets cannot be compared")
			return nil
		}
		k.channels = append(k.channels, other)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.kinds[key] = k
	s.mu.Unlock()
	return k.channels, nil
}

// appSecrets returns the secrets of c's app: of all channels of the workspace that have one of them now, or had it within its time. While
// the app's secret is changed at the provider, its channels learn the new one at different times.
func (s *Service) appSecrets(ctx context.Context, c *Connected) (map[string]bool, error) {
	now, known := s.Clock.Now(), map[string]bool{}
	for _, secret := range c.secrets(now) {
		known[secret] = true
	}
	if len(known) == 0 {
		return known, nil
	}
	all, err := s.kin(ctx, c)
	if err != nil {
		return nil, err
	}
	for before := 0; before != len(known) && len(known) < maxSecrets; {
		before = len(known)
		for _, other := range all {
			if secrets := other.secrets(now); slices.ContainsFunc(secrets, func(secret string) bool { return known[secret] }) {
				for _, secret := range secrets {
					known[secret] = true
				}
			}
		}
	}
	return known, nil
}

// verify checks who sent a webhook: by the channel's credentials, else by those of its app that a sibling has.
func (s *Service) verify(ctx context.Context, c *Connected, hook Webhook) error {
	now := s.Clock.Now()
	var first error
	for _, account := range c.knownBy(now) {
		err := c.Adapter.Verify(account, hook)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	secrets, err := s.appSecrets(ctx, c)
	if err != nil {
		return err
	}
	for _, tried := range c.secrets(now) {
		delete(secrets, tried)
	}
	for secret := range secrets {
		account := c.Account
		account.Credentials = maps.Clone(account.Credentials)
		account.Credentials[appSecret] = secret
		if c.Adapter.Verify(account, hook) == nil {
			return nil
		}
	}
	return first
}

// sibling returns the channel of c's workspace, kind and app that has the account; store.ErrNotFound where it is not connected,
// errOtherApp where it is one of another app.
func (s *Service) sibling(ctx context.Context, c *Connected, account string) (*Connected, error) {
	if account == c.Channel.Account || account == "" {
		return c, nil
	}
	other, err := s.Connected(ctx, channelID(c.WorkspaceID, c.Kind, account))
	if err != nil {
		return nil, err
	}
	if other.Account.Credentials[appSecret] == c.Account.Credentials[appSecret] {
		return other, nil
	}
	known, err := s.appSecrets(ctx, c)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(other.secrets(s.Clock.Now()), func(secret string) bool { return known[secret] }) {
		return other, nil
	}
	return nil, errOtherApp
}

// address finds the channel that an event is for. Where there is none, lost says why people have to look at it; what nobody waits for is
// let go without words.
func (s *Service) address(ctx context.Context, c *Connected, ev Event) (to *Connected, lost, err error) {
	to, err = s.sibling(ctx, c, ev.Account)
	switch {
	case errors.Is(err, errOtherApp):
		return nil, fmt.Errorf("something for the account %s: %w", ev.Account, err), nil
	case errors.Is(err, store.ErrNotFound) && ev.Message != nil && !ev.Message.Echo:
		return nil, fmt.Errorf("a message for the account %s, which is not connected: %w", ev.Account, store.ErrNotFound), nil
	case errors.Is(err, store.ErrNotFound):
		return nil, nil, nil
	}
	return to, nil, err
}

// secretsAgain demands every secret of a channel anew where a patch changes who they are shown to: else whoever may change a channel
// could read what nobody is to read.
func (s *Service) secretsAgain(a Adapter, base string, present map[string]string, p Patch) error {
	moved := p.BaseURL != nil && origin(*p.BaseURL) != origin(base)
	for _, c := range a.Credentials() {
		value, given := p.Credentials[c.Name]
		moved = moved || c.Host && given && value != present[c.Name]
	}
	if !moved {
		return nil
	}
	var fields []errs.Field
	for _, c := range a.Credentials() {
		if _, given := p.Credentials[c.Name]; c.Secret && !given && present[c.Name] != "" {
			fields = append(fields, errs.Field{
				Field: "credentials." + c.Name, Detail: "required again: it would be shown to another server",
			})
		}
	}
	if fields == nil {
		return nil
	}
	return &errs.Error{
		Kind: errs.Invalid, Code: "secrets_required", Fields: fields,
		Text: "Another server is to be asked: enter the secrets again.",
	}
}
