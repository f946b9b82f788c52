package notify

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/web"
)

// PushKeyView is what a browser needs to subscribe.
type PushKeyView struct {
	PublicKey string `json:"public_key" doc:"The applicationServerKey of this installation, in base64url"`
}

type subscribeInput struct {
	Body struct {
		Endpoint       string   `json:"endpoint" maxLength:"2048" doc:"Of the browser's push service"`
		ExpirationTime *float64 `json:"expirationTime,omitempty" doc:"As the browser gives it; not used"`
		Keys           struct {
			P256dh string `json:"p256dh" maxLength:"128"`
			Auth   string `json:"auth" maxLength:"64"`
		} `json:"keys"`
		Language string `json:"language,omitempty" enum:"en,he,ar" doc:"In which the device words what it is told; missing: en"`
	}
}

type endpointInput struct {
	Body struct {
		Endpoint string `json:"endpoint" maxLength:"2048"`
	}
}

func (p *pusher) routes(api huma.API, guard Guard, from func(context.Context) access.Viewer) {
	const path = "/push-subscriptions"
	huma.Register(api, meOperation(guard, http.MethodGet, path, "get-push-key", "What a browser needs to subscribe"),
		func(context.Context, *struct{}) (*web.Body[PushKeyView], error) {
			return web.Answer(PushKeyView{p.key.Public()}), nil
		})
	add := meOperation(guard, http.MethodPost, path, "add-push-subscription", "Be told on this device also while Wasl is closed")
	add.Description = "The browser's own subscription as it gives it. Sent again, it is renewed. Of more than ten devices those that were " +
		"there last stay."
	huma.Register(api, add, func(ctx context.Context, in *subscribeInput) (*struct{}, error) {
		d := device{in.Body.Endpoint, in.Body.Keys.P256dh, in.Body.Keys.Auth, in.Body.Language}
		if d.language == "" {
			d.language = "en"
		}
		return nil, p.subscribe(ctx, from(ctx), d)
	})
	huma.Register(api, meOperation(guard, http.MethodDelete, path, "remove-push-subscription", "Be told on this device no more"),
		func(ctx context.Context, in *endpointInput) (*struct{}, error) {
			return nil, p.unsubscribe(ctx, from(ctx), in.Body.Endpoint)
		})
	huma.Register(api, meOperation(guard, http.MethodPost, path+"/test", "test-push-subscription", "Have this device told something"),
		func(ctx context.Context, in *endpointInput) (*struct{}, error) {
			return nil, p.try(ctx, from(ctx), in.Body.Endpoint)
		})
}
