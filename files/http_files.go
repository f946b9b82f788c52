package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wasl/internal/access"
	"wasl/internal/blob"
	"wasl/internal/errs"
	"wasl/internal/filetype"
	"wasl/internal/web"
	"wasl/store"
)

// UploadView is a stored file as REST shows it.
type UploadView struct {
	ID           string `json:"id"`
	Kind         Kind   `json:"kind" enum:"image,video,audio,voice,document,sticker"`
	MIME         string `json:"mime"`
	Name         string `json:"name"`
	Size         int64  `json:"size"`
	URL          string `json:"url"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
}

// Guard authenticates requests.
type Guard interface {
	// Viewer returns who is calling.
	Viewer(ctx context.Context, c *fiber.Ctx) (access.Viewer, error)
	// SignedIn asks for the caller of a request of which only the header is here.
	SignedIn(h *fasthttp.RequestHeader) error
}

// Routes adds the routes that carry files and are therefore outside of the typed API, and describes them in it.
func (s *Service) Routes(server *web.Server, guard Guard) {
	app, api := server.App, server.API
	server.Allow("/api/v1/media", web.Allowance{Bytes: MaxSize + 1<<20, Time: uploadTime, Ask: guard.SignedIn, Stream: true})
	app.Post("/api/v1/media", func(c *fiber.Ctx) error { return s.upload(c, guard) })
	app.Get("/api/v1/media/:id", func(c *fiber.Ctx) error { return s.download(c, guard, false) })
	app.Get("/api/v1/media/:id/thumbnail", func(c *fiber.Ctx) error { return s.download(c, guard, true) })
	app.Get("/m/:token", s.linked)
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: "/m/{token}", OperationID: "get-linked-media", Tags: []string{"Inbox"},
		Summary: "A file that is being sent, for the provider", Parameters: []*huma.Param{{
			Name: "token", In: "path", Required: true,
			Schema: &huma.Schema{Type: "string"},
		}},
		Responses: map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{"*/*": {}}}},
	})
	secured := []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	id := []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}}
	binary := map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{"*/*": {}}}}
	view := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[UploadView](), true, "UploadView")
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodPost, Path: "/api/v1/media", OperationID: "upload-media", Summary: "Upload a file to send",
		Tags: []string{"Inbox"}, Security: secured,
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
				"file": {Type: "string", Format: "binary"}, "kind": {Type: "string", Description: "voice for a recording"},
			},
		}}}},
		Responses: map[string]*huma.Response{"201": {
			Description: "Stored",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: view}},
		}},
	})
	for path, summary := range map[string]string{
		"/api/v1/media/{id}":           "A file of a message",
		"/api/v1/media/{id}/thumbnail": "A small picture of it",
	} {
		api.OpenAPI().AddOperation(&huma.Operation{
			Method: http.MethodGet, Path: path, OperationID: "get-media" +
				strings.ReplaceAll(strings.TrimPrefix(path, "/api/v1/media/{id}"), "/", "-"),
			Summary: summary, Tags: []string{"Inbox"}, Security: secured, Parameters: id, Responses: binary,
		})
	}
}

const (
	requestTime = 60 * time.Second
	// uploadTime is how long the largest file may take on a slow line.
	uploadTime = 10 * time.Minute
)

func (s *Service) upload(c *fiber.Ctx, guard Guard) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), uploadTime+requestTime)
	defer cancel()
	v, err := guard.Viewer(ctx, c)
	if err != nil {
		return err
	}
	var f *File
	var kind Kind
	err = web.ReadForm(c, func(part *multipart.Part) (err error) {
		f, err = s.receive(ctx, New{WorkspaceID: v.WorkspaceID, CreatedBy: v.UserID, Name: part.FileName()}, part)
		return err
	}, func(name, text string) {
		if name == "kind" {
			kind = Kind(text)
		}
	})
	switch {
	case err != nil:
		return err
	case kind == Voice:
		f.Kind = Voice
	case kind != "":
		return errs.InvalidField("invalid_kind", "kind", "voice, or nothing")
	}
	if err := s.keep(ctx, f); err != nil {
		return err
	}
	view := UploadView{
		ID: f.ID, Kind: f.Kind, MIME: f.MIME, Name: f.Name, Size: f.Size, URL: "/api/v1/media/" + f.ID, Width: f.Width, Height: f.Height,
	}
	if f.Thumbnail {
		view.ThumbnailURL = view.URL + "/thumbnail"
	}
	return c.Status(fiber.StatusCreated).JSON(view)
}

// inline types are shown by browsers as what they are and can run nothing.
var inline = map[string]bool{
	"image/jpeg": true, "image/png": true, "image/webp": true, "image/gif": true, "application/pdf": true,
	"video/mp4": true, "video/3gpp": true, "video/webm": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/aac": true, "audio/ogg": true, "audio/amr": true, "audio/webm": true, "audio/wav": true,
	"audio/x-wav": true, "audio/x-m4a": true,
}

func (s *Service) download(c *fiber.Ctx, guard Guard, thumbnail bool) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), requestTime)
	defer cancel()
	v, err := guard.Viewer(ctx, c)
	if err != nil {
		return err
	}
	f, err := s.Seen(ctx, v, c.Params("id"))
	if err != nil {
		return err
	}
	return s.Send(c, f, thumbnail)
}

// Send answers with a file that the caller may see, or with the small picture of it.
func (s *Service) Send(c *fiber.Ctx, f *File, thumbnail bool) error {
	if !thumbnail {
		return s.send(c, f, f.ID, f.MIME)
	}
	if !f.Thumbnail {
		return store.ErrNotFound
	}
	return s.send(c, f, thumbnailID(f.ID), "image/jpeg")
}

// linked answers with a file to a provider, which is to know its true type.
func (s *Service) linked(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), requestTime)
	defer cancel()
	id, err := s.Linked(c.Params("token"))
	if err != nil {
		return store.ErrNotFound
	}
	f, err := s.files.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := s.send(c, f, f.ID, f.MIME); err != nil {
		return err
	}
	if !filetype.Active(f.MIME) {
		c.Set(fiber.HeaderContentType, f.MIME)
	}
	return nil
}

// send answers with one of a file's blobs.
func (s *Service) send(c *fiber.Ctx, f *File, blobID, mimeType string) error {
	disposition := "inline"
	if !inline[mimeType] {
		disposition, mimeType = "attachment", "application/octet-stream"
	}
	if c.Query("download") == "1" {
		disposition = "attachment"
	}
	content, size, err := s.Blobs.Open(context.WithoutCancel(c.UserContext()), blobID)
	if errors.Is(err, blob.ErrNotFound) {
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, mimeType)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType(disposition, map[string]string{"filename": cmp.Or(f.Name, f.ID)}))
	c.Set(fiber.HeaderContentSecurityPolicy,
		"default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'")
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

// parseRange understands one range of bytes; anything else is the whole, as RFC 9110 has it (14.2). from > to: it cannot be satisfied. The
// web framework's own refuses what cannot be read, and more bytes from the end than there are.
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
