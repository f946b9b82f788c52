package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// inbound words a mail as SendGrid hands it on: taken apart into a form, or as it is.
func (e *email) inbound(a Account, h happening) (*wording, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields := e.fields(a, h)
	if a.Raw {
		raw, err := e.raw(h)
		if err != nil {
			return nil, err
		}
		fields = append([][2]string{{"email", raw}}, fields...)
	} else if err := e.parts(&fields, h); err != nil {
		return nil, err
	}
	for _, f := range fields {
		if err := form.WriteField(f[0], f[1]); err != nil {
			return nil, fmt.Errorf("mail form: %w", err)
		}
	}
	if !a.Raw {
		for i, f := range h.message.Content.Files {
			if err := e.attach(form, fmt.Sprintf("attachment%d", i+1), f); err != nil {
				return nil, err
			}
		}
	}
	if err := form.Close(); err != nil {
		return nil, fmt.Errorf("mail form: %w", err)
	}
	return &wording{Body: body.Bytes(), Type: form.FormDataContentType()}, nil
}

// fields are those that both ways have.
func (e *email) fields(a Account, h happening) [][2]string {
	m := h.message.Content.Mail
	_, domain, _ := strings.Cut(h.phone.Email, "@")
	recipients := []string{}
	for _, to := range m.To {
		if at, err := mail.ParseAddress(to); err == nil {
			recipients = append(recipients, at.Address)
		}
	}
	if len(recipients) == 0 {
		recipients = []string{a.Address}
	}
	envelope, _ := json.Marshal(map[string]any{"to": recipients, "from": h.phone.Email}) // text always can be
	fields := [][2]string{
		{"dkim", "{@" + domain + " : pass}"},
		{"to", strings.Join(m.To, ", ")},
		{"from", display(m.From)},
		{"sender_ip", "192.0.2.10"},
		{"envelope", string(envelope)},
		{"subject", m.Subject},
		{"charsets", `{"to":"UTF-8","from":"UTF-8","subject":"UTF-8","cc":"UTF-8","text":"UTF-8","html":"UTF-8"}`},
		{"SPF", "pass"},
	}
	if len(m.CC) > 0 {
		fields = append(fields, [2]string{"cc", strings.Join(m.CC, ", ")})
	}
	return fields
}

// parts adds what a mail that was taken apart has.
func (e *email) parts(fields *[][2]string, h happening) error {
	c := h.message.Content
	add := func(name, value string) { *fields = append(*fields, [2]string{name, value}) }
	add("headers", e.headerBlock(h)+"Content-Type: multipart/alternative; boundary=\"000sandbox\"\n")
	add("text", c.Text)
	if c.Mail.HTML != "" {
		add("html", c.Mail.HTML)
	}
	add("attachments", strconv.Itoa(len(c.Files)))
	add("spam_score", "0.1")
	add("spam_report", "Spam detection software, running on the system \"sandbox\", score 0.1")
	if len(c.Files) == 0 {
		return nil
	}
	info, cids := map[string]any{}, map[string]string{}
	for i, f := range c.Files {
		name := fmt.Sprintf("attachment%d", i+1)
		about := map[string]string{"filename": f.Name, "name": f.Name, "type": bareType(f.MIME)}
		if f.CID != "" {
			about["content-id"], cids[f.CID] = f.CID, name
		}
		info[name] = about
	}
	for name, value := range map[string]any{"attachment-info": info, "content-ids": cids} {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("mail form: %w", err)
		}
		if name == "attachment-info" || len(cids) > 0 {
			add(name, string(text))
		}
	}
	return nil
}

func (e *email) attach(form *multipart.Writer, name string, f Media) error {
	content, err := e.s.book.mediaContent(f.ID)
	if err != nil {
		return fmt.Errorf("mail attachment: %w", err)
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "").Replace(f.Name)
	h := textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="%s"`, name, quoted)},
		"Content-Type":        {f.MIME},
	}
	if f.CID != "" {
		h.Set("Content-ID", "<"+f.CID+">")
	}
	part, err := form.CreatePart(h)
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil {
		return fmt.Errorf("mail attachment: %w", err)
	}
	return nil
}

// headerBlock is the mail's header without the kind of its body.
func (e *email) headerBlock(h happening) string {
	m := h.message.Content.Mail
	_, domain, _ := strings.Cut(h.phone.Email, "@")
	at := h.message.At.UTC().Format(time.RFC1123Z)
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	line("Received", fmt.Sprintf("from mail.%s (mail.%s [192.0.2.10]) by mx.sandbox.example with ESMTPS; %s", domain, domain, at))
	line("From", m.From)
	line("To", strings.Join(m.To, ", "))
	line("Cc", strings.Join(m.CC, ", "))
	line("Subject", mime.QEncoding.Encode("utf-8", m.Subject))
	line("Message-ID", "<"+m.MessageID+">")
	line("Date", at)
	if m.InReplyTo != "" {
		line("In-Reply-To", "<"+m.InReplyTo+">")
		line("References", "<"+strings.Join(m.References, ">\n <")+">")
	}
	if m.Automatic {
		line("Auto-Submitted", "auto-replied")
		line("X-Auto-Response-Suppress", "All")
	}
	line("MIME-Version", "1.0")
	return b.String()
}

// raw is the mail as it came over the wire.
func (e *email) raw(h happening) (string, error) {
	c := h.message.Content
	var body bytes.Buffer
	mixed := multipart.NewWriter(&body)
	fmt.Fprintf(&body, "%sContent-Type: multipart/mixed; boundary=%q\n\n", e.headerBlock(h), mixed.Boundary())
	var inner bytes.Buffer
	versions := multipart.NewWriter(&inner)
	for _, version := range [][2]string{{"text/plain", c.Text}, {"text/html", c.Mail.HTML}} {
		if version[1] == "" {
			continue
		}
		part, err := versions.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {version[0] + "; charset=utf-8"},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return "", fmt.Errorf("mail: %w", err)
		}
		text := quotedprintable.NewWriter(part)
		if _, err := io.WriteString(text, version[1]); err != nil {
			return "", fmt.Errorf("mail: %w", err)
		}
		_ = text.Close() // to memory
	}
	_ = versions.Close()
	part, err := mixed.CreatePart(textproto.MIMEHeader{"Content-Type": {fmt.Sprintf("multipart/alternative; boundary=%q",
		versions.Boundary())}})
	if err != nil {
		return "", fmt.Errorf("mail: %w", err)
	}
	_, _ = part.Write(inner.Bytes())
	for _, f := range c.Files {
		content, err := e.s.book.mediaContent(f.ID)
		if err != nil {
			return "", fmt.Errorf("mail attachment: %w", err)
		}
		where := "attachment"
		if f.CID != "" {
			where = "inline"
		}
		head := textproto.MIMEHeader{
			"Content-Type": {f.MIME}, "Content-Transfer-Encoding": {"base64"},
			"Content-Disposition": {mime.FormatMediaType(where, map[string]string{"filename": f.Name})},
		}
		if f.CID != "" {
			head.Set("Content-ID", "<"+f.CID+">")
		}
		if part, err = mixed.CreatePart(head); err != nil {
			return "", fmt.Errorf("mail attachment: %w", err)
		}
		for text := base64.StdEncoding.EncodeToString(content); text != ""; {
			n := min(76, len(text))
			_, _ = io.WriteString(part, text[:n]+"\r\n")
			text = text[n:]
		}
	}
	_ = mixed.Close()
	return body.String(), nil
}

// display is an address header with its name decoded.
func display(from string) string {
	at, err := mail.ParseAddress(from)
	if err != nil || at.Name == "" {
		return from
	}
	return at.Name + " <" + at.Address + ">"
}
