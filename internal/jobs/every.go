package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"wasl/store"
)

// schedule is what is known of something that is done again and again: the next period that nobody has begun.
type schedule struct {
	store.Meta `bson:",inline"` // the id is the name
	Spec       string           `bson:"spec"`
	Next       time.Time        `bson:"next"`
}

var scheduleSchema = store.Schema{Name: "schedules"}

// recurring is a schedule as this instance has it.
type recurring struct {
	name, spec, kind string
	times            cron.Schedule
	next             time.Time // when the store is asked again
}

// ParseSchedule reads a schedule in five fields, or a shorthand like "@hourly". Its times are UTC.
func ParseSchedule(spec string) (times cron.Schedule, err error) {
	defer func() {
		if p := recover(); p != nil { // the parser panics at "TZ=0"
			times, err = nil, fmt.Errorf("schedule %q: %v", spec, p)
		}
	}()
	if times, err = cron.ParseStandard(spec); err != nil {
		return nil, fmt.Errorf("schedule %q: %w", spec, err)
	}
	return times, nil
}

// Every has fn called once in each period of the schedule on all instances together, before Serve. A period is a job, with its repetitions
// when fn fails; fn must bear to run twice. Of the periods in which no instance ran, only the latest is made up for. A schedule that cannot
// be read is a mistake in the program: it panics.
func (r *Runner) Every(name, spec string, fn func(ctx context.Context) error) {
	times, err := ParseSchedule(spec)
	if err != nil {
		panic("jobs: " + err.Error())
	}
	kind := "every_" + name
	r.Handle(kind, Bulk, Single(func(ctx context.Context, _ *Job) error { return fn(ctx) }))
	r.recurring = append(r.recurring, &recurring{name: name, spec: spec, kind: kind, times: times})
}

// tick begins the periods that are due.
func (r *Runner) tick(ctx context.Context) {
	for _, e := range r.recurring {
		if r.clock.Now().Before(e.next) {
			continue
		}
		if err := r.period(ctx, e); err != nil && ctx.Err() == nil {
			r.log.Warn().Err(err).Str("schedule", e.name).Msg("a schedule could not be looked at")
		}
	}
}

// period begins the present period with its job, unless another instance has.
func (r *Runner) period(ctx context.Context, e *recurring) error {
	now := r.clock.Now().UTC()
	next := e.times.Next(now)
	kept, err := r.schedules.Get(ctx, e.name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		err = ignoreExists(r.engine.Write(ctx, r.schedules.Insert(&schedule{Meta: store.Meta{ID: e.name}, Spec: e.spec, Next: next})))
	case err != nil:
	case kept.Spec != e.spec: // the program has changed
		kept.Spec, kept.Next = e.spec, next
		err = ignoreConflict(r.engine.Write(ctx, r.schedules.Replace(kept)))
	case now.Before(kept.Next):
		next = kept.Next
	default:
		job, insert := r.New(Spec{Kind: e.kind, Key: []string{kept.Next.UTC().Format(time.RFC3339)}})
		kept.Next = next
		if err = r.engine.Write(ctx, append(insert, r.schedules.Replace(kept))...); err == nil {
			r.Start(job)
		}
		err = ignoreConflict(ignoreExists(err))
	}
	if err == nil {
		e.next = next
	}
	return err
}
