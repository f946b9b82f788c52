package channels

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"wasl/internal/blob"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

// OperationKind is what is to be done at a source.
type OperationKind string

// What is to be done at a source.
const (
	KeepCopy     OperationKind = "copy"     // put what was sent among what was sent
	MarkSeen     OperationKind = "seen"     // somebody here has read it
	MarkAnswered OperationKind = "answered" // somebody here has answered it
)

// Operation is something to be done where a channel's messages are fetched from, by whoever fetches there.
type Operation struct {
	ID   string
	Kind OperationKind
	IDs  []string                              // the provider's, of the messages that it is about
	Body func(context.Context) ([]byte, error) // of KeepCopy: the message as it was sent
}

const (
	// operationsMost is how many operations are handed to a fetcher at a time.
	operationsMost = 20
	// operationFor is how long an operation is worth doing.
	operationFor = 7 * 24 * time.Hour
	// bodyInRow is the largest body that stands in an operation's row.
	bodyInRow = 256 << 10
)

// operation is an Operation as stored.
type operation struct {
	store.Meta  `bson:",inline"` // ids in order of time
	WorkspaceID string           `bson:"workspace_id"`
	ChannelID   string           `bson:"channel_id"`
	Kind        OperationKind    `bson:"kind"`
	IDs         []string         `bson:"ids"`
	Body        []byte           `bson:"body,omitempty"`
	BodyID      string           `bson:"body_id,omitempty"` // of a large body: the file
	Until       time.Time        `bson:"until"`
}

var operationSchema = store.Schema{Name: "source_operations", Expire: "until", Indexes: []store.Index{
	{Name: "channel", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("channel_id")}},
}}

// AtSource has something done where the channel's messages are fetched from, once the write is durable; nothing where they come by
// themselves. body is of KeepCopy.
func (s *Service) AtSource(ctx context.Context, w *events.Write, ch *Connected, kind OperationKind, body []byte, of ...string) error {
	if ch.SourceID == "" || len(of) == 0 {
		return nil
	}
	now := s.Clock.Now()
	op := &operation{
		Meta: store.Meta{ID: ids.New("sop", now)}, WorkspaceID: ch.WorkspaceID, ChannelID: ch.ID, Kind: kind, IDs: of, Body: body,
		Until: store.Millis(now.Add(operationFor)),
	}
	if len(body) > bodyInRow {
		op.Body, op.BodyID = nil, ids.Derived("cpy", ch.ID, of[0]) // a write that is tried again keeps it once
		if _, err := s.Blobs.Put(ctx, op.BodyID, bytes.NewReader(body)); err != nil {
			return errors.Join(store.ErrUnavailable, err)
		}
		w.Changes = append(w.Changes, s.Jobs.At(op.Until, jobs.Spec{
			Kind: jobRemoveBody, WorkspaceID: ch.WorkspaceID, Ref: op.BodyID, Key: []string{op.ID},
		})...)
	}
	w.Changes = append(w.Changes, s.operations.Insert(op))
	w.After = append(w.After, func() { s.tellHolder(ch.ID) })
	return nil
}

// tellHolder tells whoever fetches, where that is this instance, that there is something to do. Others look now and then.
func (s *Service) tellHolder(channelID string) {
	s.fetching.mu.Lock()
	h := s.fetching.holders[channelID]
	s.fetching.mu.Unlock()
	if h == nil {
		return
	}
	select {
	case h.more <- struct{}{}:
	default:
	}
}

// More tells that there may be something to do at the source.
func (h *holder) More() <-chan struct{} { return h.more }

// Operations are what is to be done at the source, oldest first.
func (h *holder) Operations(ctx context.Context) ([]Operation, error) {
	s := h.service
	found, _, err := s.operations.Find(ctx, store.Query{
		Index: "channel", Eq: []any{h.workspace, h.channel}, Limit: operationsMost,
	})
	var out []Operation
	for _, op := range found {
		out = append(out, Operation{ID: op.ID, Kind: op.Kind, IDs: op.IDs, Body: func(ctx context.Context) ([]byte, error) {
			if op.BodyID == "" {
				return op.Body, nil
			}
			file, _, err := s.Blobs.Open(ctx, op.BodyID)
			if errors.Is(err, blob.ErrNotFound) {
				return nil, nil
			}
			if err != nil {
				return nil, errors.Join(store.ErrUnavailable, err)
			}
			defer func() { _ = file.Close() }()
			return io.ReadAll(io.LimitReader(file, 2*maxOther))
		}})
	}
	return out, err
}

// Done ends an operation. What a source refuses for good is shown, and let go.
func (h *holder) Done(ctx context.Context, op Operation, refused error) error {
	s := h.service
	if refused != nil {
		s.NoteTrouble(h.channel, AsSendError(refused).words())
	}
	// it is written once, by whoever stored it
	err := s.Engine.Write(ctx, store.Change{Kind: store.Delete, Collection: operationSchema.Name, ID: op.ID, Version: 1})
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}
