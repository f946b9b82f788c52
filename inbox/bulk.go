package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/store"
	"wasl/work"
)

// workBulk is the kind of work that does the same to many conversations.
const workBulk = "conversations.bulk"

// maxBulk is how many conversations are worked on at once.
const maxBulk = 500

// Bulk does actions to conversations in the background, for the viewer and as far as they may: each conversation once, in one write, all
// of the actions or none. What the viewer may not see, or what cannot be done, is an error of that conversation alone. The same key of
// the same viewer, which may be empty, is the same work: created is false then.
func (s *Service) Bulk(ctx context.Context, v access.Viewer, key string, ids []string, actions []byte) (of *work.Work, created bool,
	err error,
) {
	parsed, err := s.Actions.Parse(actions, "actions")
	if err != nil {
		return nil, false, err
	}
	if len(parsed) == 0 {
		return nil, false, errs.InvalidField("nothing_to_do", "actions", "at least one action")
	}
	if err := mayDo(v, parsed); err != nil {
		return nil, false, err
	}
	items, known := make([]string, 0, len(ids)), make(map[string]bool, len(ids))
	for _, id := range ids {
		if !known[id] {
			known[id], items = true, append(items, id)
		}
	}
	if len(items) == 0 || len(items) > maxBulk {
		return nil, false, errs.InvalidField("invalid_input", "ids", fmt.Sprintf("ids of 1 to %d conversations", maxBulk))
	}
	input, err := json.Marshal(parsed)
	if err != nil {
		return nil, false, err
	}
	return s.Works.Start(ctx, v, work.New{Kind: workBulk, Key: key, Items: items, Input: input})
}

// mayDo refuses actions that the viewer's role does not allow.
func mayDo(v access.Viewer, actions []action.Action[*Editing]) error {
	for n, a := range actions {
		if !v.Can(a.Permission) {
			return &errs.Error{
				Kind: errs.Forbidden, Code: "forbidden", Text: "Your role does not allow this.",
				Fields: []errs.Field{{Field: fmt.Sprintf("actions/%d/action", n), Detail: "needs the permission " + string(a.Permission)}},
			}
		}
	}
	return nil
}

// planBulk reads the actions of a bulk work.
func (s *Service) planBulk(input []byte) (work.Step, error) {
	actions, err := s.Actions.Parse(input, "actions")
	return func(ctx context.Context, w *events.Write, of *work.Work, id string) error {
		v, err := s.Users.ViewerOf(ctx, of.UserID) // what they may do and see now
		if errors.Is(err, store.ErrNotFound) {
			return errs.New(errs.Forbidden, "forbidden", "Whoever started this is no longer active.")
		}
		if err != nil {
			return err
		}
		if err := mayDo(v, actions); err != nil {
			return err
		}
		conv, err := s.Conversation(ctx, v, id)
		if err != nil {
			return err
		}
		e := s.editing(conv, v.Actor())
		e.key = of.ID
		if err := e.do(ctx, actions, v.Actor()); err != nil {
			return err
		}
		return e.addTo(ctx, w)
	}, err
}
