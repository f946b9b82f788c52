package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/store"
	"wasl/work"
)

// The kinds of work that does the same to many conversations, and that takes it back.
const (
	workBulk = "conversations.bulk"
	workUndo = "conversations.undo"
)

// maxNamed is how many conversations are named at once.
const maxNamed = 500

// Bulk is the same for many conversations: those that are named, or all in a view as it is when it is asked for.
type Bulk struct {
	Key     string // the same key of the same viewer is the same work; empty: a work of its own
	IDs     []string
	ViewID  string
	Actions []byte
}

// Bulk does actions to conversations in the background, for the viewer and as far as they may: each conversation once, in one write, all
// of the actions or none. What the viewer may not see, or what cannot be done, is an error of that conversation alone. created is false
// where the key has started it before. The token takes it back (Undo).
func (s *Service) Bulk(ctx context.Context, v access.Viewer, b Bulk) (of *work.Work, token string, created bool, err error) {
	parsed, err := s.Actions.Parse(b.Actions, "actions")
	if err != nil {
		return nil, "", false, err
	}
	if len(parsed) == 0 {
		return nil, "", false, errs.InvalidField("nothing_to_do", "actions", "at least one action")
	}
	if err := mayDo(v, parsed); err != nil {
		return nil, "", false, err
	}
	items, err := s.bulkItems(ctx, v, b)
	if err != nil {
		return nil, "", false, err
	}
	input, err := json.Marshal(parsed)
	if err != nil {
		return nil, "", false, err
	}
	w := &events.Write{}
	if of, err = s.Works.Add(w, v, work.New{Kind: workBulk, Key: b.Key, Items: items, Input: input}); err != nil {
		return nil, "", false, err
	}
	token = undoToken(v, undoBulk, of.ID)
	s.addUndo(w, v, undoable{Meta: store.Meta{ID: token}, Kind: undoBulk, Ref: of.ID})
	if err = s.Bus.Commit(ctx, w); errors.Is(err, store.ErrExists) {
		of, err = s.Works.Get(ctx, v, of.ID)
		return of, token, false, err
	}
	return of, token, err == nil, err
}

// bulkItems are the conversations of bulk work, each once.
func (s *Service) bulkItems(ctx context.Context, v access.Viewer, b Bulk) ([]string, error) {
	if (b.ViewID == "") == (len(b.IDs) == 0) || len(b.IDs) > maxNamed {
		return nil, errs.InvalidField("invalid_input", "ids", fmt.Sprintf("ids of 1 to %d conversations, or view_id", maxNamed))
	}
	if b.ViewID != "" {
		f, err := s.view(ctx, v, b.ViewID)
		if errors.Is(err, store.ErrNotFound) {
			return nil, errs.InvalidField("unknown_view", "view_id", "there is no such view")
		}
		if err != nil {
			return nil, err
		}
		return s.idsOf(ctx, v, f)
	}
	return unique(slices.Clone(b.IDs)), nil
}

// idsOf are the conversations that the viewer may see and a filter selects: none of them is kept but its id. What changes while they are
// read moves to the end of their order, so none is missed.
func (s *Service) idsOf(ctx context.Context, v access.Viewer, f Filter) (items []string, err error) {
	const page = 500
	f.Sort = live.Oldest
	for cursor := ""; ; {
		found, next, err := s.List(ctx, v, f, cursor, page)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			items = append(items, c.ID)
		}
		if len(items) > work.MaxItems {
			return nil, errs.InvalidField("too_many_conversations", "view_id",
				fmt.Sprintf("the view has more than %d conversations: narrow it down", work.MaxItems))
		}
		if next == "" {
			return unique(items), nil
		}
		cursor = next
	}
}

// unique leaves each id once.
func unique(items []string) []string {
	known := make(map[string]bool, len(items))
	return slices.DeleteFunc(items, func(id string) bool {
		was := known[id]
		known[id] = true
		return was
	})
}

// NameViews sets how the filter of a view is found that a viewer uses; store.ErrNotFound: there is none.
func (s *Service) NameViews(view func(ctx context.Context, v access.Viewer, id string) (Filter, error)) {
	s.view = view
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
		v, err := s.workingFor(ctx, of)
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
		before := conv.fields()
		if err := e.do(ctx, actions, v.Actor()); err != nil {
			return err
		}
		e.addTrace(undoToken(v, undoBulk, of.ID), before)
		return e.addTo(ctx, w)
	}, err
}

// undoWork adds to a write that bulk work is taken back, in work of its own: it is stopped where it has not ended, and what it has done by
// then is put back.
func (s *Service) undoWork(ctx context.Context, w *events.Write, v access.Viewer, u *undoable) (*work.Work, error) {
	of, err := s.Works.Get(ctx, v, u.Ref)
	if err != nil {
		return nil, err
	}
	if of.State == work.Running {
		s.Works.StopWith(w, v, of)
	}
	input, err := json.Marshal(u.ID)
	if err != nil {
		return nil, err
	}
	return s.Works.Add(w, v, work.New{Kind: workUndo, Key: u.ID, Done: of, Input: input})
}

// planUndo reads the token that work of undoing was started with. What it leaves alone is an error of that conversation.
func (s *Service) planUndo(input []byte) (work.Step, error) {
	var token string
	err := json.Unmarshal(input, &token)
	return func(ctx context.Context, w *events.Write, of *work.Work, id string) error {
		v, err := s.workingFor(ctx, of)
		if err != nil {
			return err
		}
		left, err := s.undoTrace(ctx, w, v, token, id)
		if err == nil && len(left) > 0 {
			of.Tell(work.Error{Item: id, Code: "left_alone", Detail: leftAlone(left)})
		}
		return err
	}, err
}

// workingFor is who started a work, with what they may do and see now.
func (s *Service) workingFor(ctx context.Context, of *work.Work) (access.Viewer, error) {
	v, err := s.Users.ViewerOf(ctx, of.UserID)
	if errors.Is(err, store.ErrNotFound) {
		err = errs.New(errs.Forbidden, "forbidden", "Whoever started this is no longer active.")
	}
	return v, err
}

// leftAlone says what an undo left alone, for people.
func leftAlone(left []Left) string {
	changed, said := []string{}, []string{}
	for _, one := range left {
		if one != LeftMessages {
			changed = append(changed, string(one))
		}
	}
	if len(changed) > 0 {
		said = append(said, "Changed since, and left as it is: "+strings.Join(changed, ", ")+".")
	}
	if slices.Contains(left, LeftMessages) {
		said = append(said, "Messages and notes cannot be taken back.")
	}
	return strings.Join(said, " ")
}
