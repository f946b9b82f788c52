package email

import (
	"io"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"wasl/channels"
)

// header is the head of a mail; names are in lower case.
type header map[string][]string

// parseHeader reads what can be read of a head: one bad line does not spoil the others.
func parseHeader(block []byte) header {
	h, last := header{}, ""
	for line := range strings.Lines(decode(block, "")) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && last != "" {
			values := h[last]
			values[len(values)-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(name, " \t") {
			continue
		}
		last = strings.ToLower(name)
		h[last] = append(h[last], strings.TrimSpace(value))
	}
	return h
}

func (h header) get(name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// text is a header's value for people.
func (h header) text(name string) string { return clean(words(h.get(name))) }

// addresses of a header; what is no address is left out.
func (h header) addresses(name string) []channels.Address {
	var out []channels.Address
	parser := mail.AddressParser{WordDecoder: decoder()}
	for _, value := range h[name] {
		list, err := parser.ParseList(value)
		if err != nil {
			list = nil
			for _, m := range loose.FindAllStringSubmatch(value, -1) {
				list = append(list, &mail.Address{Name: words(strings.Trim(m[1], `"' ,;`)), Address: m[2]})
			}
		}
		for _, a := range list {
			if strings.Contains(a.Address, "@") && len(out) < 200 {
				out = append(out, channels.Address{Name: clean(a.Name), Address: clean(a.Address)})
			}
		}
	}
	return out
}

// loose finds addresses in what breaks the rules.
var loose = regexp.MustCompile(`([^<>,;]*)<?\b([A-Za-z0-9._%+'=/-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+)>?`)

// date is when the last server took the mail, which its sender cannot choose; without that, what the sender says.
func (h header) date() time.Time {
	_, taken, _ := strings.Cut(h.get("received"), ";")
	for _, value := range []string{taken, h.get("date")} {
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
	return ""
}

// maxReferences bounds how far back a mail may point.
const maxReferences = 30

// references are the mails before this one, the one that it answers last.
func (h header) references() []string {
	var out []string
	for _, name := range []string{"references", "in-reply-to"} {
		for _, value := range h[name] {
			for _, m := range idForm.FindAllStringSubmatch(value, -1) {
				id := clean(m[1])
				out = append(slices.DeleteFunc(out, func(other string) bool { return other == id }), id)
			}
		}
	}
	return out[max(0, len(out)-maxReferences):]
}

func decoder() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
		enc, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return enc.NewDecoder().Reader(r), nil
	}}
}

// words decodes what a header spells in ASCII.
func words(value string) string {
	if out, err := decoder().DecodeHeader(value); err == nil {
		return out
	}
	return value
}

// decode turns bytes into text by their label. Labels are missing or wrong at times: then UTF-8 counts where it fits, and else the
// most common of the others.
func decode(data []byte, label string) string {
	enc, err := htmlindex.Get(label)
	name := ""
	if err == nil {
		name, _ = htmlindex.Name(enc)
	}
	if err != nil || name == "utf-8" {
		if utf8.Valid(data) {
			return clean(string(data))
		}
		enc = charmap.Windows1252
	}
	out, err := enc.NewDecoder().Bytes(data)
	if (err != nil || strings.ContainsRune(string(out), utf8.RuneError)) && utf8.Valid(data) {
		return clean(string(data))
	}
	return clean(string(out))
}

// clean keeps what a store and a page can hold.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
