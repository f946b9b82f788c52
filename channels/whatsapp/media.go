package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/url"

	"wasl/channels"
	"wasl/channels/meta"
	"wasl/internal/httpclient"
)

// ErrCorrupt means that a file is not the one whose checksum the platform stated.
var ErrCorrupt = errors.New("whatsapp: file differs from its checksum")

type mediaAnswer struct {
	URL    string `json:"url"`
	MIME   text   `json:"mime_type"`
	SHA256 text   `json:"sha256"`
	Size   int64  `json:"file_size"`
}

// FetchMedia asks for the file's address, which lives five minutes, and opens it with the same token. Ids from
// webhooks live seven days. An address that has expired is asked for once more. Reading fails with
// httpclient.ErrTooLarge beyond 100 MB, and at its end with ErrCorrupt.
// https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#download-media
func (a *Adapter) FetchMedia(ctx context.Context, account channels.Account, file channels.Attachment) (channels.Media, error) {
	var failed error
	for range 2 {
		r := request(account, http.MethodGet, url.PathEscape(file.ProviderID))
		r.Query = url.Values{"phone_number_id": {account.Credentials[credPhone]}}
		var at mediaAnswer
		if err := a.graph.Call(ctx, r, &at); err != nil {
			return channels.Media{}, gone(err, false)
		}
		if at.Size > maxMedia {
			return channels.Media{}, refused("media_too_large", "The file is larger than 100 MB",
				"Ask the customer to send it another way.", nil)
		}
		//nolint:bodyclose // the caller reads and closes it
		resp, err := a.graph.Download(ctx, account.BaseURL, account.Credentials[credToken], at.URL)
		if err == nil {
			return opened(resp, at, file), nil
		}
		if failed = err; !expired(err) {
			break
		}
	}
	return channels.Media{}, gone(failed, expired(failed))
}

// expired recognises the answers to an address whose five minutes are over.
func expired(err error) bool {
	var e *meta.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden || e.Status == http.StatusNotFound ||
		e.Status == http.StatusGone
}

// gone tells a file that is no longer there from a passing failure. What the file's host refuses says nothing about the
// channel's token.
func gone(err error, expired bool) *channels.SendError {
	out := explain(err, true)
	if expired || out.Outcome == channels.Refused {
		return refused("media_unavailable", "WhatsApp no longer has the file", "Ask the customer to send it again.", err)
	}
	return out
}

func opened(resp *http.Response, at mediaAnswer, file channels.Attachment) channels.Media {
	size := resp.ContentLength
	if at.Size > 0 {
		size = at.Size
	}
	content := httpclient.Limit(resp.Body, maxMedia)
	if sum := checksum(string(at.SHA256)); sum != nil {
		content = &verified{r: content, hash: sha256.New(), want: sum}
	}
	return channels.Media{
		Content: struct {
			io.Reader
			io.Closer
		}{content, resp.Body},
		MIME: meta.MediaType(meta.First(at.MIME, text(resp.Header.Get("Content-Type")))),
		Name: file.Name,
		Size: size,
	}
}

// checksum reads a SHA-256 in hex or base64, both of which the platform uses; nil if it is neither.
func checksum(s string) []byte {
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString} {
		if sum, err := decode(s); err == nil && len(sum) == sha256.Size {
			return sum
		}
	}
	return nil
}

// verified compares what was read with the checksum once all of it was.
type verified struct {
	r    io.Reader
	hash hash.Hash
	want []byte
}

// Read passes on and hashes.
func (v *verified) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	v.hash.Write(p[:n])
	if errors.Is(err, io.EOF) && string(v.hash.Sum(nil)) != string(v.want) {
		return n, ErrCorrupt
	}
	return n, err
}
