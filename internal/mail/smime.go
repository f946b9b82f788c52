package mail

import "bytes"

// The content types of a cryptographic message. https://www.rfc-editor.org/rfc/rfc5652
var (
	oidSigned     = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	oidEnveloped  = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03}
	oidCompressed = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x09}
)

// element of BER, the encoding in which mail programs write signed data: with lengths that are not known and texts in pieces, which the
// standard library does not read.
type berElement struct {
	tag     byte
	content []byte // of an element of unknown length: to its end mark
}

const maxBER = 32 // levels

// readBER takes the first element off.
func readBER(data []byte, depth int) (e berElement, rest []byte, ok bool) {
	if len(data) < 2 || data[0]&0x1f == 0x1f || depth > maxBER {
		return e, nil, false
	}
	e.tag = data[0]
	length, data := int(data[1]), data[2:]
	switch {
	case length < 0x80:
	case length == 0x80: // until the end mark
		at := data
		for {
			if len(at) >= 2 && at[0] == 0 && at[1] == 0 {
				e.content = data[:len(data)-len(at)]
				return e, at[2:], true
			}
			_, next, ok := readBER(at, depth+1)
			if !ok {
				e.content = data // cut off
				return e, nil, true
			}
			at = next
		}
	default:
		n := length & 0x7f
		if n > 4 || n > len(data) {
			return e, nil, false
		}
		length = 0
		for _, b := range data[:n] {
			length = length<<8 | int(b)
		}
		data = data[n:]
	}
	length = min(length, len(data)) // cut off
	e.content = data[:length]
	return e, data[length:], true
}

// octets joins a text that stands in pieces.
func (e berElement) octets(depth int) []byte {
	if e.tag&0x20 == 0 || depth > maxBER {
		return e.content
	}
	var out []byte
	for rest := e.content; len(rest) > 0; {
		var piece berElement
		var ok bool
		if piece, rest, ok = readBER(rest, depth); !ok {
			break
		}
		out = append(out, piece.octets(depth+1)...)
	}
	return out
}

// signedContent returns the mail inside signed data, which anybody can read. Its signature is not checked.
func signedContent(data []byte) (inside []byte, encrypted, ok bool) {
	info, _, ok := readBER(data, 0)
	if !ok || info.tag != 0x30 {
		return nil, false, false
	}
	kind, rest, ok := readBER(info.content, 1)
	if !ok || kind.tag != 0x06 {
		return nil, false, false
	}
	switch {
	case bytes.Equal(kind.content, oidSigned):
	case bytes.Equal(kind.content, oidEnveloped), bytes.Equal(kind.content, oidCompressed), bytes.HasPrefix(kind.content,
		oidCompressed[:8]):
		return nil, true, true
	default:
		return nil, false, false
	}
	explicit, _, ok := readBER(rest, 1) // [0] { SignedData { version, digests, { type, [0] { content } } } }
	if !ok {
		return nil, false, false
	}
	signed, _, ok := readBER(explicit.content, 2)
	if !ok {
		return nil, false, false
	}
	rest = signed.content
	for range 2 {
		if _, rest, ok = readBER(rest, 3); !ok {
			return nil, false, false
		}
	}
	content, _, ok := readBER(rest, 3)
	if !ok {
		return nil, false, false
	}
	if _, rest, ok = readBER(content.content, 4); !ok {
		return nil, false, false
	}
	wrapped, _, ok := readBER(rest, 4)
	if !ok {
		return nil, false, false
	}
	text, _, ok := readBER(wrapped.content, 5)
	if !ok {
		return nil, false, false
	}
	return text.octets(5), false, true
}
