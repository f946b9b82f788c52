package whatsapp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/sandbox"
	"wasl/channels/whatsapp"
	"wasl/internal/httpclient"
)

// platform is the project's own stand-in for the platform, written from the same pages by somebody else: what the two
// disagree on, one of them got wrong.
type platform struct {
	*sandbox.Sandbox
	adapter *whatsapp.Adapter
	account channels.Account
	events  chan channels.Event
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{
		adapter: whatsapp.New(whatsapp.Options{HTTP: httpclient.New(httpclient.Options{AllowPrivate: true})}),
		account: account, events: make(chan channels.Event, 1000),
	}
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		hook := channels.Webhook{Method: r.Method, Header: r.Header, Query: r.URL.Query(), Body: body}
		if err := p.adapter.Verify(p.account, hook); err != nil {
			t.Error(err)
		}
		events, err := p.adapter.Parse(p.account, hook)
		if err != nil {
			t.Errorf("%v: %s", err, body)
		}
		for _, e := range events {
			p.events <- e
		}
	}))
	t.Cleanup(gateway.Close)
	c := account.Credentials
	box, err := sandbox.New(sandbox.Options{
		Accounts: []sandbox.Account{{
			ID: c["phone_number_id"], BusinessID: c["business_account_id"], Name: "Shop", Address: "12025550100",
			AccessToken: c["access_token"],
			AppSecret:   c["app_secret"], VerifyToken: c["verify_token"], Callback: gateway.URL,
		}},
		Customers: []sandbox.Customer{{Key: "ines", Name: "Ines Valdoro", Phone: "12025550143", Language: "en"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Sandbox = box
	api := httptest.NewServer(box.Handler())
	t.Cleanup(api.Close)
	p.account.BaseURL = api.URL
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- box.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// next waits for the first event that fits.
func (p *platform) next(t *testing.T, fits func(channels.Event) bool) channels.Event {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		select {
		case e := <-p.events:
			if fits(e) {
				return e
			}
		case <-limit:
			t.Fatal("no such event came")
		}
	}
}

func (p *platform) say(t *testing.T, content sandbox.Content) channels.Event {
	t.Helper()
	m, err := p.Say(sandbox.Message{Account: account.Credentials["phone_number_id"], Phone: "ines", Content: content})
	if err != nil {
		t.Fatal(err)
	}
	return p.next(t, func(e channels.Event) bool { return e.Key == "message:"+m.ID })
}

func TestTheSandboxTakesEveryKindOfMessage(t *testing.T) {
	p := newPlatform(t)
	if err := p.adapter.Check(t.Context(), p.account); err != nil {
		t.Fatal(err)
	}
	_, err := p.adapter.Send(t.Context(), p.account, text("too early"))
	if e := sendError(t, err); e.Code != "window_closed" {
		t.Fatalf("before the customer wrote: %+v", e)
	}
	hello := p.say(t, sandbox.Content{Type: "text", Text: "Hello"})
	if m := hello.Message; m.Content.Text != "Hello" || !m.OpensWindow || hello.Contact.Identities[0].Value != "12025550143" {
		t.Fatalf("%s", describe(hello))
	}
	if err := p.adapter.MarkRead(t.Context(), p.account, channels.ReadMark{
		To: phone(), ProviderID: hello.Message.ProviderID,
		Typing: true,
	}); err != nil {
		t.Error(err)
	}
	for _, c := range outgoing() {
		content := c.Out.Content
		if content.Type == "template" || c.Name == "text-bsuid" {
			continue
		}
		if content.Reaction != nil {
			content.Reaction.ProviderID = hello.Message.ProviderID
		}
		out := channels.Outgoing{
			MessageID: "msg_" + c.Name, To: hello.Contact.Identities, Content: content,
			ReplyTo: hello.Message.ProviderID, Open: open,
		}
		sent, err := channeltest.Send(t.Context(), p.adapter, p.account, out)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if content.Type == "reaction" {
			continue // the platform reports nothing about these
		}
		p.next(t, func(e channels.Event) bool {
			return e.Receipt != nil && e.Receipt.ProviderID == sent.ProviderID && e.Receipt.MessageID == "msg_"+c.Name &&
				e.Receipt.Status == "sent"
		})
	}
	out := text("by user id")
	out.To = hello.Contact.Identities[1:]
	if _, err := p.adapter.Send(t.Context(), p.account, out); err != nil || out.To[0].Kind != "whatsapp_bsuid" {
		t.Errorf("to %v: %v", out.To, err)
	}
}

func TestTheSandboxTakesTemplatesThatTheRulesAllow(t *testing.T) {
	p := newPlatform(t)
	listed, err := p.adapter.Templates(t.Context(), p.account)
	if err != nil || len(listed) < 8 {
		t.Fatal(len(listed), err)
	}
	sent := 0
	for _, stored := range listed {
		content := fillIn(stored)
		allowed := channels.Validate(p.adapter.Capabilities(), content, time.Now(), time.Time{}, &stored)
		use := stored.Complete(*content.Template)
		content.Template = &use
		_, err := channeltest.Send(t.Context(), p.adapter, p.account, channels.Outgoing{
			MessageID: "msg", To: []channels.Identity{phone()},
			Content: content, Open: open,
		})
		if (allowed == nil) != (err == nil) {
			t.Errorf("%s/%s (%s): the rules say %v, the platform %v", stored.Name, stored.Language, stored.Status, allowed, err)
		}
		if err == nil {
			sent++
		}
	}
	if sent < 5 {
		t.Errorf("only %d templates could be sent", sent)
	}
}

// fillIn gives every parameter of a template a value, by asking the rules what is missing.
func fillIn(t channels.Template) channels.Content {
	content := channels.Content{Type: "template", Template: &channels.TemplateUse{Name: t.Name, Language: t.Language}}
	for _, c := range t.Components {
		switch {
		case c.Type == "header" && c.Format == "text":
			content.Template.Header = values(c)
		case c.Type == "header" && c.Format == "location":
			content.Template.Location = &channels.Location{Latitude: 1, Longitude: 2, Name: "Shop", Address: "1 Example St"}
		case c.Type == "header":
			mime := map[string]string{"image": "image/png", "document": "application/pdf", "video": "video/mp4"}[c.Format]
			content.Attachments = []channels.Attachment{{Kind: c.Format, MIME: mime, Name: "a", Size: 4}}
		case c.Type == "body":
			content.Template.Body = values(c)
		}
		for i, b := range c.Buttons {
			if b.Type == "copy_code" || b.Type == "url" && b.URL != "" && b.URL[len(b.URL)-1] == '}' {
				content.Template.Buttons = append(content.Template.Buttons, channels.TemplateParam{Index: i, Value: "X1"})
			}
		}
	}
	return content
}

func values(c channels.TemplateComponent) (out []channels.TemplateParam) {
	for _, name := range c.Parameters() {
		p := channels.TemplateParam{Value: "value"}
		if name[0] > '9' {
			p.Name = name
		}
		out = append(out, p)
	}
	return out
}

func TestFilesOfTheSandboxArrive(t *testing.T) {
	p := newPlatform(t)
	file, err := p.AddMedia(sandbox.FromCustomer, "application/pdf", "a.pdf", []byte("%PDF-1.4 content"))
	if err != nil {
		t.Fatal(err)
	}
	e := p.say(t, sandbox.Content{Type: "document", Text: "Here", Media: &file})
	if e.Message == nil || len(e.Message.Content.Attachments) != 1 {
		t.Fatal(describe(e))
	}
	m, err := p.adapter.FetchMedia(t.Context(), p.account, e.Message.Content.Attachments[0])
	if err != nil {
		t.Fatal(err)
	}
	defer m.Content.Close()
	if got, err := io.ReadAll(m.Content); err != nil || string(got) != "%PDF-1.4 content" || m.MIME != "application/pdf" {
		t.Errorf("%q %+v %v", got, m, err)
	}
}
