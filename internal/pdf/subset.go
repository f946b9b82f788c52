package pdf

import (
	"encoding/binary"

	"github.com/go-text/typesetting/font/opentype"
)

// Offsets within tables of TrueType fonts (OpenType 1.9: head, hhea, maxp) and flags of composite glyphs (glyf).
const (
	headBounds        = 36 // xMin, yMin, xMax, yMax
	headFormat        = 50 // indexToLocFormat
	hheaMetrics       = 34 // numberOfHMetrics
	maxpGlyphs        = 4  // numGlyphs
	maxpParts         = 28 // maxComponentElements
	maxpDepth         = 30 // maxComponentDepth
	maxpDepths        = 4  // one more than the fonts have
	compositeWords    = 0x0001
	compositeXYValues = 0x0002
	compositeScale    = 0x0008
	compositeMore     = 0x0020
	compositeXYScale  = 0x0040
	compositeMatrix   = 0x0080
)

// subset returns a font of some shapes only, numbered by their places in the list. The glyphs that they consist of are added behind.
func (f *typeface) subset(shapes []shape) []byte {
	places := map[uint16]uint16{} // of glyphs
	var metrics []uint16          // the glyph whose metrics each has
	for i, s := range shapes {
		if s.single() {
			places[s.parts[0].glyph] = uint16(i)
		}
		metrics = append(metrics, s.parts[0].glyph)
	}
	var glyf []byte
	loca := make([]byte, 4)
	for i := 0; i < len(metrics); i++ { // grows meanwhile
		outline := append([]byte(nil), f.outline(metrics[i])...)
		if i < len(shapes) && !shapes[i].single() {
			outline = f.compose(shapes[i])
		}
		eachPart(outline, func(id []byte) {
			old := binary.BigEndian.Uint16(id)
			place, ok := places[old]
			if !ok {
				place = uint16(len(metrics))
				places[old] = place
				metrics = append(metrics, old)
			}
			binary.BigEndian.PutUint16(id, place)
		})
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	}
	var hmtx []byte
	for i, g := range metrics {
		advance, bearing := f.metrics(g)
		if i < len(shapes) && !shapes[i].single() {
			bearing = binary.BigEndian.Uint16(f.tables["head"][headBounds:]) // where its bounds begin: it is not to be moved
		}
		hmtx = binary.BigEndian.AppendUint16(hmtx, advance)
		hmtx = binary.BigEndian.AppendUint16(hmtx, bearing)
	}
	table := func(tag string, content []byte) opentype.Table {
		return opentype.Table{Tag: opentype.MustNewTag(tag), Content: content}
	}
	n := uint16(len(metrics))
	maxp := patched(patched(patched(f.tables["maxp"], maxpGlyphs, n), maxpParts, maxParts), maxpDepth, maxpDepths)
	return opentype.WriteTTF([]opentype.Table{
		table("glyf", glyf),
		table("head", append(patched(f.tables["head"], headFormat, 1), 0, 0)), // tables begin at multiples of four
		table("hhea", patched(f.tables["hhea"], hheaMetrics, n)),
		table("hmtx", hmtx),
		table("loca", loca),
		table("maxp", maxp),
	})
}

// single reports whether a shape is a glyph as the font has it.
func (s shape) single() bool { return s.n == 1 && s.parts[0].x == 0 && s.parts[0].y == 0 }

// compose returns the outline of a shape of several glyphs, or moved ones; its numbers are those of the whole font.
func (f *typeface) compose(s shape) []byte {
	if s.n == 0 {
		return nil
	}
	out := append([]byte{0xff, 0xff}, f.tables["head"][headBounds:headBounds+8]...) // -1 contours; bounds that hold for any
	for i, p := range s.parts[:s.n] {
		flags := uint16(compositeWords | compositeXYValues)
		if i < s.n-1 {
			flags |= compositeMore
		}
		for _, v := range []uint16{flags, p.glyph, uint16(p.x), uint16(p.y)} {
			out = binary.BigEndian.AppendUint16(out, v)
		}
	}
	return out
}

func patched(table []byte, at int, value uint16) []byte {
	table = append([]byte(nil), table...)
	binary.BigEndian.PutUint16(table[at:], value)
	return table
}

// outline returns a glyph's entry of the glyf table; empty for one that shows nothing.
func (f *typeface) outline(g uint16) []byte {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to int
	if binary.BigEndian.Uint16(f.tables["head"][headFormat:]) == 0 {
		from, to = 2*int(binary.BigEndian.Uint16(loca[2*int(g):])), 2*int(binary.BigEndian.Uint16(loca[2*int(g)+2:]))
	} else {
		from, to = int(binary.BigEndian.Uint32(loca[4*int(g):])), int(binary.BigEndian.Uint32(loca[4*int(g)+4:]))
	}
	return glyf[from:to]
}

// metrics returns a glyph's advance and left bearing in units of the font.
func (f *typeface) metrics(g uint16) (advance, bearing uint16) {
	hmtx, n := f.tables["hmtx"], int(binary.BigEndian.Uint16(f.tables["hhea"][hheaMetrics:]))
	if int(g) < n {
		return binary.BigEndian.Uint16(hmtx[4*int(g):]), binary.BigEndian.Uint16(hmtx[4*int(g)+2:])
	}
	return binary.BigEndian.Uint16(hmtx[4*(n-1):]), binary.BigEndian.Uint16(hmtx[4*n+2*(int(g)-n):])
}

// width is a glyph's advance in thousandths of the size of the letters, as a PDF counts.
func (f *typeface) width(g uint16) int {
	advance, _ := f.metrics(g)
	return (int(advance)*1000 + f.upem/2) / f.upem
}

// eachPart calls fn with the place of each number of a glyph that a composite one consists of.
func eachPart(outline []byte, fn func(id []byte)) {
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return
	}
	for at := 10; ; {
		flags := binary.BigEndian.Uint16(outline[at:])
		fn(outline[at+2 : at+4])
		at += 6
		if flags&compositeWords != 0 {
			at += 2
		}
		switch {
		case flags&compositeScale != 0:
			at += 2
		case flags&compositeXYScale != 0:
			at += 4
		case flags&compositeMatrix != 0:
			at += 8
		}
		if flags&compositeMore == 0 {
			return
		}
	}
}
