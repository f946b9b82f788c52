package routing

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) simulationRoutes(api huma.API, op operation) {
	simulate := op(http.MethodPost, "/routing/simulate", "simulate-routing", "Replay a past time with something changed",
		access.ReadRouting)
	simulate.Description = "Replays what came in, and what people did by hand, with rules, teams and agents that are changed; what is not " +
		"named is as it was (what rules said, presences, profiles) or as it is today (teams, working hours, skills). Answers at once where " +
		"little happened; else 202 with the id of work under GET /api/v1/jobs/{id}, whose result_url has the answer. The same request " +
		"about the same time has the same answer."
	simulate.DefaultStatus = http.StatusOK
	simulate.Responses = map[string]*huma.Response{"202": {Description: "It takes longer: `job_id` is the work's id"}}
	huma.Register(api, simulate, s.postSimulate)
	huma.Register(api, op(http.MethodGet, "/routing/simulations/{id}", "get-simulation", "What came of a simulation that took longer",
		access.ReadRouting), s.getSimulation)
	test := op(http.MethodPost, "/routing/rules/test", "test-routing-condition",
		"How many of the last 500 conversations fulfil a condition", access.ReadRouting)
	test.DefaultStatus = http.StatusOK
	test.Description = "Of the newest 500 conversations, as they are now."
	huma.Register(api, test, s.testRule)
}

// SimulateBody is a past time, and what would have been different.
type SimulateBody struct {
	From   time.Time       `json:"from" doc:"Within the last 90 days"`
	To     time.Time       `json:"to" doc:"At most 31 days later"`
	Rules  *[]RuleInput    `json:"rules,omitempty" maxItems:"100" doc:"All rules in their order; without it what the rules said is as it was"`
	Teams  []TeamScenario  `json:"teams,omitempty" maxItems:"200"`
	Agents []AgentScenario `json:"agents,omitempty" maxItems:"500"`
}

// RuleInput is a rule as it would be.
type RuleInput struct {
	Name    string          `json:"name,omitempty" maxLength:"120"`
	Enabled *bool           `json:"enabled,omitempty" doc:"Without it: yes"`
	When    json.RawMessage `json:"when" doc:"A condition about a conversation"`
	Then    Then            `json:"then"`
	GoOn    bool            `json:"go_on,omitempty"`
}

// TeamScenario is what would be different of a team; what is missing stays.
type TeamScenario struct {
	ID           string           `json:"id"`
	MemberIDs    *[]string        `json:"member_ids,omitempty" maxItems:"200"`
	Strategy     *auth.Strategy   `json:"strategy,omitempty" enum:"round_robin,least_loaded,best_skilled,longest_idle"`
	HandOver     *auth.HandOver   `json:"hand_over,omitempty" enum:"direct,offer"`
	OfferSeconds *int             `json:"offer_seconds,omitempty" minimum:"5" maximum:"600"`
	Sticky       *auth.Sticky     `json:"sticky,omitempty" enum:"none,last_agent,owner" doc:"Owners are known of conversations that teams had for which they came first"`
	Overflow     *[]auth.Overflow `json:"overflow,omitempty" maxItems:"5"`
	HoursID      *string          `json:"business_hours_id,omitempty" maxLength:"100" doc:"Empty: its work is given at any time"`
}

// AgentScenario is what would be different of an agent; what is missing stays.
type AgentScenario struct {
	UserID   string       `json:"user_id"`
	Skills   *[]Skill     `json:"skills,omitempty" maxItems:"100"`
	Capacity *Capacity    `json:"capacity,omitempty"`
	Online   *[]ShiftView `json:"online,omitempty" maxItems:"100" doc:"When they would have been online instead of when they were; []: never"`
}

// ShiftView is a time in which an agent is online.
type ShiftView struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

func (b *SimulateBody) scenario() *Scenario {
	sc := &Scenario{From: b.From, To: b.To}
	if b.Rules != nil {
		rules := make([]Rule, len(*b.Rules))
		for n, r := range *b.Rules {
			rules[n] = Rule{
				Name: r.Name, Enabled: r.Enabled == nil || *r.Enabled, When: string(r.When), Then: r.Then, GoOn: r.GoOn, Position: n,
			}
		}
		sc.Rules = &rules
	}
	for _, t := range b.Teams {
		sc.Teams = append(sc.Teams, TeamChange{t.ID, t.MemberIDs, auth.WorkEdit{
			Strategy: t.Strategy, HandOver: t.HandOver, OfferSeconds: t.OfferSeconds, Sticky: t.Sticky, Overflow: t.Overflow,
			HoursID: t.HoursID,
		}})
	}
	for _, a := range b.Agents {
		c := AgentChange{UserID: a.UserID, Skills: a.Skills, Capacity: a.Capacity}
		if a.Online != nil {
			shifts := make([]Shift, len(*a.Online))
			for n, shift := range *a.Online {
				shifts[n] = Shift(shift)
			}
			c.Online = &shifts
		}
		sc.Agents = append(sc.Agents, c)
	}
	return sc
}

type simulateInput struct{ Body SimulateBody }

// SimulationView is how it was and how it would have been, or the work that finds out.
type SimulationView struct {
	Before *Figures `json:"before,omitempty"`
	After  *Figures `json:"after,omitempty"`
	JobID  string   `json:"job_id,omitempty" doc:"Where it takes longer"`
}

type simulateOutput struct {
	Status int
	Body   SimulationView
}

func (s *Service) postSimulate(ctx context.Context, in *simulateInput) (*simulateOutput, error) {
	input, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	found, job, err := s.Simulate(ctx, auth.From(ctx), in.Body.scenario(), input)
	if err != nil {
		return nil, err
	}
	if job != "" {
		return &simulateOutput{http.StatusAccepted, SimulationView{JobID: job}}, nil
	}
	return &simulateOutput{http.StatusOK, viewSimulation(found)}, nil
}

func viewSimulation(of *Simulation) SimulationView {
	return SimulationView{Before: &of.Before, After: &of.After}
}

func (s *Service) getSimulation(ctx context.Context, in *conversationInput) (*web.Body[SimulationView], error) {
	found, err := s.simulation(ctx, auth.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(viewSimulation(found)), nil
}

// ruleTested and ruleShown are of how many conversations a condition is asked, and how many of those that fulfil it are shown.
const (
	ruleTested = 500
	ruleShown  = 5
)

type testRuleInput struct {
	Body struct {
		When json.RawMessage `json:"when" doc:"A condition about a conversation"`
	}
}

// TestView is of how many conversations a condition holds.
type TestView struct {
	Matched int                      `json:"matched"`
	Of      int                      `json:"of" doc:"How many were looked at: the newest that the caller sees, at most 500"`
	First   []inbox.ConversationView `json:"first" nullable:"false" doc:"The newest 5 of those that fulfil it"`
}

func (s *Service) testRule(ctx context.Context, in *testRuleInput) (*web.Body[TestView], error) {
	v := auth.From(ctx)
	matching, of, err := s.Inbox.Matching(ctx, v, in.Body.When, ruleTested)
	if err != nil {
		return nil, err
	}
	first, err := s.Inbox.Views(ctx, v, matching[:min(len(matching), ruleShown)])
	if err != nil {
		return nil, err
	}
	return web.Answer(TestView{Matched: len(matching), Of: of, First: first}), nil
}
