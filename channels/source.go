package channels

import (
	"context"
	"errors"
	"time"

	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// source is what a channel's messages are fetched from: which instance fetches, and how far it got. Its id is derived from workspace, kind
// and the source's name, so that no two channels of a workspace fetch from one; its version fences off an instance that lost its lease.
type source struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	ChannelID   string    `bson:"channel_id"`
	Owner       string    `bson:"owner,omitempty"`   // the instance that fetches
	Until       time.Time `bson:"until"`             // when its lease lapses
	State       []byte    `bson:"state,omitempty"`   // the adapter's own notes: how far it got
	Worked      []byte    `bson:"worked,omitempty"`  // a digest of the credentials that worked last
	Stopped     bool      `bson:"stopped,omitempty"` // it stopped the channel
}

var sourceSchema = store.Schema{Name: "sources", Indexes: []store.Index{
	{Name: "lapsed", Fields: []store.Field{store.Asc("until")}}, // of all workspaces: an instance fetches for each
}}

func sourceID(workspaceID string, kind Kind, name string) string {
	return ids.Derived("src", workspaceID, string(kind), name)
}

// sourceOf returns the id of what a channel with these credentials is fetched from; empty: its provider comes by itself.
func sourceOf(a Adapter, ch *Channel, credentials map[string]string) string {
	f, can := a.(Fetcher)
	if !can {
		return ""
	}
	name := f.Source(credentials)
	if name == "" {
		return ""
	}
	return sourceID(ch.WorkspaceID, ch.Kind, name)
}

// free reports an error where another channel fetches from the source.
func (s *Service) free(ctx context.Context, id string) error {
	_, err := s.sources.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = errs.New(errs.Conflict, "mailbox_taken", "Another channel fetches from this mailbox already.")
	}
	return err
}

// fetchFrom has the channel fetched from a source, and from no other one, with the write. state are the notes to begin with; nil: those of
// the source before.
func (s *Service) fetchFrom(ctx context.Context, w *events.Write, ch *Channel, id string, state []byte) error {
	if ch.SourceID == id {
		return nil
	}
	before, err := s.endSource(ctx, w, ch)
	if err != nil {
		return err
	}
	if state == nil && before != nil {
		state = before.State
	}
	if ch.SourceID = id; id == "" {
		return nil
	}
	if err := s.free(ctx, id); err != nil {
		return err
	}
	w.Changes = append(w.Changes, s.sources.Insert(&source{
		Meta: store.Meta{ID: id}, WorkspaceID: ch.WorkspaceID, ChannelID: ch.ID, Until: s.Clock.Now(), State: state,
	}))
	return nil
}

// endSource ends the fetching with the write: whoever fetches finds its lease gone. It returns how far that got; nil: nothing was fetched.
func (s *Service) endSource(ctx context.Context, w *events.Write, ch *Channel) (*source, error) {
	if ch.SourceID == "" {
		return nil, nil //nolint:nilnil // absence is an ordinary answer here
	}
	src, err := s.sources.Get(ctx, ch.SourceID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // likewise
	}
	if err == nil && src.ChannelID == ch.ID {
		w.Changes = append(w.Changes, s.sources.Delete(src))
	}
	return src, err
}
