package sms

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"wasl/channels"
	"wasl/internal/httpclient"
)

const maxMedia = 20 * megabyte

// FetchMedia opens a file of an MMS. Twilio sends on to its storage, where the token must not go along, and to nobody but Twilio
// (or the channel's own API address) it is given at all.
func (a *Adapter) FetchMedia(ctx context.Context, account channels.Account, file channels.Attachment) (channels.Media, error) {
	u, err := url.Parse(file.SourceURL)
	if err != nil || u.Host == "" {
		return channels.Media{}, refused("media_unavailable", "The file has no usable address", "Ask the customer to send it again.")
	}
	twilio := u.Scheme == "https" && (u.Host == "twilio.com" || strings.HasSuffix(u.Host, ".twilio.com"))
	if account.BaseURL != "" {
		base, err := url.Parse(account.BaseURL)
		if err != nil {
			return channels.Media{}, refused("media_unavailable", "The channel's API address is unusable",
				"Ask an administrator to check it.")
		}
		if twilio {
			u.Scheme, u.Host = base.Scheme, base.Host
		}
		twilio = twilio || (u.Scheme == base.Scheme && u.Host == base.Host)
	}
	if !twilio {
		return channels.Media{}, refused("media_unavailable", "The file does not lie at Twilio", "It is not fetched from elsewhere.")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return channels.Media{}, refused("media_unavailable", "The file has no usable address", "Ask the customer to send it again.")
	}
	req.SetBasicAuth(account.Credentials[credSID], account.Credentials[credToken])
	h := *a.http
	h.CheckRedirect = httpclient.CheckRedirect
	resp, err := h.Do(req)
	if err != nil {
		return channels.Media{}, passing(err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests {
			return channels.Media{}, passing(errors.New(resp.Status))
		}
		return channels.Media{}, refused("media_unavailable", "Twilio no longer has the file", "Ask the customer to send it again.")
	}
	return channels.Media{
		Content: struct {
			io.Reader
			io.Closer
		}{httpclient.Limit(resp.Body, maxMedia), resp.Body},
		MIME: resp.Header.Get("Content-Type"), Name: file.Name, Size: resp.ContentLength,
	}, nil
}

func passing(cause error) *channels.SendError {
	var at *url.Error
	if errors.As(cause, &at) {
		cause = at.Err
	}
	return &channels.SendError{
		Outcome: channels.Down, Code: "provider_down", Title: "The provider has a passing problem", Detail: "It is tried again by itself.",
		Cause: cause,
	}
}
