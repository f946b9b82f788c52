package events

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"wasl/internal/access"
	"wasl/internal/jobs"
	"wasl/store"
)

// Reaction is what a reaction is told of an event: the facts, not the view that browsers get.
type Reaction struct {
	Name        string       `bson:"name"` // of the reaction
	EventID     string       `bson:"event_id"`
	Type        string       `bson:"type"`
	WorkspaceID string       `bson:"workspace_id"`
	Subject     string       `bson:"subject"`
	Version     int64        `bson:"version"` // that the event's write gave to the subject's document
	At          time.Time    `bson:"at"`
	Actor       access.Actor `bson:"actor"`
	Changes     []Change     `bson:"changes,omitempty"`

	job *jobs.Job
}

type reactor func(ctx context.Context, r Reaction) error

// Because returns the actor for what the reaction does.
func (r Reaction) Because(actor access.Actor) access.Actor {
	actor.Cause = r.Actor.Because(r.EventID).Cause
	return actor
}

// Done returns the changes that end the reaction. In the write of its effect it makes that happen exactly once; without it the reaction
// may run again after its effect, and must bear that.
func (r Reaction) Done() []store.Change { return r.job.Done() }

// jobReaction is the kind of job that a reaction to one event is.
const jobReaction = "reaction"

// ErrTooDeep refuses events that follow from too many reactions to one another: rules that trigger each other in a circle.
var ErrTooDeep = fmt.Errorf("%w: more than %d reactions follow from one another", jobs.ErrDead, access.MaxDepth)

// React makes fn follow from every event of the types that has a version, at least once, in the order of the subject's versions. It is
// called before Run. The name stays the same for ever: it is kept with what is to be done. An error repeats the reaction, with the
// subject's later events waiting behind it, until it succeeds or is a dead letter (jobs.ErrDead: at once); other subjects and other
// reactions go on.
func (b *Bus) React(name string, types []string, fn func(ctx context.Context, r Reaction) error) {
	if b.reactions == nil {
		b.reactions, b.reacting = map[string]reactor{}, map[string][]string{}
		b.jobs.Handle(jobReaction, jobs.React, b.jobs.InTurn(b.react))
	}
	if b.reactions[name] != nil {
		panic("events: two reactions of the name " + name)
	}
	b.reactions[name] = fn
	for _, kind := range types {
		b.reacting[kind] = append(b.reacting[kind], name)
	}
}

// reactionsTo returns the jobs of those who react to the write's events, with the changes that store them.
func (b *Bus) reactionsTo(w *Write) (started []*jobs.Job, changes []store.Change, err error) {
	for i, ev := range w.Events {
		if ev.Actor.Cause.Depth > access.MaxDepth {
			return nil, nil, fmt.Errorf("%s: %w", ev.Type, ErrTooDeep)
		}
		names := b.reacting[ev.Type]
		if len(names) == 0 || ev.Version == 0 {
			continue
		}
		if !slices.ContainsFunc(w.Changes, func(c store.Change) bool { return c.ID == ev.Subject && c.Version+1 == ev.Version }) {
			return nil, nil, fmt.Errorf("events: %s names a version of its subject that is not among the changes", ev.Type)
		}
		r := Reaction{
			EventID: ev.ID, Type: ev.Type, WorkspaceID: ev.WorkspaceID, Subject: ev.Subject, Version: ev.Version,
			At: ev.At, Actor: ev.Actor, Changes: ev.Changes,
		}
		for _, r.Name = range names {
			payload, err := bson.Marshal(r)
			if err != nil {
				return nil, nil, fmt.Errorf("events: %s: %w", ev.Type, err)
			}
			job, insert := b.jobs.New(jobs.Spec{
				Kind: jobReaction, WorkspaceID: r.WorkspaceID, Ref: r.Subject, Share: r.Name, Payload: payload,
				Turn: jobs.Turn{Lane: []string{r.Name, r.WorkspaceID, r.Subject}, Position: r.Version, Part: i},
			})
			started, changes = append(started, job), append(changes, insert...)
		}
	}
	return started, changes, nil
}

// react runs the reaction of a job.
func (b *Bus) react(ctx context.Context, job *jobs.Job) error {
	r := Reaction{job: job}
	if err := bson.Unmarshal(job.Payload, &r); err != nil {
		return fmt.Errorf("%w: %w", jobs.ErrDead, err)
	}
	fn := b.reactions[r.Name]
	if fn == nil {
		return b.jobs.Unknown(job, fmt.Errorf("%w: there is no reaction %q", jobs.ErrDead, r.Name))
	}
	for i := range r.Changes {
		r.Changes[i].Before, r.Changes[i].After = plain(r.Changes[i].Before), plain(r.Changes[i].After)
	}
	return fn(ctx, r)
}

// plain returns a value of a Change as it was before it was stored: BSON does not tell lists and sizes of numbers apart as Go does.
func plain(v any) any {
	switch v := v.(type) {
	case int32:
		return int64(v)
	case primitive.A:
		list := make([]string, 0, len(v))
		for _, one := range v {
			text, _ := one.(string)
			list = append(list, text)
		}
		return list
	}
	return v
}
