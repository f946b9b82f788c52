package files

import (
	"bytes"
	"context"
)

func thumbnailID(id string) string { return id + ".thumb" }

// makeThumbnail makes a small picture where it can; a picture that cannot be read, or would take too much, is shown as a file.
func (s *Service) makeThumbnail(ctx context.Context, f *File) {
	r, size, err := s.Blobs.Open(ctx, f.ID)
	if err != nil {
		return
	}
	defer func() { _ = r.Close() }()
	small, err := s.pictures.Make(ctx, r, size)
	if err != nil {
		return
	}
	f.Width, f.Height = small.Width, small.Height
	if _, err := s.Blobs.Put(ctx, thumbnailID(f.ID), bytes.NewReader(small.JPEG)); err == nil {
		f.Thumbnail = true
	}
}
