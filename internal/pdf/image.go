package pdf

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"golang.org/x/image/draw"

	"wasl/internal/picture"
)

const (
	// maxPixels and maxPNG bound what a PNG takes to decode.
	maxPixels = 4_000_000
	maxPNG    = 4 << 20
	// sharp is the longest side in pixels that a logo is kept with; a larger one is made smaller.
	sharp = 560
)

// graphic is an image of the file.
type graphic struct {
	name          string
	width, height int
	jpeg          []byte // otherwise rgb and alpha
	grey          bool   // the JPEG has no colours
	rgb, alpha    []byte // alpha is nil where all is opaque
	data          string // what it was made of
}

// image reads a PNG or JPEG; nil if it cannot be shown. The same data is one image of the file.
func (p *pages) image(data []byte) *graphic {
	if len(data) == 0 {
		return nil
	}
	for _, have := range p.images {
		if have.data == string(data) {
			return have
		}
	}
	img := readPNG(data)
	if img == nil {
		img = readJPEG(p.ctx, data)
	}
	if img == nil {
		return nil
	}
	img.name, img.data = fmt.Sprintf("Im%d", len(p.images)), string(data)
	p.images = append(p.images, img)
	return img
}

func readPNG(data []byte) *graphic {
	if !bytes.HasPrefix(data, []byte("\x89PNG")) || len(data) > maxPNG {
		return nil
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width < 1 || size.Height < 1 || size.Width > maxPixels/size.Height {
		return nil
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	if longest := max(size.Width, size.Height); longest > sharp {
		small := image.NewNRGBA(image.Rect(0, 0, max(1, size.Width*sharp/longest), max(1, size.Height*sharp/longest)))
		draw.CatmullRom.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
		img = small
	}
	return flat(img)
}

// flat takes an image apart into colours and opacity.
func flat(img image.Image) *graphic {
	b := img.Bounds()
	g := &graphic{width: b.Dx(), height: b.Dy()}
	opaque := true
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			g.rgb = append(g.rgb, c.R, c.G, c.B)
			g.alpha = append(g.alpha, c.A)
			opaque = opaque && c.A == 0xff
		}
	}
	if opaque {
		g.alpha = nil
	}
	return g
}

// pictures keep what photographs take to decode within a budget of all documents.
var pictures = picture.NewMaker()

func readJPEG(ctx context.Context, data []byte) *graphic {
	small, err := pictures.Make(ctx, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(small.JPEG))
	if err != nil {
		return nil
	}
	return &graphic{width: size.Width, height: size.Height, jpeg: small.JPEG, grey: size.ColorModel == color.GrayModel}
}

// fit is the size of an image in points, within a width and a height.
func (g *graphic) fit(width, height float64) (w, h float64) {
	scale := min(width/float64(g.width), height/float64(g.height))
	return float64(g.width) * scale, float64(g.height) * scale
}
