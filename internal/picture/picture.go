// Package picture makes small pictures of those that strangers send.
//
// What must always be true: what a picture takes to decode, in memory and in work, is known from its header before anything of it is
// decoded, and all pictures that are decoded at the same time stay within one budget. A picture that would take more gets no small one.
package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"runtime"

	"golang.org/x/image/draw"
	"golang.org/x/sync/semaphore"
)

const (
	// budget is the bytes that the pictures may take that are decoded at the same time: a photograph of 48 megapixels takes 72 MB of
	// it, a progressive one of 12 megapixels 90 MB.
	budget = 160 << 20
	// maxPixels bounds the work on pictures that take few bytes for a pixel.
	maxPixels = 50_000_000
	// much is from where on what a picture took is collected before the next one may take as much.
	much = 32 << 20
	// side is the longer side of a small picture, in pixels.
	side = 480
	// quality is that of a small picture, in the sense of JPEG.
	quality = 82
)

// ErrTooLarge: the picture would take more to decode than pictures may.
var ErrTooLarge = errors.New("picture: too large to decode")

// ErrFormat: it is no picture that can be decoded here: JPEG, PNG or WebP.
var ErrFormat = errors.New("picture: not one that can be decoded")

// Maker makes small pictures within a budget of memory.
type Maker struct{ room *semaphore.Weighted }

// NewMaker returns a maker with a budget of its own.
func NewMaker() *Maker { return &Maker{semaphore.NewWeighted(budget)} }

// Small is a small picture, and the size of the one that it was made of as it is shown: upright.
type Small struct {
	JPEG          []byte
	Width, Height int
}

// Make makes the small picture of one that has size bytes. It waits until the memory for it is free or the context ends.
func (m *Maker) Make(ctx context.Context, r io.ReadSeeker, size int64) (Small, error) {
	is, err := measure(r, size)
	if err != nil {
		return Small{}, err
	}
	if is.memory > budget || is.width*is.height > maxPixels || is.work > maxWork {
		return Small{}, ErrTooLarge
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Small{}, err
	}
	if err := m.room.Acquire(ctx, is.memory); err != nil {
		return Small{}, err
	}
	defer m.room.Release(is.memory)
	small, err := is.shrink(r)
	if is.memory > much {
		runtime.GC() // what was decoded counts against nobody from here on
	}
	if err != nil {
		return Small{}, err
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: quality}); err != nil {
		return Small{}, err
	}
	made := Small{JPEG: out.Bytes(), Width: is.width, Height: is.height}
	if is.turn.lies() {
		made.Width, made.Height = made.Height, made.Width
	}
	return made, nil
}

// shrink decodes the picture and returns the small one, upright.
func (is measured) shrink(r io.Reader) (image.Image, error) {
	full, err := is.decode(r)
	if err != nil {
		return nil, err
	}
	bounds := full.Bounds()
	if bounds.Dx() != is.width || bounds.Dy() != is.height {
		return nil, ErrFormat // its header says two things
	}
	scale := min(1, float64(side)/float64(max(is.width, is.height)))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(is.width)*scale)), max(1, int(float64(is.height)*scale))))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, bounds, draw.Over, nil)
	return is.turn.upright(small), nil
}
