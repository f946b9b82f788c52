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
	answer         time.Duration
	over           bool // it left
}

// outcomes are what became of what came.
type outcomes struct {
	all   []*arrival
	open  map[string][]*arrival // by conversation: those that have not left
	seen  map[string]int
	given map[string]int // how often each agent came to have something
}

func (o *outcomes) arrive(id string, at time.Time) {
	if o.open == nil {
		o.open, o.seen, o.given = map[string][]*arrival{}, map[string]int{}, map[string]int{}
	}
	a := &arrival{conversationID: id, visit: o.seen[id], at: at}
	o.seen[id]++
	o.all, o.open[id] = append(o.all, a), append(o.open[id], a)
}

// join notes that a conversation came again that had not left.
func (o *outcomes) join(id string, at time.Time, r *Route) {
	o.arrive(id, at)
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

func (o *outcomes) leave(id string) {
	for _, a := range o.open[id] {
		a.over = true
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

// figures counts.
func (o *outcomes) figures() Figures {
	f := Figures{Arrived: len(o.all), LoadByAgent: o.given}
	if f.LoadByAgent == nil {
		f.LoadByAgent = map[string]int{}
	}
	waits := make([]time.Duration, 0, len(o.all))
	sum := time.Duration(0)
	for _, a := range o.all {
		switch {
		case !a.assignedAt.IsZero():
			waits = append(waits, a.assignedAt.Sub(a.at))
			sum += a.assignedAt.Sub(a.at)
		case a.over:
			f.Abandoned++
		}
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
