package routing

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) autoRoutes(api huma.API, op operation) {
	const path, one = "/auto-messages", "/auto-messages/{id}"
	list := op(http.MethodGet, path, "list-auto-messages", "What customers are told by themselves", access.ReadRouting)
	list.Description = "When a conversation begins or begins again, at most one of each kind: the one that names the channel, else its kind, " +
		"else the one for all channels. Where away applies, nothing else is said. Satisfaction is asked of after the resolving."
	huma.Register(api, list, s.listAuto)
	create := op(http.MethodPost, path, "create-auto-message", "Add an automatic message", access.ManageRouting)
	create.DefaultStatus = http.StatusCreated
	create.Responses = web.AlsoOK[AutoMessageView](api, "The message that the key has made before")
	huma.Register(api, create, s.createAuto)
	patch := op(http.MethodPatch, one, "patch-auto-message", "Change an automatic message", access.ManageRouting)
	patch.Errors = append(patch.Errors, http.StatusPreconditionFailed)
	huma.Register(api, patch, s.patchAuto)
	remove := op(http.MethodDelete, one, "delete-auto-message", "Delete an automatic message", access.ManageRouting)
	remove.Errors = append(remove.Errors, http.StatusPreconditionFailed)
	huma.Register(api, remove, s.deleteAuto)
}

// AutoMessageView is an automatic message as REST and the socket show it.
type AutoMessageView struct {
	ID           string          `json:"id"`
	Kind         AutoKind        `json:"kind" enum:"welcome,away,queue_position,satisfaction"`
	Enabled      bool            `json:"enabled"`
	ChannelIDs   []string        `json:"channel_ids" nullable:"false" doc:"On these channels"`
	ChannelKinds []channels.Kind `json:"channel_kinds" nullable:"false" doc:"And on channels of these kinds; where neither is given, on all"`
	Text         AutoText        `json:"text" doc:"In the language of what the customer wrote, else of the workspace's country, else any"`
	HoursID      string          `json:"business_hours_id,omitempty" doc:"Of away: outside of them it is sent, and when nobody is there"`
	DelayMinutes int             `json:"delay_minutes" doc:"Of satisfaction: how long after the resolving the customer is asked"`
	EveryDays    int             `json:"every_days" doc:"Of satisfaction: a person is asked at most once in so many days"`
	Version      int64           `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewAuto(a *AutoMessage) AutoMessageView {
	return AutoMessageView{
		a.ID, a.Kind, a.Enabled, append([]string{}, a.ChannelIDs...), append([]channels.Kind{}, a.ChannelKinds...), a.Text, a.HoursID,
		a.DelayMinutes, a.EveryDays, a.Version,
	}
}

func (s *Service) listAuto(ctx context.Context, _ *struct{}) (*web.Body[web.List[AutoMessageView]], error) {
	found, err := s.auto.all(ctx, auth.From(ctx).WorkspaceID)
	if err != nil {
		return nil, err
	}
	views := make([]AutoMessageView, len(found))
	for n, a := range found {
		views[n] = viewAuto(a)
	}
	return web.Items(views, ""), nil
}

type createAutoInput struct {
	web.Once
	Body struct {
		Kind         AutoKind        `json:"kind" enum:"welcome,away,queue_position,satisfaction"`
		Enabled      *bool           `json:"enabled,omitempty" doc:"Without it: yes"`
		ChannelIDs   []string        `json:"channel_ids,omitempty" maxItems:"100"`
		ChannelKinds []channels.Kind `json:"channel_kinds,omitempty" maxItems:"20"`
		Text         AutoText        `json:"text" doc:"Of queue_position with {{position}} where the number stands"`
		HoursID      string          `json:"business_hours_id,omitempty" maxLength:"100"`
		DelayMinutes int             `json:"delay_minutes,omitempty" minimum:"0" maximum:"10080"`
		EveryDays    *int            `json:"every_days,omitempty" minimum:"0" maximum:"365" doc:"Without it: 30"`
	}
}

func (s *Service) createAuto(ctx context.Context, in *createAutoInput) (*web.Made[AutoMessageView], error) {
	b := in.Body
	every := usualEvery
	set(&every, b.EveryDays)
	a, created, err := s.auto.create(ctx, auth.From(ctx), in.Key, AutoMessage{
		Kind: b.Kind, Enabled: b.Enabled == nil || *b.Enabled, ChannelIDs: b.ChannelIDs, ChannelKinds: b.ChannelKinds, Text: b.Text,
		HoursID: b.HoursID, DelayMinutes: b.DelayMinutes, EveryDays: every,
	})
	if err != nil {
		return nil, err
	}
	return web.Make(viewAuto(a), created), nil
}

type patchAutoInput struct {
	ID string `path:"id"`
	web.Precondition
	Body struct {
		Enabled      *bool            `json:"enabled,omitempty"`
		ChannelIDs   *[]string        `json:"channel_ids,omitempty" maxItems:"100"`
		ChannelKinds *[]channels.Kind `json:"channel_kinds,omitempty" maxItems:"20"`
		Text         *AutoText        `json:"text,omitempty" doc:"Takes the place of all texts"`
		HoursID      *string          `json:"business_hours_id,omitempty" maxLength:"100" doc:"Empty: only when nobody is there"`
		DelayMinutes *int             `json:"delay_minutes,omitempty" minimum:"0" maximum:"10080"`
		EveryDays    *int             `json:"every_days,omitempty" minimum:"0" maximum:"365"`
	}
}

func (s *Service) patchAuto(ctx context.Context, in *patchAutoInput) (*web.Body[AutoMessageView], error) {
	b := in.Body
	a, err := s.auto.change(ctx, auth.From(ctx), in.ID, in.Check, func(a *AutoMessage) {
		set(&a.Enabled, b.Enabled)
		set(&a.ChannelIDs, b.ChannelIDs)
		set(&a.ChannelKinds, b.ChannelKinds)
		set(&a.Text, b.Text)
		set(&a.HoursID, b.HoursID)
		set(&a.DelayMinutes, b.DelayMinutes)
		set(&a.EveryDays, b.EveryDays)
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewAuto(a)), nil
}

func (s *Service) deleteAuto(ctx context.Context, in *ruleInput) (*struct{}, error) {
	return nil, s.auto.remove(ctx, auth.From(ctx), in.ID, in.Check)
}
