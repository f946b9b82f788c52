package routing

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
)

func (s *Service) surveyRoutes(api huma.API, op operation) {
	results := op(http.MethodGet, "/surveys/results", "get-survey-results", "How satisfied customers are", access.WatchFloor)
	results.Description = "What customers answered in a period, together and by agent, team and channel."
	huma.Register(api, results, s.surveyResults)
	huma.Register(api, op(http.MethodDelete, "/conversations/{id}/survey", "revoke-survey",
		"Have the links of its surveys lead nowhere", access.EditConversations), s.revokeSurvey)
}

type surveyResultsInput struct {
	From time.Time `query:"from" doc:"Without it: 30 days before to"`
	To   time.Time `query:"to" doc:"Without it: now"`
}

func (s *Service) surveyResults(ctx context.Context, in *surveyResultsInput) (*web.Body[*SurveyResults], error) {
	if in.To.IsZero() {
		in.To = s.Clock.Now()
	}
	if in.From.IsZero() {
		in.From = in.To.AddDate(0, 0, -30)
	}
	if !in.From.Before(in.To) {
		return nil, errs.InvalidField("invalid_period", "from", "before to")
	}
	r, err := s.SurveyResults(ctx, auth.From(ctx).WorkspaceID, in.From, in.To)
	if err != nil {
		return nil, err
	}
	return web.Answer(r), nil
}

type surveyInput struct {
	ID string `path:"id"`
}

func (s *Service) revokeSurvey(ctx context.Context, in *surveyInput) (*struct{}, error) {
	return nil, s.RevokeSurveys(ctx, auth.From(ctx), in.ID)
}
