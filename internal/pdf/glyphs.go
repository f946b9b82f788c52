package pdf

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf16"
)

const (
	// maxCodes is how many codes a font has in a document: they have two bytes.
	maxCodes = 60000
	// maxParts is how many glyphs are drawn of what cannot be divided: a letter with all its marks.
	maxParts = 32
)

// placed is a glyph of a shape and its place, in units of the font.
type placed struct {
	glyph uint16
	x, y  int16
}

// shape is what one code of a file draws: glyphs at their places, or nothing.
type shape struct {
	n     int
	parts [maxParts]placed
}

// code is a shape together with the text that it stands for, and how far it moves the pen, in thousandths of the size of the letters.
type code struct {
	shape shape
	text  rune // 0: none
	width int
}

// usage is what a document shows of a font.
//
// What is copied from a page comes in the order in which it stands there, and readers turn what runs from right to left
// as if each code were one character. So each code is one: a cluster of several characters is one code that draws all of
// it, and codes that draw nothing for its other characters, side by side.
type usage struct {
	codes  map[code]uint16
	list   []code
	places map[shape]uint16 // in the subset
	shapes []shape
}

// code returns the number of a code. Where there are too many it is the box, which says nothing.
func (u *usage) code(c code) uint16 {
	if u.codes == nil {
		box := shape{n: 1} // glyph 0 is that for what is missing
		u.codes, u.list = map[code]uint16{{shape: box}: 0}, []code{{shape: box}}
		u.places, u.shapes = map[shape]uint16{box: 0}, []shape{box}
	}
	if n, ok := u.codes[c]; ok {
		return n
	}
	if len(u.list) >= maxCodes {
		return 0
	}
	n := uint16(len(u.list))
	u.list, u.codes[c] = append(u.list, c), n
	if _, ok := u.places[c.shape]; !ok {
		u.places[c.shape] = uint16(len(u.shapes))
		u.shapes = append(u.shapes, c.shape)
	}
	return n
}

// codes are those of a cluster from left to right, and how far from its left end they begin.
func (f *face) codes(c cluster) (all []code, from float64) {
	if len(c.text) == 1 && len(c.glyphs) == 1 && c.glyphs[0].y == 0 {
		g := c.glyphs[0]
		one := code{shape: shape{n: 1, parts: [maxParts]placed{{glyph: g.id}}}, text: c.text[0], width: f.width(g.id)}
		if g.advance == 0 {
			one.width = 0
		}
		return []code{one}, g.x
	}
	var s shape
	for _, g := range c.glyphs[:min(len(c.glyphs), maxParts)] {
		s.parts[s.n] = placed{g.id, f.unit(g.x), f.unit(g.y)}
		s.n++
	}
	n := len(c.text)
	all = make([]code, n)
	for i, r := range c.text {
		if c.rtl {
			i = n - 1 - i
		}
		all[i] = code{text: r, width: int(math.Round(c.advance*float64(i+1)/float64(n)) - math.Round(c.advance*float64(i)/float64(n)))}
	}
	all[0].shape = s
	return all, 0
}

func (f *face) unit(v float64) int16 { return int16(math.Round(v * float64(f.upem) / em)) }

// glyphOf is the CIDToGIDMap: the place of each code's shape in the subset.
func (u *usage) glyphOf() []byte {
	out := make([]byte, 0, 2*len(u.list))
	for _, c := range u.list {
		place := u.places[c.shape]
		out = append(out, byte(place>>8), byte(place))
	}
	return out
}

// toUnicode is the CMap that says which text each code stands for (PDF 1.7, 9.10.3).
func (u *usage) toUnicode() []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var lines []string
	for i, c := range u.list {
		if c.text != 0 {
			lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", i, utf16Hex([]rune{c.text})))
		}
	}
	for len(lines) > 0 {
		n := min(100, len(lines))
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", n, strings.Join(lines[:n], ""))
		lines = lines[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}

func utf16Hex(text []rune) string {
	var b strings.Builder
	for _, u := range utf16.Encode(text) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}
