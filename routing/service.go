package routing

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"wasl/activity"
	"wasl/auth"
	"wasl/channels"
	"wasl/inbox"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/notify"
	"wasl/store"
	"wasl/work"
)

// The kinds of jobs.
const (
	jobBegin  = "routing_begin"  // a conversation began, or began again: rules
	jobDrain  = "routing_drain"  // somebody may be able to take something
	jobWake   = "routing_wake"   // a time of one that waits
	jobOffer  = "routing_offer"  // an offer ends
	jobGone   = "presence_gone"  // a user has had no socket for a while
	jobReturn = "routing_return" // what a user left goes back
	jobBack   = "routing_back"   // a user is there again
	jobLevel  = "sla_timer"      // a service level warns, or is breached
	jobRemind = "routing_remind" // a customer may have waited too long
	jobTell   = "routing_tell"   // a queue's numbers have changed
	jobGreet  = "routing_greet"  // a customer is greeted
	jobSurvey = "routing_survey" // a customer is asked whether they are satisfied
)

// Options are what the service is made of.
type Options struct {
	Engine store.Engine
	Bus    *events.Bus
	Jobs   *jobs.Runner
	Clock  clock.Clock
	Log    zerolog.Logger
	Inbox  *inbox.Service
	Users  *auth.Service
	// Channels says on the board whether they work.
	Channels *channels.Service
	// Notices are kept of what people were given and of service levels.
	Notices *notify.Service
	// Activity is where it is kept who changed rules and profiles.
	Activity *activity.Log
	// Works runs simulations that last.
	Works *work.Service
	// Instance names this process among those that run.
	Instance string
	// ShowPresence has every instance show the state that a user has chosen, on sockets that are open.
	ShowPresence func(workspaceID, userID string, s State)
}

// Service gives conversations to agents.
type Service struct {
	Options
	routes      store.Collection[Route, *Route]
	decisions   store.Collection[decisions, *decisions]
	loads       store.Collection[Load, *Load]
	profiles    store.Collection[Profile, *Profile]
	skills      store.Collection[SkillName, *SkillName]
	orders      store.Collection[order, *order]
	rules       store.Collection[Rule, *Rule]
	presences   store.Collection[Presence, *Presence]
	log         store.Collection[PresenceLog, *PresenceLog]
	heartbeats  store.Collection[heartbeat, *heartbeat]
	hours       store.Collection[Hours, *Hours]
	openings    store.Collection[opening, *opening]
	floorLog    store.Collection[floorEntry, *floorEntry]
	floorPoints store.Collection[checkpoint, *checkpoint]
	floorParts  store.Collection[checkpointPart, *checkpointPart]
	answers     store.Collection[answers, *answers]
	policies    settings[Policy, *Policy]
	simulations store.Collection[Simulation, *Simulation]
	runs        runs
	simulating  chan struct{} // has a token while a simulation is worked off here
	auto        settings[AutoMessage, *AutoMessage]
	surveys     store.Collection[Survey, *Survey]
	surveyed    store.Collection[surveyed, *surveyed]
	models      models
	drains      drains
	connections connections
	boards      boards
	rest        sync.WaitGroup // what goes on beside requests
}

// Schemas declares the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{
		routeSchema, decisionSchema, loadSchema, profileSchema, skillSchema, orderSchema, ruleSchema, presenceSchema, presenceLogSchema,
		heartbeatSchema, hoursSchema, openingSchema, floorLogSchema, checkpointSchema, checkpointPartSchema,
		policySchema, answersSchema, simulationSchema, autoSchema, surveySchema, surveyedSchema,
	}
}

// NewService returns the service, takes on its kinds of job and keeps its rows beside conversations and users.
func NewService(o Options) *Service {
	if o.ShowPresence == nil {
		o.ShowPresence = func(string, string, State) {}
	}
	s := &Service{
		Options:     o,
		routes:      store.NewCollection[Route](o.Engine, routeSchema),
		decisions:   store.NewCollection[decisions](o.Engine, decisionSchema),
		loads:       store.NewCollection[Load](o.Engine, loadSchema),
		profiles:    store.NewCollection[Profile](o.Engine, profileSchema),
		skills:      store.NewCollection[SkillName](o.Engine, skillSchema),
		orders:      store.NewCollection[order](o.Engine, orderSchema),
		rules:       store.NewCollection[Rule](o.Engine, ruleSchema),
		presences:   store.NewCollection[Presence](o.Engine, presenceSchema),
		log:         store.NewCollection[PresenceLog](o.Engine, presenceLogSchema),
		heartbeats:  store.NewCollection[heartbeat](o.Engine, heartbeatSchema),
		hours:       store.NewCollection[Hours](o.Engine, hoursSchema),
		openings:    store.NewCollection[opening](o.Engine, openingSchema),
		floorLog:    store.NewCollection[floorEntry](o.Engine, floorLogSchema),
		floorPoints: store.NewCollection[checkpoint](o.Engine, checkpointSchema),
		floorParts:  store.NewCollection[checkpointPart](o.Engine, checkpointPartSchema),
		answers:     store.NewCollection[answers](o.Engine, answersSchema),
		simulations: store.NewCollection[Simulation](o.Engine, simulationSchema),
		surveys:     store.NewCollection[Survey](o.Engine, surveySchema),
		surveyed:    store.NewCollection[surveyed](o.Engine, surveyedSchema),
		runs:        runs{of: map[string]*run{}},
		simulating:  make(chan struct{}, 1),
		models:      newModels(),
		drains:      drains{next: map[string]*drainRun{}, running: map[string]chan struct{}{}, opens: map[string]time.Time{}},
		connections: connections{wanted: map[string]*connection{}},
		boards:      boards{changed: map[string]map[string]bool{}},
	}
	s.policies, s.auto = newPolicies(s), newAutoMessages(s)
	o.Jobs.Handle(jobBegin, jobs.React, jobs.Single(s.begin))
	o.Jobs.Handle(jobDrain, jobs.React, s.planDrain)
	o.Jobs.Handle(jobWake, jobs.Timer, jobs.Single(s.wake))
	o.Jobs.Handle(jobOffer, jobs.Timer, jobs.Single(s.endOffer))
	o.Jobs.Handle(jobGone, jobs.Timer, jobs.Single(s.gone))
	o.Jobs.Handle(jobReturn, jobs.React, jobs.Single(s.returnAll))
	o.Jobs.Handle(jobBack, jobs.React, jobs.Single(s.back))
	o.Works.Handle(workSimulate, s.planSimulation)
	o.Jobs.Every("floor_checkpoints", checkpointSchedule, s.checkpoints)
	o.Jobs.Handle(jobLevel, jobs.Timer, jobs.Single(s.strike))
	o.Jobs.Handle(jobRemind, jobs.Timer, jobs.Single(s.remind))
	o.Jobs.Handle(jobSurvey, jobs.Timer, jobs.Single(s.survey))
	o.Jobs.Handle(jobGreet, jobs.React, jobs.Single(s.greet))
	o.Jobs.Handle(jobTell, jobs.React, jobs.Single(s.tellQueue))
	o.Inbox.KeepBeside(s.follow)
	o.Users.KeepBeside(s.followUsers)
	o.Users.CheckHours(func(ctx context.Context, workspaceID, id string) error {
		return s.knownHours(ctx, workspaceID, id, "business_hours_id")
	})
	return s
}

// followUsers adds to the write of a change of teams or of a user that the queues are looked at, and that what somebody who is no longer
// active had goes back.
func (s *Service) followUsers(w *events.Write, workspaceID string, u *auth.User) {
	s.drainLater(w, workspaceID)
	if u != nil {
		s.tellBoard(w, workspaceID, u.ID)
	}
	if u != nil && !u.Active {
		s.returnLater(w, workspaceID, u.ID)
	}
}

// returnLater adds to the write that what the user has goes back to the queues.
func (s *Service) returnLater(w *events.Write, workspaceID, userID string) {
	s.later(w, jobs.Spec{Kind: jobReturn, WorkspaceID: workspaceID, Ref: userID, Share: workspaceID, Key: []string{freshKey()}})
}

// each calls fn for every document of the query, until the context ends.
func each[T any, P store.Entity[T]](ctx context.Context, c store.Collection[T, P], q store.Query, fn func(P) error) error {
	return c.Each(ctx, q, func(doc P) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(doc)
	})
}
