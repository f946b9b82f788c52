package pdf

import (
	"math"
	"slices"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// em is the size at which text is shaped: lengths are thousandths of the size of the letters, as in a PDF.
const em = 1000

// line is a line of text as it is drawn, from left to right.
type line struct {
	parts []part
	width float64 // in thousandths of the size of the letters
	rtl   bool    // it begins at the right
}

// part is what is of one font.
type part struct {
	face     *face
	clusters []cluster
}

// cluster is what cannot be divided: the characters of text and the glyphs that show them.
type cluster struct {
	text    []rune
	glyphs  []glyph
	advance float64 // as in line
	rtl     bool
}

// glyph is a shape of a font at a place; lengths as in line. Glyph 0 is the box for what no font has.
type glyph struct {
	id      uint16
	x, y    float64 // from the left end of the cluster
	advance float64
}

// setter shapes text. It is of one document, and not for concurrent use.
type setter struct {
	rtl    bool // the document
	faces  [weights][]*face
	all    []*face
	shaper shaping.HarfbuzzShaper
	wrap   shaping.LineWrapper
	para   bidi.Paragraph
}

// face is a font as one document uses it.
type face struct {
	*typeface
	face *font.Face
	use  usage
}

func newSetter(rtl bool) (*setter, error) {
	all, err := typefaces()
	if err != nil {
		return nil, err
	}
	s := &setter{rtl: rtl}
	faces := map[*typeface]*face{}
	for w := range all {
		for _, f := range all[w] {
			if faces[f] == nil {
				faces[f] = &face{typeface: f, face: font.NewFace(f.font)}
				s.all = append(s.all, faces[f])
			}
			s.faces[w] = append(s.faces[w], faces[f])
		}
	}
	return s, nil
}

// lines breaks a paragraph into lines of at most width, in thousandths of the size of the letters. What is broken within a word
// may have one letter more.
func (s *setter) lines(para paragraph, w weight, width float64) []line {
	rtl := para.rtl
	runes := isolated(para.runes, rtl)
	if len(runes) == 0 {
		return []line{{rtl: rtl}}
	}
	base, direction := bidi.LeftToRight, di.DirectionLTR
	if rtl {
		base, direction = bidi.RightToLeft, di.DirectionRTL
	}
	levels := make([]bidi.Level, len(runes))
	var shaped []shaping.Output
	runs := s.para.Segment(runes, base)
	for i := range runs.NumRuns() {
		run := runs.Run(i)
		for j := run.Start; j < run.End; j++ {
			levels[j] = run.Level
		}
		for _, in := range s.items(runes, run, w) {
			shaped = append(shaped, s.shaper.ShapeNoExtents(in))
		}
	}
	// Spaces at ends of lines are left out by visual: the wrapper would have to know the extents of glyphs for that.
	wrapped, _ := s.wrap.WrapParagraphF(shaping.WrapConfig{Direction: direction, DisableTrailingWhitespaceTrim: true},
		fixed.Int26_6(math.Ceil(width*64)), runes, shaping.NewSliceIterator(shaped))
	all := make([]line, 0, len(wrapped))
	for _, l := range wrapped {
		all = append(all, s.visual(l, runes, levels, rtl))
	}
	return all
}

// items divides a run of one direction by script and font.
func (s *setter) items(runes []rune, run bidi.Run, w weight) []shaping.Input {
	direction := di.DirectionLTR
	if run.Level%2 == 1 {
		direction = di.DirectionRTL
	}
	var all []shaping.Input
	script := scriptOf(runes[run.Start:run.End])
	var current *face
	for i := run.Start; i < run.End; i++ {
		now := language.LookupScript(runes[i])
		if now == language.Common || now == language.Inherited || now == language.Unknown {
			now = script
		}
		f := s.faceOf(runes[i], current, w)
		if n := len(all); n > 0 && f == current && now == script {
			all[n-1].RunEnd = i + 1
			continue
		}
		current, script = f, now
		all = append(all, shaping.Input{
			Text: runes, RunStart: i, RunEnd: i + 1, Direction: direction, Face: f.face, Size: fixed.I(em), Script: now,
		})
	}
	return all
}

// scriptOf is the first script of a text, for the signs before its first letter.
func scriptOf(runes []rune) language.Script {
	for _, r := range runes {
		if s := language.LookupScript(r); s != language.Common && s != language.Inherited && s != language.Unknown {
			return s
		}
	}
	return language.Latin
}

// faceOf is the font for a character: the one of the character before it where that will do, so that words stay whole.
func (s *setter) faceOf(r rune, current *face, w weight) *face {
	list := s.faces[w]
	first := list[main]
	if language.LookupScript(r) == language.Arabic {
		first = list[arabic]
	}
	guides := unicode.In(r, unicode.Cf, unicode.Me, unicode.Variation_Selector) || '\U0001f3fb' <= r && r <= '\U0001f3ff' // tones of skin
	if current != nil && (guides || current.has(r) && unicode.In(r, unicode.Mn, unicode.Zs)) {
		return current
	}
	if first.has(r) {
		return first
	}
	for _, f := range list {
		if f.has(r) {
			return f
		}
	}
	return list[main]
}

func (f *face) has(r rune) bool {
	_, has := f.font.NominalGlyph(r)
	return has
}

// visual puts the parts of a line into the order in which they are drawn (UAX 9, L2), without the spaces at its end.
func (s *setter) visual(wrapped shaping.Line, runes []rune, levels []bidi.Level, rtl bool) line {
	end := 0
	for _, o := range wrapped {
		end = max(end, o.Runes.Offset+o.Runes.Count)
	}
	for end > 0 && (unicode.IsSpace(runes[end-1]) || unseen(runes[end-1])) {
		end--
	}
	order := slices.Clone(wrapped)
	slices.SortFunc(order, func(a, b shaping.Output) int { return a.Runes.Offset - b.Runes.Offset })
	reorder(order, levels)
	l := line{rtl: rtl}
	for _, o := range order {
		p := part{face: s.faceFor(o.Face)}
		for i := 0; i < len(o.Glyphs); {
			n := max(1, o.Glyphs[i].GlyphsCount())
			if c := p.face.cluster(o.Glyphs[i:min(i+n, len(o.Glyphs))], runes[:end], o.Direction == di.DirectionRTL); len(c.text) > 0 {
				p.clusters = append(p.clusters, c)
				l.width += c.advance
			}
			i += n
		}
		if len(p.clusters) > 0 {
			l.parts = append(l.parts, p)
		}
	}
	l.mark(s.rtl)
	return l
}

func (s *setter) faceFor(f *font.Face) *face {
	return s.all[slices.IndexFunc(s.all, func(own *face) bool { return own.face == f })]
}

// reorder reverses, from the highest level down to the lowest odd one, what is of that level or a higher one.
func reorder(parts []shaping.Output, levels []bidi.Level) {
	var highest bidi.Level
	for _, p := range parts {
		highest = max(highest, levels[p.Runes.Offset])
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(parts); i++ {
			j := i
			for j < len(parts) && levels[parts[j].Runes.Offset] >= level {
				j++
			}
			slices.Reverse(parts[i:j])
			i = max(i, j-1)
		}
	}
}

// cluster makes a cluster of shaped glyphs; one without text where they show nothing or stand behind the end of the line.
func (f *face) cluster(glyphs []shaping.Glyph, runes []rune, rtl bool) cluster {
	c := cluster{rtl: rtl}
	first := glyphs[0].TextIndex()
	if first >= len(runes) {
		return c
	}
	for _, r := range runes[first:min(first+glyphs[0].RunesCount(), len(runes))] {
		if !unseen(r) {
			c.text = append(c.text, r)
		}
	}
	if len(c.text) == 0 {
		return c
	}
	missing, shown := false, false
	for _, g := range glyphs {
		missing = missing || g.GlyphID == 0
		if g.GlyphID == 0 || int(g.GlyphID) >= f.glyphs { // the font does not have it, or has taken it out
			continue
		}
		c.glyphs = append(c.glyphs, glyph{
			id: uint16(g.GlyphID), x: c.advance + units(g.XOffset), y: units(g.YOffset), advance: units(g.Advance),
		})
		c.advance += units(g.Advance)
		shown = shown || len(f.outline(uint16(g.GlyphID))) > 0
	}
	if missing && !shown { // one box for all of it
		c.advance = float64(f.width(0))
		c.glyphs = []glyph{{advance: c.advance}}
	}
	return c
}

func units(v fixed.Int26_6) float64 { return float64(v) / 64 }
