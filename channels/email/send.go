package email

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	netmail "net/mail"
	"strings"

	"github.com/sendgrid/rest"
	sendgrid "github.com/sendgrid/sendgrid-go/helpers/mail"

	"wasl/channels"
	"wasl/internal/filetype"
	"wasl/internal/httpclient"
	"wasl/internal/mail"
)

// maxFiles is what fits into a mail of 30 MB once it is encoded.
const maxFiles = 20 * megabyte

// argMessage is the argument that every report repeats.
const argMessage = "wasl_message"

// Send sends one mail. https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
func (a *Adapter) Send(ctx context.Context, account channels.Account, out channels.Outgoing) (channels.Sent, error) {
	if out.Content.Type != "text" && out.Content.Type != "media" {
		return channels.Sent{}, refused("type_not_supported", "This kind of message cannot go out by mail", "Write it as text.")
	}
	own, missing := a.Account(account.Credentials)
	if missing != "" {
		return channels.Sent{}, &channels.SendError{
			Outcome: channels.Dead, Code: "sender_invalid",
			Title: "The channel's own address is unusable", Detail: "An administrator has to correct it.",
		}
	}
	if err := ctx.Err(); err != nil {
		return channels.Sent{}, a.call(account).Failure(err)
	}
	letter, id, err := compose(ctx, own, account, out)
	if err != nil {
		return channels.Sent{}, err
	}
	call := a.call(account)
	client := rest.Client{HTTPClient: call.Client(ctx)}
	answer, err := client.SendWithContext(ctx, rest.Request{
		Method: rest.Post, BaseURL: apiBase +
			"/v3/mail/send", Headers: map[string]string{"Content-Type": "application/json"}, Body: sendgrid.GetRequestBody(letter),
	})
	if err != nil {
		return channels.Sent{}, call.Failure(err)
	}
	if answer.StatusCode != http.StatusAccepted {
		return channels.Sent{}, explain(call, answer.Body, answer.Headers)
	}
	return channels.Sent{ProviderID: id}, nil
}

// compose writes the mail. Its id names the message and the conversation, so that what answers it finds back.
func compose(ctx context.Context, own string, account channels.Account, out channels.Outgoing) (*sendgrid.SGMailV3, string, error) {
	extra, thread := out.Content.Mail, out.Thread
	if extra == nil {
		extra = &channels.Mail{}
	}
	seen := map[string]bool{}
	to := once(recipients(extra, out.To, own), seen)
	if len(to) == 0 {
		return nil, "", refused("no_address", "Nobody reads what is sent to this contact",
			"Name a recipient, or add another address to the contact.")
	}
	if thread == nil {
		thread = &channels.Thread{}
	}
	local, domain, _ := strings.Cut(own, "@")
	id := out.MessageID + "." + thread.Token + ".wasl@" + domain
	m := sendgrid.NewV3Mail()
	name := mail.OneLine(account.Credentials[credName])
	m.SetFrom(sendgrid.NewEmail(name, own))
	if thread.Token != "" {
		m.SetReplyTo(sendgrid.NewEmail(name, local+tokenMark+thread.Token+"@"+domain))
	}
	m.Subject = first(mail.OneLine(extra.Subject), mail.OneLine(thread.Subject), "…")
	p := sendgrid.NewPersonalization()
	p.AddTos(to...)
	p.AddCCs(once(extra.CC, seen)...)
	p.AddBCCs(once(extra.BCC, seen)...)
	p.SetHeader("Message-ID", "<"+id+">")
	p.SetHeader("X-Wasl-Loop", "1")
	if n := len(thread.References); n > 0 {
		answered := thread.References[n-1]
		if out.ReplyTo != "" {
			answered, _, _ = strings.Cut(out.ReplyTo, " ") // the inbox tells mails of one id apart by what follows
		}
		p.SetHeader("In-Reply-To", mail.OneLine("<"+answered+">"))
		p.SetHeader("References", mail.OneLine("<"+strings.Join(thread.References, "> <")+">"))
	}
	p.SetCustomArg(argMessage, out.MessageID)
	m.AddPersonalizations(p)
	text := out.Content.Text
	if extra.Quoted != "" {
		text += "\n\n" + extra.Quoted
	}
	if strings.TrimSpace(text) == "" {
		text = " " // a part must not be empty
	}
	m.AddContent(sendgrid.NewContent("text/plain", text))
	if extra.HTML != "" {
		m.AddContent(sendgrid.NewContent("text/html", `<div dir="auto">`+extra.HTML+`</div>`))
	}
	off := false
	m.TrackingSettings = sendgrid.NewTrackingSettings().SetClickTracking(&sendgrid.ClickTrackingSetting{Enable: &off, EnableText: &off})
	return m, id, attach(ctx, m, out)
}

// recipients are those whom the writer named; without such the contact, at an address that somebody else than we reads.
func recipients(extra *channels.Mail, contact []channels.Identity, own string) []channels.Address {
	if len(extra.To) > 0 {
		return extra.To
	}
	for _, i := range contact {
		if i.Kind == "email" && !mail.NoReply(i.Value) && !strings.EqualFold(i.Value, own) {
			return []channels.Address{{Address: i.Value}}
		}
	}
	return nil
}

// once turns addresses into those of a mail, each of which may stand there once.
func once(list []channels.Address, seen map[string]bool) []*sendgrid.Email {
	var out []*sendgrid.Email
	for _, a := range list {
		if at, err := netmail.ParseAddress(a.Address); err == nil && !seen[strings.ToLower(at.Address)] {
			seen[strings.ToLower(at.Address)] = true
			out = append(out, sendgrid.NewEmail(mail.OneLine(a.Name), at.Address))
		}
	}
	return out
}

func attach(ctx context.Context, m *sendgrid.SGMailV3, out channels.Outgoing) error {
	room := int64(maxFiles)
	for _, file := range out.Content.Attachments {
		r, err := out.Open(ctx, file)
		if err != nil {
			return &channels.SendError{
				Outcome: channels.Down, Code: "file_unavailable", Title: "The file cannot be read at the moment",
				Detail: "It is tried again by itself.", Cause: err,
			}
		}
		data, err := httpclient.ReadAll(r, room)
		_ = r.Close()
		if errors.Is(err, httpclient.ErrTooLarge) {
			return refused("mail_too_large", "The files are too large for one mail",
				"All of them together may have 20 MB. Send the others in another mail.")
		}
		if err != nil {
			return &channels.SendError{
				Outcome: channels.Down, Code: "file_unavailable", Title: "The file cannot be read at the moment",
				Detail: "It is tried again by itself.", Cause: err,
			}
		}
		room -= int64(len(data))
		name, kind := first(mail.OneLine(file.Name), "file"+filetype.Extension(file.MIME)), mail.OneLine(file.MIME)
		a := sendgrid.NewAttachment().SetContent(base64.StdEncoding.EncodeToString(data)).SetType(kind).SetFilename(name).
			SetDisposition("attachment")
		if file.Inline && file.ContentID != "" {
			a.SetDisposition("inline").SetContentID(mail.OneLine(file.ContentID))
		}
		m.AddAttachment(a)
	}
	return nil
}
