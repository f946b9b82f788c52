package channels

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

// AuthorizationView is a sign-in at a provider.
type AuthorizationView struct {
	ID      string `json:"id" doc:"Goes into a channel's credentials as authorization, once the sign-in is complete"`
	URL     string `json:"url" doc:"The provider's page; empty once it is complete"`
	Account string `json:"account" doc:"Whose it is, once it is complete"`
}

// MailHostView is how a mail host is reached.
type MailHostView struct {
	Certain         bool   `json:"certain" doc:"Whether the servers are known; nothing is guessed"`
	Name            string `json:"name"`
	IMAPHost        string `json:"imap_host"`
	IMAPPort        int    `json:"imap_port"`
	SMTPHost        string `json:"smtp_host"`
	SMTPPort        int    `json:"smtp_port"`
	SignIn          string `json:"sign_in" enum:",google,microsoft" doc:"The provider at which the mailbox's owner can sign in; empty: with a password"`
	AppPassword     bool   `json:"app_password" doc:"The host wants a password made for one program"`
	PasswordRefused bool   `json:"password_refused" doc:"The host takes no passwords"`
}

// authorizeRoutes adds the routes of signing in at a provider.
func (s *Service) authorizeRoutes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string) huma.Operation {
		return guard.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Channels"}},
			access.ManageChannels)
	}
	begin := op(http.MethodPost, "/api/v1/channels/authorizations", "begin-authorization",
		"Sign in at a provider, to connect a channel there")
	begin.DefaultStatus = http.StatusCreated
	huma.Register(api, begin, s.beginAuthorization)
	huma.Register(api, op(http.MethodPost, "/api/v1/channels/authorizations/{id}/complete", "complete-authorization",
		"Hand over what the provider's page returned"), s.completeAuthorization)
	huma.Register(api, op(http.MethodGet, "/api/v1/mail-hosts", "get-mail-host", "The servers of a mail address"), s.mailHost)
}

type beginAuthorizationInput struct {
	Body struct {
		Kind     Kind   `json:"kind" enum:"email"`
		Provider string `json:"provider" enum:"google,microsoft"`
		Hint     string `json:"hint,omitempty" maxLength:"320" doc:"The address to sign in with"`
	}
}

func (s *Service) beginAuthorization(ctx context.Context, in *beginAuthorizationInput) (*web.Body[AuthorizationView], error) {
	id, page, err := s.BeginAuthorization(ctx, auth.From(ctx), in.Body.Kind, in.Body.Provider, in.Body.Hint)
	return web.Answer(AuthorizationView{ID: id, URL: page}), err
}

type completeAuthorizationInput struct {
	ID   string `path:"id"`
	Body struct {
		Code        string `json:"code,omitempty" maxLength:"4000"`
		Error       string `json:"error,omitempty" maxLength:"200" doc:"What the page returned instead of a code"`
		Description string `json:"error_description,omitempty" maxLength:"4000"`
	}
}

func (s *Service) completeAuthorization(ctx context.Context, in *completeAuthorizationInput) (*web.Body[AuthorizationView], error) {
	account, err := s.EndAuthorization(ctx, auth.From(ctx), in.ID, AuthorizationResult{
		Code: in.Body.Code, Refused: in.Body.Error, Detail: in.Body.Description,
	})
	return web.Answer(AuthorizationView{ID: in.ID, Account: account}), err
}

type mailHostInput struct {
	Address string `query:"address" required:"true" maxLength:"320"`
}

func (s *Service) mailHost(ctx context.Context, in *mailHostInput) (*web.Body[MailHostView], error) {
	v := MailHostView{}
	if d, can := s.adapters[KindEmail].(Discoverer); can {
		if h, certain := d.Discover(ctx, in.Address); certain {
			v = MailHostView{
				Certain: true, Name: h.Name, IMAPHost: h.IMAPHost, IMAPPort: h.IMAPPort, SMTPHost: h.SMTPHost, SMTPPort: h.SMTPPort,
				SignIn: h.SignIn, AppPassword: h.AppPassword, PasswordRefused: h.PasswordRefused,
			}
		}
	}
	return web.Answer(v), nil
}
