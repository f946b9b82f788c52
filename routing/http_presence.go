package routing

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) presenceRoutes(api huma.API, op operation) {
	mine := op(http.MethodPut, "/me/presence", "put-my-presence", "Say whether the caller works now", "")
	mine.Description = "What is chosen stays until another choice. Online needs a live socket: a minute after the last one is gone " +
		"the state is offline, whatever was chosen."
	huma.Register(api, mine, func(ctx context.Context, in *presenceInput) (*web.Body[StateView], error) {
		return s.putPresence(ctx, auth.From(ctx).UserID, in.Body)
	})
	others := op(http.MethodPut, "/users/{id}/presence", "put-user-presence", "Say whether a user works now", access.ManagePresence)
	huma.Register(api, others, func(ctx context.Context, in *othersPresenceInput) (*web.Body[StateView], error) {
		return s.putPresence(ctx, in.ID, in.Body)
	})
	agents := op(http.MethodGet, "/agents", "list-agents", "Every active user with their state, load and capacity", access.ReadUsers)
	agents.Description = "Live as agent.updated, which has a user's state."
	huma.Register(api, agents, s.listAgents)
}

// PresenceChoice is what somebody chooses to be.
type PresenceChoice struct {
	State  State  `json:"state" enum:"online,busy,away,offline"`
	Reason string `json:"reason,omitempty" maxLength:"120"`
}

type presenceInput struct{ Body PresenceChoice }

type othersPresenceInput struct {
	ID   string `path:"id"`
	Body PresenceChoice
}

// StateView is a user's presence as REST and the socket show it.
type StateView struct {
	UserID string   `json:"user_id"`
	State  State    `json:"state" enum:"online,busy,away,offline"`
	Reason string   `json:"reason"`
	Since  web.Time `json:"since"`
}

func (s *Service) putPresence(ctx context.Context, userID string, c PresenceChoice) (*web.Body[StateView], error) {
	p, err := s.SetPresence(ctx, auth.From(ctx), userID, c.State, c.Reason)
	if err != nil {
		return nil, err
	}
	return web.Answer(StateView{UserID: p.ID, State: p.State, Reason: p.Reason, Since: web.At(p.Since)}), nil
}

// AgentView is a user with what decides about their work, as REST shows it.
type AgentView struct {
	UserID   string         `json:"user_id"`
	Name     string         `json:"name"`
	State    State          `json:"state" enum:"online,busy,away,offline"`
	Reason   string         `json:"reason"`
	Since    *web.Time      `json:"since" doc:"null: they were never there"`
	Load     int            `json:"load" doc:"Sum of the weights of what they have and what is offered to them"`
	ByKind   map[string]int `json:"load_by_kind" doc:"How many conversations, by kind of channel"`
	Capacity Capacity       `json:"capacity"`
	TeamIDs  []string       `json:"team_ids" nullable:"false"`
	Skills   []Skill        `json:"skills" nullable:"false"`
	Today    Today          `json:"today"`
}

func (s *Service) listAgents(ctx context.Context, in *web.Page) (*web.Body[web.List[AgentView]], error) {
	workspaceID := auth.From(ctx).WorkspaceID
	users, next, err := s.Users.Users(ctx, workspaceID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views, err := s.agentViews(ctx, users)
	return web.Items(views, next), err
}

// agentViews are those of the users who are active.
func (s *Service) agentViews(ctx context.Context, users []*auth.User) ([]AgentView, error) {
	ids, views := []string{}, []AgentView{}
	place := map[string]*AgentView{}
	for _, u := range users {
		if u.Active {
			ids = append(ids, u.ID)
			views = append(views, AgentView{
				UserID: u.ID, Name: u.Name, State: Offline, TeamIDs: append([]string{}, u.TeamIDs...), Skills: []Skill{},
				ByKind: map[string]int{}, Today: *(&Load{}).today(s.Clock.Now()),
			})
		}
	}
	for n := range views {
		place[views[n].UserID] = &views[n]
	}
	presences, err := s.presences.GetMany(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, p := range presences {
		v := place[p.ID]
		v.State, v.Reason, v.Since = p.State, p.Reason, web.AtOrNull(&p.Since)
	}
	return views, s.addWork(ctx, ids, place)
}

// addWork adds to the views of users their profiles and loads.
func (s *Service) addWork(ctx context.Context, ids []string, place map[string]*AgentView) error {
	profiles, err := s.profiles.GetMany(ctx, ids...)
	if err != nil {
		return err
	}
	for _, p := range profiles {
		place[p.ID].Skills, place[p.ID].Capacity = append([]Skill{}, p.Skills...), p.Capacity
	}
	found, err := s.loads.GetMany(ctx, ids...)
	if err != nil {
		return err
	}
	for _, l := range found {
		v := place[l.ID]
		if l.ByKind != nil {
			v.ByKind = l.ByKind
		}
		v.Load, v.Today = v.Capacity.used(l.ByKind), *l.today(s.Clock.Now())
	}
	return nil
}
