// Package mail reads mails as people and programs really send them: it never fails, and what cannot be decoded is kept as it is.
//
// What must always be true: no word of the writer is lost or folded; what a sender claims moves nothing by itself; and no mail, of any
// shape, takes more than seconds or a few times its own size: budgets of depth, count and bytes are checked before anything is decoded.
package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Auto says what kind of program wrote a mail; empty: a person did.
type Auto string

// The kinds of automatic mail.
const (
	Reply  Auto = "reply"
	Bounce Auto = "bounce"
	List   Auto = "list"
	Bulk   Auto = "bulk"
	Loop   Auto = "loop"
)

// Mail is one mail, read.
type Mail struct {
	Header Header
	ID     string // the Message-ID without its brackets; empty: it states none
	Date   time.Time
	From   Address // as the head says
	// Person is who wrote it: From, or whom a group or a form wrote for; without an address where nobody is named.
	Person Address
	// AnswerTo is where answers go; empty: nobody reads them.
	AnswerTo   string
	To, CC     []Address
	Subject    string
	References []string // the mails before this one, the one that it answers last

	Text   string // what the writer added
	Folded string // what was said before, and signatures
	HTML   string // the formatted text
	Files  []File

	Auto       Auto
	Report     *Report // what it says of a mail that was sent; nil: it is no report
	Reaction   string  // the emoji with which its writer reacts to the mail that it answers
	Invitation string  // the method of a calendar part: REQUEST, CANCEL, REPLY …
	Encrypted  bool    // only its recipient's key can open it
	Signed     bool    // it carries a signature, which is not checked
	Unverified bool    // neither SPF nor DKIM speak for its writer
	Cut        bool    // a budget was spent: the whole mail is among the files

	root     typed
	rootKind string
}

// Envelope is what the mail servers said of a mail.
type Envelope struct {
	Known bool
	From  string
	To    []string
	SPF   string // the result for From; empty: nobody looked
	DKIM  string // as SendGrid writes it: {@example.org : pass}
}

// Options are what reading depends on besides the mail.
type Options struct {
	Own        string         // our mailbox, in lower case
	OurID      *regexp.Regexp // the form of the Message-IDs that we give
	LoopHeader string         // a field, in lower case, that our mails carry
	Envelope   Envelope
}

// ours returns the first Message-ID of ours in a text.
func (o Options) ours(text string) string {
	if o.OurID == nil {
		return ""
	}
	return o.OurID.FindString(text)
}

// isOwn reports whether an address is our mailbox, also with what follows a plus.
func (o Options) isOwn(address string) bool {
	address = strings.ToLower(address)
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	return address != "" && (address == o.Own || local+"@"+domain == o.Own)
}

// Read reads a whole mail.
func Read(raw []byte, o Options) *Mail {
	data := bytes.TrimLeft(raw, "\r\n")
	// of a mailbox in one file
	if line, rest := cutLine(data); bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From ")) {
		data = rest
	}
	head, body := splitHeader(data, false)
	w := &walker{fallback: fallbackSet(data, len(data)-len(body)), work: workFactor*len(raw) + workLeast}
	head.fallback = w.fallback
	m := &Mail{Header: head}
	m.head(o)
	root := w.parse(head, body, 0, false)
	m.root, m.rootKind = root.contentType, strings.ToLower(root.contentType.value)
	c := &content{fallback: w.fallback, options: o, cut: w.cut}
	pieces := c.pieces(root, 0, false)
	if len(pieces) == 0 && c.bare != nil {
		pieces = c.body(c.bare)
	}
	m.finish(root, pieces, c, o)
	if m.Cut = c.cut; m.Cut {
		m.Files = append(m.Files, File{Name: "message.eml", Type: "message/rfc822", Data: bytes.Clone(raw)})
	}
	return m
}

// Form is a mail whose parts somebody else took apart.
type Form struct {
	Head       []byte
	Text, HTML []byte
	TextSet    string // character sets
	HTMLSet    string
	Files      []File
}

// ReadForm reads a mail that somebody else took apart.
func ReadForm(f Form, o Options) *Mail {
	head, _ := splitHeader(f.Head, false)
	head.fallback = fallbackSet(f.Head, len(f.Head))
	if _, name := byLabel(f.TextSet); head.fallback == "" && !vague(name) {
		head.fallback = f.TextSet
	}
	m := &Mail{Header: head}
	m.head(o)
	m.root = parseTyped(head.Get("content-type"))
	m.rootKind = m.root.value
	c := &content{fallback: head.fallback, options: o}
	root := &part{header: head, contentType: m.root, kind: "multipart/mixed"}
	body := &part{kind: "multipart/alternative"}
	if len(f.Text) > 0 {
		body.children = append(body.children, &part{
			kind: "text/plain", content: f.Text,
			contentType: typed{params: []param{{name: "charset", value: f.TextSet}}},
		})
	}
	if len(f.HTML) > 0 {
		body.children = append(body.children, &part{
			kind: "text/html", content: f.HTML,
			contentType: typed{params: []param{{name: "charset", value: f.HTMLSet}}},
		})
	}
	root.children = append(root.children, body)
	pieces := c.pieces(root, 0, false)
	for n := range f.Files {
		p := f.Files[n].asPart()
		root.children = append(root.children, p)
		pieces = append(pieces, c.attached(p, f.Files[n])...)
	}
	m.finish(root, pieces, c, o)
	m.Cut = c.cut
	return m
}

var charsetForm = regexp.MustCompile(`(?i)^charset\s*=\s*["']?([a-z0-9_.:-]+)`)

// charsetLooked is how far behind its name a character set is looked for.
const charsetLooked = 200

// fallbackSet is the set of raw letters in heads: that of the body, or what the letters of the head show.
func fallbackSet(data []byte, head int) string {
	low := bytes.ToLower(data[:min(len(data), 64<<10)])
	for tries := 0; tries < 20; tries++ {
		at := bytes.Index(low, []byte("charset"))
		if at < 0 {
			break
		}
		low = low[at:]
		if m := charsetForm.FindSubmatch(low[:min(len(low), charsetLooked)]); m != nil {
			if _, name := byLabel(string(m[1])); !vague(name) {
				return name
			}
		}
		low = low[1:]
	}
	return guess(upperWords(data[:min(head, 16<<10)]))
}

// upperWords keeps the fields of a head that have letters beyond ASCII and are no UTF-8.
func upperWords(head []byte) []byte {
	var out []byte
	for len(head) > 0 {
		var line []byte
		line, head = cutLine(head)
		if _, value, ok := fieldLine(line); ok && !ascii(value) && !utf8.Valid(value) {
			out = append(append(out, value...), '\n')
		}
	}
	return out
}

// head reads who, to whom, about what and when.
func (m *Mail) head(o Options) {
	h := m.Header
	m.ID, m.Date, m.References = messageID(h.Get("message-id")), h.date(), h.references()
	m.Subject = h.Text("subject")
	m.To, m.CC = h.Addresses("to"), h.Addresses("cc")
	if from := h.parseList(h.Get("from")); len(from) > 0 {
		m.From = from[0]
	} else if sender := h.Addresses("sender"); len(sender) > 0 {
		m.From = sender[0]
	} else if bareAddress(o.Envelope.From) != "" {
		m.From = Address{Address: bareAddress(o.Envelope.From)}
	}
}

// finish makes the mail of its pieces.
func (m *Mail) finish(root *part, pieces []piece, c *content, o Options) {
	_, answer, forward := SubjectKey(m.Subject)
	f := folder{answers: answer || len(m.References) > 0 && !forward, forward: forward, own: o.Own, sender: m.From.Name}
	m.Files = c.files
	m.HTML = formatted(pieces)
	text, structure := plain(pieces)
	m.Encrypted, m.Signed = c.encrypted, c.signed
	if c.invitation != nil {
		m.Invitation = c.invitation.method
		if strings.TrimSpace(text) == "" {
			text = c.invitation.text()
		}
	}
	if m.Encrypted && strings.TrimSpace(text) == "" {
		text = "This mail is encrypted. Only its recipient's key can open it."
	}
	m.Reaction = c.reaction
	m.report(root, text, o)
	if m.Report != nil {
		f.forward = true // what it repeats is what there is to read
	}
	m.Text, m.Folded = f.split(text)
	if m.Folded == "" && structure != "" {
		m.byStructure(f, text, structure)
	}
	m.inline()
	m.who(o)
}

// byStructure folds a plain text by what its formatted form shows to be a quotation, where the words above it are the same.
func (m *Mail) byStructure(f folder, text, structure string) {
	added, folded := f.split(structure)
	if folded == "" {
		return
	}
	if at := afterWords(text, added); at > 0 && strings.TrimSpace(text[at:]) != "" {
		m.Text, m.Folded = strings.TrimSpace(text[:at]), strings.Trim(text[at:], "\n")
	}
}

// afterWords returns where in a text the line ends with which these words end that it begins with; 0: it does not begin with them.
func afterWords(text, words string) int {
	at := 0
	for word := range strings.FieldsSeq(words) {
		for at < len(text) && (text[at] <= ' ' || text[at] == '*' || text[at] == '_') {
			at++
		}
		if !strings.HasPrefix(text[at:], word) {
			return 0
		}
		at += len(word)
	}
	end := strings.IndexByte(text[at:], '\n')
	if end < 0 || strings.TrimSpace(strings.Trim(text[at:at+end], "*_ ")) != "" {
		return 0
	}
	return at + end
}

// report finds out whether the mail reports what became of another one.
func (m *Mail) report(root *part, text string, o Options) {
	if p := root.find(ofKind("message/disposition-notification")); p != nil {
		m.Report = m.receipt(p.decoded(), o)
		return
	}
	if !m.isBounce(root, text, o) {
		return
	}
	var fields, original []byte
	if p := root.find(ofKind("message/delivery-status", "message/global-delivery-status")); p != nil {
		fields = bytes.ReplaceAll(p.decoded(), []byte("\r\n"), []byte("\n"))
	}
	if p := root.find(ofKind("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global",
		"message/global-headers")); p != nil {
		original = p.decoded()
		original = original[:min(len(original), 64<<10)]
	}
	m.Report = m.bounce(fields, original, text[:min(len(text), 64<<10)], o)
}

// Digest is what a mail says, in short: the same mail has the same one, whichever way it came.
func (m *Mail) Digest() string {
	sum := sha256.New()
	for _, part := range []string{m.Header.Get("date"), m.Header.Get("from"), m.Header.Get("subject"), m.Text, m.Folded, m.HTML} {
		_, _ = io.WriteString(sum, strconv.Itoa(len(part))+" "+part)
	}
	for _, f := range m.Files {
		_, _ = io.WriteString(sum, strconv.Itoa(len(f.Data))+" "+f.Name)
		_, _ = sum.Write(f.Data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
