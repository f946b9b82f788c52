package mail

import (
	"encoding/base64"
	"strings"
)

// decodeWords reads what a header spells in ASCII (RFC 2047), as leniently as mail programs do: in quotes, without padding, with raw
// letters or blanks inside, and with letters that are split between two words. Raw bytes around the words are decoded by decodeText.
func decodeWords(value, fallback string) string {
	var b strings.Builder
	var pending []byte // bytes of adjoining words in one set: a letter may be split between them
	set := ""
	flush := func() {
		if pending != nil {
			b.WriteString(decodeText(pending, set, fallback))
			pending = nil
		}
	}
	for value != "" {
		at := strings.Index(value, "=?")
		if at < 0 {
			break
		}
		w, rest, ok := encodedWord(value[at:])
		if !ok {
			flush()
			b.WriteString(decodeText([]byte(value[:at+2]), "", fallback))
			value = value[at+2:]
			continue
		}
		if between := value[:at]; pending == nil || strings.TrimSpace(between) != "" {
			flush()
			b.WriteString(decodeText([]byte(between), "", fallback))
		}
		if pending != nil && !strings.EqualFold(set, w.set) {
			flush()
		}
		pending, set, value = append(pending, w.data...), w.set, rest
	}
	flush()
	b.WriteString(decodeText([]byte(value), "", fallback))
	return b.String()
}

type word struct {
	set  string
	data []byte
}

// encodedWord reads the word that s begins with.
func encodedWord(s string) (w word, rest string, ok bool) {
	set, after, found := strings.Cut(s[2:], "?")
	if !found || len(set) > 60 || set == "" || strings.ContainsAny(set, " \t\r\n=<>@") || len(after) < 2 || after[1] != '?' {
		return w, "", false
	}
	kind, text := after[0]|0x20, after[2:]
	if kind != 'b' && kind != 'q' { // before its end is sought, which may be far away
		return w, "", false
	}
	end := strings.Index(text, "?=")
	if end < 0 { // cut off: to the end, or to where an address begins
		if end = strings.IndexAny(text, "<>\"\r\n"); end < 0 {
			end = len(text)
		}
		rest = text[end:]
	} else {
		rest = text[end+2:]
	}
	text = text[:end]
	w.set, _, _ = strings.Cut(set, "*") // RFC 2231: a language may follow
	if kind == 'b' {
		w.data = lenientBase64([]byte(text), nil)
	} else {
		w.data = quotedWord(text)
	}
	return w, rest, true
}

func quotedWord(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '_':
			out = append(out, ' ')
		case text[i] == '=' && i+2 < len(text) && unhex(text[i+1]) >= 0 && unhex(text[i+2]) >= 0:
			out = append(out, byte(unhex(text[i+1])<<4|unhex(text[i+2]))) //nolint:gosec // two hexadecimal digits
			i += 2
		default:
			out = append(out, text[i])
		}
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

var base64Value = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = int8(i) //nolint:gosec // 64 letters
	}
	t['-'], t['_'] = 62, 63
	return t
}()

// lenientBase64 appends what can be decoded: other bytes are skipped, padding may be missing or stand inside, the end may be cut off.
func lenientBase64(data, out []byte) []byte {
	if out == nil {
		out = make([]byte, 0, len(data)/4*3+3)
	}
	var group uint32
	bits := 0
	for _, c := range data {
		v := base64Value[c]
		if v < 0 {
			if c == '=' { // the end of one of several encoded texts in a row
				group, bits = 0, 0
			}
			continue
		}
		group, bits = group<<6|uint32(v), bits+6
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(group>>bits)) //nolint:gosec // the upper bits are those before
		}
	}
	return out
}

// wholeBase64 decodes a body: the fast way where it is well formed.
func wholeBase64(data []byte) []byte {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
	if n, err := base64.StdEncoding.Decode(out, data); err == nil { // it skips line breaks itself
		return out[:n]
	}
	return lenientBase64(data, out[:0])
}
