package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"testing"

	"wasl/internal/picture/picturetest"
)

func jpegOf(t testing.TB, from image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, from, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// allocated is how many bytes fn takes from the heap.
func allocated(fn func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc) //nolint:gosec // far below
}

// A small file that unpacks to a huge picture is refused by its header: nothing of it is decoded.
func TestAPictureThatWouldTakeTooMuchIsNotDecoded(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"a progressive JPEG of four colours": picturetest.ProgressiveCMYK(8000, 6200, 1),
		"a JPEG of a thousand passes":        picturetest.ProgressiveCMYK(2500, 2000, 1000),
		"an interlaced PNG of 16 bits":       picturetest.DeepPNG(3300, 3300),
		"a lossless WebP":                    picturetest.LosslessWebP(16000, 16000, nil),
		"a lossless WebP with a camera":      picturetest.LosslessWebP(16000, 16000, picturetest.EXIF(1, true)),
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			took := allocated(func() { _, err = NewMaker().Make(t.Context(), bytes.NewReader(data), int64(len(data))) })
			if !errors.Is(err, ErrTooLarge) || took > 4<<20 {
				t.Errorf("%d bytes: %v, and %d bytes were taken for it", len(data), err, took)
			}
		})
	}
}

// What is reserved for a picture is what decoding takes, for every way in which it may be stored.
func TestDecodingTakesNoMoreThanWasMeasured(t *testing.T) {
	const overhead = 1 << 20
	at := image.Rect(0, 0, 701, 499)
	pngOf := func(from image.Image) []byte {
		var out bytes.Buffer
		if err := png.Encode(&out, from); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for name, data := range map[string][]byte{
		"JPEG":                     jpegOf(t, image.NewYCbCr(at, image.YCbCrSubsampleRatio420)),
		"grey JPEG":                jpegOf(t, image.NewGray(at)),
		"progressive JPEG of CMYK": picturetest.ProgressiveCMYK(701, 499, 9),
		"PNG":                      pngOf(image.NewNRGBA(at)),
		"grey PNG":                 pngOf(image.NewGray(at)),
		"PNG of 16 bits":           pngOf(image.NewNRGBA64(at)),
		"PNG with a palette":       pngOf(image.NewPaletted(at, color.Palette{color.Black, color.White})),
		"interlaced PNG":           picturetest.DeepPNG(701, 499),
		"lossless WebP":            picturetest.LosslessWebP(701, 499, nil),
	} {
		is, err := measure(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		took := allocated(func() { _, err = is.decode(bytes.NewReader(data)) })
		if err != nil || took > is.memory+overhead {
			t.Errorf("%s: %v, measured %d and took %d", name, err, is.memory, took)
		}
	}
}

// All pictures together stay within the budget: one waits for another, and no longer than whoever asked for it.
func TestPicturesWaitForRoom(t *testing.T) {
	t.Parallel()
	m := NewMaker()
	if err := m.room.Acquire(t.Context(), budget); err != nil {
		t.Fatal(err)
	}
	data := jpegOf(t, image.NewGray(image.Rect(0, 0, 60, 40)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Make(ctx, bytes.NewReader(data), int64(len(data))); !errors.Is(err, context.Canceled) {
		t.Errorf("decoded beyond the budget: %v", err)
	}
	m.room.Release(budget)
	if small, err := m.Make(t.Context(), bytes.NewReader(data), int64(len(data))); err != nil || small.Width != 60 || small.Height != 40 {
		t.Errorf("%+v %v", small, err)
	}
}

// A photograph is upright in its small picture, and its width is that of the upright one, however the phone was held.
func TestSmallPicturesAreUpright(t *testing.T) {
	t.Parallel()
	const w, h = 600, 400
	// the upright picture: red above on the left, green above on the right, blue below on the left, black below on the right
	shown := [4]color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {0, 0, 0, 255}}
	// which corner of the upright picture stands where in the stored one: first row left and right, last row left and right
	stored := [9][4]int{
		{0, 1, 2, 3}, {0, 1, 2, 3}, {1, 0, 3, 2}, {3, 2, 1, 0}, {2, 3, 0, 1}, {0, 2, 1, 3}, {1, 3, 0, 2}, {3, 1, 2, 0}, {2, 0, 3, 1},
	}
	for orientation, corners := range stored {
		from := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				from.SetRGBA(x, y, shown[corners[2*(2*y/h)+2*x/w]])
			}
		}
		data := picturetest.Oriented(jpegOf(t, from), uint16(orientation)) //nolint:gosec // below nine
		small, err := NewMaker().Make(t.Context(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		width, height := w, h
		if orientation >= 5 {
			width, height = h, w
		}
		if small.Width != width || small.Height != height {
			t.Errorf("orientation %d: shown as %d × %d", orientation, small.Width, small.Height)
		}
		got, err := jpeg.Decode(bytes.NewReader(small.JPEG))
		if err != nil {
			t.Fatal(err)
		}
		across, down := got.Bounds().Dx(), got.Bounds().Dy()
		if across*height/width-down > 1 || max(across, down) != side {
			t.Errorf("orientation %d: the small picture has %d × %d", orientation, across, down)
		}
		for n, want := range shown {
			x, y := across/8+n%2*across*6/8, down/8+n/2*down*6/8
			if r, g, b, _ := got.At(x, y).RGBA(); near(r, want.R) && near(g, want.G) && near(b, want.B) {
				continue
			}
			t.Errorf("orientation %d: corner %d is %v", orientation, n, got.At(x, y))
		}
	}
	for _, big := range []bool{false, true} {
		data := picturetest.LosslessWebP(300, 200, picturetest.EXIF(6, big))
		if small, err := NewMaker().Make(t.Context(), bytes.NewReader(data), int64(len(data))); err != nil || small.Width != 200 {
			t.Errorf("a WebP that lies on its side: %+v %v", small, err)
		}
	}
}

func near(got uint32, want uint8) bool {
	return max(int(got>>8), int(want))-min(int(got>>8), int(want)) < 40
}

// What strangers send never breaks the reading of its header, and what decodes had the size that was measured.
func FuzzMeasure(f *testing.F) {
	f.Add(picturetest.ProgressiveCMYK(33, 17, 3))
	f.Add(picturetest.DeepPNG(33, 17))
	f.Add(picturetest.LosslessWebP(33, 17, picturetest.EXIF(8, true)))
	f.Add(picturetest.Oriented(jpegOf(f, image.NewGray(image.Rect(0, 0, 9, 9))), 5))
	f.Add(jpegOf(f, image.NewYCbCr(image.Rect(0, 0, 9, 9), image.YCbCrSubsampleRatio420)))
	f.Fuzz(func(t *testing.T, data []byte) {
		is, err := measure(bytes.NewReader(data), int64(len(data)))
		if err != nil || is.memory > 16<<20 || is.width*is.height > 1<<22 || is.work > 1<<20 {
			return
		}
		full, err := is.decode(bytes.NewReader(data))
		if err == nil && (full.Bounds().Dx() != is.width || full.Bounds().Dy() != is.height) {
			t.Errorf("measured %d × %d, decoded %v", is.width, is.height, full.Bounds())
		}
	})
}
