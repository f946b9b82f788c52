package mail

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxText  = 500_000 // bytes of one text that are read
	maxHTML  = 1 << 20 // likewise of formatted text
	maxFiles = 500
)

// piece is one body of a mail: a plain text, a formatted one, or both forms of the same.
type piece struct {
	plain, html string // the lines of the plain one end with a line feed alone
}

// content collects what the parts of a mail hold.
type content struct {
	fallback   string
	options    Options
	files      []File
	bare       *part // a text with a file's name, which is the body where there is no other
	invitation *invitation
	reaction   string
	encrypted  bool
	signed     bool
	cut        bool
	text       int // bytes of text so far
}

// pieces returns the bodies of a part and of those below it, and keeps the rest as files. related: the part is shown inside another one.
func (c *content) pieces(p *part, depth int, related bool) []piece {
	switch {
	case p.unread:
		c.cut = true
		return nil
	case p.kind == "multipart/alternative":
		return c.alternative(p, depth)
	case p.kind == "multipart/signed":
		c.signed = true
		return c.mixed(p, depth, false)
	case p.kind == "multipart/encrypted":
		c.encrypted = true
		for _, child := range p.children {
			if child.kind != "application/pgp-encrypted" {
				c.file(child)
			}
		}
		return nil
	case p.kind == "multipart/related":
		return c.mixed(p, depth, true)
	case strings.HasPrefix(p.kind, "multipart/"):
		return c.mixed(p, depth, false)
	}
	return c.leaf(p, depth, related)
}

func (c *content) mixed(p *part, depth int, related bool) []piece {
	var out []piece
	root := -1
	if related {
		root = p.root()
	}
	for n, child := range p.children {
		for _, next := range c.pieces(child, depth, related && n != root) {
			if len(out) > 0 && sameText(out[len(out)-1], next) { // both forms, by a program that knows no alternatives
				out[len(out)-1].html = next.html
				continue
			}
			out = append(out, next)
		}
	}
	return out
}

// root is the part that shows the others: the one that is named, else the first that is a text or holds one.
func (p *part) root() int {
	if start := strings.Trim(p.contentType.get("start"), "<> "); start != "" {
		for n, child := range p.children {
			if contentID(child) == start {
				return n
			}
		}
	}
	for n, child := range p.children {
		if strings.HasPrefix(child.kind, "text/") || strings.HasPrefix(child.kind, "multipart/") {
			return n
		}
	}
	return 0
}

// sameText reports whether b is the formatted form of the plain text a.
func sameText(a, b piece) bool {
	if a.html != "" || b.plain != "" || a.plain == "" || b.html == "" || len(a.plain) > 100_000 || len(b.html) > 500_000 {
		return false
	}
	return strings.Join(strings.Fields(a.plain), " ") == strings.Join(strings.Fields(unmark(textOf(b.html))), " ")
}

// unmark takes the marks off a text that was made of HTML.
func unmark(text string) string {
	return strings.Map(func(r rune) rune {
		if r == markQuote || r == markSignature || r == markEnd {
			return -1
		}
		return r
	}, text)
}

// alternative returns one piece: the last plain form and the last formatted form that say something.
func (c *content) alternative(p *part, depth int) []piece {
	var one piece
	found := false
	for _, child := range p.children {
		if child.kind == "text/x-amp-html" || child.kind == "text/watch-html" {
			continue
		}
		made := c.pieces(child, depth, false)
		if len(made) == 0 {
			continue
		}
		if formatted := formatted(made); formatted != "" {
			if strings.TrimSpace(formatted) != "" {
				one.html, found = formatted, true
			}
			if said, _ := plain(made); one.plain == "" && hasPlain(made) {
				one.plain = unmark(said)
			}
			continue
		}
		if said, _ := plain(made); strings.TrimSpace(said) != "" {
			one.plain, found = said, true
		}
	}
	if !found {
		return nil
	}
	if one.html != "" && excuse(one.plain) {
		one.plain = ""
	}
	return []piece{one}
}

func hasPlain(pieces []piece) bool {
	for _, p := range pieces {
		if p.plain == "" {
			return false
		}
	}
	return true
}

var excuseForm = regexp.MustCompile(`(?i)does not support html|html[- ](?:capable|compatible|enabled|format)|(?:view|see|read) this (?:e-?mail|message) (?:in|with|using)|this is an html (?:e-?mail|message)|your e-?mail (?:client|program)|kein html`)

// excuse reports whether a plain form only says that the formatted one is to be read.
func excuse(text string) bool {
	return len(text) < 400 && excuseForm.MatchString(text) && strings.Count(strings.TrimSpace(text), "\n") < 4
}

// leaf is a part without parts.
func (c *content) leaf(p *part, depth int, related bool) []piece {
	named := p.disposition.get("filename") != "" || p.contentType.get("name") != "" || len(p.disposition.params) > 0 &&
		p.disposition.text("filename", "") != ""
	attachment := p.disposition.value == "attachment"
	switch {
	case p.kind == "application/ms-tnef", p.kind == "application/vnd.ms-tnef", strings.EqualFold(c.fileName(p), "winmail.dat"):
		return c.tnef(p)
	case p.kind == "application/pkcs7-mime", p.kind == "application/x-pkcs7-mime", strings.HasSuffix(strings.ToLower(c.fileName(p)),
		".p7m"):
		return c.smime(p, depth)
	case p.kind == "application/pkcs7-signature", p.kind == "application/x-pkcs7-signature", p.kind == "application/pgp-signature":
		c.signed = true
		return nil
	case p.kind == "text/vnd.google.email-reaction+json":
		c.reaction = reactionOf(p.decoded())
		return nil
	case p.kind == "text/calendar", p.kind == "application/ics":
		return c.calendar(p)
	case (p.kind == "text/plain" || p.kind == "text/html") && !attachment && !named && (!related || p.header.Get("content-id") == ""):
		return c.body(p)
	case (p.kind == "text/plain" || p.kind == "text/html") && c.bare == nil && (!attachment || depth == 0 && !named):
		c.file(p)
		if p.disposition.value != "attachment" {
			c.bare = p
		}
		return nil
	case strings.HasPrefix(p.kind, "text/") && !attachment && !named && p.kind != "text/rfc822-headers" && p.kind != "text/x-vcard" &&
		p.kind != "text/vcard" && p.kind != "text/directory" && p.kind != "text/csv":
		return c.body(p)
	}
	c.file(p)
	return nil
}

// body decodes a text. Of one that is too long the rest is in a file.
func (c *content) body(p *part) []piece {
	data, label := p.decoded(), p.contentType.get("charset")
	if p == c.bare { // it is no file after all
		c.forget(p)
	}
	isHTML := p.kind == "text/html" || p.kind != "text/plain" && looksLikeHTML(data)
	limit := maxText
	if isHTML {
		limit = maxHTML
	}
	if limit = max(0, min(limit, 2*maxHTML-c.text)); len(data) > limit {
		name, kind := "message.txt", "text/plain"
		if isHTML {
			name, kind = "message.html", "text/html"
		}
		c.add(File{Name: name, Type: kind, Data: p.file()})
		data = whole(data[:limit])
	}
	c.text += len(data)
	if isHTML {
		if text := decodeHTML(data, label, c.fallback); strings.TrimSpace(text) != "" {
			return []piece{{html: text}}
		}
		return nil
	}
	text := unixLines(decodeText(data, label, c.fallback))
	if strings.EqualFold(p.contentType.get("format"), "flowed") {
		text = unflow(text, strings.EqualFold(p.contentType.get("delsp"), "yes"))
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if looksLikeHTML(data) && p.header.Get("content-type") == "" { // a program that states no type
		return []piece{{html: text}}
	}
	return []piece{{plain: c.armoured(c.uuencoded(text))}}
}

// unixLines ends the lines of a text with a line feed alone.
func unixLines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// whole ends data between letters.
func whole(data []byte) []byte {
	for back := 1; back < 4 && back <= len(data); back++ {
		if b := data[len(data)-back]; b < utf8.RuneSelf {
			return data
		} else if utf8.RuneStart(b) {
			if !utf8.FullRune(data[len(data)-back:]) {
				return data[:len(data)-back]
			}
			return data
		}
	}
	return data
}

// unflow joins lines that were wrapped for old programs. https://www.rfc-editor.org/rfc/rfc3676
func unflow(text string, deleteSpace bool) string {
	var b strings.Builder
	b.Grow(len(text))
	depth, open := 0, false
	for raw := range strings.SplitSeq(text, "\n") {
		quoted := len(raw) - len(strings.TrimLeft(raw, ">"))
		l := raw[quoted:]
		l = strings.TrimPrefix(l, " ")
		if !open || quoted != depth || l == "-- " {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			if quoted > 0 {
				b.WriteString(strings.Repeat(">", quoted) + " ")
			}
		}
		if open = strings.HasSuffix(l, " ") && l != "-- "; open && deleteSpace {
			l = l[:len(l)-1]
		}
		depth = quoted
		b.WriteString(l)
	}
	return b.String()
}

// uuencoded takes a file out of a text into which an old program put it.
func (c *content) uuencoded(text string) string {
	for range 20 {
		if !strings.Contains(text, "\nbegin ") && !strings.HasPrefix(text, "begin ") {
			break
		}
		name, data, at, ok := uudecode([]byte(text))
		if !ok {
			break
		}
		end := strings.Index(text[at:], "\nend")
		if end < 0 {
			break
		}
		c.add(File{Name: OneLine(clean(name)), Data: data})
		text = text[:at] + strings.TrimPrefix(text[at+end:], "\nend")
	}
	return text
}

const (
	pgpSigned    = "-----BEGIN PGP SIGNED MESSAGE-----"
	pgpSignature = "-----BEGIN PGP SIGNATURE-----"
	pgpMessage   = "-----BEGIN PGP MESSAGE-----"
)

// armoured takes what PGP puts around a text off.
func (c *content) armoured(text string) string {
	if start := strings.TrimSpace(text); strings.HasPrefix(start, pgpMessage) {
		c.encrypted = true
		c.add(File{Name: "encrypted.asc", Type: "application/pgp-encrypted", Data: []byte(text)})
		return ""
	}
	at := strings.Index(text, pgpSigned)
	if at < 0 {
		return text
	}
	_, inside, ok := strings.Cut(text[at:], "\n\n")
	end := strings.Index(inside, pgpSignature)
	if !ok || end < 0 {
		return text
	}
	c.signed = true
	return strings.TrimLeft(text[:at]+strings.TrimPrefix(strings.ReplaceAll(inside[:end], "\n- ", "\n"), "- "), "\n")
}

// tnef reads a winmail.dat.
func (c *content) tnef(p *part) []piece {
	t := parseTNEF(p.file())
	if t == nil {
		c.file(p)
		return nil
	}
	for _, f := range t.files {
		c.add(f)
	}
	if c.text > 0 || strings.TrimSpace(t.text+t.html) == "" {
		return nil
	}
	c.text += len(t.text) + len(t.html)
	return []piece{{plain: unixLines(t.text), html: t.html}}
}

const maxUnwrap = 4

// smime reads what is inside signed data; encrypted data stays a file.
func (c *content) smime(p *part, depth int) []piece {
	inside, encrypted, ok := signedContent(p.file())
	if !ok && strings.Contains(strings.ToLower(p.contentType.get("smime-type")), "enveloped") {
		encrypted, ok = true, true
	}
	if !ok || encrypted || depth >= maxUnwrap || len(inside) == 0 {
		c.encrypted = c.encrypted || encrypted
		c.file(p)
		return nil
	}
	c.signed = true
	head, body := splitHeader(inside, true)
	w := &walker{fallback: c.fallback, work: workFactor*len(inside) + workLeast}
	root := w.parse(head, body, 0, false)
	c.cut = c.cut || w.cut
	return c.pieces(root, depth+1, false)
}

// calendar reads an invitation; the calendar stays a file, by which people answer it.
func (c *content) calendar(p *part) []piece {
	data := p.file()
	if inv := parseCalendar(data[:min(len(data), maxText)], p.contentType.get("charset")); inv != nil && c.invitation == nil {
		c.invitation = inv
		if inv.method == "" {
			inv.method = strings.ToUpper(p.contentType.get("method"))
		}
	}
	for n := range c.files { // Exchange sends it twice
		if c.files[n].Type == "text/calendar" && string(c.files[n].Data) == string(data) {
			return nil
		}
	}
	name := c.fileName(p)
	if name == "" {
		name = "invite.ics"
	}
	c.add(File{Name: name, Type: "text/calendar", ContentID: contentID(p), Data: data})
	return nil
}

var emojiForm = regexp.MustCompile(`"emoji"\s*:\s*"([^"]{1,60})"`)

// reactionOf reads the part in which Gmail puts a reaction. https://developers.google.com/gmail/reactions/format
func reactionOf(data []byte) string {
	m := emojiForm.FindSubmatch(data)
	if m == nil || strings.Contains(string(m[1]), `\`) && !strings.Contains(string(m[1]), `\u`) {
		return ""
	}
	return OneLine(unescapeJSON(string(m[1])))
}

// plain returns the text of the pieces, one after the other. structure is the formatted form as text, where a plain one stands beside it:
// it says better where quotations begin.
func plain(pieces []piece) (text, structure string) {
	var texts []string
	beside := false
	for _, p := range pieces {
		switch {
		case strings.TrimSpace(p.plain) != "":
			texts = append(texts, strings.Trim(p.plain, "\n"))
			beside = beside || p.html != ""
		case p.html != "":
			if made := textOf(p.html); made != "" {
				texts = append(texts, made)
			}
		}
	}
	if beside && len(pieces) == 1 && quotes(pieces[0].html) {
		structure = textOf(pieces[0].html)
	}
	return strings.Join(texts, "\n\n"), structure
}

// quotes reports whether HTML may hold a quotation that its structure shows.
func quotes(source string) bool {
	return strings.Contains(source, "<blockquote") || strings.Contains(source, "quote") || strings.Contains(source, "divRplyFwdMsg") ||
		strings.Contains(source, "appendonsend")
}

// formatted returns the formatted text of the pieces; plain ones between them are made HTML; empty: none is formatted.
func formatted(pieces []piece) string {
	if len(pieces) == 1 {
		return pieces[0].html
	}
	if !slices.ContainsFunc(pieces, func(p piece) bool { return p.html != "" }) {
		return ""
	}
	var b strings.Builder
	for _, p := range pieces {
		if p.html != "" {
			b.WriteString(p.html)
			continue
		}
		b.WriteString(`<div dir="auto" style="white-space:pre-wrap">` + html.EscapeString(strings.Trim(p.plain, "\n")) + "</div>")
	}
	return b.String()
}
