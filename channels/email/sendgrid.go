package email

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/sendgrid/rest"
	sendgrid "github.com/sendgrid/sendgrid-go/helpers/mail"

	"wasl/channels"
	"wasl/channels/provider"
)

const apiBase = "https://api.sendgrid.com"

// argMessage is the argument that every report repeats.
const argMessage = "wasl_message"

func (a *Adapter) call(account channels.Account) *provider.Call {
	return &provider.Call{HTTP: a.http, BaseURL: account.BaseURL, Authorize: func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+account.Credentials[credKey])
	}}
}

// sendBySendGrid hands a mail to SendGrid. https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
func (a *Adapter) sendBySendGrid(ctx context.Context, account channels.Account, l *letter) error {
	call := a.call(account)
	client := rest.Client{HTTPClient: call.Client(ctx)}
	answer, err := client.SendWithContext(ctx, rest.Request{
		Method: rest.Post, BaseURL: apiBase +
			"/v3/mail/send", Headers: map[string]string{"Content-Type": "application/json"}, Body: sendgrid.GetRequestBody(l.forSendGrid()),
	})
	if err != nil {
		return call.Failure(err)
	}
	if answer.StatusCode != http.StatusAccepted {
		return explain(call, answer.Body, answer.Headers)
	}
	return nil
}

func (l *letter) forSendGrid() *sendgrid.SGMailV3 {
	m := sendgrid.NewV3Mail()
	m.SetFrom(sendgrid.NewEmail(l.from.Name, l.from.Address))
	if l.token != "" {
		local, domain, _ := strings.Cut(l.from.Address, "@")
		m.SetReplyTo(sendgrid.NewEmail(l.from.Name, local+tokenMark+l.token+"@"+domain))
	}
	m.Subject = l.subject
	p := sendgrid.NewPersonalization()
	p.AddTos(forSendGrid(l.to)...)
	p.AddCCs(forSendGrid(l.cc)...)
	p.AddBCCs(forSendGrid(l.bcc)...)
	p.SetHeader("Message-ID", "<"+l.id+">")
	p.SetHeader("X-Wasl-Loop", "1")
	if l.automatic {
		p.SetHeader(headAutomatic, autoReplied)
	}
	if l.answered != "" {
		p.SetHeader("In-Reply-To", "<"+l.answered+">")
		p.SetHeader("References", "<"+strings.Join(l.references, "> <")+">")
	}
	p.SetCustomArg(argMessage, l.message)
	m.AddPersonalizations(p)
	m.AddContent(sendgrid.NewContent("text/plain", l.text))
	if l.html != "" {
		m.AddContent(sendgrid.NewContent("text/html", l.html))
	}
	off := false
	m.TrackingSettings = sendgrid.NewTrackingSettings().SetClickTracking(&sendgrid.ClickTrackingSetting{Enable: &off, EnableText: &off})
	for _, f := range l.files {
		file := sendgrid.NewAttachment().SetContent(base64.StdEncoding.EncodeToString(f.data)).SetType(f.mime).SetFilename(f.name).
			SetDisposition("attachment")
		if f.contentID != "" {
			file.SetDisposition("inline").SetContentID(f.contentID)
		}
		m.AddAttachment(file)
	}
	return m
}

func forSendGrid(list []channels.Address) []*sendgrid.Email {
	var out []*sendgrid.Email
	for _, a := range list {
		out = append(out, sendgrid.NewEmail(a.Name, a.Address))
	}
	return out
}

// checkSendGrid asks SendGrid what the key may do.
func (a *Adapter) checkSendGrid(ctx context.Context, account channels.Account) error {
	call := a.call(account)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, apiBase+"/v3/scopes", http.NoBody)
	if err != nil {
		return call.Failure(err)
	}
	resp, err := call.Client(ctx).Do(req)
	if err == nil {
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
		err = errors.New("not the scopes")
	}
	e := call.Failure(err)
	if e.Outcome == channels.Uncertain {
		e.Outcome, e.Code, e.Title, e.Detail = channels.Down, "provider_down", "The provider has a passing problem",
			"It is tried again by itself."
	}
	return e
}
