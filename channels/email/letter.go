package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/jhillyerd/enmime/v2"

	"wasl/channels"
)

// letter is a mail in either form of the provider's.
type letter struct {
	header     header
	id         string // of the mail; made from the body where it states none
	text, html string
	files      []channels.Attachment
	envelope   struct {
		To   []string `json:"to"`
		From string   `json:"from"`
	}
	hasEnvelope bool
	spf, dkim   string
}

const (
	maxParts = 300
	maxName  = 200
)

// read takes the form apart. https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
func read(contentType string, body []byte) (*letter, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, channels.ErrBody
	}
	fields, files := map[string][]byte{}, []channels.Attachment{}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for n := 0; ; n++ {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || n >= maxParts {
			return nil, channels.ErrBody
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, channels.ErrBody
		}
		if name := part.FormName(); strings.HasPrefix(name, "attachment") && name != "attachments" && name != "attachment-info" {
			kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
			files = append(files, channels.Attachment{ProviderID: name, Name: part.FileName(), MIME: kind, ContentID: strings.Trim(part.Header.Get("Content-ID"), "<> "), Data: data})
		} else {
			fields[name] = data
		}
	}
	l := &letter{files: files, spf: string(fields["SPF"]), dkim: string(fields["dkim"])}
	l.hasEnvelope = json.Unmarshal(fields["envelope"], &l.envelope) == nil
	if raw, is := fields["email"]; is {
		l.raw(raw)
	} else {
		l.parsed(fields)
	}
	if len(l.header) == 0 && l.text == "" && l.html == "" {
		return nil, channels.ErrBody
	}
	l.id = messageID(l.header.get("message-id"))
	if l.id == "" {
		sum := sha256.Sum256(body)
		l.id = hex.EncodeToString(sum[:16]) + "@local"
	}
	l.finish()
	return l, nil
}

// parsed reads the fields of the default mode. Texts have the character sets that they had in the mail.
func (l *letter) parsed(fields map[string][]byte) {
	charsets := map[string]string{}
	_ = json.Unmarshal(fields["charsets"], &charsets)
	l.header = parseHeader(fields["headers"])
	l.text, l.html = decode(fields["text"], charsets["text"]), decode(fields["html"], charsets["html"])
	for _, name := range []string{"from", "to", "cc", "subject"} {
		if value := decode(fields[name], charsets[name]); value != "" && l.header.get(name) == "" {
			l.header[name] = []string{value}
		}
	}
	info := map[string]struct {
		Filename  string `json:"filename"`
		Name      string `json:"name"`
		Type      string `json:"type"`
		ContentID string `json:"content-id"`
	}{}
	_ = json.Unmarshal(fields["attachment-info"], &info)
	for n := range l.files {
		f := &l.files[n]
		more := info[f.ProviderID]
		f.Name, f.MIME, f.ContentID = first(more.Filename, more.Name, f.Name), first(f.MIME, more.Type), first(f.ContentID, strings.Trim(more.ContentID, "<> "))
	}
}

// raw reads a whole mail. Where it is too broken for that, its bytes are its text.
func (l *letter) raw(data []byte) {
	head, rest, _ := bytes.Cut(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	l.header = parseHeader(head)
	mail, err := enmime.ReadEnvelope(bytes.NewReader(data))
	if err != nil {
		l.text = decode(rest, "")
		return
	}
	l.html = clean(mail.HTML)
	if l.html == "" || mail.Root != nil && mail.Root.BreadthMatchFirst(func(p *enmime.Part) bool { return p.ContentType == "text/plain" }) != nil {
		l.text = clean(mail.Text)
	}
	for _, group := range [][]*enmime.Part{mail.Attachments, mail.Inlines, mail.OtherParts} {
		for _, p := range group {
			l.files = append(l.files, channels.Attachment{Name: p.FileName, MIME: p.ContentType, ContentID: strings.Trim(p.ContentID, "<> "), Data: append([]byte{}, p.Content...)})
		}
	}
	if len(l.files) > maxParts {
		l.files = l.files[:maxParts]
	}
}

// finish gives every file a kind and a name, and finds those that stand inside the text.
func (l *letter) finish() {
	for n := range l.files {
		f := &l.files[n]
		kind, _, err := mime.ParseMediaType(f.MIME)
		if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) || !strings.Contains(kind, "/") {
			kind = "application/octet-stream"
		}
		f.MIME, f.Kind, f.Size = clean(kind), kindOf(kind), int64(len(f.Data))
		f.ContentID, f.ProviderID = clean(f.ContentID), clean(f.ProviderID)
		f.Inline = f.ContentID != "" && strings.Contains(l.html, "cid:"+f.ContentID)
		if f.Name = clean(words(f.Name)); f.Name == "" {
			f.Name = "file" + extension(kind)
		}
		if runes := []rune(f.Name); len(runes) > maxName {
			f.Name = string(runes[len(runes)-maxName:])
		}
	}
}

func extension(kind string) string {
	switch kind {
	case "message/rfc822":
		return ".eml"
	case "text/calendar":
		return ".ics"
	case "message/delivery-status", "text/plain":
		return ".txt"
	case "image/jpeg":
		return ".jpg"
	case "image/png", "image/gif", "application/pdf":
		return "." + kind[strings.Index(kind, "/")+1:]
	}
	return ".bin"
}

func kindOf(mime string) string {
	switch major, _, _ := strings.Cut(mime, "/"); {
	case mime == "image/jpeg", mime == "image/png", mime == "image/gif", mime == "image/webp":
		return "image"
	case major == "video", major == "audio":
		return major
	}
	return "document"
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
