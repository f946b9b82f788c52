package inbox

import (
	"context"
	"net/http"

	"wasl/channels"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

// LifelineView is where a message has been.
type LifelineView struct {
	MessageID string                 `json:"message_id"`
	ChannelID string                 `json:"channel_id"`
	Direction Direction              `json:"direction" enum:"in,out"`
	Status    channels.MessageStatus `json:"status" enum:"received,queued,sending,sent,delivered,read,failed,unknown"`
	Steps     []StepView             `json:"steps" nullable:"false" doc:"In the order in which it went on"`
}

// StepView is one step of a life-line.
type StepView struct {
	Step   string    `json:"step" enum:"written,received,durable,resumed,stored,shown,seen,queued,behind,held,sending,waiting,accepted,sent,delivered,read,failed,unknown,edited,deleted"`
	At     *web.Time `json:"at" doc:"null: the moment was not recorded. Of written, sent, delivered, read and failed: by the provider's clock where it reports them"`
	CameAt *web.Time `json:"came_at,omitempty" doc:"Of a report: when it came here. Of attempts that were repeated: the last one"`
	By     *Author   `json:"by,omitempty"`
	Code   string    `json:"code,omitempty"`
	Detail string    `json:"detail,omitempty" doc:"Why, in plain words"`
	More   int       `json:"more,omitempty" doc:"Of waiting: how often it was repeated; of behind: how many messages go first"`
}

func (s *Service) lifelineRoutes(api huma.API, op describe) {
	line := op(http.MethodGet, "/api/v1/messages/{id}/lifeline", "get-lifeline", "Where a message has been, step by step",
		access.ReadConversations)
	line.Description = "In: written, received (the webhook came), durable (safe on disk, so the provider was told 200), stored (parsed, in the conversation), shown " +
		"(handed to every open app in the moment after; not recorded), seen by whom. Out: queued, sending, accepted by the provider, then its reports."
	huma.Register(api, line, s.lifeline)
}

func (s *Service) lifeline(ctx context.Context, in *idInput) (*web.Body[LifelineView], error) {
	m, line, err := s.Lifeline(ctx, auth.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	view := LifelineView{
		MessageID: m.ID, ChannelID: m.ChannelID, Direction: m.Direction, Status: m.Status,
		Steps: make([]StepView, 0, len(line)),
	}
	for _, step := range line {
		view.Steps = append(view.Steps, step.view())
	}
	return web.Answer(view), nil
}

func (p lineEvent) view() StepView {
	v := StepView{Step: p.Kind, Code: p.Code, Detail: p.Text, More: p.More}
	if !p.At.IsZero() {
		v.At = web.AtOrNull(&p.At)
	}
	if !p.Came.IsZero() {
		v.CameAt = web.AtOrNull(&p.Came)
	}
	if p.by != (Author{}) {
		v.By = &p.by
	}
	return v
}
