package files

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/filetype"
	"wasl/internal/jobs"
	"wasl/internal/picture/picturetest"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest"
)

// newService returns the service over an empty store.
func newService(t *testing.T) *Service {
	t.Helper()
	disk, err := pebble.Open("files", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	if err := disk.Ensure(t.Context(), slices.Concat(Schemas(), jobs.Schemas())...); err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.NewFiles(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	now := clock.System{}
	return NewService(Options{Engine: disk, Jobs: jobs.NewRunner(disk, now, zerolog.Nop(), "one"), Clock: now, Blobs: blobs})
}

// pngOf returns a picture of that size.
func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb is a small picture that claims to be huge.
func bomb(t *testing.T) []byte {
	t.Helper()
	img := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(img[16:], 60000)
	binary.BigEndian.PutUint32(img[20:], 60000)
	binary.BigEndian.PutUint32(img[29:], crc32.ChecksumIEEE(img[12:29]))
	return img
}

// The stored form is the driver's own, so that both engines and all releases understand it.
func TestFilesAreStoredAsTheDriverWould(t *testing.T) { storetest.Codec[File](t) }

func TestFilesAreWhatTheirContentSays(t *testing.T) {
	voice := []byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead")
	for _, c := range []struct {
		name, claimed, want string
		head                []byte
	}{
		{"a picture that is called one", "image/png", "image/png", pngOf(t, 2, 2)},
		{"a picture that is called a document", "application/pdf", "image/png", pngOf(t, 2, 2)},
		{"a page that is called a picture", "image/png", "text/html", []byte("<!DOCTYPE html><script>alert(1)</script>")},
		{"a drawing that could act", "image/png", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`)},
		{"a voice note", "audio/ogg; codecs=opus", "audio/ogg", voice},
		{"a spreadsheet as text", "text/csv", "text/csv", []byte("a,b\n1,2\n")},
		{"text that is called a page", "text/html", "text/plain", []byte("just words")},
		{"what nobody knows", "", "application/octet-stream", []byte{0, 1, 2, 3, 250}},
		{"nothing", "", "text/plain", nil},
	} {
		if got := filetype.Detect(c.head, c.claimed, ""); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// What is kept of a file name is harmless.
func TestNamesOfFilesAreHarmless(t *testing.T) {
	for given, want := range map[string]string{
		"a.pdf": "a.pdf", "../../etc/passwd": "passwd", `C:\Users\x\a.pdf`: "a.pdf", "..": "..", "/": "", "": "",
		"a\r\nb\x00.pdf":       "ab.pdf",
		"invoice\u202efdp.exe": "invoicefdp.exe", "חשבונית.pdf": "חשבונית.pdf", strings.Repeat("x", 300) +
			".pdf": strings.Repeat("x", 196) + ".pdf",
	} {
		if got := cleanName(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

func TestUploads(t *testing.T) {
	s := newService(t)
	upload := func(name string, content []byte) (*File, error) {
		return s.Upload(t.Context(), New{WorkspaceID: "w", CreatedBy: "ann", Name: name}, bytes.NewReader(content))
	}
	f, err := upload("big.png", bomb(t))
	if err != nil || f.Thumbnail || f.Width != 0 || f.MIME != "image/png" {
		t.Errorf("a pixel bomb: %+v, %v", f, err)
	}
	if f, err = upload("wide.png", pngOf(t, 4000, 3)); err != nil || !f.Thumbnail || f.Width != 4000 || f.Height != 3 {
		t.Errorf("a wide picture: %+v, %v", f, err)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 640, 480)), nil); err != nil {
		t.Fatal(err)
	}
	f, err = upload("phone.jpg", picturetest.Oriented(photo.Bytes(), 6))
	if err != nil || !f.Thumbnail || f.Width != 480 || f.Height != 640 {
		t.Errorf("a photograph of a phone that was held upright: %+v, %v", f, err)
	}
	if f, err = upload("cut.png", pngOf(t, 100, 100)[:60]); err != nil || f.Thumbnail {
		t.Errorf("half a picture: %+v, %v", f, err)
	}
	if _, err = upload("none", nil); errs.Code(err) != "empty_file" {
		t.Errorf("an empty file: %v", err)
	}
}

// Who may see a file, and who may give it to conversation c1. Everybody may see c1, only bob c2 and contact p1.
func TestFilesAreSeenByWhoMaySeeAnOwner(t *testing.T) {
	s := newService(t)
	bobOnly := func(open ...string) See {
		return func(_ context.Context, v access.Viewer, id string) error {
			if v.UserID == "bob" || slices.Contains(open, id) {
				return nil
			}
			return store.ErrNotFound
		}
	}
	s.Owner(Conversation, bobOnly("c1"))
	s.Owner(Contact, bobOnly())
	c1, c2, p1 := Owner{Conversation, "c1"}, Owner{Conversation, "c2"}, Owner{Contact, "p1"}
	for n, c := range []struct {
		name           string
		by             string
		owners         []Owner
		viewer         access.Viewer
		sees, attaches bool
	}{
		{"one's own upload", "ann", nil, access.Viewer{UserID: "ann", WorkspaceID: "w"}, true, true},
		{"another's upload", "ann", nil, access.Viewer{UserID: "bob", WorkspaceID: "w", Role: access.Owner}, false, false},
		{"nobody's upload", "", nil, access.Viewer{WorkspaceID: "w", Role: access.Owner}, false, false},
		{"one's own upload, from another workspace", "ann", nil, access.Viewer{UserID: "ann", WorkspaceID: "v"}, false, false},
		{"of a conversation, from another workspace", "", []Owner{c1}, access.Viewer{UserID: "bob", WorkspaceID: "v"}, false, false},
		{"of an open conversation", "bob", []Owner{c1}, access.Viewer{UserID: "ann", WorkspaceID: "w"}, true, true},
		{
			"of a hidden conversation, though it was one's upload", "ann",
			[]Owner{c2},
			access.Viewer{UserID: "ann", WorkspaceID: "w"},
			false,
			false,
		},
		{"of a conversation that is hidden from others", "", []Owner{c2}, access.Viewer{UserID: "bob", WorkspaceID: "w"}, true, true},
		{"of an open conversation too", "", []Owner{c1, c2}, access.Viewer{UserID: "ann", WorkspaceID: "w"}, true, true},
		{"a contact's picture", "", []Owner{p1}, access.Viewer{UserID: "bob", WorkspaceID: "w"}, true, false},
		{"a hidden contact's picture", "", []Owner{p1}, access.Viewer{UserID: "ann", WorkspaceID: "w"}, false, false},
		{"of what nobody registered", "", []Owner{{"ticket", "t1"}}, access.Viewer{UserID: "bob", WorkspaceID: "w"}, false, false},
	} {
		f := &File{Meta: store.Meta{ID: fmt.Sprintf("med_%04d", n)}, WorkspaceID: "w", CreatedBy: c.by, Owners: c.owners}
		if err := s.Engine.Write(t.Context(), s.Insert(f)); err != nil {
			t.Fatal(err)
		}
		want := map[bool]error{true: nil, false: store.ErrNotFound}
		if _, err := s.Seen(t.Context(), c.viewer, f.ID); !errors.Is(err, want[c.sees]) {
			t.Errorf("%s: seen: %v", c.name, err)
		}
		if _, _, err := s.Attach(t.Context(), c.viewer, c1, f.ID); !errors.Is(err, want[c.attaches]) {
			t.Errorf("%s: attached: %v", c.name, err)
		}
	}
}

// What an owner gives up stays for a day, as an upload does, and goes then; it is not seen by whoever saw the owner.
func TestAReleasedFileGoes(t *testing.T) {
	s := newService(t)
	s.Owner(CannedReply, func(context.Context, access.Viewer, string) error { return nil })
	viewer := access.Viewer{WorkspaceID: "w", UserID: "u"}
	f, err := s.Upload(t.Context(), New{WorkspaceID: "w", CreatedBy: "u", Name: "prices.txt"}, strings.NewReader("from 10"))
	if err != nil {
		t.Fatal(err)
	}
	canned := Owner{CannedReply, "can_1"}
	_, changes, err := s.Attach(t.Context(), viewer, canned, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Engine.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
	kept := &jobs.Job{Ref: f.ID}
	if err := s.runUnused(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	other := access.Viewer{WorkspaceID: "w", UserID: "other"}
	if f, err = s.Seen(t.Context(), other, f.ID); err != nil {
		t.Fatalf("a file that is used was swept: %v", err)
	}
	if changes, err = s.Release(t.Context(), f, canned); err != nil {
		t.Fatal(err)
	}
	if err := s.Engine.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Seen(t.Context(), other, f.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("still seen: %v", err)
	}
	if err := s.runUnused(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), f.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("still there: %v", err)
	}
}

// One file belongs to a bounded number of conversations, and goes on where it is; the next ones get a copy.
func TestAFileHasABoundedNumberOfOwners(t *testing.T) {
	s := newService(t)
	s.Owner(Conversation, func(context.Context, access.Viewer, string) error { return nil })
	viewer := access.Viewer{WorkspaceID: "w", UserID: "u"}
	f, err := s.Upload(t.Context(), New{WorkspaceID: "w", CreatedBy: "u", Name: "prices.txt"}, strings.NewReader("from 10"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range maxOwners {
		f.own(Owner{Conversation, fmt.Sprint(n)})
	}
	if err := s.Engine.Write(t.Context(), s.files.Replace(f)); err != nil {
		t.Fatal(err)
	}
	for owner, same := range map[string]bool{"7": true, "new": false} {
		got, changes, err := s.Attach(t.Context(), viewer, Owner{Conversation, owner}, f.ID)
		if err != nil || (got.ID == f.ID) != same || got.Name != f.Name || got.Size != f.Size || len(got.Owners) > maxOwners {
			t.Errorf("%s: %+v, %v", owner, got, err)
		}
		if err := s.Engine.Write(t.Context(), changes...); err != nil {
			t.Errorf("%s: %v", owner, err)
		}
	}
}
