package messaging

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"wasl/channels"
	"wasl/channels/meta"
	"wasl/internal/httpclient"
)

// maxMedia is more than the platform lets people send.
const maxMedia = 100 << 20

// nameIn finds a document's name in its address.
func nameIn(address, kind string) string {
	u, err := url.Parse(address)
	if err != nil || kind != "document" || path.Ext(u.Path) == "" {
		return ""
	}
	return meta.FileName(path.Base(u.Path))
}

// FetchMedia opens a file at the address that the webhook named. The addresses are signed, need no token and end soon;
// that of a story ends with the story.
func (a *Adapter) FetchMedia(ctx context.Context, account channels.Account, file channels.Attachment) (channels.Media, error) {
	if address(file.SourceURL) == "" {
		return channels.Media{}, a.gone(&meta.Error{Status: http.StatusGone, Cause: errors.New("no address")})
	}
	resp, err := a.graph.Download(ctx, account.BaseURL, "", file.SourceURL) //nolint:bodyclose // the caller reads and closes it
	if err != nil {
		return channels.Media{}, a.gone(err)
	}
	return channels.Media{
		Content: struct {
			io.Reader
			io.Closer
		}{httpclient.Limit(resp.Body, maxMedia), resp.Body},
		MIME: meta.MediaType(resp.Header.Get("Content-Type")),
		Name: disposition(resp.Header, file.Name),
		Size: resp.ContentLength,
	}, nil
}

// disposition is the name that the host gives the file, else the one that is known.
func disposition(h http.Header, known string) string {
	_, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	if name := meta.FileName(params["filename"]); err == nil && name != "" {
		return name
	}
	return known
}

// gone tells a file that is no longer there from a passing failure. What the file's host refuses says nothing about the
// channel's token.
func (a *Adapter) gone(err error) *channels.SendError {
	var e *meta.Error
	if !errors.As(err, &e) || e.Status < 400 || e.Status >= 500 || e.Status == http.StatusTooManyRequests {
		return a.explain(err, true)
	}
	return refused("media_unavailable", a.dialect.Name+" no longer has the file", "Ask the customer to send it again.", err)
}

// UploadsLast is how long the platform certainly keeps a file for an account: it says 90 days.
const UploadsLast = 60 * 24 * time.Hour

// Upload gives a file to the platform.
// https://developers.facebook.com/docs/messenger-platform/reference/attachment-upload-api
func (a *Adapter) Upload(ctx context.Context, account channels.Account, file channels.Attachment, content io.Reader) (string, error) {
	kind := fileType(file)
	r := a.request(account, http.MethodPost, a.dialect.Route(account).Node+"/message_attachments")
	message := `{"attachment":{"type":"` + kind + `","payload":{"is_reusable":true}}}`
	var answer struct {
		ID meta.Text `json:"attachment_id"`
	}
	err := a.graph.Upload(ctx, r, map[string]string{"message": message}, meta.File{
		Field: "filedata", Name: meta.First(file.Name, kind+extension(file.MIME)), MIME: file.MIME, Size: file.Size, Content: content,
	}, &answer)
	if err == nil && answer.ID == "" {
		err = &meta.Error{Status: http.StatusOK, Written: true, Cause: errors.New("the answer names no file")}
	}
	if err != nil {
		return "", a.explain(err, true)
	}
	return string(answer.ID), nil
}

// extension of a type, by which the platform knows what a file is; empty where the type does not say it.
func extension(kind string) string {
	_, minor, _ := strings.Cut(kind, "/")
	if minor == "" || strings.ContainsAny(minor, "-.+") {
		return ""
	}
	return "." + minor
}
