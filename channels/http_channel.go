package channels

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

// ChannelView is a channel as REST shows it: never with its credentials.
type ChannelView struct {
	ID            string            `json:"id"`
	Kind          Kind              `json:"kind" enum:"whatsapp,messenger,instagram,sms,email,widget"`
	Name          string            `json:"name"`
	Status        string            `json:"status" enum:"active,paused,error"`
	Error         *Trouble          `json:"error"`
	Account       string            `json:"account" doc:"The provider's id of the account"`
	WebhookURL    string            `json:"webhook_url" doc:"The address to give to the provider"`
	Settings      map[string]string `json:"settings" nullable:"false" doc:"The credentials that are no secret; only a website has some"`
	APIBaseURL    string            `json:"api_base_url"`
	Capabilities  CapabilitiesView  `json:"capabilities"`
	LastInboundAt *web.Time         `json:"last_inbound_at" doc:"When the last message of a customer came"`
	Health        HealthView        `json:"health"`
	CreatedAt     web.Time          `json:"created_at"`
}

// CapabilitiesView tells the composer what the channel can do and allows.
type CapabilitiesView struct {
	WindowSeconds int             `json:"window_seconds" doc:"How long after the customer's last message free-form answers are allowed; 0: always"`
	HumanSeconds  int             `json:"human_window_seconds" doc:"How long a person may answer, where that is longer than for programs; 0: no longer"`
	TextMax       int             `json:"text_max"`
	TextBytes     int             `json:"text_bytes" doc:"Likewise, in bytes of UTF-8; 0: no such limit"`
	CaptionMax    int             `json:"caption_max"`
	Media         []MediaRuleView `json:"media" nullable:"false"`
	Templates     bool            `json:"templates"`
	Interactive   InteractiveView `json:"interactive"`
	Location      bool            `json:"location"`
	Contacts      bool            `json:"contacts"`
	Reactions     bool            `json:"reactions"`
	ReactionSet   []string        `json:"reaction_set" nullable:"false" doc:"The only emoji to react with; empty: any"`
	Replies       bool            `json:"replies"`
	ReadReceipts  bool            `json:"read_receipts"`
	Typing        bool            `json:"typing"`
	Format        string          `json:"format"`
	FilesMax      int             `json:"files_max" doc:"How many files one message carries"`
	Mail          bool            `json:"mail" doc:"A message has a subject, copies and formatted text"`
	Segments      bool            `json:"segments" doc:"A text is sent in parts: 160 or 153 characters each, 70 or 67 with letters outside of GSM-7"`
}

// MediaRuleView allows one kind of attachment.
type MediaRuleView struct {
	Kind      string   `json:"kind" enum:"image,video,audio,voice,document,sticker"`
	MIME      []string `json:"mime" nullable:"false"`
	MaxBytes  int64    `json:"max_bytes"`
	NoCaption bool     `json:"no_caption" doc:"No text may stand beside it"`
}

// InteractiveView limits buttons and lists.
type InteractiveView struct {
	Buttons         int `json:"buttons"`
	ButtonTitleMax  int `json:"button_title_max"`
	Rows            int `json:"rows"`
	RowTitleMax     int `json:"row_title_max"`
	RowTextMax      int `json:"row_text_max"`
	SectionTitleMax int `json:"section_title_max"`
	BodyMax         int `json:"body_max"`
	HeaderMax       int `json:"header_max"`
	FooterMax       int `json:"footer_max"`

	Link            bool `json:"link"`
	LocationRequest bool `json:"location_request"`
	ContactRequest  bool `json:"contact_request"`
}

func (s *Service) view(ch *Channel) ChannelView {
	v := ChannelView{
		ID: ch.ID, Kind: ch.Kind, Name: ch.Name, Status: ch.Status, Error: ch.Problem, Account: ch.Account,
		WebhookURL: s.webhookURL(ch), APIBaseURL: ch.BaseURL, CreatedAt: web.At(ch.CreatedAt),
		Health: s.health(ch), Settings: s.settings(ch),
	}
	v.LastInboundAt = v.Health.LastInboundAt
	if a := s.adapters[ch.Kind]; a != nil {
		v.Capabilities = viewCapabilities(a.Capabilities())
	}
	return v
}

// settings are the credentials that people see again.
func (s *Service) settings(ch *Channel) map[string]string {
	shown := map[string]string{}
	if s.adapters[ch.Kind] == nil {
		return shown
	}
	var all map[string]string
	for _, c := range s.adapters[ch.Kind].Credentials() {
		if !c.Shown {
			continue
		}
		if all == nil {
			all, _ = s.open(ch) // what cannot be opened is not shown
		}
		shown[c.Name] = all[c.Name]
	}
	return shown
}

func viewCapabilities(c Capabilities) CapabilitiesView {
	v := CapabilitiesView{
		WindowSeconds: int(c.Window / time.Second), HumanSeconds: int(c.HumanWindow / time.Second), TextMax: c.TextMax,
		TextBytes: c.TextBytes, CaptionMax: c.CaptionMax, Templates: c.Templates,
		Interactive: InteractiveView(c.Interactive), Location: c.Location, Contacts: c.Contacts, Reactions: c.Reactions,
		Replies: c.Replies, ReadReceipts: c.ReadReceipts, Typing: c.Typing, Format: c.Format, FilesMax: max(1,
			c.FilesMax), Segments: c.Segments, Mail: c.Mail, Media: []MediaRuleView{},
		ReactionSet: append([]string{}, c.ReactionSet...),
	}
	for _, m := range c.Media {
		v.Media = append(v.Media, MediaRuleView(m))
	}
	return v
}

// Routes adds this package's typed routes.
func (s *Service) Routes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string, p access.Permission) huma.Operation {
		return guard.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Channels"}}, p)
	}
	huma.Register(api, op(http.MethodGet, "/api/v1/channels", "list-channels", "The connected channels", access.ReadChannels), s.list)
	create := op(http.MethodPost, "/api/v1/channels", "create-channel", "Connect a channel", access.ManageChannels)
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, s.create)
	huma.Register(api, op(http.MethodGet, "/api/v1/channels/{id}", "get-channel", "One channel", access.ReadChannels), s.get)
	huma.Register(api, op(http.MethodGet, "/api/v1/channels/{id}/health", "get-channel-health",
		"Whether a channel works, and what is wrong", access.ReadChannels), s.getHealth)
	huma.Register(api, op(http.MethodPatch, "/api/v1/channels/{id}", "patch-channel", "Change a channel", access.ManageChannels), s.patch)
	huma.Register(api, op(http.MethodDelete, "/api/v1/channels/{id}", "delete-channel", "Disconnect a channel", access.ManageChannels),
		s.delete)
	s.authorizeRoutes(api, guard)
	s.checkRoute(api, op(http.MethodPost, "/api/v1/channels/{id}/check", "check-channel", "Ask the provider whether the channel works",
		access.ManageChannels))
	huma.Register(api, op(http.MethodGet, "/api/v1/channels/{id}/templates", "list-templates", "The channel's message templates",
		access.ReadChannels), s.listTemplates)
	huma.Register(api, op(http.MethodPost, "/api/v1/channels/{id}/templates/sync", "sync-templates", "Ask the provider for the templates",
		access.ReadChannels), s.syncTemplates)
}

func (s *Service) list(ctx context.Context, in *web.Page) (*web.Body[web.List[ChannelView]], error) {
	found, next, err := s.List(ctx, auth.From(ctx).WorkspaceID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	channelIDs := make([]string, 0, len(found))
	for _, ch := range found {
		channelIDs = append(channelIDs, ch.ID)
	}
	if err := s.refresh(ctx, channelIDs...); err != nil {
		return nil, err
	}
	views := make([]ChannelView, 0, len(found))
	for _, ch := range found {
		views = append(views, s.view(ch))
	}
	return web.Items(views, next), nil
}

type channelCreateInput struct {
	Body struct {
		Kind        Kind              `json:"kind" enum:"whatsapp,messenger,instagram,sms,email,widget"`
		Name        string            `json:"name" minLength:"1" maxLength:"120"`
		Credentials map[string]string `json:"credentials" doc:"Write-only"`
		APIBaseURL  string            `json:"api_base_url,omitempty" maxLength:"500" doc:"Replaces scheme and host of the provider's address"`
	}
}

func (s *Service) create(ctx context.Context, in *channelCreateInput) (*web.Body[ChannelView], error) {
	ch, err := s.Create(ctx, auth.From(ctx).WorkspaceID, New{
		Kind: in.Body.Kind, Name: in.Body.Name, Credentials: in.Body.Credentials, BaseURL: in.Body.APIBaseURL,
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(s.view(ch)), nil
}

type idInput struct {
	ID string `path:"id"`
}

func (s *Service) get(ctx context.Context, in *idInput) (*web.Body[ChannelView], error) {
	c, err := s.Of(ctx, auth.From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.refresh(ctx, c.ID); err != nil {
		return nil, err
	}
	return web.Answer(s.view(&c.Channel)), nil
}

type channelPatchInput struct {
	ID   string `path:"id"`
	Body struct {
		Name        *string           `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Credentials map[string]string `json:"credentials,omitempty" doc:"Only those to replace"`
		APIBaseURL  *string           `json:"api_base_url,omitempty" maxLength:"500"`
		Status      *string           `json:"status,omitempty" enum:"active,paused"`
		EndOld      bool              `json:"end_old_credentials,omitempty" doc:"Webhooks under replaced credentials are refused from now on, not only after a day: for a secret that leaked"`
	}
}

func (s *Service) patch(ctx context.Context, in *channelPatchInput) (*web.Body[ChannelView], error) {
	ch, err := s.Change(ctx, auth.From(ctx).WorkspaceID, in.ID, Patch{
		Name: in.Body.Name, Credentials: in.Body.Credentials, BaseURL: in.Body.APIBaseURL, Status: in.Body.Status, EndOld: in.Body.EndOld,
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(s.view(ch)), nil
}

func (s *Service) delete(ctx context.Context, in *idInput) (*struct{}, error) {
	return nil, s.Remove(ctx, auth.From(ctx).WorkspaceID, in.ID)
}

func (s *Service) listTemplates(ctx context.Context, in *idInput) (*web.Body[web.List[Template]], error) {
	c, err := s.Of(ctx, auth.From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	found, err := s.Templates(ctx, c.WorkspaceID, c.ID)
	if err != nil {
		return nil, err
	}
	return web.Items(found, ""), nil
}

func (s *Service) syncTemplates(ctx context.Context, in *idInput) (*web.Body[web.List[Template]], error) {
	c, err := s.Of(ctx, auth.From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Sync(ctx, c); err != nil {
		return nil, s.explain(ctx, c, err)
	}
	return s.listTemplates(ctx, in)
}
