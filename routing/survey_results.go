package routing

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wasl/store"
)

const (
	// maxSurveys bounds how many surveys results are made of.
	maxSurveys = 50_000
	// surveyPage is how many are read at once.
	surveyPage = 1000
)

// SurveyResults are what customers answered in a period.
type SurveyResults struct {
	Asked     int           `json:"asked" doc:"In the period; at most 50,000"`
	Answered  int           `json:"answered"`
	Average   float64       `json:"average" doc:"Of the scores, 1 to 5; 0: there is none"`
	Scores    []int         `json:"scores" nullable:"false" doc:"How many gave 1, 2, 3, 4 and 5"`
	More      bool          `json:"more" doc:"There were more than 50,000 answers: those are the newest"`
	ByAgent   []SurveyGroup `json:"by_agent" nullable:"false" doc:"By who had the conversation when the customer was asked; an empty id: nobody"`
	ByTeam    []SurveyGroup `json:"by_team" nullable:"false"`
	ByChannel []SurveyGroup `json:"by_channel" nullable:"false"`
}

// SurveyGroup is what was answered about one agent, team or channel.
type SurveyGroup struct {
	ID       string  `json:"id"`
	Answered int     `json:"answered"`
	Average  float64 `json:"average"`
}

// SurveyResults adds up what was answered from a time on and before another, from the index alone.
func (s *Service) SurveyResults(ctx context.Context, workspaceID string, from, to time.Time) (*SurveyResults, error) {
	period := &store.Range{From: from, To: to, ExcludeTo: true}
	asked, err := s.surveys.Count(ctx, store.Query{Index: "asked", Eq: []any{workspaceID}, Range: period}, maxSurveys)
	if err != nil {
		return nil, err
	}
	r := &SurveyResults{Asked: asked, Scores: make([]int, bestScore)}
	sum, agents, teams, channels := 0, groups{}, groups{}, groups{}
	q := store.Query{Index: "answered", Eq: []any{workspaceID}, Range: period, IndexOnly: true, Limit: surveyPage}
	for {
		found, next, err := s.surveys.Find(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, of := range found {
			if of.Score < 1 || of.Score > bestScore {
				continue
			}
			r.Answered++
			r.Scores[of.Score-1]++
			sum += of.Score
			agents.add(of.AgentID, of.Score)
			teams.add(of.TeamID, of.Score)
			channels.add(of.ChannelID, of.Score)
		}
		if next == "" {
			break
		}
		if q.Cursor = next; r.Answered >= maxSurveys {
			r.More = true
			break
		}
	}
	if r.Answered > 0 {
		r.Average = float64(sum) / float64(r.Answered)
	}
	r.ByAgent, r.ByTeam, r.ByChannel = agents.list(), teams.list(), channels.list()
	return r, nil
}

// groups are answers by id: how many, and the sum of their scores.
type groups map[string]*[2]int

func (g groups) add(id string, score int) {
	if g[id] == nil {
		g[id] = &[2]int{}
	}
	g[id][0]++
	g[id][1] += score
}

// list is the groups, those with most answers first.
func (g groups) list() []SurveyGroup {
	out := make([]SurveyGroup, 0, len(g))
	for id, n := range g {
		out = append(out, SurveyGroup{id, n[0], float64(n[1]) / float64(n[0])})
	}
	slices.SortFunc(out, func(a, b SurveyGroup) int { return cmp.Or(b.Answered-a.Answered, cmp.Compare(a.ID, b.ID)) })
	return out
}
