package inbox

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wasl/auth"
	"wasl/files"
	"wasl/internal/richtext"
	"wasl/internal/web"
)

const (
	// maxInline bounds the pictures that are shown inside a formatted text.
	maxInline = 8 << 20
	htmlTime  = 60 * time.Second
)

// HTMLRoute adds the page of a message's formatted text, which is to be shown in a frame of its own.
func (s *Service) HTMLRoute(server *web.Server, guard *auth.Service) {
	server.App.Get("/api/v1/messages/:id/html", func(c *fiber.Ctx) error { return s.showHTML(c, guard) })
	server.API.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: "/api/v1/messages/{id}/html", OperationID: "get-message-html", Tags: []string{"Inbox"},
		Summary:     "The formatted text of a mail, made safe",
		Description: "For a sandboxed frame: nothing in it runs, and nothing is loaded from elsewhere unless images=1 asks for pictures.",
		Security:    []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}},
			{
				Name: "images", In: "query", Schema: &huma.Schema{Type: "string", Enum: []any{"0", "1"}},
				Description: "1 loads pictures from elsewhere, which tells their owner",
			},
		},
		Responses: map[string]*huma.Response{"200": {Description: "The page", Content: map[string]*huma.MediaType{"text/html": {}}}},
	})
}

func (s *Service) showHTML(c *fiber.Ctx, guard *auth.Service) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), htmlTime)
	defer cancel()
	v, err := guard.Viewer(ctx, c)
	if err != nil {
		return err
	}
	m, err := s.messages.Get(ctx, c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := s.Conversation(ctx, v, m.ConversationID); err != nil {
		return err
	}
	clean, err := s.cleanHTML(ctx, m)
	if err != nil {
		return err
	}
	remote := c.Query("images") == "1"
	safe := richtext.Place(clean, richtext.Images{Inline: s.inlineOf(ctx, m), Remote: remote})
	from := "data:"
	if remote {
		from = "data: https: http:"
	}
	c.Set(fiber.HeaderContentSecurityPolicy,
		"default-src 'none'; style-src 'unsafe-inline'; img-src "+from+"; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox")
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.SendString(`<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width"><style>` +
		`body{margin:8px;font:15px/1.5 system-ui,sans-serif;color:#1c1c1e;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}blockquote{margin:0;margin-inline-start:8px;padding-inline-start:8px;border-inline-start:2px solid #ccc}` +
		`</style><body dir="auto">` + safe)
}

// inlineOf returns the pictures that came with the mail, as addresses that need nothing to be loaded.
func (s *Service) inlineOf(ctx context.Context, m *Message) func(contentID string) string {
	room := int64(maxInline)
	made := map[string]string{}
	return func(contentID string) string {
		if address, ok := made[contentID]; ok {
			return address
		}
		for _, a := range m.Attachments {
			if a.ContentID != contentID || files.Kind(a.Kind) != files.Image || a.Size > room {
				continue
			}
			r, err := s.Files.Open(ctx, a.ID)
			if err != nil {
				continue
			}
			data, err := io.ReadAll(io.LimitReader(r, maxInline))
			_ = r.Close()
			if err == nil {
				room -= int64(len(data))
				made[contentID] = "data:" + a.MIME + ";base64," + base64.StdEncoding.EncodeToString(data)
				return made[contentID]
			}
		}
		return ""
	}
}
