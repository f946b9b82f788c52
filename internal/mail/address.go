package mail

import (
	"iter"
	"regexp"
	"strings"
)

const (
	maxAddresses = 200      // of one field
	maxList      = 64 << 10 // bytes of one field
)

// Address is a person or program as a header names it.
type Address struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
}

// Addresses of a field; what names nobody is left out.
func (h Header) Addresses(name string) []Address {
	var out []Address
	for _, value := range h.fields[name] {
		for _, a := range h.parseList(value) {
			if a.Address != "" && len(out) < maxAddresses {
				out = append(out, a)
			}
		}
	}
	return out
}

// addressForm finds addresses in what breaks the rules.
var addressForm = regexp.MustCompile(`[\p{L}\p{N}._%+'=/!#$&*^{}|~?-]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?`)

// parseList reads a list of addresses. It is taken apart before words are decoded: a decoded name may hold commas. What has no address
// of its own belongs to the name that follows, as where a comma in a name stands without quotes.
func (h Header) parseList(value string) []Address {
	var out []Address
	before := ""
	for raw := range splitList(value[:min(len(value), maxList)]) {
		if len(out) >= maxAddresses {
			break
		}
		name, address := h.parseOne(raw)
		if address == "" {
			if len(before) < 1000 {
				before += raw + ", "
			}
			continue
		}
		if before != "" && strings.Contains(raw, "<") && !strings.HasPrefix(strings.TrimSpace(raw), `"`) {
			name, _ = h.parseOne(before + raw)
		}
		before = ""
		out = append(out, Address{Name: name, Address: address})
	}
	if name := strings.Trim(h.name(before), ", "); len(out) == 0 && name != "" { // nobody, by name only
		out = append(out, Address{Name: name})
	}
	return out
}

// splitList splits at commas that stand neither in quotes, nor in brackets, nor in encoded words.
func splitList(value string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, quoted, depth := 0, false, 0
		for i := 0; i < len(value); i++ {
			switch c := value[i]; {
			case c == '\\' && quoted:
				i++
			case c == '"':
				quoted = !quoted && strings.Contains(value[i+1:], `"`)
			case quoted:
			case c == '=' && strings.HasPrefix(value[i:], "=?"):
				if _, rest, ok := encodedWord(value[i:]); ok && len(rest) < len(value)-i {
					i = len(value) - len(rest) - 1
				}
			case c == '(' || c == '<':
				depth++
			case (c == ')' || c == '>') && depth > 0:
				depth--
			case (c == ',' || c == ';') && depth == 0:
				if !yield(value[start:i]) {
					return
				}
				start = i + 1
			case c == ':' && depth == 0 && !strings.ContainsAny(value[start:i], "@<"): // a group's name
				start = i + 1
			}
		}
		yield(value[start:])
	}
}

// parseOne reads one address with its name.
func (h Header) parseOne(raw string) (name, address string) {
	raw = strings.TrimSpace(raw)
	open := strings.LastIndexByte(raw, '<')
	if open >= 0 {
		inside, _, _ := strings.Cut(raw[open+1:], ">")
		if found := bareAddress(inside); found != "" {
			return h.name(raw[:open]), found
		}
	}
	m := addressForm.FindStringIndex(decodeRaw(raw, h.fallback))
	if m == nil {
		return h.name(raw), ""
	}
	text := decodeRaw(raw, h.fallback)
	address = bareAddress(text[m[0]:m[1]])
	rest := strings.TrimSpace(strings.Trim(text[:m[0]], "<\"' ") + " " + strings.Trim(text[m[1]:], ">\"' "))
	if open, end := strings.IndexByte(rest, '('), strings.LastIndexByte(rest, ')'); open >= 0 && end > open { // the name as a comment
		rest = rest[open+1 : end]
	}
	return h.name(rest), address
}

func decodeRaw(raw, fallback string) string { return decodeText([]byte(raw), "", fallback) }

// bareAddress returns the address inside brackets; "" where it is none.
func bareAddress(s string) string {
	s = strings.Join(strings.Fields(clean(strings.TrimPrefix(strings.TrimSpace(s), "mailto:"))), "")
	s = strings.Trim(s, "<>'\",;")
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > 320 || strings.ContainsAny(s, "<>(),;") {
		return ""
	}
	if strings.ContainsRune(s, '\uFFFD') {
		return ""
	}
	return s
}

// name decodes a name; quotation marks around it, or around the encoded words in it, go.
func (h Header) name(raw string) string {
	raw = strings.TrimSpace(raw)
	if len(raw) >= 2 && raw[0] == '"' {
		raw = strings.TrimSuffix(raw[1:], `"`)
		raw = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(raw)
	}
	name := h.decode(raw)
	name = strings.Trim(name, " \t")
	if len(name) >= 2 && (name[0] == '"' && name[len(name)-1] == '"' || name[0] == '\'' && name[len(name)-1] == '\'') {
		name = strings.TrimSpace(name[1 : len(name)-1])
	}
	return strings.Trim(name, "<> ")
}
