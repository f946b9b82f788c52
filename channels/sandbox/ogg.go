package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
)

const (
	voiceMIME   = "audio/ogg; codecs=opus"
	opusRate    = 48000
	opusPreskip = 312
	pagePackets = 50 // about a second
	opusLargest = 61440
)

// errRecording: the recording holds no Opus sound.
var errRecording = errors.New("sandbox: no Opus sound in the recording")

// oggOpus wraps Opus packets as phones send them.
func oggOpus(packets [][]byte, channels byte) []byte {
	head := append([]byte("OpusHead\x01"), channels)
	head = binary.LittleEndian.AppendUint16(head, opusPreskip)
	head = binary.LittleEndian.AppendUint32(head, opusRate)
	head = append(head, 0, 0, 0) // gain, mapping
	tags := append([]byte("OpusTags"), 4, 0, 0, 0)
	tags = append(tags, "Wasl\x00\x00\x00\x00"...)
	var out []byte
	out = oggPage(out, oggPlace{flags: 2}, [][]byte{head})
	out = oggPage(out, oggPlace{number: 1}, [][]byte{tags})
	var granule uint64
	for n := uint32(2); len(packets) > 0; n++ {
		page, segments := 0, 0
		for page < len(packets) && page < pagePackets && segments+len(packets[page])/255+1 <= 255 {
			segments += len(packets[page])/255 + 1
			granule += opusSamples(packets[page])
			page++
		}
		place := oggPlace{number: n, granule: granule}
		if page == len(packets) {
			place.flags = 4
		}
		out = oggPage(out, place, packets[:page])
		packets = packets[page:]
	}
	return out
}

// oggPlace is where a page stands in its stream.
type oggPlace struct {
	flags   byte
	number  uint32
	granule uint64
}

// oggPage appends one page with whole packets.
func oggPage(out []byte, at oggPlace, packets [][]byte) []byte {
	start := len(out)
	out = append(out, "OggS\x00"...)
	out = append(out, at.flags)
	out = binary.LittleEndian.AppendUint64(out, at.granule)
	out = binary.LittleEndian.AppendUint32(out, 0x5761736c) // the stream's number
	out = binary.LittleEndian.AppendUint32(out, at.number)
	out = append(out, 0, 0, 0, 0) // checksum, below
	var lacing []byte
	for _, p := range packets {
		lacing = append(lacing, bytes.Repeat([]byte{255}, len(p)/255)...)
		lacing = append(lacing, byte(len(p)%255))
	}
	out = append(append(out, byte(len(lacing))), lacing...)
	out = append(out, bytes.Join(packets, nil)...)
	binary.LittleEndian.PutUint32(out[start+22:], oggChecksum(out[start:]))
	return out
}

// oggChecksum is the CRC that Ogg uses: the usual polynomial, not reflected, from zero.
func oggChecksum(page []byte) uint32 {
	var sum uint32
	for _, b := range page {
		sum ^= uint32(b) << 24
		for range 8 {
			sum = sum<<1 ^ (0x04c11db7 & -(sum >> 31))
		}
	}
	return sum
}

// opusSamples is how long a packet sounds, in samples at 48 kHz, which its first byte says.
func opusSamples(packet []byte) uint64 {
	if len(packet) == 0 {
		return 0
	}
	var frame uint64
	switch config := packet[0] >> 3; {
	case config < 12:
		frame = []uint64{480, 960, 1920, 2880}[config%4]
	case config < 16:
		frame = []uint64{480, 960}[config%2]
	default:
		frame = []uint64{120, 240, 480, 960}[config%4]
	}
	switch packet[0] & 3 {
	case 0:
		return frame
	case 3:
		if len(packet) < 2 {
			return 0
		}
		return frame * uint64(packet[1]&63)
	}
	return 2 * frame
}

// The parts of a WebM file that lead to its sound.
const (
	webmSegment, webmCluster, webmGroup = 0x18538067, 0x1f43b675, 0xa0
	webmTracks, webmTrack, webmPrivate  = 0x1654ae6b, 0xae, 0x63a2
	webmSimpleBlock, webmBlock          = 0xa3, 0xa1
)

// webmToOgg takes the Opus packets out of what browsers record. It steps into the parts that hold others without
// minding their length, because recorders do not know it when they begin.
func webmToOgg(webm []byte) ([]byte, error) {
	var packets [][]byte
	channels := byte(1)
	for len(webm) > 0 {
		id, rest, ok := webmNumber(webm, false)
		if !ok {
			break
		}
		size, body, ok := webmNumber(rest, true)
		if !ok {
			break
		}
		switch id {
		case webmSegment, webmCluster, webmGroup, webmTracks, webmTrack:
			webm = body
			continue
		}
		if size > uint64(len(body)) {
			break
		}
		part := body[:size]
		webm = body[size:]
		switch id {
		case webmPrivate:
			if len(part) > 9 && bytes.HasPrefix(part, []byte("OpusHead")) {
				channels = part[9]
			}
		case webmSimpleBlock, webmBlock:
			if _, block, ok := webmNumber(part, true); ok && len(block) > 3 && len(block) <= opusLargest {
				packets = append(packets, block[3:]) // after the time and the flags
			}
		}
	}
	if len(packets) == 0 {
		return nil, errRecording
	}
	return oggOpus(packets, channels), nil
}

// webmNumber reads a number of variable length; a size comes without the bit that tells the length.
func webmNumber(b []byte, size bool) (n uint64, rest []byte, ok bool) {
	if len(b) == 0 || b[0] == 0 {
		return 0, nil, false
	}
	length := bits.LeadingZeros8(b[0]) + 1
	if len(b) < length {
		return 0, nil, false
	}
	for _, x := range b[:length] {
		n = n<<8 | uint64(x)
	}
	if size {
		n &^= 1 << (7 * length)
	}
	return n, b[length:], true
}
