package mail

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// pieceKind is what a scanner has found.
type pieceKind int

const (
	endPiece pieceKind = iota // there is nothing more
	textPiece
	startTag
	endTag
)

// attribute is one that textOf heeds, its value as it stands in the source.
type attribute struct{ key, value string }

// scanner cuts HTML into texts and tags as the standard says (WHATWG 13.2.5) and as the tokenizer of x/net does, with which a fuzz test
// compares it. It copies nothing and knows only the attributes that textOf heeds, so that dense mails take a third of the tokenizer's
// time. What begins a comment inside of a script is not looked at.
type scanner struct {
	rest    string      // what is not read yet
	name    atom.Atom   // of a tag; 0: one that HTML does not have
	text    string      // of a text, as it stands in the source
	literal bool        // the text's entities are letters
	raw     atom.Atom   // the element whose content is text up to its end tag
	attrs   []attribute // of a tag
	closed  bool        // the tag ends the element that it begins
}

// next finds the next text or tag and leaves comments out.
func (s *scanner) next() pieceKind {
	for s.rest != "" {
		if s.raw != 0 && s.rawText() {
			return textPiece
		}
		if n := markup(s.rest); n != 0 {
			s.text, s.literal, s.rest = s.rest[:n], false, s.rest[n:]
			return textPiece
		}
		if s.rest == "" {
			break
		}
		switch c := s.rest[1]; {
		case latin(c):
			return s.tag(1, startTag)
		case c == '!':
			s.rest = s.rest[commentEnd(s.rest):]
		case c == '/' && latin(s.rest[2]):
			return s.tag(2, endTag)
		default:
			s.rest = s.rest[closed(s.rest, 1):]
		}
	}
	return endPiece
}

// markup is where the first tag or comment begins, which the length is where there is none.
func markup(text string) int {
	for at := 0; ; at++ {
		if at < len(text) && text[at] != '<' { // usually it is
			n := strings.IndexByte(text[at:], '<')
			if n < 0 {
				return len(text)
			}
			at += n
		}
		if at+1 >= len(text) {
			return len(text)
		}
		switch c := text[at+1]; {
		case c == '/' && at+2 == len(text):
			return len(text)
		case latin(c) || c == '/' || c == '!' || c == '?':
			return at
		}
	}
}

// rawText takes what stands before the end tag of the raw element, and reports whether there is something.
func (s *scanner) rawText() bool {
	name, end := s.raw.String(), len(s.rest)
	s.literal = s.raw != atom.Textarea && s.raw != atom.Title
	for at := 0; s.raw != atom.Plaintext; at += 2 {
		n := strings.Index(s.rest[at:], "</")
		if n < 0 {
			break
		}
		at += n
		behind := at + 2 + len(name)
		if behind < len(s.rest) && strings.EqualFold(s.rest[at+2:behind], name) && endsName(s.rest[behind]) {
			end = at
			break
		}
	}
	s.text, s.rest, s.raw = s.rest[:end], s.rest[end:], 0
	return end > 0
}

// tag reads a tag whose name begins at from. One that does not end is none, and nothing comes behind it.
func (s *scanner) tag(from int, kind pieceKind) pieceKind {
	at := from
	for at < len(s.rest) && !endsName(s.rest[at]) {
		at++
	}
	s.name = tagOf(s.rest[from:at])
	end := s.attributes(at)
	if end == 0 {
		s.rest = ""
		return endPiece
	}
	s.rest = s.rest[end:]
	switch s.name {
	case atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext, atom.Script, atom.Style, atom.Textarea, atom.Title,
		atom.Xmp:
		if kind == startTag {
			s.raw = s.name
		}
	}
	return kind
}

// attributes reads those of a tag from a place on, and returns where the tag has ended; 0: it does not.
func (s *scanner) attributes(at int) int {
	s.attrs, s.closed = s.attrs[:0], false
	for text := s.rest; ; {
		if at = blanks(text, at); at == len(text) {
			return 0
		}
		if text[at] == '>' {
			return at + 1
		}
		from := at
		if text[at] == '=' {
			at++
		}
		for at < len(text) && text[at] != '=' && !endsName(text[at]) {
			at++
		}
		key := text[from:at]
		if at = blanks(text, at); at == len(text) {
			return 0
		}
		value := ""
		switch text[at] {
		case '/':
			at++
			s.closed = at < len(text) && text[at] == '>'
		case '=':
			var end int
			if value, end = valueAt(text, blanks(text, at+1)); end == 0 {
				return 0
			}
			at = end
		}
		s.keep(key, value)
	}
}

// valueAt is the value that begins at a place, and where what comes behind it begins; 0: it does not end.
func valueAt(text string, at int) (value string, end int) {
	if at == len(text) {
		return "", 0
	}
	switch quote := text[at]; quote {
	case '\'', '"':
		n := strings.IndexByte(text[at+1:], quote)
		if n < 0 {
			return "", 0
		}
		return text[at+1 : at+1+n], at + n + 2
	}
	for end = at; end < len(text) && !blank(text[end]) && text[end] != '>'; end++ {
	}
	return text[at:end], end
}

// keep keeps an attribute that is heeded. Of one that stands there twice the first counts.
func (s *scanner) keep(key, value string) {
	for _, heeded := range [...]string{"class", "id", "name", "type", "cite", "style", "href", "alt", "data-emoji"} {
		if len(key) != len(heeded) || !strings.EqualFold(key, heeded) {
			continue
		}
		for _, a := range s.attrs {
			if a.key == heeded {
				return
			}
		}
		s.attrs = append(s.attrs, attribute{heeded, value})
		return
	}
}

// commentEnd is where a comment or declaration, with which the text begins, has ended.
func commentEnd(text string) int {
	if !strings.HasPrefix(text, "<!--") {
		return closed(text, 2)
	}
	for at := 4; ; at++ {
		n := strings.IndexByte(text[at:], '>')
		if n < 0 {
			return len(text)
		}
		at += n
		switch said := text[4:at]; {
		case said == "" || said == "-" || strings.HasSuffix(said, "--") || strings.HasSuffix(said, "--!"):
			return at + 1
		}
	}
}

// closed is where what ends with the first bracket from a place on has ended.
func closed(text string, from int) int {
	if n := strings.IndexByte(text[from:], '>'); n >= 0 {
		return from + n + 1
	}
	return len(text)
}

func blanks(text string, at int) int {
	for at < len(text) && blank(text[at]) {
		at++
	}
	return at
}

func endsName(c byte) bool { return c == '>' || c == '/' || blank(c) }

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' }

func latin(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
