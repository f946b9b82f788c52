package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fasthttp/websocket"
)

const (
	staffCount = 8
	// staffCapacity is how many conversations the gateway may give to one of the staff.
	staffCapacity = 5
)

// staff are agents in two teams to whom the gateway gives what comes in: to one at once, to the other as offers. They come and go, without
// a farewell, and finish what they have.
type staff struct {
	w                 *world
	agents            []*user
	teams             [2]string // the first is given conversations at once
	calm              atomic.Bool
	done              chan struct{}
	all               sync.WaitGroup
	finished, refused atomic.Int64
}

// hire makes the staff, their teams and the rules, while nothing is broken yet.
func hire(w *world) (*staff, error) {
	s := &staff{w: w, done: make(chan struct{})}
	first, owner := w.instances[0], w.users["owner"]
	for n := range staffCount {
		name := fmt.Sprint("agent", n)
		mail := name + "@torture.example"
		if _, err := w.call(first, owner, http.MethodPost, "/api/v1/users",
			object{"name": name, "email": mail, "password": password, "role": "agent"}, nil); err != nil {
			return nil, err
		}
		u, err := w.login(first, name, mail)
		if err != nil {
			return nil, err
		}
		if _, err := w.call(first, owner, http.MethodPatch, "/api/v1/users/"+u.id+"/profile",
			object{"capacity": object{"total": staffCapacity}}, nil); err != nil {
			return nil, err
		}
		s.agents = append(s.agents, u)
	}
	for n, how := range []object{
		{"name": "At once", "strategy": "least_loaded", "hand_over": "direct"},
		{"name": "Offers", "strategy": "round_robin", "hand_over": "offer", "offer_seconds": 5},
	} {
		var members []string
		for k, u := range s.agents {
			if k%2 == n || k%4 == 3 { // some are in both
				members = append(members, u.id)
			}
		}
		how["member_ids"] = members
		var made struct{ ID string }
		if _, err := w.call(first, owner, http.MethodPost, "/api/v1/teams", how, &made); err != nil {
			return nil, err
		}
		s.teams[n] = made.ID
		rule := object{
			"name": how["name"], "enabled": true, "then": object{"team_id": made.ID},
			"when": object{"field": "channel_kind", "op": "is", "value": []string{"whatsapp", "email"}[n]},
		}
		if _, err := w.call(first, owner, http.MethodPost, "/api/v1/routing/rules", rule, nil); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// work has the staff work until load ends; then they stay, take what they are offered, and finish nothing more.
func (s *staff) work(load context.Context, seed uint64) {
	for n, u := range s.agents {
		r := rand.New(rand.NewPCG(seed, uint64(100+n))) //nolint:gosec // a small number
		s.all.Go(func() {
			for load.Err() == nil {
				s.shift(load, u, r)
				wait(load, time.Duration(r.IntN(3000))*time.Millisecond)
			}
			s.calm.Store(true)
			for !s.ended() && s.w.ctx.Err() == nil {
				s.shift(s.w.ctx, u, r)
				wait(s.w.ctx, 200*time.Millisecond)
			}
		})
	}
}

func (s *staff) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// leave ends everybody's work.
func (s *staff) leave() {
	close(s.done)
	s.all.Wait()
}

// shift is one connection of an agent: they are online, answer offers and finish conversations until they leave, the connection ends, or
// the context does.
func (s *staff) shift(ctx context.Context, u *user, r *rand.Rand) {
	i := s.w.any()
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second}
	conn, res, err := dialer.DialContext(ctx, "ws://"+i.address+"/api/v1/ws?token="+u.token, nil)
	if err != nil {
		return
	}
	_ = res.Body.Close()
	frames := make(chan frame, 1000)
	go func() {
		defer close(frames)
		for {
			_ = conn.SetReadDeadline(time.Now().Add(60 * time.Second))
			var f frame
			if conn.ReadJSON(&f) != nil {
				return
			}
			if f.Type == "assignment.offered" {
				frames <- f
			}
		}
	}()
	defer func() {
		_ = conn.NetConn().Close()
		for range frames {
		}
	}()
	state := "online"
	if r.IntN(10) == 0 && !s.calm.Load() {
		state = "busy"
	}
	_, _ = s.w.call(s.w.any(), u, http.MethodPut, "/api/v1/me/presence", object{"state": state}, nil)
	end := time.Now().Add(time.Duration(2000+r.IntN(8000)) * time.Millisecond)
	for ctx.Err() == nil && !s.ended() && (s.calm.Load() || time.Now().Before(end)) {
		select {
		case f, open := <-frames:
			if !open {
				return
			}
			s.answer(u, f, r)
		case <-time.After(300 * time.Millisecond):
			if !s.calm.Load() {
				s.finish(u, r)
			}
		}
	}
}

// answer answers an offer, or lets it lapse.
func (s *staff) answer(u *user, f frame, r *rand.Rand) {
	var offer struct {
		ConversationID string `json:"conversation_id"`
		AgentID        string `json:"agent_id"`
	}
	if json.Unmarshal(f.Data, &offer) != nil || offer.AgentID != u.id {
		return
	}
	chance := r.IntN(10)
	if chance == 0 && !s.calm.Load() {
		return
	}
	accept := chance > 2 || s.calm.Load()
	if !accept {
		s.refused.Add(1)
	}
	_, _ = s.w.call(s.w.any(), u, http.MethodPost, "/api/v1/conversations/"+offer.ConversationID+"/offer", object{"accept": accept}, nil)
}

// finish resolves one of the agent's conversations and gives it out of hand, so that its next beginning is anybody's.
func (s *staff) finish(u *user, r *rand.Rand) {
	var list struct{ Items []conversation }
	if _, err := s.w.call(s.w.any(), u, http.MethodGet, "/api/v1/conversations?limit=50&status=open&assignee=me", nil, &list); err != nil ||
		len(list.Items) == 0 {
		return
	}
	s.finished.Add(1)
	c := list.Items[r.IntN(len(list.Items))]
	path := "/api/v1/conversations/" + c.ID
	_, _ = s.w.call(s.w.any(), u, http.MethodPatch, path, object{"status": "resolved"}, nil)
	_, _ = s.w.call(s.w.any(), u, http.MethodPost, path+"/assign", object{"agent_id": nil}, nil)
}

// board is what the rig looks at of the live board.
type board struct {
	Queues []boardQueue
	Agents []boardAgent
}

type boardQueue struct {
	TeamID string `json:"team_id"`
	Length int
}

type boardAgent struct {
	UserID        string `json:"user_id"`
	State         string
	ByKind        map[string]int `json:"load_by_kind"`
	Conversations []held
}

type held struct {
	ID      string
	Offered bool
}

// judge compares what the gateway says of the staff with the conversations, while nothing comes in.
func (s *staff) judge(p *picture) ([]string, error) {
	var b board
	if _, err := s.w.call(s.w.any(), s.w.users["owner"], http.MethodGet, "/api/v1/board", nil, &b); err != nil {
		return nil, err
	}
	v := &verdict{}
	s.judgeBoard(v, p, &b)
	err := s.judgeDecisions(v, p)
	return v.wrong, err
}

// judgeBoard: every conversation that somebody has to work on has somebody, waits in its team's queue, or is offered; and nothing waits for
// the team that is given conversations at once while a member could take it.
func (s *staff) judgeBoard(v *verdict, p *picture, b *board) {
	waits, has := map[string]int{}, map[string]map[string]bool{}
	for id, c := range p.conversations {
		switch {
		case !c.waits():
		case c.AssigneeID != "":
			if has[c.AssigneeID] == nil {
				has[c.AssigneeID] = map[string]bool{}
			}
			has[c.AssigneeID][id] = true
		case c.TeamID == "" && c.Inbound == 0: // only the business has written
		case c.TeamID == "":
			v.add("conversation %s waits for nobody, although every channel has a rule", id)
		default:
			waits[c.TeamID]++
		}
	}
	free := map[string]bool{}
	for _, a := range b.Agents {
		load, offered := 0, 0
		for _, n := range a.ByKind {
			load += n
		}
		for _, c := range a.Conversations {
			if c.Offered {
				offered++
			} else if !has[a.UserID][c.ID] {
				v.add("the board gives conversation %s to %s, who does not have it", c.ID, a.UserID)
			}
		}
		if load != len(has[a.UserID])+offered {
			v.add("%s has %d conversations and is offered %d, but is said to have %d", a.UserID, len(has[a.UserID]), offered, load)
		}
		free[a.UserID] = a.State == "online" && load < staffCapacity
	}
	for _, q := range b.Queues {
		if q.Length != waits[q.TeamID] {
			v.add("in the queue of team %s are %d, but %d wait for it", q.TeamID, q.Length, waits[q.TeamID])
		}
		for n, u := range s.agents {
			if q.TeamID == s.teams[0] && (n%2 == 0 || n%4 == 3) && free[u.id] && q.Length > 0 {
				v.add("%d wait for a team of which %s could take one", q.Length, u.id)
			}
		}
	}
}

// judgeDecisions: nobody was given a conversation by a decision that says that they could not take it, and the last decision about one that
// the engine gave names who has it.
func (s *staff) judgeDecisions(v *verdict, p *picture) error {
	for id, c := range p.conversations {
		if c.AssigneeID == "" || c.Status != "open" {
			continue
		}
		var routing struct {
			State     string
			Decisions []struct {
				Chosen     string
				Candidates []struct {
					AgentID  string `json:"agent_id"`
					Reason   string
					Load     int
					Capacity int
				}
			}
		}
		path := "/api/v1/conversations/" + id + "/routing"
		if _, err := s.w.call(s.w.any(), s.w.users["owner"], http.MethodGet, path, nil, &routing); err != nil {
			return err
		}
		if routing.State != "assigned" {
			v.add("conversation %s is assigned, but its route says %s", id, routing.State)
		}
		for _, d := range routing.Decisions {
			for _, candidate := range d.Candidates {
				if candidate.AgentID == d.Chosen && candidate.Load >= candidate.Capacity {
					v.add("conversation %s was given to %s, who had %d of %d", id, d.Chosen, candidate.Load, candidate.Capacity)
				}
			}
		}
	}
	return nil
}
