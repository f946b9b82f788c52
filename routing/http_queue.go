package routing

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/web"
	"wasl/store"
)

func (s *Service) queueRoutes(api huma.API, op operation) {
	get := op(http.MethodGet, "/conversations/{id}/routing", "get-routing", "Where a conversation stands, and why",
		access.ReadConversations)
	get.Description = "The decisions that were carried out, the latest first. While it waits there is one more at the beginning, of the " +
		"cause waiting: how the decision would be now."
	huma.Register(api, get, s.getRouting)
	huma.Register(api, op(http.MethodPost, "/conversations/{id}/offer", "answer-offer", "Take what was offered to the caller, or not",
		access.Reply), s.answerOffer)
	huma.Register(api, op(http.MethodGet, "/me/offers", "list-offers", "What is offered to the caller now, what ends first in front",
		access.Reply), s.listOffers)
	next := op(http.MethodPost, "/routing/next", "take-next", "Take the first of the caller's queues that they can take", access.Reply)
	next.DefaultStatus = http.StatusOK
	next.Responses = map[string]*huma.Response{"204": {Description: "There is none"}}
	huma.Register(api, next, s.takeNext)
	list := op(http.MethodGet, "/queues", "list-queues", "How much waits in the queues", access.ReadConversations)
	list.Description = "Of all teams for those who see everything, else of the caller's own. Live as queue.updated."
	huma.Register(api, list, s.listQueues)
}

// RoutingView is where a conversation stands, as REST shows it.
type RoutingView struct {
	State     RouteState     `json:"state" enum:"none,queued,offered,assigned"`
	Queue     *PlaceView     `json:"queue,omitempty" doc:"Where it waits"`
	Offer     *OfferedView   `json:"offer,omitempty"`
	Decisions []DecisionView `json:"decisions" nullable:"false"`
}

// PlaceView is a conversation's place in a queue.
type PlaceView struct {
	TeamID   string   `json:"team_id"`
	Priority string   `json:"priority" enum:"none,low,medium,high,urgent"`
	Position int      `json:"position" doc:"The first is 1"`
	Since    web.Time `json:"since"`
}

// OfferedView is to whom a conversation is offered.
type OfferedView struct {
	AgentID string   `json:"agent_id"`
	Until   web.Time `json:"until"`
}

// DecisionView is a decision as REST shows it.
type DecisionView struct {
	At         web.Time      `json:"at"`
	Cause      Cause         `json:"cause" enum:"queue,rule,pull,return,absence,decline,timeout,accept,waiting"`
	RuleID     string        `json:"rule_id,omitempty"`
	TeamID     string        `json:"team_id,omitempty"`
	Chosen     string        `json:"chosen,omitempty"`
	Strategy   auth.Strategy `json:"strategy" enum:",round_robin,least_loaded,best_skilled,longest_idle"`
	Candidates []Candidate   `json:"candidates" nullable:"false" doc:"At most 50: those who were nearest to getting it"`
	Why        string        `json:"why,omitempty" doc:"In the words of whoever declined"`
}

func viewRecord(r *Record) DecisionView {
	return DecisionView{
		web.At(r.At), r.Cause, r.RuleID, r.TeamID, r.Chosen, r.Strategy, append([]Candidate{}, r.Candidates...), r.Why,
	}
}

type conversationInput struct {
	ID string `path:"id"`
}

func (s *Service) getRouting(ctx context.Context, in *conversationInput) (*web.Body[RoutingView], error) {
	if _, err := s.Inbox.Conversation(ctx, auth.From(ctx), in.ID); err != nil {
		return nil, err
	}
	view := RoutingView{State: None, Decisions: []DecisionView{}}
	r, err := s.routes.Get(ctx, in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return web.Answer(view), nil
	}
	if err != nil {
		return nil, err
	}
	view.State = r.State
	if r.State == Offered {
		view.Offer = &OfferedView{r.AgentID, web.At(r.OfferUntil)}
	}
	if r.State == Queued || r.State == Offered {
		position, err := s.position(ctx, r)
		if err != nil {
			return nil, err
		}
		view.Queue = &PlaceView{r.TeamID, r.priority(), position, web.At(r.Since)}
	}
	if r.State == Queued {
		f, err := s.snapshot(ctx, r.WorkspaceID)
		if err != nil {
			return nil, err
		}
		d := f.Decide(r.waiting())
		now := &Record{At: f.At, Cause: Waits, TeamID: r.TeamID, Chosen: d.Chosen, Strategy: d.Strategy, Candidates: d.kept()}
		view.Decisions = append(view.Decisions, viewRecord(now))
	}
	made, err := s.decisions.GetMany(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range made {
		for _, record := range slices.Backward(d.All) {
			view.Decisions = append(view.Decisions, viewRecord(&record))
		}
	}
	return web.Answer(view), nil
}

type answerOfferInput struct {
	ID   string `path:"id"`
	Body struct {
		Accept bool   `json:"accept"`
		Reason string `json:"reason,omitempty" maxLength:"120"`
	}
}

func (s *Service) answerOffer(ctx context.Context, in *answerOfferInput) (*struct{}, error) {
	return nil, s.AnswerOffer(ctx, auth.From(ctx), in.ID, in.Body.Accept, in.Body.Reason)
}

// maxOffers is how many offers are listed.
const maxOffers = 50

// OwnOfferView is an offer as REST shows it to whom it is made.
type OwnOfferView struct {
	OfferView
	OfferedAt web.Time `json:"offered_at"`
	Left      int64    `json:"left_ms" doc:"For how many milliseconds it still holds, by the clock of the gateway"`
}

func (s *Service) listOffers(ctx context.Context, _ *struct{}) (*web.Body[web.List[OwnOfferView]], error) {
	v := auth.From(ctx)
	q := store.Query{Index: "agent", Eq: []any{v.WorkspaceID, v.UserID, string(Offered)}, Limit: maxOffers}
	found, _, err := s.routes.Find(ctx, q)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b *Route) int { return a.OfferUntil.Compare(b.OfferUntil) })
	views := []OwnOfferView{}
	for _, r := range found {
		if left := r.OfferUntil.Sub(s.Clock.Now()); left > 0 {
			views = append(views, OwnOfferView{viewOffer(r), web.At(r.HeldSince), left.Milliseconds()})
		}
	}
	return web.Items(views, ""), nil
}

type nextOutput struct {
	Status int
	Body   *inbox.ConversationView
}

func (s *Service) takeNext(ctx context.Context, _ *struct{}) (*nextOutput, error) {
	v := auth.From(ctx)
	id, err := s.Next(ctx, v)
	if err != nil {
		return nil, err
	}
	if id == "" {
		return &nextOutput{Status: http.StatusNoContent}, nil
	}
	view, err := s.Inbox.View(ctx, v, id)
	if err != nil {
		return nil, err
	}
	return &nextOutput{http.StatusOK, &view}, nil
}

func (s *Service) listQueues(ctx context.Context, _ *struct{}) (*web.Body[web.List[QueueView]], error) {
	v := auth.From(ctx)
	teams, err := s.Users.AllTeams(ctx, v.WorkspaceID)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(teams, func(id string, _ *auth.Team) bool { return !v.SeesAll() && !slices.Contains(v.TeamIDs, id) })
	views, err := s.queuesOf(ctx, v.WorkspaceID, teams)
	return web.Items(views, ""), err
}

// queuesOf are the queues of the teams, by their ids.
func (s *Service) queuesOf(ctx context.Context, workspaceID string, teams map[string]*auth.Team) ([]QueueView, error) {
	views := make([]QueueView, 0, len(teams))
	for _, id := range slices.Sorted(maps.Keys(teams)) {
		q, err := s.queue(ctx, workspaceID, id)
		if err != nil {
			return nil, err
		}
		views = append(views, q)
	}
	return views, nil
}
