package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"wasl/internal/text"
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
	out           strings.Builder
	breaks        int // line breaks that are due before the next letter
	spaces        int // likewise, if it stands on the same line
	quote, hidden int
	pre           int
	stack         []open
	link          string
	marks         []byte // that are due
	fresh         bool   // nothing on the line yet
	quoting       bool   // a mail program's own element for what was said before began
	signature     bool   // one began, and what ends it was not marked yet
	lower         []byte // the classes that are looked at
}

func newTextWriter(source string) *textWriter {
	w := &textWriter{fresh: true, lower: make([]byte, 0, 300)}
	w.out.Grow(min(len(source)/2, maxText))
	return w
}

// textOf returns what HTML says in plain text: quotations have ">" before their lines, and marks say where mail programs put what was
// said before. It reads every byte once.
func textOf(source string) string {
	w := newTextWriter(source)
	z := &scanner{rest: source}
	for w.out.Len() <= maxText {
		switch z.next() {
		case endPiece:
			w.endSignature()
			return strings.TrimSpace(w.out.String())
		case textPiece:
			if w.hidden > 0 {
				continue
			}
			if said := text.Cut(z.text, maxText+1-w.out.Len()); z.literal || strings.IndexByte(said, '&') < 0 {
				w.write(said)
			} else {
				w.write(html.UnescapeString(said))
			}
		case startTag:
			w.start(z.name, z.attrs, z.closed)
		case endTag:
			w.end(z.name)
		}
	}
	return strings.TrimSpace(w.out.String())
}

// tagOf is the name of a tag, 0 for one that HTML does not have.
func tagOf(name string) atom.Atom {
	var buffer [16]byte // longer than the longest name
	if len(name) > len(buffer) {
		return 0
	}
	return atom.Lookup(lowered(buffer[:0], name))
}

// start begins an element.
func (w *textWriter) start(tag atom.Atom, attrs []attribute, closed bool) {
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
	for _, a := range attrs {
		value := a.value
		if strings.IndexByte(value, '&') >= 0 {
			value = html.UnescapeString(value)
		}
		switch a.key {
		case "class":
			mark, e = w.classed(value, mark, e)
			cited = cited || mark == markQuote
		case "id":
			switch id := strings.TrimPrefix(strings.ToLower(value), "x_"); {
			case quoteIDs[id]:
				mark = markQuote
			case signatureIDs[id]:
				mark, e = markSignature, effectSignature
			}
		case "name":
			if value == "quote" && tag == atom.Div { // GMX, web.de
				mark = markQuote
			}
		case "type", "cite":
			cited = cited || tag == atom.Blockquote
		case "style":
			cited = cited || strings.Contains(value, "border-left") || strings.Contains(value, "border-inline-start")
			if hides(value) && tag != atom.Body && tag != atom.Html {
				e = effectHide
			}
		case "href":
			if tag == atom.A {
				w.link = value
			}
		case "alt", "data-emoji":
			if tag == atom.Img && w.hidden == 0 && len(value) <= 32 && utf8.RuneCountInString(value) <= 8 && !ascii([]byte(value)) {
				w.write(value) // a picture of an emoji
			}
		}
	}
	if tag == atom.Blockquote && (cited || w.quoting) { // others only set words in
		e = effectQuote
	}
	w.quoting = w.quoting || mark == markQuote
	if mark != 0 && w.hidden == 0 {
		if tag != atom.Span && tag != atom.Blockquote || w.out.Len() > 0 {
			w.breaks = max(w.breaks, 1)
		}
		w.marks, w.signature = append(w.marks[:0], mark), mark == markSignature
	}
	if e != effectNone && !closed && !void(tag) {
		w.begin(tag, e)
	}
}

// classed looks for the classes of mail programs.
func (w *textWriter) classed(value string, mark byte, e effect) (byte, effect) {
	w.lower = lowered(w.lower[:0], value)
	for class := range bytes.FieldsSeq(w.lower) {
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
func hides(text string) bool {
	var buffer [1000]byte
	style := lowered(buffer[:0], text)
	if !bytes.Contains(style, []byte("none")) && !bytes.Contains(style, []byte("hid")) {
		return false
	}
	s := strings.Join(strings.Fields(string(style)), "")
	return strings.Contains(s, "display:none") || strings.Contains(s, "mso-hide:all") || strings.Contains(s, "visibility:hidden")
}

// lowered fills the buffer with what begins the text, its ASCII letters in lower case.
func lowered(buffer []byte, text string) []byte {
	for _, c := range []byte(text[:min(len(text), cap(buffer))]) {
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
		if strings.HasPrefix(w.link, "http") && w.hidden == 0 && !strings.HasSuffix(w.out.String(), strings.TrimSuffix(w.link, "/")) &&
			!strings.HasSuffix(w.out.String(), w.link) && !w.fresh {
			w.write(" (" + w.link + ")")
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
		w.spaces = 0
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Ul, atom.Ol, atom.Table, atom.Hr, atom.Pre:
		w.breaks, w.spaces = 2, 0
	case atom.Div, atom.Tr, atom.Dt, atom.Dd, atom.Address, atom.Center, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Body:
		w.breaks, w.spaces = max(w.breaks, 1), 0
	case atom.Li:
		w.breaks = max(w.breaks, 1)
		w.write("- ")
		w.spaces = 0
	case atom.Td, atom.Th:
		if !w.fresh {
			w.spaces = max(w.spaces, 1)
		}
	}
}

// write adds letters; blanks are one blank, as in a browser.
func (w *textWriter) write(text string) {
	for len(text) > 0 {
		c := text[0]
		switch {
		case w.pre > 0 && c == '\n':
			w.breaks++
			text = text[1:]
			continue
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			if w.pre == 0 {
				w.spaces = 1
			} else if c != '\r' {
				w.spaces++
			}
			text = text[1:]
			continue
		case c == 0xc2 && len(text) > 1 && text[1] == 0xa0: // a blank that does not break
			w.spaces = max(w.spaces, 1)
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
		w.out.WriteString(text[:end])
		text = text[end:]
	}
}

// flush writes what is due before a letter.
func (w *textWriter) flush() {
	if w.out.Len() == 0 {
		w.breaks, w.fresh = 0, true
	}
	for ; w.breaks > 0; w.breaks-- {
		w.out.WriteByte('\n')
		w.fresh = true
		if w.breaks > 1 && w.quote > 0 {
			w.out.WriteString(">>>>>>>>"[:min(w.quote, 8)])
		}
	}
	if w.fresh {
		w.out.Write(w.marks)
		w.marks = w.marks[:0]
		if w.quote > 0 {
			w.out.WriteString(">>>>>>>>"[:min(w.quote, 8)] + " ")
		}
		w.fresh, w.spaces = false, 0
	}
	for ; w.spaces > 0; w.spaces-- {
		w.out.WriteByte(' ')
	}
}
