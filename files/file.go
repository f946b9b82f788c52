package files

import (
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"wasl/store"
)

// MaxSize is the largest file, either way.
const MaxSize = 100 << 20

// Kind is how a file is shown and sent.
type Kind string

// The kinds of file. A recording and a sticker are such only where somebody says so.
const (
	Image    Kind = "image"
	Video    Kind = "video"
	Audio    Kind = "audio"
	Voice    Kind = "voice"
	Document Kind = "document"
	Sticker  Kind = "sticker"
)

// OwnerKind is a kind of thing that files belong to.
type OwnerKind string

// The kinds of owner.
const (
	Conversation OwnerKind = "conversation"
	Contact      OwnerKind = "contact" // whose picture it is
	CannedReply  OwnerKind = "canned_reply"
)

// Owner is what a file belongs to.
type Owner struct {
	Kind OwnerKind `bson:"kind"`
	ID   string    `bson:"id"`
}

// File is a stored file.
type File struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	// Owners are what it belongs to; none: an upload that is not used yet.
	Owners    []Owner   `bson:"owners,omitempty"`
	Kind      Kind      `bson:"kind"`
	MIME      string    `bson:"mime"`
	Name      string    `bson:"name"`
	Size      int64     `bson:"size"`
	Width     int       `bson:"width,omitempty"`
	Height    int       `bson:"height,omitempty"`
	Thumbnail bool      `bson:"thumbnail,omitempty"`
	CreatedBy string    `bson:"created_by,omitempty"` // the user or website visitor who uploaded it
	CreatedAt time.Time `bson:"created_at"`
}

var schema = store.Schema{Name: "media"}

// Schemas declares the collection of this package.
func Schemas() []store.Schema { return []store.Schema{schema} }

// own adds an owner and reports whether the file did not have it.
func (f *File) own(o Owner) bool {
	if slices.Contains(f.Owners, o) {
		return false
	}
	f.Owners = append(f.Owners, o)
	return true
}

// KindOf returns the kind of a file of a type.
func KindOf(mime string) Kind {
	major, minor, _ := strings.Cut(mime, "/")
	switch {
	case mime == "image/jpeg", mime == "image/png", mime == "image/webp", mime == "image/gif":
		return Image
	case major == "video" && (minor == "mp4" || minor == "3gpp" || minor == "webm"), major == "audio":
		return Kind(major)
	}
	return Document
}

// cleanName keeps the last part of a file name, without what file systems or headers could misread.
func cleanName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	if name == "." || name == "/" {
		return ""
	}
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[len(runes)-200:])
	}
	return name
}
