package mail

import (
	"encoding/json"
	"html"
	"mime"
	"net/url"
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"
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
	f.Type = Sniff(f.Data, f.Type, f.Name)
	f.Name = cleanFileName(f.Name)
	if f.Name == "" {
		f.Name = "file" + Extension(f.Type)
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
		strings.HasSuffix(p.kind, "pkcs7-mime"), strings.HasSuffix(p.kind, "-signature"), p.kind == "text/calendar", p.kind == "text/vnd.google.email-reaction+json":
		return c.leaf(p, 0, false)
	}
	c.add(File{Ref: f.Ref, Name: OneLine(decodeName(f.Name, c.fallback)), Type: f.Type, ContentID: clean(strings.Trim(f.ContentID, "<> \t")), Data: f.Data})
	return nil
}

func (f File) asPart() *part {
	t := parseTyped(f.Type)
	return &part{kind: mediaType(t.value, false), contentType: t, content: f.Data, disposition: typed{value: "attachment", params: []param{{name: "filename", value: f.Name}}}}
}

// cleanFileName keeps the last part of a path, without what file systems or readers could misread.
func cleanFileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
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

// sniffBytes of a file's beginning show its type.
const sniffBytes = 3072

// Sniff returns the type that a file's content shows. Where the content is only known to be some container, as those of office programs
// are, or cannot be told at all, the claimed type or the name's ending counts.
func Sniff(data []byte, claimed, name string) string {
	claimed, _, _ = strings.Cut(strings.ToLower(claimed), ";")
	claimed = strings.TrimSpace(claimed)
	if right := wrongTypes[claimed]; right != "" {
		claimed = right
	}
	byName := endings[strings.ToLower(path.Ext(name))]
	detected, _, _ := strings.Cut(mimetype.Detect(data[:min(len(data), sniffBytes)]).String(), ";")
	specific := func(t string) bool {
		return t != "" && t != "application/octet-stream" && strings.Contains(t, "/") && !acts(t)
	}
	switch detected {
	case "application/octet-stream", "text/plain", "message/rfc822":
		if specific(claimed) {
			return claimed
		}
		if specific(byName) && (detected != "text/plain" || strings.HasPrefix(byName, "text/")) {
			return byName
		}
	case "application/zip", "application/x-ole-storage":
		for _, t := range []string{claimed, byName} {
			if specific(t) && container(t, detected) {
				return t
			}
		}
	case "application/ogg":
		return "audio/ogg"
	case "video/mp4", "video/webm", "video/x-ms-asf", "video/3gpp":
		if strings.HasPrefix(claimed, "audio/") {
			return claimed
		}
	}
	return detected
}

// wrongTypes are names that programs give to types.
var wrongTypes = map[string]string{"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "application/x-pdf": "application/pdf"}

// acts: types that could act in a browser are never taken from a claim.
func acts(t string) bool {
	return strings.Contains(t, "html") || strings.Contains(t, "xml") && !strings.Contains(t, "openxml") || strings.Contains(t, "script") || strings.Contains(t, "svg")
}

// container reports whether files of a type are containers of that form.
func container(t, form string) bool {
	if form == "application/zip" {
		return strings.Contains(t, "openxmlformats") || strings.Contains(t, "opendocument") || strings.Contains(t, "epub") || strings.Contains(t, "java-archive") || strings.Contains(t, "iwork") ||
			strings.Contains(t, "android") || strings.Contains(t, "macroenabled") || strings.HasPrefix(t, "application/vnd.apple")
	}
	return strings.HasPrefix(t, "application/vnd.ms-") || t == "application/msword" || strings.HasPrefix(t, "application/vnd.visio") || t == "application/x-msi"
}

// endings are those that the system's table may lack.
var endings = map[string]string{
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".xls": "application/vnd.ms-excel", ".doc": "application/msword", ".ppt": "application/vnd.ms-powerpoint",
	".msg": "application/vnd.ms-outlook", ".odt": "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet", ".csv": "text/csv", ".ics": "text/calendar",
	".vcf": "text/vcard", ".eml": "message/rfc822", ".txt": "text/plain", ".log": "text/plain", ".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif",
	".webp": "image/webp", ".heic": "image/heic", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mp4": "video/mp4", ".mov": "video/quicktime", ".zip": "application/zip", ".json": "application/json", ".rtf": "text/rtf",
}

// Extension is the ending of a file that has no name.
func Extension(kind string) string {
	switch kind {
	case "message/delivery-status", "message/disposition-notification", "text/rfc822-headers":
		return ".txt"
	case "image/jpeg":
		return ".jpg"
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".html"
	}
	for ending, t := range endings {
		if t == kind {
			return ending
		}
	}
	if all, _ := mime.ExtensionsByType(kind); len(all) > 0 {
		return all[0]
	}
	return ".bin"
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
