package channels

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"go.mongodb.org/mongo-driver/bson"

	"wasl/internal/errs"
	"wasl/internal/jobs"
	"wasl/internal/web"
	"wasl/store"
)

// JobInbound is the kind of job that holds one webhook as it came.
const JobInbound = "inbound"

const (
	// maxMeta and the others are the largest bodies: Meta documents 3 MB; a mail with its form 30 MiB; a visitor's browser
	// sends text.
	maxMeta   = 5 << 20
	maxWidget = 128 << 10
	maxOther  = 30 << 20
	// acceptTime bounds how long a provider waits for our acknowledgement.
	acceptTime = 10 * time.Second
)

// received is what the job keeps of a webhook: all that Parse may need.
type received struct {
	ChannelID   string `bson:"channel_id"`
	Suffix      string `bson:"suffix,omitempty"`
	ContentType string `bson:"content_type,omitempty"`
	Query       string `bson:"query,omitempty"`
	Body        []byte `bson:"body,omitempty"`
	BodyID      string `bson:"body_id,omitempty"` // of a large body: the file
}

// WebhookRoutes adds the providers' endpoints and describes them in the API.
func (s *Service) WebhookRoutes(server *web.Server) {
	app, api := server.App, server.API
	for _, kind := range []Kind{"whatsapp", "messenger", "instagram", "sms", "email", "widget"} {
		server.Allow("/webhooks/"+string(kind)+"/", web.Allowance{Bytes: maxBody(kind), Time: time.Minute, Ask: s.mayReport})
	}
	params := []*huma.Param{
		{Name: "kind", In: "path", Required: true, Schema: &huma.Schema{
			Type: "string",
			Enum: []any{"whatsapp", "messenger", "instagram", "sms", "email", "widget"},
		}},
		{Name: "channel_id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}},
	}
	for _, suffix := range []string{"", "/status", "/events"} {
		app.Get("/webhooks/:kind/:channel_id"+suffix, s.handshake)
		app.Post("/webhooks/:kind/:channel_id"+suffix, s.webhook)
		for method, summary := range map[string]string{
			http.MethodGet:  "The provider confirms the address",
			http.MethodPost: "The provider reports",
		} {
			api.OpenAPI().AddOperation(&huma.Operation{
				Method: method, Path: "/webhooks/{kind}/{channel_id}" + suffix, Tags: []string{"Webhooks"}, Summary: summary,
				OperationID: strings.ToLower(method) + "-webhook" + strings.ReplaceAll(suffix, "/", "-"), Parameters: params,
				Responses: map[string]*huma.Response{
					"200": {
						Description: "Taken: durable before this answer",
						Content: map[string]*huma.MediaType{
							"text/plain": {},
							"text/xml":   {},
						},
					}, "401": {Description: "The signature is missing or wrong"},
					"404": {Description: "No such channel"}, "413": {Description: "Too large"}, "415": {Description: "Compressed"},
					"503": {Description: "Try again"},
				},
			})
		}
	}
}

var errNoChannel = errs.New(errs.NotFound, "unknown_channel", "There is no such channel.")

// addressed returns the channel of a webhook's address, and the webhook without its body.
func (s *Service) addressed(ctx context.Context, h *fasthttp.RequestHeader) (*Connected, Webhook, error) {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(web.PathOf(h), "/webhooks/"), "/")
	id, suffix, _ := strings.Cut(rest, "/")
	ch, err := s.Connected(ctx, id)
	if errors.Is(err, store.ErrNotFound) || (err == nil && string(ch.Kind) != kind) {
		return nil, Webhook{}, errNoChannel
	}
	if err != nil {
		return nil, Webhook{}, err
	}
	_, raw, _ := strings.Cut(string(h.RequestURI()), "?")
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, Webhook{}, errs.Wrap(err, errs.Invalid, "invalid_query", "The query cannot be read.")
	}
	hook := Webhook{Method: string(h.Method()), Suffix: suffix, Header: http.Header{}, Query: query, RawQuery: raw}
	for name, value := range h.All() {
		hook.Header[string(name)] = append(hook.Header[string(name)], string(value))
	}
	return ch, hook, nil
}

func (s *Service) handshake(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), acceptTime)
	defer cancel()
	ch, hook, err := s.addressed(ctx, &c.Request().Header)
	if err != nil {
		return err
	}
	shaker, ok := ch.Adapter.(Handshaker)
	if !ok {
		return errs.New(errs.NotFound, "not_found", "This address takes POST only.")
	}
	answer, err := shaker.Handshake(ch.Account, hook)
	if err != nil {
		return errs.Wrap(err, errs.Forbidden, "verify_token_mismatch", "The verify token is not the one of this channel.")
	}
	return c.SendString(answer)
}

// mayReport says from the header alone whether a webhook may be genuine, so that its body is worth reading.
func (s *Service) mayReport(h *fasthttp.RequestHeader) error {
	ctx, cancel := context.WithTimeout(context.Background(), acceptTime)
	defer cancel()
	ch, hook, err := s.addressed(ctx, h)
	if err != nil {
		return err
	}
	for _, account := range ch.knownBy(s.Clock.Now()) {
		if err = ch.Adapter.Screen(account, hook); err == nil {
			return nil
		}
	}
	return s.refused(ch, err)
}

// refused counts a webhook that is not genuine, and says how it is answered.
func (s *Service) refused(ch *Connected, err error) error {
	if err == nil {
		return nil
	}
	s.refuse(ch.ID)
	if errors.Is(err, ErrSignatureLater) {
		return &web.RetryError{
			Cause: errs.Wrap(err, errs.Unavailable, "bad_signature", "The signature is missing or wrong."),
			After: time.Minute,
		}
	}
	return errs.Wrap(err, errs.Unauthorized, "bad_signature", "The signature is missing or wrong.")
}

// webhook makes what the body says durable and only then acknowledges it.
func (s *Service) webhook(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), acceptTime)
	defer cancel()
	ch, hook, err := s.addressed(ctx, &c.Request().Header)
	if err != nil {
		return err
	}
	hook.Body = web.RawBody(c)
	err = s.verify(ctx, ch, hook)
	if err != nil && !errors.Is(err, ErrSignature) {
		return &web.RetryError{Cause: err, After: 2 * time.Second}
	}
	if err := s.refused(ch, err); err != nil {
		return err
	}
	if err := s.Accept(ctx, ch, hook); err != nil {
		return err
	}
	s.hear(ch.ID)
	if a, ok := ch.Adapter.(Acknowledger); ok {
		kind, body := a.Acknowledge(hook)
		c.Set(fiber.HeaderContentType, kind)
		return c.SendString(body)
	}
	return c.SendStatus(fiber.StatusOK)
}

func maxBody(kind Kind) int {
	switch kind {
	case KindWhatsApp, KindMessenger, KindInstagram:
		return maxMeta
	case KindWidget:
		return maxWidget
	}
	return maxOther
}

// inbound returns the job of a webhook, and the file that keeps its body where that is large.
func (s *Service) inbound(ctx context.Context, ch *Connected, hook Webhook) (spec jobs.Spec, bodyID string, err error) {
	r := received{
		ChannelID: ch.ID, Suffix: hook.Suffix, ContentType: hook.Header.Get(fiber.HeaderContentType),
		Query: hook.Query.Encode(), Body: hook.Body,
	}
	if err := s.setAside(ctx, &r); err != nil {
		return spec, "", err
	}
	payload, err := bson.Marshal(r)
	return jobs.Spec{
		Kind: JobInbound, WorkspaceID: ch.WorkspaceID, Ref: ch.ID, Share: ch.ID, Payload: payload, Key: []string{
			ch.ID, hook.Suffix,
			string(hook.Body),
		},
	}, r.BodyID, err
}

// spoil removes the file of a body whose job was there already.
func (s *Service) spoil(ctx context.Context, bodyID string) error {
	if bodyID == "" {
		return nil
	}
	return s.Blobs.Delete(ctx, bodyID)
}

// Accept makes what a verified webhook says durable: its work done, or the body stored for it. The same body again changes nothing.
func (s *Service) Accept(ctx context.Context, ch *Connected, hook Webhook) error {
	spec, bodyID, err := s.inbound(ctx, ch, hook)
	if err == nil && bodyID == "" && !ch.Can.Mail {
		err = s.Jobs.Take(ctx, spec)
	} else if err == nil { // reading a mail may last longer than a provider waits
		var kept bool
		if kept, err = s.Jobs.Keep(ctx, spec); err == nil && !kept {
			err = s.spoil(ctx, bodyID)
		}
	}
	if errors.Is(err, store.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		return &web.RetryError{Cause: err, After: 2 * time.Second}
	}
	return err
}

// Addressed is an event together with the channel that it belongs to; nil where none is known: then Lost says why people have to look
// at it.
type Addressed struct {
	Event
	Channel *Connected
	Lost    error
}

// Read parses an inbound job: its events, each with its channel. What is for accounts that are not connected here and needs nobody is left
// out; its number is returned, for the log.
func (s *Service) Read(ctx context.Context, job *jobs.Job) (evs []Addressed, strange int, err error) {
	var r received
	if err := bson.Unmarshal(job.Payload, &r); err != nil {
		return nil, 0, err
	}
	ch, err := s.Connected(ctx, r.ChannelID)
	if err != nil {
		return nil, 0, err
	}
	query, err := url.ParseQuery(r.Query)
	if err != nil {
		return nil, 0, err
	}
	body, _, err := s.load(ctx, r, maxOther)
	if err != nil {
		return nil, 0, err
	}
	parsed, err := ch.Adapter.Parse(ch.Account, Webhook{
		Method: http.MethodPost, Suffix: r.Suffix, Header: http.Header{fiber.HeaderContentType: {r.ContentType}}, Query: query, Body: body,
	})
	if err != nil {
		return nil, 0, err
	}
	for _, ev := range parsed {
		to, lost, err := s.address(ctx, ch, ev)
		if err != nil {
			return nil, 0, err
		}
		if to == nil && lost == nil {
			strange++
			continue
		}
		evs = append(evs, Addressed{Event: ev, Channel: to, Lost: lost})
	}
	return evs, strange, nil
}
