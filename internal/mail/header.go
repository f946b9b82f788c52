package mail

import (
	"bytes"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	maxHeader     = 512 << 10 // bytes of one head that are read
	maxFields     = 2000
	maxReferences = 30
	maxChain      = 32 << 10 // bytes of the references that are read
	maxSubject    = 8 << 10
)

// Header is the head of a mail or of a part, as it came. Values are raw bytes: each is decoded by itself, so that one bad line does
// not spoil the others.
type Header struct {
	fields   map[string][]string
	fallback string // the character set of raw letters that are no UTF-8
}

// fieldLine returns the name and value of a line that has the form of a header's field.
func fieldLine(line []byte) (name string, value []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || colon > 80 {
		return "", nil, false
	}
	label := bytes.TrimRight(line[:colon], " \t")
	for _, c := range label {
		if c <= ' ' || c >= 0x7f {
			return "", nil, false
		}
	}
	return strings.ToLower(string(label)), line[colon+1:], len(label) > 0
}

// splitHeader takes the head off a mail or part. strict: a line that is no field begins the body, as where the blank line is missing.
func splitHeader(data []byte, strict bool) (h Header, body []byte) {
	h.fields = map[string][]string{}
	last, count, read := "", 0, 0
	var value []byte // of the last field, with the lines on which it goes on
	keep := func() {
		if last != "" && count <= maxFields {
			h.fields[last] = append(h.fields[last], string(bytes.TrimSpace(value)))
		}
	}
	for len(data) > 0 {
		line, rest := cutLine(data)
		name, more, ok := fieldLine(line)
		switch {
		case len(bytes.TrimRight(line, " \t")) == 0 && (len(line) == 0 || last == ""):
			keep()
			return h, rest
		case (line[0] == ' ' || line[0] == '\t') && last != "":
			if read < maxHeader {
				value = append(append(value, ' '), bytes.TrimSpace(line)...)
			}
		case ok:
			keep()
			last, value = name, append(value[:0], more[:min(len(more), max(0, maxHeader-read))]...)
			count++
		case strict || last == "":
			keep()
			return h, data
		}
		read += len(line)
		data = rest
	}
	keep()
	return h, nil
}

// cutLine returns the first line without its end, and what follows.
func cutLine(data []byte) (line, rest []byte) {
	end := bytes.IndexByte(data, '\n')
	if end < 0 {
		return bytes.TrimSuffix(data, []byte("\r")), nil
	}
	return bytes.TrimSuffix(data[:end], []byte("\r")), data[end+1:]
}

// Get returns the first value of a field as it came; the name is in lower case.
func (h Header) Get(name string) string {
	if values := h.fields[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// All returns all values of a field.
func (h Header) All(name string) []string { return h.fields[name] }

// Text is a field's value for people: decoded, in one line.
func (h Header) Text(name string) string { return h.decode(h.Get(name)) }

func (h Header) decode(value string) string {
	return OneLine(decodeWords(value[:min(len(value), maxSubject)], h.fallback))
}

// OneLine makes a text that may stand in a header: without line breaks, control characters and doubled blanks.
func OneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t', r == '\v', r == '\f', r == 0x85, r == 0x2028, r == 0x2029:
			return ' '
		case r < ' ', r == 0x7f:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

// date is when the last server took the mail, which its sender cannot choose; without that, what the sender says.
func (h Header) date() time.Time {
	received := h.Get("received")
	_, taken, _ := strings.Cut(received, ";")
	for _, value := range []string{taken, h.Get("date")} {
		if at, err := mail.ParseDate(strings.TrimSpace(value)); err == nil && at.Year() >= 1990 && at.Year() < 9000 {
			return at.UTC()
		}
	}
	return time.Time{}
}

var idForm = regexp.MustCompile(`<([^<>\s]{1,900})>`)

// messageID takes the brackets off an id.
func messageID(value string) string {
	if m := idForm.FindStringSubmatch(value); m != nil {
		return clean(m[1])
	}
	if value = strings.TrimSpace(value); value != "" && len(value) < 900 && !strings.ContainsAny(value, "<> \t") &&
		strings.Contains(value, "@") {
		return clean(value)
	}
	return ""
}

// references are the mails before this one, the one that it answers last.
func (h Header) references() []string {
	var out []string
	for _, name := range []string{"references", "in-reply-to"} {
		for _, value := range h.fields[name] {
			value = value[max(0, len(value)-maxChain):] // the nearest stand last
			for _, m := range idForm.FindAllStringSubmatch(value, -1) {
				id := clean(m[1])
				out = append(slices.DeleteFunc(out, func(other string) bool { return other == id }), id)
				if len(out) > 4*maxReferences { // what is furthest away says least
					out = slices.Delete(out, 0, len(out)-2*maxReferences)
				}
			}
		}
	}
	return out[max(0, len(out)-maxReferences):]
}
