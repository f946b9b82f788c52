package inbox

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// pngOf returns a picture of that size.
func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	img.SetGray(width/2, height/2, color.Gray{Y: 200})
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
