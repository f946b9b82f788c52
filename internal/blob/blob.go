// Package blob keeps files: media that came in, uploads, thumbnails. On disk with the embedded store, in GridFS with MongoDB.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

// ErrNotFound: no blob has this id.
var ErrNotFound = errors.New("blob: not found")

// Store keeps blobs under ids that the caller chooses. A blob never changes: putting one again is the same blob.
type Store interface {
	// Put stores all of r durably under id, or nothing, and returns its size.
	Put(ctx context.Context, id string, r io.Reader) (int64, error)
	// Open returns the content and its size; the caller closes it.
	Open(ctx context.Context, id string) (io.ReadSeekCloser, int64, error)
	// Delete removes the blob where it exists.
	Delete(ctx context.Context, id string) error
}

// Files keeps each blob as a file of a folder.
type Files struct{ dir string }

// NewFiles returns the store over the folder, which it creates.
func NewFiles(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("blob folder: %w", err)
	}
	return &Files{dir: dir}, nil
}

var safeID = regexp.MustCompile(`^[a-z]+_[0-9a-z]{4,64}(\.[a-z]+)?$`)

func (f *Files) path(id string) (string, error) {
	if !safeID.MatchString(id) {
		return "", fmt.Errorf("blob: unusable id %q", id)
	}
	end := id[len(id)-2:] // the random end spreads the files over folders
	return filepath.Join(f.dir, end, id), nil
}

// Put writes to a temporary file, syncs it and gives it its name.
func (f *Files) Put(_ context.Context, id string, r io.Reader) (int64, error) {
	path, err := f.path(id)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, fmt.Errorf("blob folder: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".put-*")
	if err != nil {
		return 0, fmt.Errorf("blob file: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already where all went well
	n, err := io.Copy(tmp, r)
	if err == nil {
		err = tmp.Sync()
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return 0, fmt.Errorf("blob put: %w", err)
	}
	return n, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

// Open opens the file.
func (f *Files) Open(_ context.Context, id string) (io.ReadSeekCloser, int64, error) {
	path, err := f.path(id)
	if err != nil {
		return nil, 0, err
	}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("blob open: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, fmt.Errorf("blob open: %w", err)
	}
	return file, info.Size(), nil
}

// Delete removes the file.
func (f *Files) Delete(_ context.Context, id string) error {
	path, err := f.path(id)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("blob delete: %w", err)
	}
	return nil
}
