package picture

import (
	"bufio"
	"encoding/binary"
	"image"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// measured is what a picture's header says: its size as it is stored, how it is to be turned, and what decoding it takes.
type measured struct {
	width, height int
	turn          turn
	memory        int64 // bytes
	work          int64 // blocks that the passes over a JPEG go through; 0: it has no passes
	decode        func(io.Reader) (image.Image, error)
}

// measure reads the header of a picture that has size bytes.
func measure(r io.ReadSeeker, size int64) (measured, error) {
	start := make([]byte, 30)
	n, err := io.ReadFull(r, start)
	if err != nil && n < len(start) && n < 12 {
		return measured{}, ErrFormat
	}
	start = start[:n]
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return measured{}, err
	}
	var is measured
	switch {
	case start[0] == 0xff && start[1] == markerSOI:
		is, err = measureJPEG(bufio.NewReaderSize(r, 32<<10))
	case string(start[:8]) == "\x89PNG\r\n\x1a\n":
		is, err = measurePNG(start)
	case string(start[:4]) == "RIFF" && string(start[8:12]) == "WEBP":
		is, err = measureWebP(r, size)
	default:
		return measured{}, ErrFormat
	}
	if err == nil && (is.width < 1 || is.height < 1) {
		err = ErrFormat
	}
	return is, err
}

// measurePNG reads the first chunk. https://www.w3.org/TR/png-3/#11IHDR
func measurePNG(start []byte) (measured, error) {
	if len(start) < 29 || string(start[12:16]) != "IHDR" {
		return measured{}, ErrFormat
	}
	is := measured{
		width: int(binary.BigEndian.Uint32(start[16:])), height: int(binary.BigEndian.Uint32(start[20:])), decode: png.Decode,
	}
	if is.width > maxPixels || is.height > maxPixels {
		return measured{}, ErrTooLarge
	}
	const (
		palette = 3
		pixel   = 4 // bytes: also of grey ones, which may be transparent
	)
	is.memory = int64(is.width) * int64(is.height)
	switch depth, kind := start[24], start[25]; {
	case depth > 8:
		is.memory *= 2 * pixel
	case kind != palette:
		is.memory *= pixel
	}
	if interlaced := start[28] != 0; interlaced { // its passes are pictures of their own
		is.memory *= 2
	}
	return is, nil
}

// maxWebP bounds the pixels of a WebP: its decoder is several times slower than the others.
const maxWebP = 16_000_000

// What the trees take that a lossless WebP is packed with: so much for a byte of the file, and at most so much.
const (
	treesPerByte = 300
	maxTrees     = 130 << 20
)

// measureWebP goes through the chunks up to the picture, and behind it for how it is to be turned.
// https://developers.google.com/speed/webp/docs/riff_container
func measureWebP(r io.ReadSeeker, size int64) (measured, error) {
	config, err := webp.DecodeConfig(r)
	if err != nil {
		return measured{}, ErrFormat
	}
	is := measured{width: config.Width, height: config.Height, decode: webp.Decode}
	pixels := int64(is.width) * int64(is.height)
	if pixels > maxWebP {
		return measured{}, ErrTooLarge
	}
	is.memory = 2 * pixels // luminance and two quarters of colour, in whole blocks
	packed := false
	var head [8]byte
	at, err := r.Seek(12, io.SeekStart)
	for err == nil {
		if _, err = io.ReadFull(r, head[:]); err != nil {
			break
		}
		length := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "VP8L", "ALPH":
			packed = true
		case "EXIF":
			exif := make([]byte, min(length, maxEXIF))
			n, _ := io.ReadFull(r, exif)
			is.turn = turnOf(exif[:n])
		}
		at, err = r.Seek(at+8+length+length%2, io.SeekStart)
	}
	if packed { // the pixels, a second copy of them, and the trees
		is.memory += 8*pixels + min(size*treesPerByte, maxTrees)
	}
	return is, nil
}
