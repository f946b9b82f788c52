package work

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	// turn is how long a work goes on before others of its class have theirs.
	turn = 5 * time.Second
	// tellEvery is how often whoever watches is told.
	tellEvery = time.Second
	// tries is how often an item is tried that fails for a reason that nobody foresaw, before it is refused.
	tries = 5
)

// Step does one item: it adds to the write what that changes. An error that the API would answer to a caller refuses the item, and nothing
// of it is written. It is called again where others were faster, or an instance died before the write.
type Step func(ctx context.Context, w *events.Write, of *Work, item string) error

// Plan reads what a work of its kind was started with, once for each turn.
type Plan func(input []byte) (Step, error)

// Service runs long work.
type Service struct {
	bus   *events.Bus
	jobs  *jobs.Runner
	clock clock.Clock
	works store.Collection[Work, *Work]
	pages store.Collection[page, *page]
	kinds map[string]Plan
}

// NewService returns the service and takes on its kind of job.
func NewService(engine store.Engine, bus *events.Bus, runner *jobs.Runner, c clock.Clock) *Service {
	return &Service{
		bus: bus, jobs: runner, clock: c, works: store.NewCollection[Work](engine, schema),
		pages: store.NewCollection[page](engine, pageSchema), kinds: map[string]Plan{},
	}
}

// Handle says what is done with the items of a kind of work, before anything runs. It is a kind of job.
func (s *Service) Handle(kind string, plan Plan) {
	s.kinds[kind] = plan
	s.jobs.Handle(kind, jobs.Bulk, jobs.Single(s.run))
}

// New is what a work is made of.
type New struct {
	Kind  string
	Key   string // the same key of the same user is the same work; empty: a work of its own
	Items []string
	// Done is a work that has ended: what it has done are the items, in the place of Items; nil: they are given.
	Done  *Work
	Input []byte
}

// payload is what the job of a work carries.
type payload struct {
	Items []string        `json:"items,omitempty"` // of a work that an earlier version of the program started
	Input json.RawMessage `json:"input"`
}

// Start starts a work for the viewer. created is false where the key has started it before.
func (s *Service) Start(ctx context.Context, v access.Viewer, n New) (of *Work, created bool, err error) {
	w := &events.Write{}
	if of, err = s.Add(w, v, n); err != nil {
		return nil, false, err
	}
	if err = s.bus.Commit(ctx, w); errors.Is(err, store.ErrExists) {
		of, err = s.works.Get(ctx, of.ID)
		return of, false, err
	}
	return of, err == nil, err
}

// Add starts a work for the viewer with the caller's write, whose error is store.ErrExists where the key has started it before.
func (s *Service) Add(w *events.Write, v access.Viewer, n New) (*Work, error) {
	now := store.Millis(s.clock.Now())
	id := ids.New("wrk", now)
	if n.Key != "" {
		id = ids.Derived("wrk", v.WorkspaceID, v.UserID, n.Kind, n.Key)
	}
	of := &Work{
		Meta: store.Meta{ID: id}, WorkspaceID: v.WorkspaceID, UserID: v.UserID, Kind: n.Kind, State: Running, Total: len(n.Items),
		Errors: []Error{}, CreatedAt: now, ExpiresAt: now.Add(keep),
	}
	if n.Done != nil {
		of.ItemsOf, of.Total = n.Done.ID, n.Done.Done
	}
	if of.Total == 0 {
		of.State = Done
		w.Changes = append(w.Changes, s.works.Insert(of))
		return of, nil
	}
	w.Changes = append(w.Changes, s.works.Insert(of))
	for from := 0; from < len(n.Items); from += pageSize {
		w.Changes = append(w.Changes, s.pages.Insert(&page{
			Meta: store.Meta{ID: pageID(id, from/pageSize)}, WorkspaceID: v.WorkspaceID,
			Items: n.Items[from:min(len(n.Items), from+pageSize)], ExpiresAt: of.ExpiresAt,
		}))
	}
	data, err := json.Marshal(payload{Input: n.Input})
	if err != nil {
		return nil, err
	}
	job, insert := s.jobs.New(jobs.Spec{
		Kind: n.Kind, WorkspaceID: v.WorkspaceID, Ref: id, Share: v.UserID, Payload: data, Key: []string{id},
	})
	w.Changes, w.Jobs = append(w.Changes, insert...), append(w.Jobs, job)
	return of, nil
}

// Get returns a work that the viewer started, or store.ErrNotFound.
func (s *Service) Get(ctx context.Context, v access.Viewer, id string) (*Work, error) {
	of, err := s.works.Get(ctx, id)
	if err == nil && (of.WorkspaceID != v.WorkspaceID || of.UserID != v.UserID) {
		return nil, store.ErrNotFound
	}
	return of, err
}

// Stop stops a work that the viewer started. One that has ended stays as it is.
func (s *Service) Stop(ctx context.Context, v access.Viewer, id string) (of *Work, err error) {
	err = store.Retry(ctx, func() error {
		if of, err = s.Get(ctx, v, id); err != nil || of.State != Running {
			return err
		}
		w := &events.Write{}
		s.StopWith(w, v, of)
		return s.bus.Commit(ctx, w)
	})
	return of, err
}

// StopWith stops a running work of the viewer's, as it has just been read, with the caller's write.
func (s *Service) StopWith(w *events.Write, v access.Viewer, of *Work) {
	of.State = Stopped
	w.Changes = append(w.Changes, s.works.Replace(of))
	s.tell(w, of, v.Actor())
}

// tell adds the event that shows the work to whoever started it.
func (s *Service) tell(w *events.Write, of *Work, by access.Actor) {
	data, _ := json.Marshal(of.View()) // strings and numbers always encode
	w.Events = append(w.Events, events.Event{
		Type: "job.updated", WorkspaceID: of.WorkspaceID, Subject: of.ID, Version: of.Version, Actor: by,
		Audience: access.Audience{Users: []string{of.UserID}}, Data: data,
	})
}

// run goes on with a work until it ends or its turn is over.
func (s *Service) run(ctx context.Context, job *jobs.Job) error {
	var in payload
	if err := json.Unmarshal(job.Payload, &in); err != nil {
		return fmt.Errorf("%w: %w", jobs.ErrDead, err)
	}
	of, err := s.works.Get(ctx, job.Ref)
	if err != nil {
		return ignoreGone(err)
	}
	step, err := s.kinds[job.Kind](in.Input)
	if err != nil {
		return fmt.Errorf("%w: %w", jobs.ErrDead, err)
	}
	began := s.clock.Now()
	items := items{s: s, old: in.Items}
	for told := began; of.State == Running; {
		now := s.clock.Now()
		if now.Sub(began) >= turn {
			return &jobs.Later{At: now, Reason: "others have their turn"}
		}
		tell := now.Sub(told) >= tellEvery
		item, err := items.next(ctx, of)
		if err != nil {
			return ignoreGone(err)
		}
		if of, err = s.do(ctx, of, item, doing{step, tell, job.Attempts >= tries}); err != nil {
			return ignoreGone(err)
		}
		if tell {
			told = now
		}
	}
	return nil
}

// items reads the items of a work, a page at a time.
type items struct {
	s    *Service
	old  []string
	page *page
}

// next is the first item that is not done.
func (i *items) next(ctx context.Context, of *Work) (string, error) {
	if i.old != nil {
		return i.old[of.Done], nil
	}
	id := pageID(cmp.Or(of.ItemsOf, of.ID), of.Done/pageSize)
	if i.page == nil || i.page.ID != id {
		var err error
		if i.page, err = i.s.pages.Get(ctx, id); err != nil {
			return "", err
		}
	}
	return i.page.Items[of.Done%pageSize], nil
}

// ignoreGone: of a work that nobody can look at any more nothing is done.
func ignoreGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// doing is how an item is done.
type doing struct {
	step  Step
	tell  bool // whoever watches is told of it
	final bool // what fails for an unforeseen reason is refused
}

// do does the next item of a work, and returns the work as it is then.
func (s *Service) do(ctx context.Context, of *Work, item string, how doing) (*Work, error) {
	at := of.Done
	err := store.Retry(ctx, func() error {
		var err error
		if of, err = s.works.Get(ctx, of.ID); err != nil || of.State != Running || of.Done != at {
			return err
		}
		w := &events.Write{}
		if err := how.step(ctx, w, of, item); err != nil {
			refused, is := refusal(item, err, how.final)
			if !is {
				return err
			}
			w = &events.Write{}
			of.Refused++
			of.Tell(refused)
		}
		if of.Done++; of.Done == of.Total {
			of.State = Done
		}
		w.Changes = append(w.Changes, s.works.Replace(of))
		if how.tell || of.State == Done {
			s.tell(w, of, access.Actor{Kind: access.System})
		}
		return s.bus.Commit(ctx, w)
	})
	return of, err
}

// refusal says why an item is refused; false: the error is one of the machinery's, after which the item is tried again.
func refusal(item string, err error, final bool) (Error, bool) {
	var e *errs.Error
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Error{item, "not_found", "There is no such thing here."}, true
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrExists), errors.Is(err, store.ErrUnavailable),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Error{}, false
	case errors.As(err, &e) && e.Kind != errs.Internal && e.Kind != errs.Unavailable:
		return Error{item, e.Code, e.Text}, true
	case final:
		return Error{item, "internal", "Something went wrong on our side."}, true
	}
	return Error{}, false
}
