package email

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"wasl/channels"
	"wasl/internal/mail"
)

// form is what SendGrid posts for a mail: the whole mail in one field, or its parts in many.
// https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
type form struct {
	fields map[string][]byte
	files  []mail.File // in their order
}

// readForm takes the form apart. One that was cut short is none: what is missing would be lost without a trace.
func readForm(contentType string, body []byte) (*form, error) {
	parts, whole := mail.ReadFormParts(body, contentType)
	if !whole || len(parts) == 0 {
		return nil, channels.ErrBody
	}
	f := &form{fields: map[string][]byte{}}
	for _, p := range parts {
		if strings.HasPrefix(p.Name, "attachment") && p.Name != "attachments" && p.Name != "attachment-info" {
			f.files = append(f.files, mail.File{
				Ref: p.Name, Name: p.File, Type: p.Header.Get("content-type"), ContentID: p.Header.Get("content-id"),
				Data: bytes.Clone(p.Data),
			})
		} else if p.Name != "" {
			f.fields[p.Name] = p.Data
		}
	}
	return f, nil
}

// read reads the mail in either form.
func (f *form) read(own string) *mail.Mail {
	o := mail.Options{Own: own, OurID: ownIDs, LoopHeader: loopHeader, Envelope: f.envelope()}
	if raw, is := f.fields["email"]; is {
		return mail.Read(raw, o)
	}
	charsets := map[string]string{}
	_ = json.Unmarshal(f.fields["charsets"], &charsets) // without it texts are guessed
	info := map[string]struct {
		Filename  string `json:"filename"`
		Name      string `json:"name"`
		Type      string `json:"type"`
		ContentID string `json:"content-id"`
	}{}
	_ = json.Unmarshal(f.fields["attachment-info"], &info) // likewise files have the names of their parts
	for n := range f.files {
		file := &f.files[n]
		more := info[file.Ref]
		file.Name, file.Type = cmp.Or(more.Filename, more.Name, file.Name), cmp.Or(file.Type, more.Type)
		file.ContentID = cmp.Or(file.ContentID, more.ContentID)
	}
	return mail.ReadForm(mail.Form{
		Head: f.head(), Text: f.fields["text"], HTML: f.fields["html"], TextSet: charsets["text"], HTMLSet: charsets["html"],
		Files: f.files,
	}, o)
}

// head is the head of the mail, completed by the fields that repeat some of it.
func (f *form) head() []byte {
	head := bytes.TrimRight(f.fields["headers"], "\r\n")
	lower := "\n" + strings.ToLower(string(head))
	for _, name := range []string{"from", "to", "cc", "subject"} {
		if value := bytes.TrimSpace(f.fields[name]); len(value) > 0 && !strings.Contains(lower, "\n"+name+":") {
			head = append(bytes.Clone(head), "\n"+name+": "...)
			head = append(head, bytes.ReplaceAll(bytes.ReplaceAll(value, []byte("\r"), nil), []byte("\n"), []byte(" "))...)
		}
	}
	return bytes.TrimLeft(head, "\r\n")
}

func (f *form) envelope() mail.Envelope {
	e := mail.Envelope{SPF: string(f.fields["SPF"]), DKIM: string(f.fields["dkim"])}
	var given struct {
		To   []string `json:"to"`
		From string   `json:"from"`
	}
	if json.Unmarshal(f.fields["envelope"], &given) == nil {
		e.Known, e.From, e.To = true, given.From, given.To
	}
	return e
}

// id names a mail that states no id: the same one, posted again in another form, has the same.
func (f *form) id() string {
	sum := sha256.New()
	for _, name := range []string{"email", "headers", "from", "subject", "text", "html"} {
		sum.Write(f.fields[name])
		sum.Write([]byte{0})
	}
	for _, file := range f.files {
		sum.Write(file.Data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]) + "@local"
}
