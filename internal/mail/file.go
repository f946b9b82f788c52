package mail

import (
	"encoding/json"
	"html"
	"net/url"
	"path"
	"strings"
	"unicode"

	"wasl/internal/filetype"
)

// File is one attachment.
type File struct {
	Ref       string // of whoever took the mail apart
	Name      string
	Type      string // what the content shows, or what the sender says where that cannot be told
	ContentID string // by which formatted text shows it
	Inline    bool   // formatted text shows it
	Data      []byte
}

// maxName is the length of a file's name in characters.
const maxName = 200

// file keeps a part as a file.
func (c *content) file(p *part) {
	f := File{Name: c.fileName(p), Type: p.kind, ContentID: contentID(p), Data: p.file()}
	if f.Name == "" && p.kind == "message/rfc822" {
		head, _ := splitHeader(f.Data[:min(len(f.Data), 64<<10)], false)
		f.Name = head.Text("subject")
		if f.Name != "" {
			f.Name += ".eml"
		}
	}
	c.add(f)
}

func contentID(p *part) string {
	return clean(strings.Trim(p.header.Get("content-id"), "<> \t"))
}

func (c *content) fileName(p *part) string {
	name := p.disposition.text("filename", c.fallback)
	if name == "" {
		name = p.contentType.text("name", c.fallback)
	}
	return OneLine(name)
}

// add keeps a file with a type that its content shows and a name that every system can keep.
func (c *content) add(f File) {
	if len(c.files) >= maxFiles {
		c.cut = true
		return
	}
	f.Type = filetype.Detect(f.Data, f.Type, f.Name)
	f.Name = cleanFileName(f.Name)
	if f.Name == "" {
		f.Name = "file" + filetype.Extension(f.Type)
	}
	c.files = append(c.files, f)
}

// forget takes the file that was made of a part away again.
func (c *content) forget(p *part) {
	name := cleanFileName(c.fileName(p))
	for n := range c.files {
		if c.files[n].Name == name {
			c.files = append(c.files[:n], c.files[n+1:]...)
			return
		}
	}
}

// attached takes a file of a mail that somebody else took apart: those that hold a text, an invitation or other files are read.
func (c *content) attached(p *part, f File) []piece {
	switch {
	case p.kind == "application/ms-tnef", strings.EqualFold(f.Name, "winmail.dat"), strings.HasSuffix(strings.ToLower(f.Name), ".p7m"),
		strings.HasSuffix(p.kind, "pkcs7-mime"), strings.HasSuffix(p.kind,
			"-signature"), p.kind == "text/calendar", p.kind == "text/vnd.google.email-reaction+json":
		return c.leaf(p, 0, false)
	}
	c.add(File{
		Ref: f.Ref, Name: OneLine(decodeName(f.Name, c.fallback)), Type: f.Type,
		ContentID: clean(strings.Trim(f.ContentID, "<> \t")), Data: f.Data,
	})
	return nil
}

func (f File) asPart() *part {
	t := parseTyped(f.Type)
	return &part{
		kind: mediaType(t.value, false), contentType: t, content: f.Data,
		disposition: typed{value: "attachment", params: []param{{name: "filename", value: f.Name}}},
	}
}

// cleanFileName keeps the last part of a path, without what file systems or readers could misread.
func cleanFileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	if name = strings.TrimSpace(name); name == "." || name == "/" {
		return ""
	}
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[len(runes)-maxName:])
	}
	return name
}

// inline finds the files that the formatted text shows: by their ids as they are, and unescaped.
func (m *Mail) inline() {
	if m.HTML == "" || len(m.Files) == 0 {
		return
	}
	shown := map[string]bool{}
	for rest := m.HTML; len(shown) < 4000; {
		at := strings.IndexByte(rest, ':')
		if at < 0 {
			break
		}
		scheme := rest[max(0, at-3):at]
		if rest = rest[at+1:]; !strings.EqualFold(scheme, "cid") {
			continue
		}
		end := strings.IndexAny(rest[:min(len(rest), 500)], "\"' \t\r\n<>)\\")
		if end < 0 {
			continue
		}
		id := html.UnescapeString(rest[:end])
		shown[id] = true
		if plain, err := url.PathUnescape(id); err == nil {
			shown[plain] = true
		}
	}
	for n := range m.Files {
		m.Files[n].Inline = m.Files[n].ContentID != "" && shown[m.Files[n].ContentID]
	}
}

// unescapeJSON undoes the escapes of a JSON text.
func unescapeJSON(s string) string {
	var out string
	if json.Unmarshal([]byte(`"`+s+`"`), &out) != nil {
		return s
	}
	return out
}
