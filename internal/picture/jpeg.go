package picture

import (
	"bufio"
	"bytes"
	"image/jpeg"
	"io"
)

// The markers of a JPEG that matter here. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF2  = 0xc2 // progressive
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP14 = 0xee
)

const (
	// maxWork is how many blocks the passes over a JPEG may go through: a progressive one has about ten passes, one of a bomb takes
	// a dozen bytes of the file.
	maxWork = 12_000_000
	block   = 64 // samples
	// coefficients is how many bytes a block takes while the passes of a progressive JPEG are gathered.
	coefficients = 256
)

// frame is what the segments of a JPEG say, in the way in which its decoder understands them.
type frame struct {
	measured
	progressive       bool
	sampling          [][2]int // of each component
	names             []byte
	jfif, adobe, cmyk bool
	scans             int64
}

// measureJPEG goes through the segments. What stands between them is skipped as the decoder skips it.
func measureJPEG(r *bufio.Reader) (measured, error) {
	f := frame{measured: measured{decode: jpeg.Decode}}
	if _, err := r.Discard(2); err != nil {
		return measured{}, ErrFormat
	}
	for {
		marker, err := nextMarker(r)
		if err != nil || marker == markerEOI { // one that is cut off is the decoder's to refuse
			break
		}
		if marker >= markerRST0 && marker <= markerRST7 {
			continue
		}
		segment, err := nextSegment(r, marker)
		if err != nil {
			break
		}
		f.take(marker, segment)
	}
	if len(f.sampling) == 0 {
		return measured{}, ErrFormat
	}
	f.count()
	return f.measured, nil
}

// nextMarker finds the next marker.
func nextMarker(r *bufio.Reader) (byte, error) {
	for {
		if _, err := r.ReadSlice(0xff); err != nil {
			if err == bufio.ErrBufferFull {
				continue
			}
			return 0, err
		}
		marker, err := r.ReadByte()
		for err == nil && marker == 0xff {
			marker, err = r.ReadByte()
		}
		if err != nil || marker != 0 {
			return marker, err
		}
	}
}

// nextSegment reads the segment of a marker. Of those that say nothing here it is skipped.
func nextSegment(r *bufio.Reader, marker byte) ([]byte, error) {
	high, err := r.ReadByte()
	if err != nil {
		return nil, err
	}
	low, err := r.ReadByte()
	if err != nil {
		return nil, err
	}
	length := int(high)<<8 | int(low) - 2
	if length < 0 {
		return nil, ErrFormat
	}
	switch marker {
	case markerSOF0, markerSOF0 + 1, markerSOF2, markerAPP0, markerAPP1, markerAPP14:
		segment := make([]byte, length)
		_, err := io.ReadFull(r, segment)
		return segment, err
	}
	_, err = r.Discard(length)
	return nil, err
}

// take keeps what a segment says.
func (f *frame) take(marker byte, segment []byte) {
	switch marker {
	case markerSOF0, markerSOF0 + 1, markerSOF2:
		f.progressive = marker == markerSOF2
		f.size(segment)
	case markerSOS:
		f.scans++
	case markerAPP0:
		if len(segment) >= 5 { // the last one counts
			f.jfif = bytes.HasPrefix(segment, []byte("JFIF\x00"))
		}
	case markerAPP1:
		if exif, is := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); is && f.turn == 0 {
			f.turn = turnOf(exif)
		}
	case markerAPP14:
		if len(segment) >= 12 && bytes.HasPrefix(segment, []byte("Adobe")) {
			f.adobe, f.cmyk = true, segment[11] == 0
		}
	}
}

// size reads the frame's header: precision, height, width, and name and sampling of each component.
func (f *frame) size(segment []byte) {
	if len(f.sampling) > 0 || len(segment) < 6 || len(segment) != 6+3*int(segment[5]) {
		return
	}
	f.height, f.width = int(segment[1])<<8|int(segment[2]), int(segment[3])<<8|int(segment[4])
	for c := segment[6:]; len(c) > 0; c = c[3:] {
		f.names = append(f.names, c[0])
		f.sampling = append(f.sampling, [2]int{max(1, int(c[1]>>4)), max(1, int(c[1]&0x0f))})
	}
	if len(f.sampling) == 1 { // of one component the sampling means nothing
		f.sampling[0] = [2]int{1, 1}
	}
}

// count says what decoding takes. Sizes are those of whole groups of blocks, as the decoder has them.
func (f *frame) count() {
	across, down := 8*f.sampling[0][0], 8*f.sampling[0][1]
	groups := int64((f.width+across-1)/across) * int64((f.height+down-1)/down)
	var blocks int64
	for _, s := range f.sampling {
		blocks += groups * int64(s[0]*s[1])
	}
	f.memory, f.work = block*blocks, f.scans*blocks
	if f.progressive {
		f.memory += coefficients * blocks
	}
	rgb := len(f.names) == 3 && !f.jfif && (f.adobe && f.cmyk || string(f.names) == "RGB")
	if len(f.names) == 4 || rgb { // made into another picture of four bytes a pixel
		f.memory += 4 * int64(f.width) * int64(f.height)
	}
}
