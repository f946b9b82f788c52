// Package picturetest makes pictures that encoders do not: those that are small as files and huge as pictures, and those that lie on
// their side.
package picturetest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// segment is one marker of a JPEG with its content.
func segment(marker byte, content ...byte) []byte {
	n := len(content) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, content...) //nolint:gosec // below 64 KiB
}

// ProgressiveCMYK is a progressive JPEG of four components whose pixels are all the same: about 8 KB for a megapixel. Its blocks are
// gone through scans times.
func ProgressiveCMYK(width, height, scans int) []byte {
	const components = 4
	out := []byte{0xff, 0xd8}
	out = append(out, segment(0xee, append([]byte("Adobe"), 0, 100, 0, 0, 0, 0, 0)...)...)
	out = append(out, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)...)
	frame := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), components}
	for c := range byte(components) {
		frame = append(frame, c+1, 0x11, 0)
	}
	out = append(out, segment(0xc2, frame...)...)
	// one code of one bit: of DC a difference of 0, of AC the end of 2^14 blocks
	codes := func(class, symbol byte) []byte {
		return segment(0xc4, append(append([]byte{class}, 1), append(make([]byte, 15), symbol)...)...)
	}
	out = append(out, codes(0x00, 0)...)
	out = append(out, codes(0x10, 0xe0)...)
	scan := []byte{components}
	for c := range byte(components) {
		scan = append(scan, c+1, 0)
	}
	out = append(out, segment(0xda, append(scan, 0, 0, 0)...)...)
	blocks := ((width + 7) / 8) * ((height + 7) / 8)
	out = append(out, make([]byte, (blocks*components+7)/8)...)
	for n := range scans - 1 {
		out = append(out, segment(0xda, 1, byte(n%components)+1, 0, 1, 63, 0)...)
		bits := (blocks + 1<<14 - 1) >> 14 * 15 // each code with its fourteen further bits
		out = append(out, make([]byte, (bits+7)/8)...)
	}
	return append(out, 0xff, 0xd9)
}

// DeepPNG is an interlaced PNG with 16 bits for each of four channels: about 8 KB for a megapixel.
func DeepPNG(width, height int) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, content []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(content))) //nolint:gosec // as small as the test wants
		body := append([]byte(kind), content...)
		out = binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(width))    //nolint:gosec // likewise
	header = binary.BigEndian.AppendUint32(header, uint32(height)) //nolint:gosec // likewise
	chunk("IHDR", append(header, 16, 6, 0, 0, 1))
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for _, pass := range [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		w, h := (width-pass[0]+pass[2]-1)/pass[2], (height-pass[1]+pass[3]-1)/pass[3]
		if w > 0 && h > 0 {
			_, _ = io.CopyN(z, zeros{}, int64(h)*int64(1+8*w))
		}
	}
	_ = z.Close()
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return out
}

type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// EXIF is what a camera says of how it was held, in the order of bytes that is asked for: the orientation of EXIF, 1 to 8.
func EXIF(orientation uint16, big bool) []byte {
	var order binary.AppendByteOrder = binary.LittleEndian
	out := []byte("II*\x00")
	if big {
		order, out = binary.BigEndian, []byte("MM\x00*")
	}
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 2)
	entry := func(tag, kind uint16, count uint32, value uint16) {
		out = order.AppendUint16(order.AppendUint16(out, tag), kind)
		out = order.AppendUint16(order.AppendUint16(order.AppendUint32(out, count), value), 0)
	}
	entry(0x0100, 3, 1, 640)
	entry(0x0112, 3, 1, orientation)
	return order.AppendUint32(out, 0)
}

// Oriented is a JPEG with what a camera says of how it was held.
func Oriented(jpeg []byte, orientation uint16) []byte {
	exif := segment(0xe1, append([]byte("Exif\x00\x00"), EXIF(orientation, orientation%2 == 0)...)...)
	return append(append(append([]byte{}, jpeg[:2]...), exif...), jpeg[2:]...)
}

// LosslessWebP is a WebP whose pixels are all black: some forty bytes whatever its size. exif is what a camera says of it; nil: nothing.
func LosslessWebP(width, height int, exif []byte) []byte {
	var bits uint64
	at := 0
	put := func(value, count int) { bits |= uint64(value) << at; at += count } //nolint:gosec // below 64 bits
	put(width-1, 14)
	put(height-1, 14)
	put(0, 4+3) // no alpha, version 0; no transform, no cache of colours, one group of codes
	for range 5 {
		put(1, 4) // a code of one symbol, which is 0 and takes no bits
	}
	picture := append([]byte{0x2f}, binary.LittleEndian.AppendUint64(nil, bits)...)
	var chunks []byte
	chunk := func(kind string, content []byte) {
		chunks = binary.LittleEndian.AppendUint32(append(chunks, kind...), uint32(len(content))) //nolint:gosec // small
		if chunks = append(chunks, content...); len(content)%2 > 0 {
			chunks = append(chunks, 0)
		}
	}
	if exif != nil {
		const hasEXIF = 1 << 3
		chunk("VP8X", []byte{
			hasEXIF, 0, 0, 0,
			byte(width - 1), byte((width - 1) >> 8), byte((width - 1) >> 16),
			byte(height - 1), byte((height - 1) >> 8), byte((height - 1) >> 16),
		})
	}
	chunk("VP8L", picture)
	if exif != nil {
		chunk("EXIF", exif)
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(chunks)+4)) //nolint:gosec // small
	return append(append(out, "WEBP"...), chunks...)
}
