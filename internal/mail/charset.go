package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// labels are names of character sets that mail programs use and no index knows.
var labels = map[string]encoding.Encoding{
	"cp862": charmap.CodePage862, "dos-862": charmap.CodePage862, "ibm862": charmap.CodePage862,
	"cp1250": charmap.Windows1250, "cp1251": charmap.Windows1251, "cp1252": charmap.Windows1252, "cp1253": charmap.Windows1253,
	"cp1254": charmap.Windows1254, "cp1255": charmap.Windows1255, "cp1256": charmap.Windows1256, "cp1257": charmap.Windows1257,
	"iso-8859-8-e": charmap.ISO8859_8, "iso-8859-6-e": charmap.ISO8859_6, "iso-8859-6-i": charmap.ISO8859_6, "asmo-708": charmap.ISO8859_6,
	"hebrew": charmap.ISO8859_8, "arabic": charmap.ISO8859_6, "unicode": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
}

var windowsLabel = regexp.MustCompile(`^(?:x-|ms-?)?(?:windows|win|cp|ms)[-_ ]?(125[0-8]|874|93[26]|949|950)$`)

// byLabel returns the encoding that a label names, and its canonical name; nil: nobody knows it.
func byLabel(label string) (enc encoding.Encoding, name string) {
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'<>;,`))
	if label == "" {
		return nil, ""
	}
	if m := windowsLabel.FindStringSubmatch(label); m != nil {
		label = map[string]string{"932": "shift_jis", "936": "gbk", "949": "euc-kr", "950": "big5"}[m[1]]
		if label == "" {
			label = "windows-" + m[1]
		}
	}
	if enc, ok := labels[label]; ok {
		return enc, label
	}
	if enc, err := htmlindex.Get(label); err == nil {
		name, _ = htmlindex.Name(enc)
		return enc, name
	}
	if enc, err := ianaindex.MIME.Encoding(label); err == nil && enc != nil {
		return enc, label
	}
	compact := strings.NewReplacer("_", "-", " ", "-").Replace(label)
	if enc, err := htmlindex.Get(compact); err == nil {
		name, _ = htmlindex.Name(enc)
		return enc, name
	}
	return nil, ""
}

// multibyte sets are believed before UTF-8 is tried: short texts in them can look like UTF-8 by chance.
var multibyte = map[string]bool{
	"gbk": true, "gb18030": true, "big5": true, "euc-jp": true, "euc-kr": true, "shift_jis": true,
	"utf-16le": true, "utf-16be": true,
}

// stateful sets spell other letters in ASCII.
var stateful = map[string]bool{"iso-2022-jp": true, "hz-gb-2312": true, "replacement": true}

// decodeText turns bytes into text. The label is a hint that is wrong or missing at times: bytes that are valid UTF-8 are UTF-8 whatever
// single-byte set the label names, and what has no credible label is guessed by its letters.
func decodeText(data []byte, label, fallback string) string {
	if text, ok := byMark(data); ok {
		return text
	}
	if isUTF7(label) {
		return decodeUTF7(data)
	}
	enc, name := byLabel(label)
	switch {
	case stateful[name]:
		return clean(decodeWith(enc, data))
	case ascii(data):
		return clean(string(data))
	case multibyte[name]:
		if out := decodeWith(enc, data); !strings.ContainsRune(out, utf8.RuneError) || !utf8.Valid(data) {
			return clean(out)
		}
		return clean(string(data))
	case utf8.Valid(data):
		return clean(string(data))
	case name == "utf-8" && mostlyUTF8(data):
		return clean(string(data))
	}
	if name == "" {
		if other, otherName := byLabel(fallback); !vague(otherName) {
			return clean(decodeWith(other, data))
		}
	}
	if vague(name) {
		if guessed := guess(data); guessed != "" {
			enc, _ = byLabel(guessed)
		} else if enc == nil || name == "utf-8" {
			enc = charmap.Windows1252
		}
	}
	return clean(decodeWith(enc, data))
}

// vague labels are those that programs write without looking.
func vague(name string) bool {
	return name == "" || name == "utf-8" || name == "windows-1252" // the index takes us-ascii and iso-8859-1 for the latter
}

func decodeWith(enc encoding.Encoding, data []byte) string {
	var b strings.Builder
	b.Grow(2 * len(data))
	w := transform.NewWriter(&b, enc.NewDecoder())
	_, err := w.Write(data)
	if errors.Join(err, w.Close()) != nil {
		return string(data)
	}
	return b.String()
}

// byMark decodes what begins with a byte order mark.
func byMark(data []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) && utf8.Valid(data):
		return clean(string(data[3:])), true
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return clean(decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), data)), true
	}
	return "", false
}

func ascii(data []byte) bool {
	for _, b := range data {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mostlyUTF8 reports whether few bytes of UTF-8 are damaged: a text that was cut inside a letter, or one bad byte.
func mostlyUTF8(data []byte) bool {
	good, bad := 0, 0
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			bad++
		} else if size > 1 {
			good++
		}
		data = data[size:]
	}
	return good > 0 && good >= bad
}

// clean keeps what a store and a page can hold.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if !mayHoldControl(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, s)
}

// mayHoldControl is a quick look for what control finds.
func mayHoldControl(s string) bool {
	for n := range len(s) {
		if c := s[n]; c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f || c == 0xef {
			return true
		}
	}
	return false
}

// control characters that no text needs; the marks that this package uses inside texts are among them.
func control(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || r == 0xfeff
}

func isUTF7(label string) bool {
	switch strings.ToLower(strings.Trim(label, `" `)) {
	case "utf-7", "unicode-1-1-utf-7", "csunicode11utf7", "x-unicode-2-0-utf-7":
		return true
	}
	return false
}

var utf7Base64 = base64.StdEncoding.WithPadding(base64.NoPadding)

// decodeUTF7 reads the set that some mail servers still write. https://www.rfc-editor.org/rfc/rfc2152
func decodeUTF7(data []byte) string {
	var b strings.Builder
	for len(data) > 0 {
		plus := bytes.IndexByte(data, '+')
		if plus < 0 {
			b.Write(data)
			break
		}
		b.Write(data[:plus])
		data = data[plus+1:]
		end := 0
		for end < len(data) && (data[end] == '+' || data[end] == '/' || alphanumeric(data[end])) {
			end++
		}
		if end == 0 {
			b.WriteByte('+')
		}
		raw := make([]byte, utf7Base64.DecodedLen(end))
		n, _ := utf7Base64.Decode(raw, data[:end])
		units := make([]uint16, 0, n/2)
		for i := 0; i+1 < n; i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		b.WriteString(string(utf16.Decode(units)))
		if data = data[end:]; len(data) > 0 && data[0] == '-' {
			data = data[1:]
		}
	}
	return clean(b.String())
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

var metaCharset = regexp.MustCompile(`(?i)<meta\s[^>]*charset\s*=\s*["']?\s*([a-z0-9_.:-]+)`)

// metaLabel returns the character set that HTML names itself.
func metaLabel(data []byte) string {
	if m := metaCharset.FindSubmatch(data[:min(len(data), 4096)]); m != nil {
		return string(m[1])
	}
	return ""
}

// decodeHTML is decodeText for HTML, whose own word counts where the mail says nothing.
func decodeHTML(data []byte, label, fallback string) string {
	enc, name := byLabel(label)
	if meta := metaLabel(data); meta != "" && (enc == nil || vague(name)) {
		if _, known := byLabel(meta); known != "" && known != "utf-16le" && known != "utf-16be" {
			label = meta
		}
	}
	return decodeText(data, label, fallback)
}
