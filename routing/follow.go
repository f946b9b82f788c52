package routing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// verdict is what the engine tells itself when it edits a conversation (inbox.Edit.Told).
type verdict struct {
	route   *Route           // as it was read, which the write expects to find; nil: it is read
	loads   map[string]*Load // likewise, by user
	records []*Record
	turn    int64        // of whom it is given to, in the team; 0: it was not by turn
	owner   *string      // whose customer it is; nil: it is read
	shape   func(*Route) // what else becomes of the route
	begun   *begunFact   // what rules were asked about, where they were
	quiet   bool         // whoever writes it goes on with the queue by itself
}

// errMoved says that a conversation is not where its route says, because somebody was faster.
var errMoved = errors.New("the conversation does not wait in this queue")

// settleTime is how long what begins again waits for the rules, which usually take milliseconds.
const settleTime = 10 * time.Second

// follow adds to the write of a conversation's change its route, the loads and what follows. What comes in, in an open conversation,
// changes none of that and costs nothing.
func (s *Service) follow(ctx context.Context, w *events.Write, c *inbox.Changed) error {
	if err := s.learn(ctx, w, c); err != nil {
		return err
	}
	told, _ := c.Told.(*verdict)
	begins := c.Actor.Kind == access.Contact && c.After.Waits() && (c.Created || c.Before.Status == inbox.Resolved || !c.Before.Wrote)
	if err := s.followLevels(ctx, w, c, begins); err != nil {
		return err
	}
	if err := s.followWaiting(ctx, w, c); err != nil {
		return err
	}
	if err := s.noticeGiven(ctx, w, c); err != nil {
		return err
	}
	if err := s.followSurvey(ctx, w, c); err != nil {
		return err
	}
	before, after := placeOf(c.Before), placeOf(c.After)
	if c.Created {
		before = place{state: None, rank: after.rank}
	}
	if begins {
		s.later(w, jobs.Spec{
			Kind: jobBegin, WorkspaceID: c.After.WorkspaceID, Ref: c.After.ID, Share: c.After.ChannelKind,
			Key: []string{c.After.ID, fmt.Sprint(c.Version)},
		})
	}
	if told == nil {
		if before.state == None && after.state == None || before == after {
			return nil
		}
		told = &verdict{}
	}
	r := told.route
	if r == nil {
		var err error
		if r, err = s.routeOf(ctx, c.After); err != nil {
			return err
		}
	} else if before.state != Queued || before.team != r.TeamID {
		return errMoved
	}
	m := &move{s: s, w: w, route: r, told: told, by: c.Actor, loads: &loads{
		s: s, workspaceID: c.After.WorkspaceID, now: s.Clock.Now(), read: told.loads,
	}, contactID: c.After.ContactID}
	wait := begins && after.state == Queued
	return m.write(ctx, after, wait, c.After.Status == inbox.Resolved)
}

// routeOf reads the route of a conversation; one that has none yet gets one.
func (s *Service) routeOf(ctx context.Context, c inbox.Standing) (*Route, error) {
	r, err := s.routes.Get(ctx, c.ID)
	if errors.Is(err, store.ErrNotFound) {
		return newRoute(c), nil
	}
	return r, err
}

func newRoute(c inbox.Standing) *Route {
	return &Route{Meta: store.Meta{ID: c.ID}, WorkspaceID: c.WorkspaceID, State: None, Kind: c.ChannelKind, Rank: rankOf(c.Priority)}
}

// move is a change of a route that is being put together, with all that goes with it.
type move struct {
	s     *Service
	w     *events.Write
	route *Route
	told  *verdict
	by    access.Actor
	loads *loads
	// contactID is whose conversation it is.
	contactID string
}

// write moves the route to a place. wait: rules still may say something else.
func (m *move) write(ctx context.Context, to place, wait, resolved bool) error {
	r, now := m.route, m.loads.now
	had, was, team := r.counts(), r.State, r.TeamID
	r.moveTo(to, now)
	if wait {
		r.NotBefore = store.Millis(now.Add(settleTime))
	}
	if m.told.shape != nil {
		m.told.shape(r)
	}
	if was == None && r.State != None || team != r.TeamID {
		if err := m.own(ctx); err != nil {
			return err
		}
	}
	if m.told.begun != nil {
		m.told.begun.OwnerID = r.OwnerID
	}
	if err := m.count(ctx, had, was, resolved); err != nil {
		return err
	}
	if err := m.s.addRoute(ctx, m.w, r, step{m.told.records, m.by, now, m.told.turn, m.told.begun}); err != nil {
		return err
	}
	m.w.Changes = append(m.w.Changes, m.loads.changes()...)
	m.s.tellBoard(m.w, r.WorkspaceID, had, r.counts())
	begun := r.State == Queued && (was != Queued || team != r.TeamID || m.told.shape != nil)
	if begun {
		if err := m.s.wakeAt(ctx, m.w, r); err != nil {
			return err
		}
	}
	freed := had != "" && had != r.counts()
	queue := was == Queued || was == Offered || r.State == Queued
	if (freed || queue) && !m.told.quiet {
		m.s.drainLater(m.w, r.WorkspaceID, team, r.TeamID)
	}
	return nil
}

// own notes on the route whose customer it is, where they come first in its team.
func (m *move) own(ctx context.Context) (err error) {
	owner := m.told.owner
	if owner == nil {
		team, err := m.s.Users.Team(ctx, m.route.WorkspaceID, m.route.TeamID)
		if errors.Is(err, store.ErrNotFound) {
			team, err = &auth.Team{}, nil
		}
		if err != nil {
			return err
		}
		if owner, err = m.s.ownerFor(ctx, team, m.contactID); err != nil {
			return err
		}
	}
	m.route.OwnerID = *owner
	return nil
}

// ownerFor is whose customer a contact is, as far as the team's work is concerned.
func (s *Service) ownerFor(ctx context.Context, team *auth.Team, contactID string) (*string, error) {
	owner := ""
	if team.Work.Sticky != auth.StickyOwner {
		return &owner, nil
	}
	persons, err := s.Inbox.Contacts.GetMany(ctx, team.WorkspaceID, contactID)
	if c := persons[contactID]; c != nil {
		owner = c.OwnerID
	}
	return &owner, err
}

// count brings the loads into step with the route, which was in a state and counted for somebody before.
func (m *move) count(ctx context.Context, had string, was RouteState, resolved bool) error {
	r, has := m.route, m.route.counts()
	if had != "" && had != has {
		l, err := m.loads.add(ctx, had, r.Kind, -1)
		if err != nil {
			return err
		}
		if resolved {
			l.today(m.loads.now).Resolved++
		}
	}
	if has == "" {
		return nil
	}
	l, err := m.loads.of(ctx, has)
	if err != nil {
		return err
	}
	if had != has {
		if l, err = m.loads.add(ctx, has, r.Kind, 1); err != nil {
			return err
		}
	}
	if r.State == Assigned && (had != has || was == Offered) {
		l.today(m.loads.now).Given++
		m.loads.mark(has)
	}
	if m.told.turn > 0 {
		l.takeTurn(r.TeamID, m.told.turn)
		m.loads.mark(has)
	}
	return nil
}

// step is what is told of a change of a route besides what the route becomes.
type step struct {
	made  []*Record // what was decided, one after the other
	by    access.Actor
	at    time.Time
	turn  int64      // of whom it is given to, in the team; 0: it was not by turn
	begun *begunFact // what rules were asked about, where they were
}

// addRoute adds a route to the write, with its entry in the log of the floor and with what was decided about it.
func (s *Service) addRoute(ctx context.Context, w *events.Write, r *Route, of step) error {
	if at := store.Millis(of.at); at.After(r.ChangedAt) {
		r.ChangedAt = at
	}
	write := s.routes.Replace
	if r.Version == 0 {
		write = s.routes.Insert
	}
	w.Changes = append(w.Changes, write(r), s.logRoute(r, of))
	if len(of.made) == 0 {
		return nil
	}
	found, err := s.decisions.GetMany(ctx, r.ID)
	if err != nil {
		return err
	}
	d, keep := &decisions{Meta: store.Meta{ID: r.ID}, WorkspaceID: r.WorkspaceID}, s.decisions.Insert
	if len(found) > 0 {
		d, keep = found[0], s.decisions.Replace
	}
	for _, made := range of.made {
		made.At = store.Millis(of.at)
		d.All = append(d.All, *made)
	}
	d.All = d.All[max(0, len(d.All)-maxDecisions):]
	w.Changes = append(w.Changes, keep(d))
	return nil
}

// wakeAt adds the timers of what waits: when it may be given to others than now.
func (s *Service) wakeAt(ctx context.Context, w *events.Write, r *Route) error {
	team, err := s.Users.Team(ctx, r.WorkspaceID, r.TeamID)
	if errors.Is(err, store.ErrNotFound) {
		team, err = &auth.Team{}, nil
	}
	if err != nil {
		return err
	}
	at := r.times(team)
	if !r.NotBefore.IsZero() {
		at = append(at, r.NotBefore)
	}
	for _, refused := range r.Declined {
		at = append(at, refused.At.Add(refusalHolds))
	}
	now := s.Clock.Now()
	for n, when := range at {
		if when.After(now) {
			w.Changes = append(w.Changes, s.Jobs.At(when, jobs.Spec{
				Kind: jobWake, WorkspaceID: r.WorkspaceID, Ref: r.ID, Key: []string{r.ID, fmt.Sprint(r.Version), fmt.Sprint(n)},
			})...)
		}
	}
	return nil
}

// wake looks at the queue because of a time that one in it has reached.
func (s *Service) wake(ctx context.Context, job *jobs.Job) error {
	r, err := s.routes.Get(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) || err == nil && r.State != Queued {
		return nil
	}
	if err != nil {
		return err
	}
	return s.drained(ctx, r.WorkspaceID)
}

// later adds a job to the write; it is started once that is durable.
func (s *Service) later(w *events.Write, spec jobs.Spec) {
	job, insert := s.Jobs.New(spec)
	w.Changes, w.Jobs = append(w.Changes, insert...), append(w.Jobs, job)
}
