package notify

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/internal/webpush"
	"wasl/store"
)

const (
	// mostDevices bounds how many devices of a user are pushed to: of more, those that were there last stay.
	mostDevices = 10
	// longestEndpoint is how long the address of a subscription may be.
	longestEndpoint = 2048
)

// subscription is a browser that a user wants to be told in while Wasl is closed. Its id is derived from its address, which is the
// browser's alone: whoever signs in there next takes it over.
type subscription struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	UserID      string    `bson:"user_id"`
	Endpoint    string    `bson:"endpoint"`
	Public      string    `bson:"p256dh"`
	Auth        string    `bson:"auth"`
	Language    string    `bson:"language"` // of the device: en he ar
	Key         string    `bson:"key"`      // the public key that it takes messages of
	SeenAt      time.Time `bson:"seen_at"`  // when the browser last said that it is there
}

var subscriptionSchema = store.Schema{Name: "push_subscriptions", Indexes: []store.Index{
	{Name: "user", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("user_id"), store.Asc("seen_at")}},
}}

func subscriptionID(endpoint string) string { return ids.Derived("psb", endpoint) }

// device is what a browser says of itself.
type device struct{ endpoint, public, auth, language string }

// check says what is wrong with what a browser says: its push service must have a public address, and its keys must be keys.
func (d device) check(allowPrivate bool) error {
	invalid := errs.InvalidField("invalid_push_endpoint", "endpoint", "the https address of a push service, as the browser gives it")
	u, err := url.Parse(d.endpoint)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(d.endpoint) > longestEndpoint {
		return invalid
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	_, err = netip.ParseAddr(host)
	if !allowPrivate && (err == nil || !strings.Contains(host, ".")) {
		return invalid
	}
	if _, err := webpush.NewSubscription(d.endpoint, d.public, d.auth); err != nil {
		return errs.InvalidField("invalid_push_keys", "keys", "p256dh and auth, as the browser gives them")
	}
	return nil
}

// subscribe has the viewer told on a device from now on.
func (p *pusher) subscribe(ctx context.Context, v access.Viewer, d device) error {
	if err := d.check(p.AllowPrivate); err != nil {
		return err
	}
	err := store.Retry(ctx, func() error {
		now := store.Millis(p.clock.Now())
		next := &subscription{
			Meta: store.Meta{ID: subscriptionID(d.endpoint)}, WorkspaceID: v.WorkspaceID, UserID: v.UserID, Endpoint: d.endpoint,
			Public: d.public, Auth: d.auth, Language: d.language, Key: p.key.Public(), SeenAt: now,
		}
		before, err := p.subscriptions.Get(ctx, next.ID)
		if errors.Is(err, store.ErrNotFound) {
			return p.engine.Write(ctx, p.subscriptions.Insert(next))
		}
		if err != nil {
			return err
		}
		next.Version = before.Version
		return p.engine.Write(ctx, p.subscriptions.Replace(next))
	})
	if err != nil {
		return err
	}
	return p.forgetOldest(ctx, v)
}

// forgetOldest removes the viewer's devices beyond the bound, those first that have not been seen for longest.
func (p *pusher) forgetOldest(ctx context.Context, v access.Viewer) error {
	q := store.Query{Index: "user", Eq: []any{v.WorkspaceID, v.UserID}, Limit: 2 * mostDevices}
	found, _, err := p.subscriptions.Find(ctx, q)
	if err != nil {
		return err
	}
	for _, s := range found[:max(0, len(found)-mostDevices)] {
		if err := p.remove(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// remove forgets a device; that it has changed or gone meanwhile is all right.
func (p *pusher) remove(ctx context.Context, s *subscription) error {
	err := p.engine.Write(ctx, p.subscriptions.Delete(s))
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// own is the viewer's device with an address; store.ErrNotFound: it is nobody's, or somebody else's.
func (p *pusher) own(ctx context.Context, v access.Viewer, endpoint string) (*subscription, error) {
	s, err := p.subscriptions.Get(ctx, subscriptionID(endpoint))
	if err == nil && (s.UserID != v.UserID || s.WorkspaceID != v.WorkspaceID) {
		return nil, store.ErrNotFound
	}
	return s, err
}

// unsubscribe has the viewer no longer told on a device. One that is not theirs is passed over.
func (p *pusher) unsubscribe(ctx context.Context, v access.Viewer, endpoint string) error {
	s, err := p.own(ctx, v, endpoint)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.remove(ctx, s)
}
