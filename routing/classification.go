package routing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/routing/classify"
	"wasl/store"
)

// opening is what a conversation was classified by when it last began, and what an agent said of it since. It has the conversation's id.
type opening struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	Text        string    `bson:"text"`
	Type        string    `bson:"type,omitempty"`      // as corrected
	Sentiment   string    `bson:"sentiment,omitempty"` // likewise
	CorrectedAt time.Time `bson:"corrected_at"`        // zero: nobody corrected anything
}

var openingSchema = store.Schema{Name: "routing_openings", Indexes: []store.Index{
	{Name: "corrected", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("corrected_at")}},
}}

const (
	// maxOpening is how many bytes of what was said are kept to learn from.
	maxOpening = 2000
	// maxCorrected is how many corrections of a workspace count, the latest ones.
	maxCorrected = 500
	// maxModels is of how many workspaces what was learned is kept in memory.
	maxModels = 64
)

// models are the classifier, and what it learned from the corrections of workspaces.
type models struct {
	base func() (*classify.Model, error)
	mu   sync.Mutex
	of   map[string]learned
}

// learned is a model with a workspace's corrections up to a time.
type learned struct {
	model *classify.Model
	until time.Time
}

func newModels() models {
	return models{base: sync.OnceValues(classify.Load), of: map[string]learned{}}
}

// corrected finds the workspace's latest corrections, the last first.
func (s *Service) corrected(ctx context.Context, workspaceID string, limit int) ([]*opening, error) {
	found, _, err := s.openings.Find(ctx, store.Query{
		Index: "corrected", Eq: []any{workspaceID}, Range: &store.Range{From: time.UnixMilli(1)}, Reverse: true, Limit: limit,
	})
	return found, err
}

// model is the classifier with all that the workspace's agents have corrected.
func (s *Service) model(ctx context.Context, workspaceID string) (*classify.Model, error) {
	base, err := s.models.base()
	if err != nil {
		return nil, err
	}
	latest, err := s.corrected(ctx, workspaceID, 1)
	if err != nil || len(latest) == 0 {
		return base, err
	}
	s.models.mu.Lock()
	known := s.models.of[workspaceID]
	s.models.mu.Unlock()
	if known.until.Equal(latest[0].CorrectedAt) {
		return known.model, nil
	}
	all, err := s.corrected(ctx, workspaceID, maxCorrected)
	if err != nil {
		return nil, err
	}
	corrections := make([]classify.Correction, len(all))
	for n, o := range all {
		corrections[n] = classify.Correction{Text: o.Text, Type: o.Type, Sentiment: o.Sentiment}
	}
	slices.Reverse(corrections)
	known = learned{base.WithCorrections(corrections), latest[0].CorrectedAt}
	s.models.mu.Lock()
	defer s.models.mu.Unlock()
	if len(s.models.of) >= maxModels {
		clear(s.models.of)
	}
	s.models.of[workspaceID] = known
	return known.model, nil
}

// classify says what a conversation that begins is about, and adds to the write what it was told by. It is nil where the customer wrote no
// text.
func (s *Service) classify(ctx context.Context, w *events.Write, conv inbox.Standing) (*inbox.Classification, error) {
	text, err := s.Inbox.Opening(ctx, conv.WorkspaceID, conv.ID)
	if err != nil || text == "" {
		return nil, err
	}
	m, err := s.model(ctx, conv.WorkspaceID)
	if err != nil {
		return nil, err
	}
	r := m.Classify(text)
	known, err := s.openings.Get(ctx, conv.ID)
	write := s.openings.Replace
	switch {
	case errors.Is(err, store.ErrNotFound):
		known, write = &opening{Meta: store.Meta{ID: conv.ID}}, s.openings.Insert
	case err != nil:
		return nil, err
	}
	*known = opening{
		Meta: known.Meta, WorkspaceID: conv.WorkspaceID, Text: strings.ToValidUTF8(text[:min(len(text), maxOpening)], ""),
	}
	w.Changes = append(w.Changes, write(known))
	return &inbox.Classification{
		Type: r.Type, TypeConfidence: r.TypeConfidence, TypeReason: r.Reason, Sentiment: r.Sentiment,
		SentimentConfidence: r.SentimentConfidence, Language: r.Language,
	}, nil
}

// learn adds to the write of a conversation's change what the classifier learns from an agent who corrects it.
func (s *Service) learn(ctx context.Context, w *events.Write, c *inbox.Changed) error {
	retyped, felt := c.Before.Type != c.After.Type, c.Before.Sentiment != c.After.Sentiment
	if c.Actor.Kind != access.User || c.Created || !retyped && !felt {
		return nil
	}
	known, err := s.openings.Get(ctx, c.After.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if retyped {
		known.Type = c.After.Type
	}
	if felt {
		known.Sentiment = c.After.Sentiment
	}
	known.CorrectedAt = store.Millis(s.Clock.Now())
	w.Changes = append(w.Changes, s.openings.Replace(known))
	return nil
}
