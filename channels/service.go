package channels

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/secret"
	"wasl/notify"
	"wasl/store"
)

// freshFor is how long a channel is believed without asking the store: another instance may have changed it.
const freshFor = 5 * time.Second

// Options are what the service is made of.
type Options struct {
	Engine    store.Engine
	Bus       *events.Bus
	Jobs      *jobs.Runner
	Clock     clock.Clock
	Log       zerolog.Logger
	Box       *secret.Box
	PublicURL string
	Adapters  []Adapter
	Notices   *notify.Service
	Blobs     blob.Store // keeps bodies that are too large for a job
	Instance  string     // names this instance
	// AllowPrivate lets api_base_url point into private networks.
	AllowPrivate bool
}

// Service keeps the channels and takes their webhooks.
type Service struct {
	Options
	adapters       map[Kind]Adapter
	channels       store.Collection[Channel, *Channel]
	templates      store.Collection[storedTemplate, *storedTemplate]
	kept           store.Collection[pulse, *pulse]
	mu             sync.Mutex
	known          map[string]*Connected
	sources        store.Collection[source, *source]
	operations     store.Collection[operation, *operation]
	authorizations store.Collection[authorization, *authorization]
	fetching       fetching
	kinds          map[string]kin
	watch
}

// Connected is a channel ready for use: its adapter and its opened account.
type Connected struct {
	Channel
	Adapter Adapter
	Can     Capabilities // of the adapter: asked for once, not for each conversation of a list
	Account Account
	earlier []replaced // credentials before, while webhooks may still come under them
	readAt  time.Time
}

// NewService returns the service over the given adapters.
func NewService(o Options) *Service {
	s := &Service{
		Options: o, adapters: map[Kind]Adapter{}, known: map[string]*Connected{}, kinds: map[string]kin{}, watch: newWatch(),
		fetching:       newFetching(),
		channels:       store.NewCollection[Channel](o.Engine, channelSchema),
		templates:      store.NewCollection[storedTemplate](o.Engine, templateSchema),
		kept:           store.NewCollection[pulse](o.Engine, pulseSchema),
		sources:        store.NewCollection[source](o.Engine, sourceSchema),
		operations:     store.NewCollection[operation](o.Engine, operationSchema),
		authorizations: store.NewCollection[authorization](o.Engine, authorizationSchema),
	}
	for _, a := range o.Adapters {
		s.adapters[a.Kind()] = a
	}
	s.Jobs.Handle(JobTemplates, jobs.Bulk, jobs.Single(s.runSync))
	s.Jobs.Handle(jobRemoveBody, jobs.Bulk, jobs.Single(s.runRemoveBody))
	s.Jobs.Every("renewals", "@hourly", s.renewDue)
	s.Jobs.Handle(jobRenew, jobs.Bulk, jobs.Single(s.runRenew))
	s.Bus.Subscribe(func(n events.Numbered) {
		if n.Type == "channel.updated" {
			s.forget(n.Subject)
			s.fetchSoon(n.Subject)
		}
	})
	return s
}

func (s *Service) forget(id string) {
	s.mu.Lock()
	delete(s.known, id)
	clear(s.kinds)
	s.mu.Unlock()
}

// Connected returns the channel ready for use, or store.ErrNotFound.
func (s *Service) Connected(ctx context.Context, id string) (*Connected, error) {
	now := s.Clock.Now()
	s.mu.Lock()
	c := s.known[id]
	s.mu.Unlock()
	if c != nil && now.Sub(c.readAt) < freshFor {
		return c, nil
	}
	ch, err := s.channels.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if c, err = s.connect(ch); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.known[id] = c
	s.mu.Unlock()
	return c, nil
}

// connect makes a stored channel ready for use.
func (s *Service) connect(ch *Channel) (*Connected, error) {
	adapter := s.adapters[ch.Kind]
	if adapter == nil {
		return nil, fmt.Errorf("channel %s has the unknown kind %q: %w", ch.ID, ch.Kind, store.ErrNotFound)
	}
	credentials, err := s.open(ch)
	if err != nil {
		return nil, err
	}
	earlier, err := s.earlier(ch)
	return &Connected{
		Channel: *ch, Adapter: adapter, Can: adapter.Capabilities(), readAt: s.Clock.Now(), earlier: earlier, Account: Account{
			ChannelID: ch.ID, Credentials: credentials, BaseURL: ch.BaseURL, WebhookURL: s.webhookURL(ch),
		},
	}, err
}

// Of returns the workspace's channel ready for use, or store.ErrNotFound.
func (s *Service) Of(ctx context.Context, workspaceID, id string) (*Connected, error) {
	c, err := s.Connected(ctx, id)
	if err == nil && c.WorkspaceID != workspaceID {
		return nil, store.ErrNotFound
	}
	return c, err
}

func (s *Service) webhookURL(ch *Channel) string {
	return strings.TrimSuffix(s.PublicURL, "/") + "/webhooks/" + string(ch.Kind) + "/" + ch.ID
}

func (s *Service) open(ch *Channel) (map[string]string, error) { return s.unseal(ch.ID, ch.Sealed) }

func (s *Service) unseal(id string, sealed []byte) (map[string]string, error) {
	plain, err := s.reveal(id, sealed)
	if err != nil {
		return nil, err
	}
	var credentials map[string]string
	if err := json.Unmarshal(plain, &credentials); err != nil {
		return nil, fmt.Errorf("credentials of %s: %w", id, err)
	}
	return credentials, nil
}

func (s *Service) reveal(id string, sealed []byte) ([]byte, error) {
	plain, err := s.Box.Open(id, sealed)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "credentials_unreadable",
			"The credentials of this channel cannot be opened with this WASL_SECRET_KEY.")
	}
	return plain, nil
}

func (s *Service) seal(ch *Channel, credentials map[string]string) error {
	plain, err := json.Marshal(credentials)
	if err != nil {
		return err
	}
	ch.Sealed = s.Box.Seal(ch.ID, plain)
	return nil
}

// New is what a channel is connected with.
type New struct {
	Kind        Kind
	Name        string
	Credentials map[string]string
	BaseURL     string
}

// Create connects an account. The same account twice in a workspace is a conflict.
func (s *Service) Create(ctx context.Context, workspaceID string, n New) (*Channel, error) {
	adapter := s.adapters[n.Kind]
	if adapter == nil {
		return nil, errs.InvalidField("unknown_kind", "kind", "this kind of channel is not available")
	}
	var used []store.Change
	var err error
	if n.Credentials, used, err = s.authorized(ctx, workspaceID, n.Credentials); err != nil {
		return nil, err
	}
	if c, ok := adapter.(Completer); ok {
		if n.Credentials, err = c.Complete(n.Credentials); err != nil {
			return nil, err
		}
	}
	if err := checkCredentials(adapter, n.Credentials, true); err != nil {
		return nil, err
	}
	if err := s.checkBaseURL(n.BaseURL); err != nil {
		return nil, err
	}
	account, err := accountOf(adapter, n.Credentials)
	if err != nil {
		return nil, err
	}
	ch := &Channel{
		Meta: store.Meta{ID: channelID(workspaceID, n.Kind, account)}, WorkspaceID: workspaceID, Kind: n.Kind, Name: n.Name,
		Account: account, Status: Active, BaseURL: n.BaseURL, CreatedAt: s.Clock.Now(),
	}
	s.renewable(ch)
	if err := s.seal(ch, n.Credentials); err != nil {
		return nil, err
	}
	w := &events.Write{Changes: used}
	if err := s.meet(ctx, w, adapter, ch, n.Credentials); err != nil {
		return nil, err
	}
	w.Changes, w.Events = append(w.Changes, s.channels.Insert(ch)), []events.Event{s.updated(ch)}
	if _, lists := adapter.(TemplateLister); lists {
		job, insert := s.Jobs.New(jobs.Spec{
			Kind: JobTemplates, WorkspaceID: workspaceID, Ref: ch.ID, Share: ch.ID, Key: []string{ch.ID, s.Clock.Now().String()},
		})
		w.Changes, w.Jobs = append(w.Changes, insert...), append(w.Jobs, job)
	}
	err = s.Bus.Commit(ctx, w)
	if errors.Is(err, store.ErrExists) {
		return nil, errs.Wrap(err, errs.Conflict, "channel_exists", "This account is already connected in this workspace.")
	}
	return ch, err
}

// meet asks the source of a new channel whether it lets us in, where it has one, and has it fetched from with the write.
func (s *Service) meet(ctx context.Context, w *events.Write, a Adapter, ch *Channel, credentials map[string]string) error {
	id := sourceOf(a, ch, credentials)
	if id == "" {
		return nil
	}
	if _, err := s.channels.Get(ctx, ch.ID); !errors.Is(err, store.ErrNotFound) {
		return err // the write says that it exists
	}
	if err := s.free(ctx, id); err != nil {
		return err
	}
	account := Account{ChannelID: ch.ID, Credentials: credentials, BaseURL: ch.BaseURL}
	state, err := a.(Fetcher).Begin(ctx, account) //nolint:forcetypeassert // it has a source
	if err != nil {
		return AsSendError(err).refuseCredentials("")
	}
	return s.fetchFrom(ctx, w, ch, id, state)
}

// accountOf returns which account these credentials are of.
func accountOf(a Adapter, credentials map[string]string) (string, error) {
	account, missing := credentials[a.Credentials()[0].Name], ""
	if i, ok := a.(Identifier); ok {
		account, missing = i.Account(credentials)
	}
	if missing != "" {
		return "", &errs.Error{
			Kind: errs.Invalid, Code: "invalid_credentials", Text: "Some credentials are missing or unknown.",
			Fields: []errs.Field{{Field: "credentials." + missing, Detail: "required, or its alternative"}},
		}
	}
	return account, nil
}

func checkCredentials(a Adapter, given map[string]string, whole bool) error {
	var fields []errs.Field
	names := map[string]bool{}
	for _, c := range a.Credentials() {
		names[c.Name] = true
		if value, set := given[c.Name]; c.Required && (whole || set) && strings.TrimSpace(value) == "" {
			fields = append(fields, errs.Field{Field: "credentials." + c.Name, Detail: "required"})
		}
	}
	for name := range given {
		if !names[name] {
			fields = append(fields, errs.Field{Field: "credentials." + name, Detail: "not a credential of this kind of channel"})
		}
	}
	if fields != nil {
		return &errs.Error{
			Kind: errs.Invalid, Code: "invalid_credentials", Text: "Some credentials are missing or unknown.",
			Fields: fields,
		}
	}
	return nil
}

func (s *Service) checkBaseURL(base string) error {
	if base == "" {
		return nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "https" && (u.Scheme != "http" || !s.AllowPrivate)) || u.User != nil {
		return errs.InvalidField("invalid_base_url", "api_base_url", "wants an absolute https address")
	}
	return nil
}

// follow has a channel whose credentials changed fetched from where they say, with the write.
func (s *Service) follow(ctx context.Context, w *events.Write, ch *Channel, before []byte) error {
	if _, fetches := s.adapters[ch.Kind].(Fetcher); !fetches || bytes.Equal(ch.Sealed, before) {
		return nil
	}
	credentials, err := s.open(ch)
	if err != nil {
		return err
	}
	return s.fetchFrom(ctx, w, ch, sourceOf(s.adapters[ch.Kind], ch, credentials), nil)
}

// Remove disconnects the account. Its conversations stay.
func (s *Service) Remove(ctx context.Context, workspaceID, id string) error {
	return store.Retry(ctx, func() error { return s.remove(ctx, workspaceID, id) }) // who fetches renews a lease meanwhile
}

func (s *Service) remove(ctx context.Context, workspaceID, id string) error {
	ch, err := s.channels.Get(ctx, id)
	if err != nil {
		return err
	}
	if ch.WorkspaceID != workspaceID {
		return store.ErrNotFound
	}
	w := &events.Write{Changes: []store.Change{s.channels.Delete(ch)}, Events: []events.Event{s.updated(ch)}}
	if p, err := s.kept.Get(ctx, pulseID(id)); err == nil {
		w.Changes = append(w.Changes, s.kept.Delete(p))
	}
	if _, err := s.endSource(ctx, w, ch); err != nil {
		return err
	}
	w.Events[0].Version++ // the one at which it ended
	err = s.Bus.Commit(ctx, w)
	s.forget(id)
	return err
}

// List returns the workspace's channels, oldest first.
func (s *Service) List(ctx context.Context, workspaceID, cursor string, limit int) ([]*Channel, string, error) {
	return s.channels.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: limit, Cursor: cursor})
}

func (s *Service) updated(ch *Channel) events.Event {
	data, _ := json.Marshal(s.view(ch)) // a view always encodes
	return events.Event{
		Type: "channel.updated", WorkspaceID: ch.WorkspaceID, Subject: ch.ID, Version: ch.Version, At: s.Clock.Now(),
		Audience: access.Audience{Everyone: true}, Data: data,
	}
}
