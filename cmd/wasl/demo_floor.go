package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"wasl/auth"
	"wasl/channels/sandbox"
	"wasl/internal/errs"
	"wasl/internal/events"
)

// demoFloor lets the demo's floor live: customers write on their phones, simulated agents answer over the API as people do. It rests while
// nobody looks, so that a demo that is left alone neither grows nor works.
type demoFloor struct {
	g     *gateway
	box   *sandbox.Sandbox
	base  string
	owner *demoClient
	heard chan crowdConversation
	crowd map[string]sandbox.Customer  // by phone
	teams map[string]string            // ids, by language
	known map[string]crowdConversation // by phone
}

// crowdConversation is the part of a conversation that the floor looks at.
type crowdConversation struct {
	ID         string  `json:"id"`
	Status     string  `json:"status"`
	TeamID     *string `json:"team_id"`
	AssigneeID *string `json:"assignee_id"`
	Address    *struct {
		Value string `json:"value"`
	} `json:"address"`
}

func newDemoFloor(g *gateway, box *sandbox.Sandbox, base string) *demoFloor {
	f := &demoFloor{
		g: g, box: box, base: base, owner: &demoClient{base: base}, heard: make(chan crowdConversation, 1024),
		crowd: map[string]sandbox.Customer{}, teams: map[string]string{}, known: map[string]crowdConversation{},
	}
	for _, c := range demoCrowd {
		f.crowd[c.Phone] = c
	}
	g.bus.Subscribe(func(n events.Numbered) {
		var c crowdConversation
		if strings.HasPrefix(n.Type, "conversation.") && json.Unmarshal(n.Data, &c) == nil && f.ours(c) {
			select {
			case f.heard <- c:
			default:
			}
		}
	})
	return f
}

// ours reports whether the conversation is with one of the floor's customers.
func (f *demoFloor) ours(c crowdConversation) bool {
	return c.Address != nil && f.crowd[c.Address.Value].Key != ""
}

// run lets the floor live until ctx ends. What fails is tried again later or left: the demo goes on without.
func (f *demoFloor) run(ctx context.Context) error {
	if err := f.setUp(ctx); err != nil {
		if ctx.Err() == nil {
			f.g.log.Warn().Err(err).Msg("the demo's floor stands still")
		}
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, u := range demoAgents {
		group.Go(func() error { return (&demoAgent{floor: f, user: u}).run(ctx) })
	}
	group.Go(func() error { return f.traffic(ctx) })
	return group.Wait()
}

// setUp makes the agents, teams and customers that are not there yet.
func (f *demoFloor) setUp(ctx context.Context) error {
	if err := f.owner.signIn(ctx, demoUsers[0].Email); err != nil {
		return err
	}
	for _, u := range demoAgents {
		u.Password = demoPassword
		if _, err := f.g.access.Bootstrap(ctx, demoAccount.Name, u); err != nil && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	var found struct {
		Items []struct{ ID, Name string }
	}
	if err := f.owner.call(ctx, http.MethodGet, "/teams?limit=200", nil, &found); err != nil {
		return err
	}
	for _, t := range found.Items {
		for _, mine := range demoTeams {
			if t.Name == mine.name {
				f.teams[mine.language] = t.ID
			}
		}
	}
	for _, t := range demoTeams {
		if f.teams[t.language] == "" {
			if err := f.addTeam(ctx, t); err != nil {
				return err
			}
		}
	}
	for _, c := range demoCrowd {
		c.Apps = []string{"whatsapp"}
		if _, err := f.box.AddCustomer(c); err != nil && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return nil
}

// addTeam makes a team with its simulated agents, who have few places, so that queues form.
func (f *demoFloor) addTeam(ctx context.Context, t demoTeam) error {
	var made struct{ ID string }
	members := []string{}
	if t.people != "" {
		members = append(members, auth.UserID(t.people))
	}
	for n, u := range demoAgents {
		if u.Language != t.language {
			continue
		}
		members = append(members, auth.UserID(u.Email))
		capacity := map[string]any{"capacity": map[string]any{"total": 1 + n%2}}
		if err := f.owner.call(ctx, http.MethodPatch, "/users/"+auth.UserID(u.Email)+"/profile", capacity, &made); err != nil {
			return err
		}
	}
	err := f.owner.call(ctx, http.MethodPost, "/teams", map[string]any{
		"name": t.name, "member_ids": members, "hand_over": t.handOver, "offer_seconds": 20,
	}, &made)
	f.teams[t.language] = made.ID
	return err
}

// traffic has customers write, and gives what they write to the team of their language.
func (f *demoFloor) traffic(ctx context.Context) error {
	if err := f.lookUp(ctx); err != nil {
		return ctx.Err()
	}
	for _, c := range demoCrowd {
		f.write(c)
	}
	next := time.NewTimer(demoPause(4, 8))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-f.heard:
			f.note(ctx, c)
		case <-next.C:
			if f.watched() {
				f.write(demoCrowd[rand.IntN(len(demoCrowd))]) //nolint:gosec // which customer is no secret
			}
			next.Reset(demoPause(4, 8))
		}
	}
}

// lookUp finds the conversations that are there.
func (f *demoFloor) lookUp(ctx context.Context) error {
	var found struct{ Items []crowdConversation }
	if err := f.owner.call(ctx, http.MethodGet, "/conversations?status=open,pending,snoozed&limit=200", nil, &found); err != nil {
		return err
	}
	for _, c := range found.Items {
		if f.ours(c) {
			f.note(ctx, c)
		}
	}
	return nil
}

// note remembers a conversation, and gives one that nobody has and no team was given to the team of its customer's language.
func (f *demoFloor) note(ctx context.Context, c crowdConversation) {
	f.known[c.Address.Value] = c
	if c.Status == "resolved" || c.TeamID != nil || c.AssigneeID != nil {
		return
	}
	to := map[string]any{"team_id": f.teams[f.crowd[c.Address.Value].Language]}
	if err := f.owner.call(ctx, http.MethodPost, "/conversations/"+c.ID+"/assign", to, &c); err != nil && ctx.Err() == nil {
		f.g.log.Debug().Err(err).Msg("the demo's floor could not give a conversation to its team")
	}
}

// write has a customer ask something, unless they wait for an answer.
func (f *demoFloor) write(c sandbox.Customer) {
	if known, is := f.known[c.Phone]; is && known.Status != "resolved" {
		return
	}
	asked := demoSaid[c.Language].asked
	_, err := f.box.Say(sandbox.Message{
		Account: demoAccount.ID, Phone: c.Key,
		Content: sandbox.Content{Type: "text", Text: asked[rand.IntN(len(asked))]}, //nolint:gosec // as above
	})
	if err != nil {
		f.g.log.Debug().Err(err).Msg("a customer of the demo's floor could not write")
	}
}

// watched reports whether anybody is there but the simulated agents.
func (f *demoFloor) watched() bool { return f.g.hub.Sockets() > len(demoAgents) }

// demoPause is a time between two numbers of seconds.
func demoPause(least, most float64) time.Duration {
	seconds := least + rand.Float64()*(most-least) //nolint:gosec // how long somebody takes is no secret
	return time.Duration(seconds * float64(time.Second))
}
