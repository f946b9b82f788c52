package routing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
	"wasl/store"
)

// opened makes the workspace itself, which what is done for every workspace looks for.
func (w *world) opened() {
	w.t.Helper()
	workspaces := store.NewCollection[auth.Workspace](w.disk, auth.Schemas()[0])
	w.ok(w.disk.Write(w.t.Context(), workspaces.Insert(&auth.Workspace{Meta: store.Meta{ID: "w"}, Name: "W"})))
}

// record says how the floor is now, from what is stored about the present only.
func (w *world) record(at time.Time) FloorView {
	w.t.Helper()
	v := FloorView{At: web.At(store.Millis(at)), Queues: []QueueView{}, Agents: []FloorAgent{}}
	presences := everything[Presence](w, presenceSchema)
	profiles := map[string]*Profile{}
	for _, p := range everything[Profile](w, profileSchema) {
		profiles[p.ID] = p
	}
	routes := everything[Route](w, routeSchema)
	for _, t := range everything[auth.Team](w, auth.Schemas()[2]) {
		q := QueueView{TeamID: t.ID, ByPriority: map[string]int{}}
		for _, r := range routes {
			if r.TeamID == t.ID && (r.State == Queued || r.State == Offered) {
				q.Length++
				q.ByPriority[r.priority()]++
				if q.OldestAt == nil || r.Since.Before(q.OldestAt.Time) {
					q.OldestAt = &web.Time{Time: r.Since}
				}
			}
		}
		v.Queues = append(v.Queues, q)
	}
	slices.SortFunc(v.Queues, func(a, b QueueView) int { return strings.Compare(a.TeamID, b.TeamID) })
	slices.SortFunc(routes, func(a, b *Route) int { return cmp.Or(a.HeldSince.Compare(b.HeldSince), strings.Compare(a.ID, b.ID)) })
	for _, u := range everything[auth.User](w, auth.Schemas()[1]) {
		a := FloorAgent{UserID: u.ID, Name: u.Name, State: Offline, ByKind: map[string]int{}, Conversations: []FloorConversation{}}
		there := false
		for _, p := range presences {
			if p.ID == u.ID && !p.Since.IsZero() {
				a.State, a.Reason, a.Since, there = p.State, p.Reason, &web.Time{Time: p.Since}, true
			}
		}
		for _, r := range routes {
			if r.AgentID == u.ID && r.State != None {
				a.ByKind[r.Kind]++
				a.Load++
				there = true
				if len(a.Conversations) < 50 {
					a.Conversations = append(a.Conversations, FloorConversation{
						r.ID, web.Time{Time: r.HeldSince}, r.Kind, r.TeamID, r.State == Offered,
					})
				}
			}
		}
		a.Capacity = 10
		if p := profiles[u.ID]; p != nil && p.Capacity.Total != nil {
			a.Capacity = *p.Capacity.Total
		}
		if there {
			v.Agents = append(v.Agents, a)
		}
	}
	return v
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// bustle is a floor on which things happen at random.
type bustle struct {
	p     *process
	r     *rand.Rand
	teams []*auth.Team
	names []string
	all   []string
}

func newBustle(w *world, p *process, seed uint64) *bustle {
	b := &bustle{p: p, r: rand.New(rand.NewPCG(seed, 3))}
	for n := range 6 {
		b.names = append(b.names, fmt.Sprintf("a%d", n))
	}
	w.staff(b.names...)
	offer, seconds := auth.ByOffer, 37 // no two times are multiples of one another
	overflow := p.team("Third", auth.WorkEdit{}, b.names[4:]...)
	b.teams = []*auth.Team{
		p.team("First", auth.WorkEdit{Overflow: &[]auth.Overflow{{AfterSeconds: 95, TeamID: overflow.ID}}}, b.names[:4]...),
		p.team("Second", auth.WorkEdit{HandOver: &offer, OfferSeconds: &seconds}, b.names[2:]...), overflow,
	}
	for n, name := range b.names {
		p.capacity(name, 1+n%3)
	}
	return b
}

// one does something.
func (b *bustle) one() {
	p, name := b.p, b.names[b.r.IntN(len(b.names))]
	team, priority := b.teams[b.r.IntN(len(b.teams))], []string{"none", "high", "urgent"}[b.r.IntN(3)]
	id := ""
	if len(b.all) > 0 {
		id = b.all[b.r.IntN(len(b.all))]
	}
	switch k := b.r.IntN(20); {
	case k < 5 || id == "":
		b.all = append(b.all, p.waiting(team, priority))
	case k < 8:
		p.status(id, inbox.Resolved)
	case k == 8:
		p.status(id, inbox.Open)
	case k == 9:
		p.edit(id, inbox.Edit{Status: ptr(inbox.Snoozed), UntilAnswered: true})
	case k == 10:
		p.edit(id, inbox.Edit{Priority: &priority})
	case k == 11:
		p.edit(id, inbox.Edit{Assignment: inbox.Assignment{TeamID: &team.ID}})
	case k == 12:
		p.assignTo(id, []string{"", name}[b.r.IntN(2)])
	case k == 13:
		_, err := p.SetPresence(p.w.t.Context(), p.boss, "usr_"+name, []State{Online, Busy, Away}[b.r.IntN(3)], "because")
		p.w.ok(err)
	case k < 16:
		p.Here("w", "usr_"+name, b.r.IntN(4) > 0)
	case k < 18:
		b.answer()
	case k == 18:
		p.capacity(name, b.r.IntN(5))
	default:
		_, err := p.Next(p.w.t.Context(), access.Viewer{WorkspaceID: "w", UserID: "usr_" + name, Role: access.Agent})
		if err != nil && code(err) != "at_capacity" {
			p.w.t.Error(err)
		}
	}
}

// answer takes or declines what is offered.
func (b *bustle) answer() {
	for _, r := range everything[Route](b.p.w, routeSchema) {
		if r.State == Offered {
			v := access.Viewer{WorkspaceID: "w", UserID: r.AgentID, Role: access.Agent}
			b.p.w.ok(b.p.AnswerOffer(b.p.w.t.Context(), v, r.ID, b.r.IntN(3) > 0, "no"))
			return
		}
	}
}

// How the floor was at any past moment is what it really was then, whatever happened, whether there are checkpoints and after old entries
// have expired.
func TestThePastFloorIsWhatItWas(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) { pastFloors(t, w, seed) })
		})
	}
}

func pastFloors(t *testing.T, w *world, seed uint64) {
	p := w.boot(true)
	w.opened()
	b := newBustle(w, p, seed)
	var was []FloorView
	for range 400 {
		b.one()
		settle(time.Millisecond + time.Duration(b.r.Int64N(int64(time.Minute))))
		if b.r.IntN(2) == 0 {
			was = append(was, w.record(time.Now()))
			time.Sleep(time.Millisecond)
		}
	}
	compare := func(what string) {
		t.Helper()
		for _, want := range was {
			got, err := p.floorAt(t.Context(), "w", want.At.Time)
			w.ok(err)
			if got, want := asJSON(t, got), asJSON(t, want); got != want {
				t.Fatalf("%s, at %v it is\n%s\ninstead of\n%s", what, want, got, want)
			}
		}
	}
	compare("at once")
	p.stop()
	time.Sleep(25 * time.Hour)
	p = w.build()
	w.ok(p.checkpoints(t.Context()))
	compare("a day later")
	points := everything[checkpoint](w, checkpointSchema)
	if last, err := p.checkpointBefore(t.Context(), "w", time.Now()); err != nil || time.Since(last.At) > time.Hour || len(points) < 4 {
		t.Fatalf("%d checkpoints, the last is %+v, %v", len(points), last, err)
	}
	// what expires first is removed
	middle := was[len(was)/2].At.Time
	was = was[len(was)/2:]
	removed := 0
	for _, e := range everything[floorEntry](w, floorLogSchema) {
		if last, err := p.checkpointBefore(t.Context(), "w", middle); err != nil || last == nil {
			t.Fatal(last, err)
		} else if !e.At.After(last.At) {
			w.ok(w.disk.Write(t.Context(), p.floorLog.Delete(e)))
			removed++
		}
	}
	compare("after the first entries have expired")
	t.Logf("%d moments, %d checkpoints, %d entries removed", len(was)*2, len(points), removed)
}

// What was on the floor before there was a log is there from its beginning; before that, nothing is said.
func TestTheLogBeginsWithWhatIsThere(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		team := p.team("Support", auth.WorkEdit{}, "ann", "ben")
		p.capacity("ann", 1)
		p.arrive("ann")
		for range 3 {
			p.waiting(team, "high")
			settle(time.Second)
		}
		for _, e := range everything[floorEntry](w, floorLogSchema) { // as if a version without it had been there
			w.ok(w.disk.Write(t.Context(), p.floorLog.Delete(e)))
		}
		w.opened()
		early := time.Now()
		settle(10 * time.Minute)
		for range 2 {
			p.arrive("ben")
			settle(10 * time.Minute)
			want := w.record(time.Now())
			got, err := p.floorAt(t.Context(), "w", time.Now())
			w.ok(err)
			if got, want := asJSON(t, got), asJSON(t, want); got != want {
				t.Fatalf("it is\n%s\ninstead of\n%s", got, want)
			}
		}
		for _, at := range []time.Time{early, time.Now().Add(time.Hour), time.Now().AddDate(0, 0, -91)} {
			if _, err := p.floorAt(t.Context(), "w", at); !errs.Is(err, errs.Invalid) || code(err) != "not_recorded" {
				t.Errorf("of %s: %v", at, err)
			}
		}
	})
}

// Reading a moment costs a stretch of the log, not all of it.
func TestAFloodHasABoundedLog(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.opened()
		team := p.team("Nobody", auth.WorkEdit{})
		settle(6 * time.Minute)
		for range 2 * partSize {
			id := w.conversation()
			_, err := p.Inbox.Change(t.Context(), p.boss, id, inbox.Edit{Assignment: inbox.Assignment{TeamID: &team.ID}})
			w.ok(err)
			time.Sleep(10 * time.Second)
		}
		at := store.Millis(time.Now())
		last, err := p.checkpointBefore(t.Context(), "w", at)
		w.ok(err)
		if last == nil || at.Sub(last.At) > checkpointEvery+2*settledAfter+time.Minute {
			t.Fatalf("the last checkpoint before %s is %+v", at, last)
		}
		f, err := p.floorAt(t.Context(), "w", at)
		w.ok(err)
		if f.Queues[0].Length != 2*partSize {
			t.Errorf("%d wait", f.Queues[0].Length)
		}
	})
}
