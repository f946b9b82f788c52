package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/fasthttp/websocket"

	"wasl/auth"
	"wasl/internal/clock"
	"wasl/internal/ids"
)

// demoAgent is a simulated agent: signed in, with a live socket, as a browser has it.
type demoAgent struct {
	floor *demoFloor
	user  auth.NewUser
	api   *demoClient
	due   []demoDeed
}

// demoDeed is what an agent will do.
type demoDeed struct {
	at time.Time
	do func(context.Context) error
}

// demoFrame is the part of a frame that agents look at.
type demoFrame struct {
	Type string `json:"type"`
	Data struct {
		ConversationID string  `json:"conversation_id"`
		AgentID        string  `json:"agent_id"`
		AssigneeID     *string `json:"assignee_id"`
	} `json:"data"`
}

func (a *demoAgent) id() string { return auth.UserID(a.user.Email) }

// run works until ctx ends; a session that breaks is begun anew.
func (a *demoAgent) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := a.session(ctx); err != nil && ctx.Err() == nil {
			a.floor.g.log.Debug().Err(err).Str("user", a.id()).Msg("a simulated agent signs in anew")
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
		}
	}
	return nil
}

// session signs in, takes up what is there, and does what follows from what the socket says.
func (a *demoAgent) session(ctx context.Context) error {
	a.api, a.due = &demoClient{base: a.floor.base}, nil
	if err := a.api.signIn(ctx, a.user.Email); err != nil {
		return err
	}
	address := "ws" + strings.TrimPrefix(a.floor.base, "http") + "/api/v1/ws?token=" + a.api.token
	conn, res, err := websocket.DefaultDialer.DialContext(ctx, address, nil)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	frames, ended := make(chan demoFrame), make(chan struct{})
	defer func() {
		_ = conn.Close()
		for range frames { // until the reader has ended
		}
	}()
	defer close(ended)
	go func() {
		defer close(frames)
		for {
			var f demoFrame
			_, data, err := conn.ReadMessage()
			if err != nil || json.Unmarshal(data, &f) != nil {
				return
			}
			select {
			case frames <- f:
			case <-ended:
				return
			}
		}
	}()
	if err := a.become(ctx, "online", ""); err != nil {
		return err
	}
	var mine struct{ Items []crowdConversation }
	if err := a.api.call(ctx, http.MethodGet, "/conversations?assignee=me&status=open,pending&limit=50", nil, &mine); err != nil {
		return err
	}
	for _, c := range mine.Items {
		a.serve(c.ID)
	}
	a.later(demoPause(40, 150), a.rest)
	return a.work(ctx, frames)
}

// work does what is due, and listens, until the socket or ctx ends.
func (a *demoAgent) work(ctx context.Context, frames <-chan demoFrame) error {
	for {
		wait := time.Hour
		next := -1
		for n, d := range a.due {
			if left := d.at.Sub(clock.System{}.Now()); left < wait {
				wait, next = left, n
			}
		}
		timer := time.NewTimer(max(0, wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case f, open := <-frames:
			timer.Stop()
			if !open {
				return nil
			}
			a.hear(f)
		case <-timer.C:
			if next < 0 {
				continue
			}
			deed := a.due[next]
			a.due = append(a.due[:next], a.due[next+1:]...)
			if err := deed.do(ctx); err != nil && ctx.Err() == nil { // somebody was faster, as it happens
				a.floor.g.log.Debug().Err(err).Str("user", a.id()).Msg("a simulated agent could not do something")
			}
		}
	}
}

func (a *demoAgent) later(after time.Duration, do func(context.Context) error) {
	a.due = append(a.due, demoDeed{clock.System{}.Now().Add(after), do})
}

func (a *demoAgent) hear(f demoFrame) {
	switch {
	case f.Type == "assignment.offered" && f.Data.AgentID == a.id():
		a.later(demoPause(2, 8), func(ctx context.Context) error { return a.answerOffer(ctx, f.Data.ConversationID) })
	case f.Type == "assignment.changed" && f.Data.AssigneeID != nil && *f.Data.AssigneeID == a.id():
		a.serve(f.Data.ConversationID)
	}
}

// answerOffer takes most of what is offered.
func (a *demoAgent) answerOffer(ctx context.Context, conversationID string) error {
	answer := map[string]any{"accept": true}
	if rand.IntN(6) == 0 { //nolint:gosec // what an agent takes is no secret
		answer = map[string]any{"accept": false, "reason": oneOf(demoSaid[a.user.Language].declined)}
	}
	return a.api.call(ctx, http.MethodPost, "/conversations/"+conversationID+"/offer", answer, nil)
}

// serve answers a conversation with one of the floor's customers and resolves it a while later. Others are left to people.
func (a *demoAgent) serve(conversationID string) {
	path := "/conversations/" + conversationID
	mine := func(ctx context.Context) bool {
		var c crowdConversation
		err := a.api.call(ctx, http.MethodGet, path, nil, &c)
		return err == nil && a.floor.ours(c) && c.Status != "resolved" && c.AssigneeID != nil && *c.AssigneeID == a.id()
	}
	a.later(demoPause(5, 15), func(ctx context.Context) error {
		if !mine(ctx) {
			return nil
		}
		a.later(demoPause(30, 80), func(ctx context.Context) error {
			if !mine(ctx) {
				return nil
			}
			if err := a.api.call(ctx, http.MethodPatch, path, map[string]any{"status": "resolved"}, nil); err != nil {
				return err
			}
			// What begins again waits in the team's queue, where whoever is free takes it.
			return a.api.call(ctx, http.MethodPost, path+"/assign", map[string]any{"agent_id": nil}, nil)
		})
		return a.api.call(ctx, http.MethodPost, path+"/messages", map[string]any{
			"client_id": ids.Token(), "type": "text", "text": oneOf(demoSaid[a.user.Language].answered),
		}, nil)
	})
}

// rest takes a break now and then, while somebody looks.
func (a *demoAgent) rest(ctx context.Context) error {
	if !a.floor.watched() {
		a.later(demoPause(40, 150), a.rest)
		return nil
	}
	a.later(demoPause(20, 50), func(ctx context.Context) error {
		a.later(demoPause(60, 200), a.rest)
		return a.become(ctx, "online", "")
	})
	return a.become(ctx, oneOf([]string{"away", "busy"}), oneOf(demoSaid[a.user.Language].away))
}

func (a *demoAgent) become(ctx context.Context, state, reason string) error {
	return a.api.call(ctx, http.MethodPut, "/me/presence", map[string]any{"state": state, "reason": reason}, nil)
}

func oneOf(texts []string) string { return texts[rand.IntN(len(texts))] } //nolint:gosec // which words are no secret
