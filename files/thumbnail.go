package files

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	_ "image/png" // decoders for thumbnails
	"io"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // likewise
)

const (
	// maxPixels keeps small files that unpack to huge pictures from eating the memory.
	maxPixels     = 50_000_000
	thumbnailSize = 480
)

func thumbnailID(id string) string { return id + ".thumb" }

// makeThumbnail makes a small picture where it can; a picture that cannot be read is shown as a file.
func (s *Service) makeThumbnail(ctx context.Context, f *File) {
	r, _, err := s.Blobs.Open(ctx, f.ID)
	if err != nil {
		return
	}
	defer func() { _ = r.Close() }()
	config, _, err := image.DecodeConfig(r)
	if err != nil || config.Width*config.Height > maxPixels || config.Width < 1 || config.Height < 1 {
		return
	}
	f.Width, f.Height = config.Width, config.Height
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return
	}
	s.decoding <- struct{}{}
	defer func() { <-s.decoding }()
	full, _, err := image.Decode(r)
	if err != nil {
		return
	}
	scale := min(1, float64(thumbnailSize)/float64(max(config.Width, config.Height)))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(config.Width)*scale)), max(1, int(float64(config.Height)*scale))))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: 82}); err != nil {
		return
	}
	if _, err := s.Blobs.Put(ctx, thumbnailID(f.ID), &out); err == nil {
		f.Thumbnail = true
	}
}
