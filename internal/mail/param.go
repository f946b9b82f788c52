package mail

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// typed is a field with parameters: Content-Type or Content-Disposition.
type typed struct {
	value  string
	params []param
}

type param struct {
	name, value string
	set         string // the character set that RFC 2231 states
	encoded     bool   // RFC 2231: the value was percent-encoded
}

// maxTyped is how many bytes of such a field count.
const maxTyped = 64 << 10

// parseTyped reads a value and its parameters as leniently as mail programs do: blanks and raw letters without quotes, quotes that are
// never closed, parameters in pieces (RFC 2231).
func parseTyped(field string) typed {
	value, rest, _ := strings.Cut(field[:min(len(field), maxTyped)], ";")
	t := typed{value: strings.ToLower(strings.Trim(strings.TrimSpace(value), `"'`))}
	if cut := strings.IndexAny(t.value, " \t("); cut > 0 {
		t.value = t.value[:cut]
	}
	type piece struct {
		n       int
		value   string
		encoded bool
	}
	pieces := map[string][]piece{}
	var order []string
	for count := 0; rest != "" && count < 200; count++ {
		var name, value string
		if name, value, rest = nextParam(rest); name == "" {
			continue
		}
		encoded := strings.HasSuffix(name, "*")
		name = strings.TrimSuffix(name, "*")
		n := -1
		if base, index, ok := strings.Cut(name, "*"); ok {
			if i, err := strconv.Atoi(index); err == nil {
				name, n = base, i
			}
		}
		key := name
		if n >= 0 || encoded {
			key += "*"
		}
		if len(pieces[key]) == 0 {
			order = append(order, key)
		}
		pieces[key] = append(pieces[key], piece{n, value, encoded})
	}
	for _, key := range order {
		list := pieces[key]
		slices.SortStableFunc(list, func(a, b piece) int { return a.n - b.n })
		p := param{name: strings.TrimSuffix(key, "*")}
		for i, one := range list {
			if !one.encoded {
				p.value += one.value
				continue
			}
			p.encoded = true
			if i == 0 {
				if set, more, ok := strings.Cut(one.value, "'"); ok {
					if _, text, ok := strings.Cut(more, "'"); ok {
						p.set, one.value = set, text
					}
				}
			}
			p.value += unpercent(one.value)
		}
		t.params = append(t.params, p)
	}
	return t
}

// nextParam takes one parameter off.
func nextParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, " \t;")
	equal := strings.IndexByte(s, '=')
	if semi := strings.IndexByte(s, ';'); equal < 0 || semi >= 0 && semi < equal {
		_, rest, _ = strings.Cut(s, ";")
		return "", "", rest
	}
	name = strings.ToLower(strings.TrimSpace(s[:equal]))
	s = strings.TrimLeft(s[equal+1:], " \t")
	if s == "" || s[0] != '"' {
		value, rest, _ = strings.Cut(s, ";")
		return name, strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '"' && closes(s[i+1:]):
			_, rest, _ = strings.Cut(s[i+1:], ";")
			return name, b.String(), rest
		default:
			b.WriteByte(s[i])
		}
	}
	return name, b.String(), ""
}

// closes reports whether a quotation mark ends a value: a semicolon or nothing follows.
func closes(after string) bool {
	after = strings.TrimLeft(after, " \t")
	return after == "" || after[0] == ';' || after[0] == '(' || !strings.Contains(after, `"`)
}

func unpercent(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2]))) //nolint:gosec // two hexadecimal digits
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

// get returns a parameter as it came.
func (t typed) get(name string) string {
	for _, p := range t.params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// text returns a parameter for people, the form with a stated character set first.
func (t typed) text(name, fallback string) string {
	for _, encoded := range []bool{true, false} {
		for _, p := range t.params {
			if p.name != name || p.encoded != encoded || p.value == "" {
				continue
			}
			if p.encoded {
				return decodeText([]byte(p.value), p.set, fallback)
			}
			return decodeName(p.value, fallback)
		}
	}
	return ""
}

// decodeName reads a file's name that was not written by RFC 2231: encoded words, raw letters of any set, or percent signs.
func decodeName(value, fallback string) string {
	out := decodeWords(value, fallback)
	if out == value && strings.Contains(value, "%") {
		if plain, err := url.PathUnescape(value); err == nil && utf8.ValidString(plain) && !ascii([]byte(plain)) {
			return clean(plain)
		}
	}
	return out
}
