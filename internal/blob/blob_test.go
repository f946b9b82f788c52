package blob_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"wasl/internal/blob"
	"wasl/internal/blob/blobtest"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	files, err := blob.NewFiles(filepath.Join(t.TempDir(), "media"))
	if err != nil {
		t.Fatal(err)
	}
	blobtest.Run(t, files)
}

func TestAnIDIsNeverAPath(t *testing.T) {
	t.Parallel()
	files, err := blob.NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "..", "../../etc/passwd", "med_../../x", "med_a/b", "/etc/passwd", "med_\x00abc", "MED_0001"} {
		if _, err := files.Put(t.Context(), id, bytes.NewReader(nil)); err == nil {
			t.Errorf("put %q", id)
		}
		if _, _, err := files.Open(t.Context(), id); err == nil {
			t.Errorf("opened %q", id)
		}
		if files.Delete(t.Context(), id) == nil {
			t.Errorf("deleted %q", id)
		}
	}
}
