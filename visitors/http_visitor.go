package visitors

import (
	"context"
	"mime/multipart"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"wasl/channels"
	"wasl/channels/widget"
	"wasl/files"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/limit"
	"wasl/internal/web"
	"wasl/realtime"
)

// prefix is where everything for visitors lies but what they write: that goes to hooks.
const (
	prefix = "/widget/"
	hooks  = "/webhooks/widget/"
	// formHead is how much the form may take around a file.
	formHead = 16 << 10
)

// Options are what the service is made of.
type Options struct {
	Channels *channels.Service
	Inbox    *inbox.Service
	Files    *files.Service
	Hub      *realtime.Hub
	Limiter  limit.Limiter
	Clock    clock.Clock
}

// Service answers visitors.
type Service struct{ Options }

// NewService returns the service.
func NewService(o Options) *Service { return &Service{o} }

// Guard stands before the webhook of website channels, which pages of other sites call; it belongs before the webhooks' own routes.
func (s *Service) Guard(server *web.Server) {
	server.App.Use(hooks+":channel_id", s.admit)
}

// Routes adds what visitors' browsers ask for.
func (s *Service) Routes(server *web.Server) {
	app, api := server.App, server.API
	server.Allow(prefix, web.Allowance{Bytes: widget.MaxFile + formHead, Time: uploadTime, Ask: s.mayUpload, Stream: true})
	app.Use(prefix+":channel_id", s.admit)
	op := func(method, path, id, summary string, errors ...int) huma.Operation {
		return huma.Operation{
			Method: method, Path: prefix + "{channel_id}" + path, OperationID: id, Summary: summary, Tags: []string{"Website chat"},
			Errors: append(errors, 403, 404, 429, 503),
		}
	}
	huma.Register(api, op(http.MethodGet, "", "get-widget", "What the chat looks like, and whether somebody is there"), s.settings)
	start := op(http.MethodPost, "/visitor", "start-visitor", "Begin or go on as a visitor")
	start.Description = "With a valid token in Authorization the visitor stays the same; otherwise this is a new one."
	huma.Register(api, start, s.start)
	history := op(http.MethodGet, "/messages", "list-visitor-messages", "The visitor's own conversation, newest first", 401)
	history.Security = visitorOnly
	huma.Register(api, history, s.history)
	s.fileRoutes(app, api)
	s.Hub.GuestRoute(app, prefix+":channel_id/ws", func(ctx context.Context, c *fiber.Ctx) (realtime.Guest, error) {
		ch, err := s.channel(ctx, c.Params("channel_id"))
		if err != nil {
			return realtime.Guest{}, err
		}
		v, err := s.visitor(ch, token(c), false)
		return realtime.Guest{WorkspaceID: ch.WorkspaceID, ID: v.ID, Conversation: func(ctx context.Context) (string, access.Audience,
			error,
		) {
			return s.Inbox.VisitorAudience(ctx, v)
		}}, err
	})
	query := func(name, kind string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: kind}}
	}
	socket := op(http.MethodGet, "/ws", "visitor-socket", "The visitor's live socket (WebSocket)")
	socket.Description = "message.created, message.updated and conversation.updated (read_to) of the visitor's conversation in the visitor's view, and typing. The client may send {type: ping} and {type: typing, data: {typing: true or false}}."
	socket.Security, socket.Parameters = visitorOnly, []*huma.Param{
		channelParam, query("token", "string"), query("since", "integer"),
		query("epoch", "string"),
	}
	socket.Responses = map[string]*huma.Response{"101": {Description: "Switching protocols"}}
	api.OpenAPI().AddOperation(&socket)
}

// visitorOnly and channelParam are constants of the document.
var (
	visitorOnly  = []map[string][]string{{"visitor": {}}}
	channelParam = &huma.Param{Name: "channel_id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}
)

// Call is what every request of a visitor's browser carries.
type Call struct {
	ChannelID     string `path:"channel_id"`
	Authorization string `header:"Authorization" hidden:"true"`
	address       string
}

// Resolve takes the caller's address from the connection.
func (in *Call) Resolve(ctx huma.Context) []error {
	in.address = web.Client(humafiber.Unwrap(ctx))
	return nil
}

func (in *Call) token() string {
	const bearer = len("Bearer ")
	return in.Authorization[min(bearer, len(in.Authorization)):]
}

type websiteView struct {
	Title    string `json:"title"`
	Greeting string `json:"greeting"`
	Colour   string `json:"colour"`
	Language string `json:"language" enum:",en,he,ar" doc:"Empty: that of the page"`
	Online   bool   `json:"online" doc:"Somebody is there to answer"`
}

func (s *Service) settings(ctx context.Context, in *Call) (*web.Body[websiteView], error) {
	ch, err := s.channel(ctx, in.ChannelID)
	if err != nil {
		return nil, err
	}
	is := widget.SettingsOf(ch.Account)
	title := is.Title
	if title == "" {
		title = ch.Name
	}
	return web.Answer(websiteView{
		Title: title, Greeting: is.Greeting, Colour: is.Colour, Language: is.Language,
		Online: ch.Status == channels.Active && s.Hub.Attended(ch.WorkspaceID),
	}), nil
}

type visitorView struct {
	Visitor    string `json:"visitor"`
	Token      string `json:"token" doc:"For Authorization: Bearer, kept by the browser"`
	FilesToken string `json:"files_token" doc:"For ?token= in the addresses of files: opens nothing else, for a day or two"`
	New        bool   `json:"new"`
}

func (s *Service) start(ctx context.Context, in *Call) (*web.Body[visitorView], error) {
	ch, err := s.channel(ctx, in.ChannelID)
	if err != nil {
		return nil, err
	}
	v, err := s.visitor(ch, in.token(), false)
	view := visitorView{Visitor: v.ID, New: err != nil}
	if view.New {
		if err := s.slow(ctx, "visit-new:"+in.address, perArrival); err != nil {
			return nil, err
		}
		view.Visitor = widget.NewVisitor()
	}
	view.Token, view.FilesToken = widget.Tokens(ch.Account, view.Visitor, s.Clock.Now())
	return web.Answer(view), nil
}

type historyInput struct {
	Call
	Before string `query:"before" maxLength:"100" doc:"A message id: what came before it"`
}

func (s *Service) history(ctx context.Context, in *historyInput) (*web.Body[inbox.VisitorThread], error) {
	ch, err := s.channel(ctx, in.ChannelID)
	if err != nil {
		return nil, err
	}
	v, err := s.visitor(ch, in.token(), false)
	if err != nil {
		return nil, err
	}
	thread, err := s.Inbox.VisitorThread(ctx, v, in.Before)
	if err != nil {
		return nil, err
	}
	return web.Answer(thread), nil
}

const (
	// uploadTime is how long the largest file may take on a slow line, fileTime how long it takes to look one up.
	uploadTime = 5 * time.Minute
	fileTime   = 20 * time.Second
)

func (s *Service) fileRoutes(app *fiber.App, api huma.API) {
	app.Post(prefix+":channel_id/media", s.upload)
	file := prefix + ":channel_id/messages/:message_id/media/:id"
	app.Get(file, func(c *fiber.Ctx) error { return s.download(c, false) })
	app.Get(file+"/thumbnail", func(c *fiber.Ctx) error { return s.download(c, true) })
	view := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[visitorUploadView](), true, "")
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodPost, Path: prefix +
			"{channel_id}/media", OperationID: "visitor-upload", Summary: "Upload a file to send", Tags: []string{"Website chat"},
		Security: visitorOnly, Parameters: []*huma.Param{channelParam},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}},
		}}}},
		Responses: map[string]*huma.Response{"201": {
			Description: "Stored",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: view}},
		}},
	})
	text := func(name string) *huma.Param {
		return &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}
	}
	for suffix, summary := range map[string]string{"": "A file of the visitor's conversation", "/thumbnail": "A small picture of it"} {
		id := "visitor-file"
		if suffix != "" {
			id = "visitor-thumbnail"
		}
		api.OpenAPI().AddOperation(&huma.Operation{
			Method: http.MethodGet, Path: prefix + "{channel_id}/messages/{message_id}/media/{id}" +
				suffix, OperationID: id, Summary: summary,
			Tags: []string{"Website chat"}, Security: visitorOnly, Parameters: []*huma.Param{channelParam, text("message_id"), text("id")},
			Responses: map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{"*/*": {}}}},
		})
	}
}

type visitorUploadView struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	MIME string `json:"mime"`
	Name string `json:"name"`
	Size int64  `json:"size"`
}

func (s *Service) upload(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), uploadTime+fileTime)
	defer cancel()
	ch, err := s.channel(ctx, c.Params("channel_id"))
	if err != nil {
		return err
	}
	v, err := s.visitor(ch, token(c), false)
	if err != nil {
		return err
	}
	if err := s.mayStore(ctx, c, v); err != nil {
		return err
	}
	var m *files.File
	err = web.ReadForm(c, func(part *multipart.Part) (err error) {
		n := files.New{WorkspaceID: ch.WorkspaceID, CreatedBy: v.ID, Name: part.FileName()}
		m, err = s.Files.Upload(ctx, n, part)
		return err
	}, func(string, string) {})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(visitorUploadView{ID: m.ID, Kind: string(m.Kind), MIME: m.MIME, Name: m.Name, Size: m.Size})
}

func (s *Service) download(c *fiber.Ctx, thumb bool) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), fileTime)
	defer cancel()
	ch, err := s.channel(ctx, c.Params("channel_id"))
	if err != nil {
		return err
	}
	v, err := s.visitor(ch, token(c), true)
	if err != nil {
		return err
	}
	m, err := s.Inbox.VisitorFile(ctx, v, c.Params("message_id"), c.Params("id"))
	if err != nil {
		return err
	}
	c.Set("Cross-Origin-Resource-Policy", "cross-origin") // pages of the company's sites show it
	return s.Files.Send(c, m, thumb)
}
