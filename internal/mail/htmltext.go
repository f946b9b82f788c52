package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Marks that stand in texts made of HTML, at the beginning of a line, until the text is folded. No text that comes in holds them.
const (
	markQuote     = '\x01' // a mail program's own element for what was said before begins
	markSignature = '\x02' // likewise a signature
	markEnd       = '\x03' // the signature ends
)

// quoteClasses and quoteIDs are the elements in which mail programs put what was said before.
var (
	quoteClasses = map[string]bool{
		"gmail_attr": true, "gmail_quote": true, "gmail_quote_container": true, "yahoo_quoted": true, "yahoo-quoted-begin": true,
		"moz-cite-prefix": true, "protonmail_quote": true,
		"zmail_extra": true, "outlookmessageheader": true, "tutanota_quote": true, "ntes-mailmaster-quote": true, "iosymail": true,
		"ms-outlook-mobile-reference-message": true,
		"sparrow-quote":                       true, "mailbutler-quote": true, "front-blockquote": true, "freshdesk_quote": true,
	}
	quoteIDs = map[string]bool{
		"divrplyfwdmsg": true, "appendonsend": true, "reply-intro": true, "mail-editor-reference-message-container": true,
		"stopspelling": true, "zwchr": true, "orimsghtmlseperator": true,
		"isforwardcontent": true, "ydpyahoo_quoted": true, "replybody": true,
	}
	signatureClasses = map[string]bool{
		"gmail_signature": true, "moz-signature": true, "yahoo-signature": true, "protonmail_signature_block": true,
		"gmail_signature_prefix": true, "ydpsignature": true,
	}
	signatureIDs = map[string]bool{
		"signature": true, "ms-outlook-mobile-signature": true, "applemailsignature": true,
		"applemail-signature": true,
	}
)

// effect is what an element does until it ends.
type effect int

const (
	effectNone effect = iota
	effectHide
	effectQuote
	effectPre
	effectSignature
)

// open is an element with an effect; nested counts elements of its name inside it.
type open struct {
	tag    atom.Atom
	effect effect
	nested int
}

// textWriter makes lines of what people see.
type textWriter struct {
	out           []byte
	breaks        int // line breaks that are due before the next letter
	space         bool
	quote, hidden int
	pre           int
	stack         []open
	link          string
	marks         []byte // that are due
	fresh         bool   // nothing on the line yet
	quoting       bool   // a mail program's own element for what was said before began
	signature     bool   // one began, and what ends it was not marked yet
}

// textOf returns what HTML says in plain text: quotations have ">" before their lines, and marks say where mail programs put what was
// said before. It reads every byte once.
func textOf(source string) string {
	w := &textWriter{out: make([]byte, 0, len(source)/4), fresh: true}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		if len(w.out) > maxText {
			return string(bytes.TrimSpace(w.out))
		}
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			w.endSignature()
			return string(bytes.TrimSpace(w.out))
		case html.TextToken:
			if w.hidden == 0 {
				w.write(textToken(z))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z, tagOf(z.Raw()), bytes.IndexByte(z.Raw(), '=') >= 0, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			w.end(tagOf(z.Raw()))
		}
	}
}

// textToken is the token's text. What has nothing to decode is not copied, as the library does for each token.
func textToken(z *html.Tokenizer) []byte {
	if raw := z.Raw(); !bytes.ContainsAny(raw, "&\r\x00") {
		return raw
	}
	return z.Text()
}

// tagOf is the name of a tag, 0 for one that HTML does not have.
func tagOf(raw []byte) atom.Atom {
	name := bytes.TrimLeft(raw, "</")
	if end := bytes.IndexAny(name, " \t\r\n\f/>"); end >= 0 {
		name = name[:end]
	}
	var buffer [16]byte // longer than the longest name
	if len(name) > len(buffer) {
		return 0
	}
	return atom.Lookup(lowered(buffer[:0], name))
}

// start begins an element. more says that it has attributes with values.
func (w *textWriter) start(z *html.Tokenizer, tag atom.Atom, more, closed bool) {
	if len(w.stack) > 0 && w.stack[len(w.stack)-1].tag == tag && !closed {
		w.stack[len(w.stack)-1].nested++
	}
	e := effectNone
	switch tag {
	case atom.Style, atom.Script, atom.Title, atom.Noscript, atom.Textarea, atom.Template, atom.Svg:
		e = effectHide
	case atom.Pre:
		e = effectPre
	}
	w.gap(tag)
	mark, cited := byte(0), false
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "class":
			mark, e = classed(value, mark, e)
			cited = cited || mark == markQuote
		case "id":
			switch id := strings.TrimPrefix(strings.ToLower(string(value)), "x_"); {
			case quoteIDs[id]:
				mark = markQuote
			case signatureIDs[id]:
				mark, e = markSignature, effectSignature
			}
		case "name":
			if string(value) == "quote" && tag == atom.Div { // GMX, web.de
				mark = markQuote
			}
		case "type", "cite":
			cited = cited || tag == atom.Blockquote
		case "style":
			cited = cited || bytes.Contains(value, []byte("border-left")) || bytes.Contains(value, []byte("border-inline-start"))
			if hides(value) && tag != atom.Body && tag != atom.Html {
				e = effectHide
			}
		case "href":
			if tag == atom.A {
				w.link = string(value)
			}
		case "alt", "data-emoji":
			if tag == atom.Img && w.hidden == 0 && len(value) <= 32 && utf8.RuneCount(value) <= 8 && !ascii(value) {
				w.write(value) // a picture of an emoji
			}
		}
	}
	if tag == atom.Blockquote && (cited || w.quoting) { // others only set words in
		e = effectQuote
	}
	w.quoting = w.quoting || mark == markQuote
	if mark != 0 && w.hidden == 0 {
		if tag != atom.Span && tag != atom.Blockquote || len(w.out) > 0 {
			w.breaks = max(w.breaks, 1)
		}
		w.marks, w.signature = append(w.marks[:0], mark), mark == markSignature
	}
	if e != effectNone && !closed && !void(tag) {
		w.begin(tag, e)
	}
}

// classed looks for the classes of mail programs.
func classed(value []byte, mark byte, e effect) (byte, effect) {
	var buffer [300]byte
	for class := range bytes.FieldsSeq(lowered(buffer[:0], value)) {
		switch class = bytes.TrimPrefix(class, []byte("x_")); {
		case quoteClasses[string(class)]:
			mark = markQuote
		case signatureClasses[string(class)]:
			return markSignature, effectSignature
		}
	}
	return mark, e
}

// hides reports whether a style shows nothing, as that of the first words that programs show in lists.
func hides(style []byte) bool {
	var buffer [1000]byte
	style = lowered(buffer[:0], style)
	if !bytes.Contains(style, []byte("none")) && !bytes.Contains(style, []byte("hid")) {
		return false
	}
	s := strings.Join(strings.Fields(string(style)), "")
	return strings.Contains(s, "display:none") || strings.Contains(s, "mso-hide:all") || strings.Contains(s, "visibility:hidden")
}

// lowered fills the buffer with what begins the text, its ASCII letters in lower case.
func lowered(buffer, text []byte) []byte {
	for _, c := range text[:min(len(text), cap(buffer))] {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buffer = append(buffer, c)
	}
	return buffer
}

func void(tag atom.Atom) bool {
	switch tag {
	case atom.Br, atom.Hr, atom.Img, atom.Input, atom.Meta, atom.Link, atom.Base, atom.Col, atom.Area, atom.Wbr:
		return true
	}
	return false
}

const maxOpen = 200

func (w *textWriter) begin(tag atom.Atom, e effect) {
	if len(w.stack) >= maxOpen {
		return
	}
	w.stack = append(w.stack, open{tag: tag, effect: e})
	w.count(e, 1)
}

func (w *textWriter) count(e effect, by int) {
	switch e {
	case effectHide:
		w.hidden += by
	case effectQuote:
		w.quote += by
	case effectPre:
		w.pre += by
	case effectSignature:
		if by < 0 {
			w.endSignature()
		}
	}
}

// endSignature marks where a signature ends.
func (w *textWriter) endSignature() {
	if w.signature {
		w.signature, w.breaks = false, max(w.breaks, 1)
		w.marks = append(w.marks[:0], markEnd)
	}
}

// end closes an element.
func (w *textWriter) end(tag atom.Atom) {
	if tag == atom.A {
		if strings.HasPrefix(w.link, "http") && w.hidden == 0 && !bytes.HasSuffix(w.out, []byte(strings.TrimSuffix(w.link, "/"))) &&
			!bytes.HasSuffix(w.out, []byte(w.link)) && !w.fresh {
			w.write([]byte(" (" + w.link + ")"))
		}
		w.link = ""
	}
	for n := len(w.stack) - 1; n >= 0; n-- {
		if w.stack[n].tag != tag {
			continue
		}
		if w.stack[n].nested > 0 {
			w.stack[n].nested--
			break
		}
		for len(w.stack) > n {
			last := w.stack[len(w.stack)-1]
			w.stack = w.stack[:len(w.stack)-1]
			w.count(last.effect, -1)
		}
		break
	}
	if tag != atom.Br && tag != atom.Li && tag != atom.Td && tag != atom.Th {
		w.gap(tag)
	}
}

// gap is what stands between a block and the text around it.
func (w *textWriter) gap(tag atom.Atom) {
	if w.hidden > 0 {
		return
	}
	switch tag {
	case atom.Br:
		w.breaks = min(w.breaks+1, 2)
		w.space = false
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Ul, atom.Ol, atom.Table, atom.Hr, atom.Pre:
		w.breaks, w.space = 2, false
	case atom.Div, atom.Tr, atom.Dt, atom.Dd, atom.Address, atom.Center, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Body:
		w.breaks, w.space = max(w.breaks, 1), false
	case atom.Li:
		w.breaks = max(w.breaks, 1)
		w.write([]byte("- "))
		w.space = false
	case atom.Td, atom.Th:
		w.space = !w.fresh || w.space
	}
}

// write adds letters; blanks are one blank, as in a browser.
func (w *textWriter) write(text []byte) {
	for len(text) > 0 {
		c := text[0]
		switch {
		case w.pre > 0 && c == '\n':
			w.breaks++
			text = text[1:]
			continue
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			if w.pre > 0 && c != '\r' && w.breaks == 0 {
				w.out = append(w.out, ' ')
			} else {
				w.space = true
			}
			text = text[1:]
			continue
		case c == 0xc2 && len(text) > 1 && text[1] == 0xa0: // a blank that does not break
			w.space = true
			text = text[2:]
			continue
		case c < ' ':
			text = text[1:]
			continue
		}
		end := 1
		for end < len(text) && text[end] > ' ' && text[end] != 0xc2 {
			end++
		}
		w.flush()
		w.out = append(w.out, text[:end]...)
		text = text[end:]
	}
}

// flush writes what is due before a letter.
func (w *textWriter) flush() {
	if len(w.out) == 0 {
		w.breaks, w.fresh = 0, true
	}
	for ; w.breaks > 0; w.breaks-- {
		if len(w.out) > 0 && w.out[len(w.out)-1] == ' ' {
			w.out = w.out[:len(w.out)-1]
		}
		w.out = append(w.out, '\n')
		w.fresh = true
		if w.breaks > 1 && w.quote > 0 {
			w.out = append(w.out, bytes.Repeat([]byte(">"), min(w.quote, 8))...)
		}
	}
	if w.fresh {
		w.out = append(w.out, w.marks...)
		w.marks = w.marks[:0]
		if w.quote > 0 {
			w.out = append(append(w.out, bytes.Repeat([]byte(">"), min(w.quote, 8))...), ' ')
		}
		w.fresh, w.space = false, false
		return
	}
	if w.space {
		w.out = append(w.out, ' ')
		w.space = false
	}
}
