package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wasl/auth"
	"wasl/internal/blob"
	"wasl/internal/errs"
	"wasl/internal/filetype"
	"wasl/internal/web"
	"wasl/store"
)

// UploadView is a stored file as REST shows it.
type UploadView struct {
	ID           string `json:"id"`
	Kind         string `json:"kind" enum:"image,video,audio,voice,document,sticker"`
	MIME         string `json:"mime"`
	Name         string `json:"name"`
	Size         int64  `json:"size"`
	URL          string `json:"url"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
}

// MediaRoutes adds the routes that carry files and are therefore outside of the typed API, and describes them in it.
func (s *Service) MediaRoutes(server *web.Server, guard *auth.Service) {
	app, api := server.App, server.API
	server.Allow("/api/v1/media", web.Allowance{Bytes: maxMedia + 1<<20, Time: uploadTime, Ask: guard.SignedIn})
	app.Post("/api/v1/media", func(c *fiber.Ctx) error { return s.upload(c, guard) })
	app.Get("/api/v1/media/:id", func(c *fiber.Ctx) error { return s.download(c, guard, false) })
	app.Get("/api/v1/media/:id/thumbnail", func(c *fiber.Ctx) error { return s.download(c, guard, true) })
	s.htmlRoute(server, guard)
	app.Get("/m/:token", s.linked)
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: "/m/{token}", OperationID: "get-linked-media", Tags: []string{"Inbox"},
		Summary: "A file that is being sent, for the provider", Parameters: []*huma.Param{{Name: "token", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}},
		Responses: map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{"*/*": {}}}},
	})
	secured := []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	id := []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}}
	binary := map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{"*/*": {}}}}
	view := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[UploadView](), true, "UploadView")
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodPost, Path: "/api/v1/media", OperationID: "upload-media", Summary: "Upload a file to send", Tags: []string{"Inbox"}, Security: secured,
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
				"file": {Type: "string", Format: "binary"}, "kind": {Type: "string", Description: "voice for a recording"},
			},
		}}}},
		Responses: map[string]*huma.Response{"201": {Description: "Stored", Content: map[string]*huma.MediaType{"application/json": {Schema: view}}}},
	})
	for path, summary := range map[string]string{"/api/v1/media/{id}": "A file of a message", "/api/v1/media/{id}/thumbnail": "A small picture of it"} {
		api.OpenAPI().AddOperation(&huma.Operation{
			Method: http.MethodGet, Path: path, OperationID: "get-media" + strings.ReplaceAll(strings.TrimPrefix(path, "/api/v1/media/{id}"), "/", "-"),
			Summary: summary, Tags: []string{"Inbox"}, Security: secured, Parameters: id, Responses: binary,
		})
	}
}

const (
	mediaTime = 60 * time.Second
	// uploadTime is how long the largest file may take on a slow line.
	uploadTime = 10 * time.Minute
)

func (s *Service) upload(c *fiber.Ctx, guard *auth.Service) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), mediaTime)
	defer cancel()
	v, err := guard.Viewer(ctx, c)
	if err != nil {
		return err
	}
	form, err := c.FormFile("file")
	if err != nil {
		return errs.InvalidField("missing_file", "file", "send the file as the multipart field file")
	}
	file, err := form.Open()
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	kind := c.FormValue("kind")
	if kind != "" && kind != "voice" {
		return errs.InvalidField("invalid_kind", "kind", "voice, or nothing")
	}
	m, err := s.Upload(ctx, v, form.Filename, kind, file)
	if err != nil {
		return err
	}
	view := UploadView{
		ID: m.ID, Kind: m.Kind, MIME: m.MIME, Name: m.Name, Size: m.Size, URL: "/api/v1/media/" + m.ID, Width: m.Width, Height: m.Height,
	}
	if m.Thumbnail {
		view.ThumbnailURL = view.URL + "/thumbnail"
	}
	return c.Status(fiber.StatusCreated).JSON(view)
}

// inline types are shown by browsers as what they are and can run nothing.
var inline = map[string]bool{
	"image/jpeg": true, "image/png": true, "image/webp": true, "image/gif": true, "application/pdf": true,
	"video/mp4": true, "video/3gpp": true, "video/webm": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/aac": true, "audio/ogg": true, "audio/amr": true, "audio/webm": true, "audio/wav": true, "audio/x-wav": true, "audio/x-m4a": true,
}

func (s *Service) download(c *fiber.Ctx, guard *auth.Service, thumb bool) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), mediaTime)
	defer cancel()
	v, err := guard.Viewer(ctx, c)
	if err != nil {
		return err
	}
	m, err := s.File(ctx, v, c.Params("id"))
	if err != nil {
		return err
	}
	return s.SendFile(c, m, thumb)
}

// SendFile answers with a file that the caller may see, or with the small picture of it.
func (s *Service) SendFile(c *fiber.Ctx, m *Media, thumb bool) error {
	id, mimeType := m.ID, m.MIME
	if thumb {
		if !m.Thumbnail {
			return store.ErrNotFound
		}
		id, mimeType = thumbID(m.ID), "image/jpeg"
	}
	return s.serve(c, m, id, mimeType)
}

// linked serves a file to a provider, which is to know its true type.
func (s *Service) linked(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), mediaTime)
	defer cancel()
	id, err := s.linkedID(c.Params("token"))
	if err != nil {
		return store.ErrNotFound
	}
	m, err := s.media.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := s.serve(c, m, m.ID, m.MIME); err != nil {
		return err
	}
	if !filetype.Active(m.MIME) {
		c.Set(fiber.HeaderContentType, m.MIME)
	}
	return nil
}

// serve answers with a stored file.
func (s *Service) serve(c *fiber.Ctx, m *Media, id, mimeType string) error {
	disposition := "inline"
	if !inline[mimeType] {
		disposition, mimeType = "attachment", "application/octet-stream"
	}
	if c.Query("download") == "1" {
		disposition = "attachment"
	}
	name := m.Name
	if name == "" {
		name = m.ID
	}
	content, size, err := s.Blobs.Open(context.WithoutCancel(c.UserContext()), id)
	if errors.Is(err, blob.ErrNotFound) {
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, mimeType)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType(disposition, map[string]string{"filename": name}))
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'")
	c.Set(fiber.HeaderCacheControl, "private, max-age=31536000, immutable")
	return stream(c, content, size)
}

// stream answers with the content, or with the one range of it that was asked for, as players do.
func stream(c *fiber.Ctx, content io.ReadSeekCloser, size int64) error {
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	from, to, partial := parseRange(c.Get(fiber.HeaderRange), size)
	if partial && from > to {
		_ = content.Close()
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", size))
		return c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable)
	}
	if partial {
		if _, err := content.Seek(from, io.SeekStart); err != nil {
			_ = content.Close()
			return err
		}
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", from, to, size))
		c.Status(fiber.StatusPartialContent)
	}
	length := to - from + 1
	return c.SendStream(struct {
		io.Reader
		io.Closer
	}{io.LimitReader(content, length), content}, int(length))
}

// parseRange understands one range of bytes; anything else is the whole. from > to: it cannot be satisfied.
func parseRange(header string, size int64) (from, to int64, partial bool) {
	whole := func() (int64, int64, bool) { return 0, size - 1, false }
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return whole()
	}
	first, last, ok := strings.Cut(spec, "-")
	if !ok {
		return whole()
	}
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < 0 {
			return whole()
		}
		return max(0, size-n), size - 1, true
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return whole()
	}
	to = size - 1
	if last != "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < from {
			return whole()
		}
		to = min(n, size-1)
	}
	return from, to, true
}
