package meta

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"mime"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Text is a string that Meta may also write as a number or not at all. Some ids are numbers beyond 2^53. It has no NUL, which no store and
// no page holds.
type Text string

// UnmarshalJSON accepts any scalar; what is none stays empty, so that one odd field does not cost the whole message.
func (t *Text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		if bytes.IndexByte(data, '\\') < 0 {
			*t = Text(strings.ToValidUTF8(string(data[1:len(data)-1]), "\uFFFD"))
			return nil
		}
		var s string
		if json.Unmarshal(data, &s) == nil {
			*t = Text(strings.ReplaceAll(s, "\x00", ""))
		}
	case '{', '[', 'n':
	default:
		*t = Text(data)
	}
	return nil
}

// At reads unix seconds, or milliseconds where the number says so. Zero: there is no usable time.
func (t Text) At() time.Time {
	const endOfSeconds, endOfMillis = 253402300800, 253402300800000 // the year 10000
	n, err := strconv.ParseInt(string(t), 10, 64)
	switch {
	case err != nil || n <= 0 || n >= endOfMillis:
		return time.Time{}
	case n >= 1_000_000_000_000:
		return time.UnixMilli(n).UTC()
	case n >= endOfSeconds:
		return time.Time{}
	default:
		return time.Unix(n, 0).UTC()
	}
}

// Decode fills out as far as the types fit. ok is false for what is no object at all, exact where everything fitted.
func Decode(raw json.RawMessage, out any) (ok, exact bool) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
		return false, false
	}
	err := json.Unmarshal(raw, out)
	var mismatch *json.UnmarshalTypeError
	return err == nil || errors.As(err, &mismatch), err == nil
}

// First returns the first value that is not blank, without the space around it.
func First[T ~string](values ...T) string {
	for _, v := range values {
		if s := strings.TrimSpace(string(v)); s != "" {
			return s
		}
	}
	return ""
}

// Key joins the parts of an event's key.
func Key(parts ...string) string { return strings.Join(parts, ":") }

// Millis writes a time as a part of a key.
func Millis(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// MediaType drops the parameters of a MIME type: a voice note comes as "audio/ogg; codecs=opus".
func MediaType(s string) string {
	if kind, _, err := mime.ParseMediaType(s); err == nil {
		return kind
	}
	kind, _, _ := strings.Cut(s, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// FileName keeps the last part of a name that a stranger chose, without what confuses a file system or a reader.
func FileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(s, `\`, "/"))
	s = strings.TrimSpace(path.Base(s))
	if strings.Trim(s, "./") == "" {
		return ""
	}
	if r := []rune(s); len(r) > 200 {
		s = string(r[len(r)-200:])
	}
	return s
}

// Digest shortens the provider's own bytes to a part of a key.
func Digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
