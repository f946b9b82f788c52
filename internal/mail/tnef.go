package mail

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// tnef is what stands in a winmail.dat, in which Exchange puts texts and files.
// https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxtnef
type tnef struct {
	text, html string
	files      []File
}

const (
	tnefSignature = 0x223e9f78
	maxTNEFFiles  = 300

	attrBody         = 0x800c
	attrAttachData   = 0x800f
	attrAttachTitle  = 0x8010
	attrAttachRend   = 0x9002
	attrMessageProps = 0x9003
	attrAttachment   = 0x9005
	attrCodepage     = 0x9007

	propBody      = 0x1000
	propRTF       = 0x1009
	propHTML      = 0x1013
	propData      = 0x3701
	propName      = 0x3704
	propLongName  = 0x3707
	propMIME      = 0x370e
	propContentID = 0x3712

	typeString8 = 0x1e
	typeUnicode = 0x1f
	typeBinary  = 0x102
	typeObject  = 0x0d
)

// parseTNEF reads what it can; nil: it is none.
func parseTNEF(data []byte) *tnef {
	if len(data) < 6 || binary.LittleEndian.Uint32(data) != tnefSignature {
		return nil
	}
	t, codepage := &tnef{}, "windows-1252"
	data = data[6:]
	for len(data) >= 9 {
		level, id, length := data[0], binary.LittleEndian.Uint16(data[1:]), binary.LittleEndian.Uint32(data[5:])
		data = data[9:]
		value := data[:min(uint64(length), uint64(len(data)))]
		switch {
		case id == attrCodepage && len(value) >= 4:
			codepage = "windows-" + strconv.Itoa(int(binary.LittleEndian.Uint32(value)))
		case level == 1 && id == attrBody:
			t.text = decodeText(bytes.TrimRight(value, "\x00"), codepage, "")
		case level == 1 && id == attrMessageProps:
			t.body(readProps(value), codepage)
		case level == 2 && id == attrAttachRend && len(t.files) < maxTNEFFiles:
			t.files = append(t.files, File{})
		case level == 2 && len(t.files) > 0:
			t.files[len(t.files)-1].tnef(id, value, codepage)
		}
		data = data[min(len(value)+2, len(data)):]
	}
	return t
}

// tnef takes one attribute of a file.
func (f *File) tnef(id uint16, value []byte, codepage string) {
	switch id {
	case attrAttachTitle:
		if f.Name == "" {
			f.Name = decodeText(bytes.TrimRight(value, "\x00"), codepage, "")
		}
	case attrAttachData:
		f.Data = value
	case attrAttachment:
		props := readProps(value)
		for _, p := range []uint16{propName, propLongName} {
			if name := props[p].text(codepage); name != "" {
				f.Name = name
			}
		}
		if kind := props[propMIME].text(codepage); kind != "" {
			f.Type = strings.ToLower(kind)
		}
		f.ContentID = strings.Trim(props[propContentID].text(codepage), "<> ")
		if p := props[propData]; len(f.Data) == 0 && p.kind == typeBinary {
			f.Data = p.value
		} else if len(f.Data) == 0 && p.kind == typeObject && len(p.value) > 16 {
			f.Data = p.value[16:]
		}
	}
}

func (t *tnef) body(props map[uint16]prop, codepage string) {
	if p := props[propBody]; p.kind != 0 {
		t.text = p.text(codepage)
	}
	if p := props[propHTML]; p.kind == typeBinary {
		t.html = decodeHTML(p.value[:min(len(p.value), maxHTML)], "", codepage)
	} else if p.kind != 0 {
		t.html = p.text(codepage)
	}
	if p := props[propRTF]; t.text == "" && t.html == "" && p.kind == typeBinary {
		t.text = rtfText(decompressRTF(p.value))
	}
}

// prop is one property of MAPI.
type prop struct {
	kind  uint16
	value []byte
}

func (p prop) text(codepage string) string {
	switch p.kind {
	case typeUnicode:
		units := make([]uint16, len(p.value)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(p.value[2*i:])
		}
		return clean(strings.TrimRight(string(utf16.Decode(units)), "\x00"))
	case typeString8:
		return decodeText(bytes.TrimRight(p.value, "\x00"), codepage, "")
	}
	return ""
}

// propSizes are the bytes that values of fixed size take.
var propSizes = map[uint16]int{2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16}

// readProps reads properties until one cannot be read.
func readProps(data []byte) map[uint16]prop {
	out := map[uint16]prop{}
	if len(data) < 4 {
		return out
	}
	data = data[4:]
	for len(data) >= 4 {
		kind, id := binary.LittleEndian.Uint16(data), binary.LittleEndian.Uint16(data[2:])
		data = data[4:]
		if id >= 0x8000 { // a name
			if len(data) < 24 {
				return out
			}
			named, length := binary.LittleEndian.Uint32(data[16:]) == 1, uint64(binary.LittleEndian.Uint32(data[20:]))
			data = data[24:]
			if named {
				if length = padded(length); length > uint64(len(data)) {
					return out
				}
				data = data[length:]
			}
		}
		values := uint32(1)
		multiple := kind&0x1000 != 0
		kind &^= 0x1000
		if size, fixed := propSizes[kind]; fixed {
			if multiple {
				if len(data) < 4 {
					return out
				}
				values, data = binary.LittleEndian.Uint32(data), data[4:]
			}
			skip := uint64(size) * uint64(values)
			if skip > uint64(len(data)) {
				return out
			}
			data = data[skip:]
			continue
		}
		if len(data) < 4 {
			return out
		}
		values, data = binary.LittleEndian.Uint32(data), data[4:]
		for range values {
			if len(data) < 4 {
				return out
			}
			length := uint64(binary.LittleEndian.Uint32(data))
			data = data[4:]
			if length > uint64(len(data)) {
				return out
			}
			out[id] = prop{kind, data[:length]}
			data = data[min(padded(length), uint64(len(data))):]
		}
	}
	return out
}

func padded(n uint64) uint64 { return (n + 3) &^ 3 }

// rtfStart is the text with which the window of compressed RTF begins.
// https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxrtfcp
const rtfStart = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

const maxRTF = 4 << 20

func decompressRTF(data []byte) []byte {
	if len(data) < 16 {
		return nil
	}
	switch binary.LittleEndian.Uint32(data[8:]) {
	case 0x414c454d: // not compressed
		return data[16:]
	case 0x75465a4c:
	default:
		return nil
	}
	var window [4096]byte
	at := copy(window[:], rtfStart)
	size := min(binary.LittleEndian.Uint32(data[4:]), maxRTF)
	out := make([]byte, 0, min(size, uint32(16*len(data)))) //nolint:gosec // a mail has less than 2 GB
	put := func(b byte) {
		out = append(out, b)
		window[at] = b
		at = (at + 1) % len(window)
	}
	for data = data[16:]; len(data) > 0; {
		control := data[0]
		data = data[1:]
		for bit := range 8 {
			if control>>bit&1 == 0 {
				if len(data) < 1 {
					return out
				}
				put(data[0])
				data = data[1:]
			} else {
				if len(data) < 2 {
					return out
				}
				from, length := int(data[0])<<4|int(data[1])>>4, int(data[1]&15)+2
				data = data[2:]
				if from == at {
					return out
				}
				for i := range length {
					put(window[(from+i)%len(window)])
				}
			}
			if len(out) >= int(size) {
				return out
			}
		}
	}
	return out
}

// rtfText returns what RTF says.
func rtfText(data []byte) string {
	var b strings.Builder
	enc := charmap.Windows1252
	var skip []bool // per group: nothing of it is shown
	hidden, unicodeSkip := false, 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '{':
			if skip = append(skip, hidden); len(skip) > 500 {
				return clean(b.String())
			}
		case c == '}':
			if n := len(skip); n > 0 {
				hidden, skip = skip[n-1], skip[:n-1]
			}
		case c == '\\' && i+1 < len(data):
			word, number, next := rtfWord(data[i+1:])
			if word == "'" && i+3 < len(data) && unhex(data[i+2]) >= 0 && unhex(data[i+3]) >= 0 {
				if !hidden && unicodeSkip == 0 {
					b.WriteRune(enc.DecodeByte(byte(unhex(data[i+2])<<4 | unhex(data[i+3])))) //nolint:gosec // two hexadecimal digits
				}
				unicodeSkip = max(0, unicodeSkip-1)
				i += 3
				continue
			}
			i += next
			switch word {
			case "*", "fonttbl", "colortbl", "stylesheet", "info", "pict", "object":
				hidden = true
			case "par", "line", "row":
				write(&b, hidden, "\n")
			case "tab", "cell":
				write(&b, hidden, " ")
			case "\\", "{", "}":
				write(&b, hidden, word)
			case "~":
				write(&b, hidden, " ")
			case "u":
				write(&b, hidden, string(rune(uint16(number)))) //nolint:gosec // a unit of UTF-16
				unicodeSkip = 1
			case "ansicpg":
				if e, _ := byLabel("windows-" + strconv.Itoa(number)); e != nil {
					if m, is := e.(*charmap.Charmap); is {
						enc = m
					}
				}
			}
		case c == '\r' || c == '\n':
		case hidden:
		case unicodeSkip > 0:
			unicodeSkip--
		default:
			b.WriteRune(enc.DecodeByte(c))
		}
	}
	return strings.TrimSpace(clean(b.String()))
}

func write(b *strings.Builder, hidden bool, s string) {
	if !hidden {
		b.WriteString(s)
	}
}

// rtfWord reads a control word after its backslash: its name, its number, and how many bytes it takes.
func rtfWord(data []byte) (word string, number, size int) {
	end := 0
	for end < len(data) && letter(data[end]) && end < 40 {
		end++
	}
	if end == 0 {
		return string(data[:1]), 0, 1
	}
	word = string(data[:end])
	start := end
	for end < len(data) && (data[end] >= '0' && data[end] <= '9' || end == start && data[end] == '-') && end < start+8 {
		end++
	}
	number, _ = strconv.Atoi(string(data[start:end]))
	if end < len(data) && data[end] == ' ' {
		end++
	}
	return word, number, end
}
