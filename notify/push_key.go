package notify

import (
	"context"
	"errors"

	"wasl/internal/webpush"
	"wasl/store"
)

// pushKey is the key by which push services know this installation: one for all instances and workspaces.
type pushKey struct {
	store.Meta `bson:",inline"`
	Sealed     []byte `bson:"sealed"` // the private half
}

var pushKeySchema = store.Schema{Name: "push_keys"}

const pushKeyID = "vapid"

// loadKey reads the key and makes it where there is none. Of several instances that start at once one makes it. One that was sealed with
// another secret key is replaced: browsers subscribe anew when they are next opened.
func (p *pusher) loadKey(ctx context.Context) error {
	return store.Retry(ctx, func() error {
		kept, err := p.keys.Get(ctx, pushKeyID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil {
			if private, err := p.Box.Open(pushKeyID, kept.Sealed); err == nil {
				p.key, err = webpush.NewKey(private, p.Subject, p.clock)
				return err
			}
			p.Log.Warn().Msg("the key for web push was sealed with another secret key; a new one is made")
		}
		private, err := webpush.GenerateKey()
		if err != nil {
			return err
		}
		made := &pushKey{Meta: store.Meta{ID: pushKeyID}, Sealed: p.Box.Seal(pushKeyID, private)}
		change := p.keys.Insert(made)
		if kept != nil {
			made.Version = kept.Version
			change = p.keys.Replace(made)
		}
		if err := p.engine.Write(ctx, change); err != nil {
			return err // another instance was faster: its key is read
		}
		p.key, err = webpush.NewKey(private, p.Subject, p.clock)
		return err
	})
}
