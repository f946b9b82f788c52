package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

const (
	routedAgents = 20
	routedRate   = 500
	// routedNew is which part of the messages begins a conversation: one in so many.
	routedNew = 5
)

// routed measures what routing costs: the same messages, of which every fifth begins a conversation, come to a gateway that has neither
// teams nor rules, and to one whose rule gives each to a team of agents who are there and have room.
func routed(s settings, subjects []*subject, work string, t *table) error {
	for round := range s.rounds {
		for _, sub := range subjects {
			if sub.bare {
				continue
			}
			_, _ = fmt.Fprintf(os.Stderr, "routing, round %d of %d: %s\n", round+1, s.rounds, sub.name)
			var p99, used [2]float64
			for n := range 2 {
				with := (n + round) % 2 // the first takes turns
				dir := filepath.Join(work, fmt.Sprintf("routed-%s-%d-%d", sub.name, round, with))
				var err error
				if p99[with], used[with], err = routedRound(s, sub, dir, with == 1, t); err != nil {
					return err
				}
				if err := os.RemoveAll(dir); err != nil {
					return err
				}
			}
			t.add(sub, "POST to socket p99, without routing", p99[0])
			t.add(sub, "POST to socket p99, with routing", p99[1])
			t.add(sub, "what routing adds to p99", p99[1]-p99[0])
			t.add(sub, "CPU per message, with routing to without", used[1]/used[0])
		}
	}
	took, err := decision()
	t.add(subjects[0], "decision over 500 agents", took)
	return err
}

// routedRound returns the p99 from the webhook to the socket, in milliseconds, and the CPU of a message, with all that follows from it.
func routedRound(s settings, sub *subject, dir string, with bool, t *table) (p99, used float64, err error) {
	p, err := sub.start(dir)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if with {
		agents, err := p.floor()
		if err != nil {
			return 0, 0, err
		}
		for _, a := range agents {
			defer a.close()
		}
	}
	all, err := p.listen()
	if err != nil {
		return 0, 0, err
	}
	defer all.close()
	first := newLoad(p, []*socket{all}, 0, s.senders, everybody)
	first.closed(closedLoop)
	if err := errors.Join(first.wait(), p.settle(0)); err != nil {
		return 0, 0, err
	}
	count, known := routedRate*s.seconds, oneOf(s.senders)
	before := cpu(p.cmd.Process.Pid)
	l := newLoad(p, []*socket{all}, s.senders, count, func(number int) int {
		if number%routedNew == 0 {
			return number // somebody who has not written
		}
		return known(number)
	})
	l.open(routedRate)
	if err := errors.Join(l.wait(), p.settle(0)); err != nil {
		t.void(sub, err)
	}
	spent := cpu(p.cmd.Process.Pid) - before
	if with {
		if err := p.allGiven(); err != nil {
			t.void(sub, err)
		}
	}
	return quantile(l.took(l.landed), .99), spent.Seconds() * 1000 / float64(count), nil
}

// floor makes a team of agents with room for everything, who are there, and a rule that gives all to it.
func (p *process) floor() (agents []*socket, err error) {
	owner := p.token
	defer func() { p.token = owner }()
	var members []string
	for n := range routedAgents {
		mail := fmt.Sprintf("agent%d@bench.example", n)
		var made struct{ ID string }
		user := map[string]any{"name": fmt.Sprint("Agent ", n), "email": mail, "password": password, "role": "agent"}
		if err := p.call(http.MethodPost, "/api/v1/users", user, &made); err != nil {
			return nil, err
		}
		members = append(members, made.ID)
		capacity := map[string]any{"capacity": map[string]int{"total": 1000}}
		if err := p.call(http.MethodPatch, "/api/v1/users/"+made.ID+"/profile", capacity, nil); err != nil {
			return nil, err
		}
	}
	var team struct{ ID string }
	if err := p.call(http.MethodPost, "/api/v1/teams", map[string]any{"name": "All", "member_ids": members}, &team); err != nil {
		return nil, err
	}
	rule := map[string]any{
		"name": "All", "enabled": true, "when": map[string]any{"all": []any{}}, "then": map[string]string{"team_id": team.ID},
	}
	if err := p.call(http.MethodPost, "/api/v1/routing/rules", rule, nil); err != nil {
		return nil, err
	}
	for n := range routedAgents {
		var in struct{ Token string }
		sign := map[string]string{"email": fmt.Sprintf("agent%d@bench.example", n), "password": password}
		if p.token = owner; p.call(http.MethodPost, "/api/v1/auth/login", sign, &in) == nil {
			p.token = in.Token
		}
		s, err := p.listen()
		if err != nil {
			return nil, err
		}
		agents = append(agents, s)
	}
	return agents, nil
}

// allGiven is an error unless every conversation has an agent.
func (p *process) allGiven() error {
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		var queues struct{ Items []struct{ Length int } }
		if err := p.call(http.MethodGet, "/api/v1/queues", nil, &queues); err != nil {
			return err
		}
		if len(queues.Items) == 1 && queues.Items[0].Length == 0 {
			return nil
		}
		if time.Since(begin) > 10*time.Second {
			return fmt.Errorf("there are conversations that nobody was given: %v", queues.Items)
		}
	}
}

var perDecision = regexp.MustCompile(`BenchmarkDecide\S*\s+\d+\s+(\d+) ns/op`)

// decision is how many milliseconds the benchmark of a decision takes.
func decision() (float64, error) {
	out, err := exec.Command("go", "test", "./routing", "-run", "^$", "-bench", "^BenchmarkDecide$").CombinedOutput()
	found := perDecision.FindSubmatch(out)
	if err != nil || found == nil {
		return 0, fmt.Errorf("the benchmark of a decision: %w: %s", err, out)
	}
	ns, err := strconv.ParseFloat(string(found[1]), 64)
	return ns / 1e6, err
}
