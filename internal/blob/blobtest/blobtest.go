// Package blobtest is what every blob store passes.
package blobtest

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"wasl/internal/blob"
)

// Run tests the store, which must be empty.
func Run(t *testing.T, s blob.Store) {
	t.Helper()
	t.Run("what was put is there, whole and in parts", func(t *testing.T) { whole(t, s) })
	t.Run("putting again is the same blob", func(t *testing.T) { again(t, s) })
	t.Run("what breaks off is not there", func(t *testing.T) { broken(t, s) })
	t.Run("deleted is gone, and deleting again is no error", func(t *testing.T) { deleted(t, s) })
}

// bytesOf makes content that no part of repeats.
func bytesOf(n int) []byte {
	random := rand.NewChaCha8([32]byte{byte(n)})
	out := make([]byte, n)
	_, _ = random.Read(out)
	return out
}

func put(t *testing.T, s blob.Store, id string, content []byte) {
	t.Helper()
	if n, err := s.Put(t.Context(), id, bytes.NewReader(content)); err != nil || n != int64(len(content)) {
		t.Fatalf("put %d bytes: %d %v", len(content), n, err)
	}
}

func open(t *testing.T, s blob.Store, id string) (io.ReadSeekCloser, int64) {
	t.Helper()
	r, size, err := s.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, size
}

func whole(t *testing.T, s blob.Store) {
	const part = 255 << 10 // the size in which GridFS keeps files
	for id, size := range map[string]int{
		"med_0001": 0, "med_0002": 1, "med_0003": part - 1, "med_0004": part, "med_0005": part + 1,
		"med_0006": 3*part + 7,
	} {
		content := bytesOf(size)
		put(t, s, id, content)
		r, n := open(t, s, id)
		if n != int64(size) {
			t.Errorf("%d bytes have the size %d", size, n)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: %d came, %v", size, len(got), err)
		}
		for _, from := range []int{0, size / 2, part - 3, size - 1, size} {
			if from < 0 || from > size {
				continue
			}
			at, err := r.Seek(int64(from-size), io.SeekEnd)
			if err != nil || at != int64(from) {
				t.Fatalf("seek to %d of %d: %d %v", from, size, at, err)
			}
			want := content[from:min(size, from+10)]
			got := make([]byte, len(want))
			if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes from %d: %v", size, from, err)
			}
		}
		if _, err := r.Seek(-1, io.SeekStart); err == nil {
			t.Error("went before the beginning")
		}
	}
	put(t, s, "med_0007", bytesOf(100))
	r, _ := open(t, s, "med_0007")
	if err := iotest.TestReader(r, bytesOf(100)); err != nil {
		t.Error(err)
	}
}

func again(t *testing.T, s blob.Store) {
	content := bytesOf(1000)
	put(t, s, "med_again", content)
	put(t, s, "med_again", content)
	r, _ := open(t, s, "med_again")
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func broken(t *testing.T, s blob.Store) {
	cut := errors.New("the line is cut")
	if _, err := s.Put(t.Context(), "med_broken", io.MultiReader(bytes.NewReader(bytesOf(600<<10)), iotest.ErrReader(cut))); !errors.Is(err,
		cut) {
		t.Fatalf("put: %v", err)
	}
	if _, _, err := s.Open(t.Context(), "med_broken"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("open: %v", err)
	}
	content := bytesOf(600<<10 + 1)
	put(t, s, "med_broken", content)
	r, _ := open(t, s, "med_broken")
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
		t.Errorf("after a second try: %d bytes, %v", len(got), err)
	}
}

func deleted(t *testing.T, s blob.Store) {
	put(t, s, "med_deleted", bytesOf(300<<10))
	for range 2 {
		if err := s.Delete(t.Context(), "med_deleted"); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Open(t.Context(), "med_deleted"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("open: %v", err)
	}
}
