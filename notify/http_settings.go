package notify

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/web"
)

// SettingsView is how a user wants to be told of things, as REST shows and takes it.
type SettingsView struct {
	Events   Choices `json:"events"`
	Messages Scope   `json:"messages" enum:"mine,all" doc:"Whose conversations' messages: one's own and nobody's, or all"`
	Quiet    *Quiet  `json:"quiet_hours,omitempty" doc:"When there is no sound and no notification on the desktop; missing: never"`
}

// KeptSettings are a user's settings as REST shows them.
type KeptSettings struct {
	SettingsView
	Chosen bool `json:"chosen" doc:"Whether the user has ever chosen them"`
}

type settingsInput struct{ Body SettingsView }

func viewSettings(s *settings) *web.Body[KeptSettings] {
	return web.Answer(KeptSettings{SettingsView{s.Choices, s.Messages, s.Quiet}, s.Version > 0})
}

// meOperation is an operation about the caller.
func meOperation(guard Guard, method, path, id, summary string) huma.Operation {
	return guard.Operation(huma.Operation{
		Method: method, Path: "/api/v1/me" + path, OperationID: id, Summary: summary, Tags: []string{"Notifications"},
	}, access.ReadNotifications)
}

func (s *Service) settingsRoutes(api huma.API, guard Guard, from func(context.Context) access.Viewer) {
	const path = "/notification-settings"
	huma.Register(api, meOperation(guard, http.MethodGet, path, "get-notification-settings", "How the caller wants to be told of things"),
		func(ctx context.Context, _ *struct{}) (*web.Body[KeptSettings], error) {
			v := from(ctx)
			kept, err := s.settingsOf(ctx, v.WorkspaceID, v.UserID)
			if err != nil {
				return nil, err
			}
			return viewSettings(kept), nil
		})
	huma.Register(api, meOperation(guard, http.MethodPut, path, "put-notification-settings", "Choose how to be told of things"),
		func(ctx context.Context, in *settingsInput) (*web.Body[KeptSettings], error) {
			kept, err := s.choose(ctx, from(ctx), in.Body)
			if err != nil {
				return nil, err
			}
			return viewSettings(kept), nil
		})
}
