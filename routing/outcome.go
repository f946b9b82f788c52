package routing

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// arrival is what became of a conversation that came onto the floor.
type arrival struct {
	conversationID string
	visit          int // how many times it had been there before
	at             time.Time
	assignedAt     time.Time // zero: nobody had it
	agent          string    // who had it first
	leftAt         time.Time // zero: it has not left
	of             *visit
}

// answeredAt is when it was answered: as long after somebody had it as it really was.
func (a *arrival) answeredAt() (at time.Time, answered bool) {
	switch {
	case !a.of.answered:
		return at, false
	case !a.assignedAt.IsZero():
		return a.assignedAt.Add(a.of.answer), true
	case len(a.of.holds) == 0:
		return a.at.Add(a.of.answer), true
	}
	return at, false
}

// inTime reports whether the first answer was in time; decided: it was or it was late, until a moment. An answer that nobody needs any more
// is neither.
func (a *arrival) inTime(until time.Time) (in, decided bool) {
	if a.of.due.IsZero() {
		return false, false
	}
	at, answered := a.answeredAt()
	gone := !a.leftAt.IsZero() && a.leftAt.Before(a.of.due)
	switch {
	case answered && at.Before(a.of.due) && (a.leftAt.IsZero() || !at.After(a.leftAt)) && !at.After(until):
		return true, true
	case gone:
		return false, false
	}
	return false, !a.of.due.After(until)
}

// outcomes are what became of what came.
type outcomes struct {
	all   []*arrival
	open  map[string][]*arrival // by conversation: those that have not left
	seen  map[string]int
	given map[string]int // how often each agent came to have something
}

func (o *outcomes) arrive(id string, at time.Time, of *visit) {
	if o.open == nil {
		o.open, o.seen, o.given = map[string][]*arrival{}, map[string]int{}, map[string]int{}
	}
	a := &arrival{conversationID: id, visit: o.seen[id], at: at, of: of}
	o.seen[id]++
	o.all, o.open[id] = append(o.all, a), append(o.open[id], a)
}

// join notes that a conversation came again that had not left.
func (o *outcomes) join(at time.Time, r *Route, of *visit) {
	o.arrive(r.ID, at, of)
	if a := o.all[len(o.all)-1]; r.State == Assigned {
		a.assignedAt, a.agent = at, r.AgentID
	}
}

// assign notes that an agent has it; again: they had it before.
func (o *outcomes) assign(id, agent string, at time.Time, again bool) {
	if again {
		return
	}
	if o.given == nil {
		o.given = map[string]int{}
	}
	o.given[agent]++
	for _, a := range o.open[id] {
		if a.assignedAt.IsZero() {
			a.assignedAt, a.agent = at, agent
		}
	}
}

func (o *outcomes) leave(id string, at time.Time) {
	for _, a := range o.open[id] {
		a.leftAt = at
	}
	delete(o.open, id)
}

// Figures are what can be compared of two ways in which a floor worked.
type Figures struct {
	Arrived      int            `bson:"arrived" json:"arrived" doc:"How many conversations came onto the floor"`
	Assigned     int            `bson:"assigned" json:"assigned" doc:"How many of them an agent had"`
	MeanWait     float64        `bson:"mean_wait_seconds" json:"mean_wait_seconds" doc:"Until an agent had it, of those that one had"`
	P90Wait      float64        `bson:"p90_wait_seconds" json:"p90_wait_seconds"`
	ServiceLevel *float64       `bson:"service_level" json:"service_level" doc:"Which share was answered in time by the service levels' first answer; null: none applied"`
	Abandoned    int            `bson:"abandoned" json:"abandoned" doc:"How many left without an agent"`
	LoadByAgent  map[string]int `bson:"load_by_agent" json:"load_by_agent" doc:"How often each agent came to have a conversation"`
}

// figures counts what came of it until a moment.
func (o *outcomes) figures(until time.Time) Figures {
	f := Figures{Arrived: len(o.all), LoadByAgent: o.given}
	if f.LoadByAgent == nil {
		f.LoadByAgent = map[string]int{}
	}
	waits := make([]time.Duration, 0, len(o.all))
	sum, inTime, decided := time.Duration(0), 0, 0
	for _, a := range o.all {
		if in, is := a.inTime(until); is {
			decided++
			if in {
				inTime++
			}
		}
		switch {
		case !a.assignedAt.IsZero():
			waits = append(waits, a.assignedAt.Sub(a.at))
			sum += a.assignedAt.Sub(a.at)
		case !a.leftAt.IsZero():
			f.Abandoned++
		}
	}
	if decided > 0 {
		share := math.Round(float64(inTime)/float64(decided)*1e4) / 1e4
		f.ServiceLevel = &share
	}
	if f.Assigned = len(waits); f.Assigned > 0 {
		slices.Sort(waits)
		f.MeanWait = seconds(sum / time.Duration(len(waits)))
		f.P90Wait = seconds(waits[(len(waits)*9+9)/10-1])
	}
	return f
}

// seconds of a duration, to the millisecond.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

// sorted are the arrivals by time.
func (o *outcomes) sorted() []*arrival {
	slices.SortFunc(o.all, func(a, b *arrival) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.conversationID, b.conversationID), cmp.Compare(a.visit, b.visit))
	})
	return o.all
}
