package routing

import (
	"slices"
	"time"

	"wasl/inbox"
	"wasl/store"
)

// moment is a change of a conversation as its service levels see it.
type moment struct {
	now             time.Time
	before, after   inbox.Standing
	begins          bool // it begins, or begins again
	spoke, answered bool // the customer wrote, a person answered
	// promise is what applies from now on; nil: what did before.
	promise *inbox.Promise
	hours   *calendar // of what applies; nil: all the time
}

// happening is what comes to pass with a service level.
type happening struct {
	metric inbox.Metric
	what   occurrence
	due    time.Time // when what was promised was due
}

// occurrence is what may come to pass with a service level.
type occurrence string

const (
	warned   occurrence = "warning"
	breached occurrence = "breached"
	met      occurrence = "met" // in time
)

// minutesOf is what is promised for a metric; 0: nothing.
func minutesOf(p inbox.Promise, m inbox.Metric) int {
	switch m {
	case inbox.FirstAnswer:
		return p.FirstAnswer
	case inbox.NextAnswer:
		return p.NextAnswer
	}
	return p.Resolution
}

// levels are service levels that are moved on.
type levels struct {
	*inbox.Levels
	m        moment
	happened []happening
}

// advance moves service levels, of which there may be none yet, through a change. It is a pure function of its arguments.
func advance(of *inbox.Levels, m moment) (*inbox.Levels, []happening) {
	m.now = store.Millis(m.now)
	l := &levels{Levels: of.Clone(), m: m}
	l.lapse()
	if m.begins || of == nil {
		l.begin(of == nil && !m.begins)
	}
	if m.before.Status != m.after.Status {
		l.Aside = m.after.Status == inbox.Pending || m.after.Status == inbox.Snoozed
	}
	if m.spoke {
		l.Aside = false
	}
	if m.answered {
		l.end(inbox.FirstAnswer, inbox.NextAnswer)
		l.Answered = true
	}
	switch resolved := m.after.Status == inbox.Resolved; {
	case resolved && m.before.Status != inbox.Resolved:
		l.resolve()
	case !resolved && m.before.Status == inbox.Resolved && !m.begins:
		l.goOn()
	}
	if m.promise != nil {
		l.promise(*m.promise)
	}
	if m.after.Status != inbox.Resolved {
		l.start()
		l.pause()
	}
	l.lapse()
	return l.Levels, l.happened
}

// begin forgets what was before. unasked: the customer was written to before they wrote, so what they say is no first message.
func (l *levels) begin(unasked bool) {
	*l.Levels = inbox.Levels{Since: l.since(), Answered: unasked}
}

// since is when what happens now happened: what the customer wrote, when it came.
func (l *levels) since() time.Time {
	if l.m.spoke && l.m.after.WaitingSince != nil && l.m.before.WaitingSince == nil {
		return store.Millis(*l.m.after.WaitingSince)
	}
	return l.m.now
}

// lapse notes of what runs what its time has brought by now.
func (l *levels) lapse() {
	for n := range l.Timers {
		t := &l.Timers[n]
		if !t.Runs() {
			continue
		}
		for _, mark := range []struct {
			at   time.Time
			to   **time.Time
			what occurrence
		}{{t.WarnAt, &t.WarnedAt, warned}, {t.DueAt, &t.BreachedAt, breached}} {
			if *mark.to == nil && !l.m.now.Before(mark.at) {
				at := mark.at
				*mark.to = &at
				l.happened = append(l.happened, happening{t.Metric, mark.what, t.DueAt})
			}
		}
	}
}

// end ends what has not ended of the metrics.
func (l *levels) end(metrics ...inbox.Metric) {
	for n := range l.Timers {
		if t := &l.Timers[n]; t.MetAt == nil && slices.Contains(metrics, t.Metric) {
			l.stop(t)
			t.Paused, t.MetAt = false, &l.m.now
			if t.BreachedAt == nil {
				l.happened = append(l.happened, happening{t.Metric, met, t.DueAt})
			}
		}
	}
}

// stop keeps how much of its time has passed.
func (l *levels) stop(t *inbox.Timer) {
	if !t.Paused {
		t.Used += elapsed(l.m.hours, t.From, l.m.now).Milliseconds()
		t.From, t.Paused = l.m.now, true
	}
}

// resolve ends everything. An answer that nobody needs any more was not late unless it is by now.
func (l *levels) resolve() {
	l.Timers = slices.DeleteFunc(l.Timers, func(t inbox.Timer) bool {
		return t.Metric != inbox.Resolution && t.MetAt == nil && t.BreachedAt == nil
	})
	l.end(inbox.FirstAnswer, inbox.NextAnswer, inbox.Resolution)
}

// goOn takes the resolution back of what was not begun again by the customer.
func (l *levels) goOn() {
	for n := range l.Timers {
		if l.Timers[n].Metric == inbox.Resolution {
			l.Timers[n].Paused, l.Timers[n].MetAt = true, nil
		}
	}
}

// promise has something else apply from now on, unless it is what did before. What is breached stays so.
func (l *levels) promise(p inbox.Promise) {
	if l.Promise.PolicyID == p.PolicyID {
		return
	}
	l.Promise = p
	kept := l.Timers[:0]
	for _, t := range l.Timers {
		if t.MetAt != nil || t.BreachedAt != nil || l.time(&t) {
			kept = append(kept, t)
		}
	}
	l.Timers = kept
}

// time sets when it warns and is due by what is promised, and reports whether there is such a time.
func (l *levels) time(t *inbox.Timer) bool {
	from, total := t.From, time.Duration(minutesOf(l.Promise, t.Metric))*time.Minute
	if t.Paused {
		from = l.m.now
	}
	used := time.Duration(t.Used) * time.Millisecond
	t.DueAt = store.Millis(due(l.m.hours, from, total-used))
	t.WarnAt = store.Millis(due(l.m.hours, from, total*time.Duration(l.Promise.Warn)/100-used))
	if t.WarnedAt != nil && t.WarnAt.After(l.m.now) { // of what was promised before
		t.WarnedAt = nil
	}
	return total > 0 && !t.DueAt.IsZero()
}

// start begins what is to be measured from now on.
func (l *levels) start() {
	if l.m.after.WaitingSince != nil {
		metric := inbox.FirstAnswer
		if l.Answered {
			metric = inbox.NextAnswer
		}
		if n := l.find(metric); n < 0 || l.Timers[n].MetAt != nil {
			l.add(metric, store.Millis(*l.m.after.WaitingSince))
		}
	}
	if l.find(inbox.Resolution) < 0 {
		l.add(inbox.Resolution, l.Since)
	}
}

// find is the place of a metric's timer; -1: there is none.
func (l *levels) find(m inbox.Metric) int {
	return slices.IndexFunc(l.Timers, func(t inbox.Timer) bool { return t.Metric == m })
}

// add begins to measure a metric, where something is promised, in the place of what has ended of it.
func (l *levels) add(m inbox.Metric, from time.Time) {
	t := inbox.Timer{Metric: m, From: from}
	if !l.time(&t) {
		return
	}
	l.Timers = slices.DeleteFunc(l.Timers, func(t inbox.Timer) bool { return t.Metric == m })
	l.Timers = append(l.Timers, t)
}

// pause stops what stands while the customer is waited for, and has it go on when they are not. What is breached stays so and is due when
// it was.
func (l *levels) pause() {
	for n := range l.Timers {
		t := &l.Timers[n]
		if t.MetAt != nil {
			continue
		}
		stands := l.Aside || t.Metric == inbox.Resolution && l.m.after.WaitingSince == nil
		switch {
		case stands:
			l.stop(t)
		case t.Paused:
			t.Paused = false
			if since := l.since(); since.After(t.From) {
				t.From = since
			}
			if t.BreachedAt == nil {
				l.time(t)
			}
		}
	}
}

// next is when the next of what runs warns or is due; zero: nothing does.
func next(l *inbox.Levels) (at time.Time) {
	if l == nil {
		return at
	}
	for _, t := range l.Timers {
		mark := t.WarnAt
		if t.WarnedAt != nil {
			mark = t.DueAt
		}
		if t.Runs() && t.BreachedAt == nil && (at.IsZero() || mark.Before(at)) {
			at = mark
		}
	}
	return at
}
