package mail

import (
	"bytes"
	"regexp"
	"strings"
)

const (
	maxDepth = 40
	maxParts = 3000
	// workFactor bounds how often the bytes of a mail are looked at while its parts are sought.
	workFactor = 24
	workLeast  = 4 << 20
)

// part is one node of the tree of a mail.
type part struct {
	header      Header
	kind        string // the media type in lower case
	contentType typed
	disposition typed
	content     []byte // as it stands in the mail
	children    []*part
	unread      bool // its own parts were not sought: the budget was spent
}

// walker builds the tree within a budget.
type walker struct {
	fallback string // of raw letters in heads
	parts    int
	work     int
	cut      bool // something was not read
}

// parse builds the tree below a head and a body. inDigest: parts without a type are mails.
func (w *walker) parse(h Header, body []byte, depth int, inDigest bool) *part {
	h.fallback = w.fallback
	p := &part{
		header: h, content: body, contentType: parseTyped(h.Get("content-type")),
		disposition: parseTyped(h.Get("content-disposition")),
	}
	p.kind = mediaType(p.contentType.value, inDigest)
	w.parts++
	if !strings.HasPrefix(p.kind, "multipart/") {
		return p
	}
	if depth >= maxDepth || w.parts >= maxParts || w.work < len(body) {
		w.cut, p.unread = true, true
		return p
	}
	w.work -= len(body)
	boundary := p.contentType.get("boundary")
	pieces := w.split(body, boundary)
	if len(pieces) == 0 {
		if guessed := guessBoundary(body); guessed != "" && guessed != boundary {
			pieces = w.split(body, guessed)
		}
	}
	if len(pieces) == 0 { // no parts at all: what stands there is the text
		p.kind = "text/plain"
		if looksLikeHTML(body) {
			p.kind = "text/html"
		}
		return p
	}
	for _, piece := range pieces {
		head, rest := splitHeader(piece, true)
		p.children = append(p.children, w.parse(head, rest, depth+1, p.kind == "multipart/digest"))
	}
	return p
}

// mediaType makes a type of what a head says.
func mediaType(value string, inDigest bool) string {
	switch {
	case value == "" && inDigest:
		return "message/rfc822"
	case value == "", value == "text", value == "text/":
		return "text/plain"
	case value == "html":
		return "text/html"
	case value == "multipart":
		return "multipart/mixed"
	case !strings.Contains(value, "/"):
		return "application/octet-stream"
	}
	return value
}

// FormPart is one part of a form.
type FormPart struct {
	Header Header
	Name   string
	File   string // the file's name; empty: it is none
	Data   []byte // points into the form
}

// ReadFormParts takes a form (multipart/form-data) apart, in its order. ok: its end was there.
func ReadFormParts(body []byte, contentType string) (parts []FormPart, ok bool) {
	t := parseTyped(contentType)
	boundary := t.get("boundary")
	if t.value != "multipart/form-data" || boundary == "" {
		return nil, false
	}
	w := &walker{}
	for _, piece := range w.split(body, boundary) {
		head, data := splitHeader(piece, true)
		disposition := parseTyped(head.Get("content-disposition"))
		parts = append(parts, FormPart{Header: head, Name: disposition.get("name"), File: disposition.text("filename", ""), Data: data})
	}
	return parts, !w.cut && bytes.Contains(body, []byte("--"+boundary+"--"))
}

// split returns what stands between the boundaries. Their lines may end with blanks, and the last one may be missing.
func (w *walker) split(body []byte, boundary string) [][]byte {
	boundary = strings.TrimRight(boundary, " \t")
	if boundary == "" {
		return nil
	}
	again := []byte("\n--" + boundary)
	mark := again[1:]
	var out [][]byte
	start, at := -1, 0
	for {
		found := bytes.Index(body[at:], mark)
		if found < 0 {
			break
		}
		begin := at + found
		after := body[begin+len(mark):]
		at = begin + len(mark)
		if begin > 0 && body[begin-1] != '\n' && body[begin-1] != '\r' {
			continue
		}
		last := bytes.HasPrefix(after, []byte("--"))
		if last {
			after = after[2:]
		}
		line, _ := cutLine(after[:min(len(after), 200)])
		if len(bytes.TrimSpace(line)) > 0 {
			if !last { // a longer boundary that begins alike
				continue
			}
		}
		if start >= 0 {
			out = append(out, trimEnd(body[start:begin]))
			if w.parts+len(out) >= maxParts {
				w.cut = true
				return out
			}
		}
		if start = -1; last && !bytes.Contains(body[at:], again) { // what comes again was not the last
			return out
		}
		if !last {
			_, rest := cutLine(after)
			start = len(body) - len(rest)
			at = start
		}
	}
	if start >= 0 && start < len(body) {
		out = append(out, trimEnd(body[start:]))
	}
	return out
}

// trimEnd removes the line break that belongs to the boundary.
func trimEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}

// guessBoundary finds the boundary that the head does not name: a line of dashes and a word that is followed by the head of a part.
func guessBoundary(body []byte) string {
	for rest := body[:min(len(body), 64<<10)]; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		line = bytes.TrimRight(line, " \t")
		if !bytes.HasPrefix(line, []byte("--")) || len(line) < 3 || len(line) > 202 || bytes.HasSuffix(line, []byte("--")) {
			continue
		}
		next, _ := cutLine(rest)
		if name, _, ok := fieldLine(next); ok && strings.HasPrefix(name, "content-") {
			return string(line[2:])
		}
	}
	return ""
}

var htmlStart = regexp.MustCompile(`(?i)^\s*(?:<!doctype html|<html[\s>]|<head[\s>]|<body[\s>])`)

func looksLikeHTML(data []byte) bool { return htmlStart.Match(data[:min(len(data), 1024)]) }

// decoded undoes the transfer encoding.
func (p *part) decoded() []byte {
	encoding := strings.ToLower(strings.Trim(p.header.Get("content-transfer-encoding"), " \"';"))
	switch encoding {
	case "base64":
		return wholeBase64(p.content)
	case "quoted-printable":
		return quotedPrintable(p.content)
	case "x-uuencode", "uuencode", "x-uue":
		if _, data, _, ok := uudecode(p.content); ok {
			return data
		}
	}
	return p.content
}

// file is the decoded content as bytes of its own: what a mail came in is used again.
func (p *part) file() []byte {
	data := p.decoded()
	if len(data) > 0 && len(p.content) > 0 && &data[0] == &p.content[0] {
		return bytes.Clone(data)
	}
	return data
}

// quotedPrintable decodes what is well formed and keeps the rest as it is.
func quotedPrintable(data []byte) []byte {
	if bytes.IndexByte(data, '=') < 0 {
		return data
	}
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		equal := bytes.IndexByte(data, '=')
		if equal < 0 {
			return append(out, data...)
		}
		out = append(out, data[:equal]...)
		data = data[equal:]
		if len(data) > 2 && unhex(data[1]) >= 0 && unhex(data[2]) >= 0 {
			out = append(out, byte(unhex(data[1])<<4|unhex(data[2]))) //nolint:gosec // two hexadecimal digits
			data = data[3:]
			continue
		}
		line, rest := cutLine(data)
		if len(bytes.TrimRight(line, " \t")) == 1 { // a line that goes on
			data = rest
			continue
		}
		out = append(out, '=')
		data = data[1:]
	}
	return out
}

var uuBegin = regexp.MustCompile(`(?m)^begin [0-7]{3} ([^\r\n]{1,200})\r?\n`)

// uudecode reads a file in the form that came before MIME, and returns where it begins.
func uudecode(data []byte) (name string, file []byte, at int, ok bool) {
	m := uuBegin.FindSubmatchIndex(data)
	if m == nil {
		return "", nil, 0, false
	}
	name = string(data[m[2]:m[3]])
	for rest := data[m[1]:]; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		if len(line) == 0 || line[0] == '`' || string(line) == "end" {
			break
		}
		n := int(line[0]-' ') & 63
		var group uint32
		decoded := make([]byte, 0, 48)
		for i, c := range line[1:] {
			group = group<<6 | uint32((c-' ')&63)
			if i%4 == 3 {
				decoded = append(decoded, byte(group>>16), byte(group>>8), byte(group)) //nolint:gosec // 24 bits
				group = 0
			}
		}
		file = append(file, decoded[:min(n, len(decoded))]...)
	}
	return name, file, m[0], len(file) > 0
}
