package pdf

import (
	"slices"

	"golang.org/x/text/unicode/bidi"
)

// Readers of PDF find out anew in which order a line was written. The simplest of them, on which many others build, goes
// along the line in the direction of the page: a section in that direction ends at the first letter against it, and a
// section against it at the first letter or number along it. What has no direction goes with what stands before it, and
// signs that may stand in numbers count as numbers. So invisible marks stand where that would go wrong, such as between a
// full stop and the space behind it in Hebrew.
const (
	leftMark  = '\u200e'
	rightMark = '\u200f'
)

// kind is what such a reader takes a character for.
type kind int

const (
	neutral kind = iota
	leftward
	rightward
	numeric
)

// readAs is the kind of a cluster.
func readAs(c cluster) kind {
	switch classOf(c.text[0]) {
	case bidi.L:
		return rightward
	case bidi.R, bidi.AL:
		return leftward
	case bidi.EN, bidi.ES, bidi.ET, bidi.CS, bidi.AN:
		return numeric
	}
	return neutral
}

// mark puts marks into a line of a document.
func (l *line) mark(documentRTL bool) {
	if l.rtl { // the way in which it is read
		l.mirror()
	}
	m := marker{rtl: l.rtl}
	for i := range l.parts {
		p := &l.parts[i]
		out := make([]cluster, 0, len(p.clusters))
		for _, c := range p.clusters {
			if mark := m.before(c); mark != 0 {
				sign := cluster{text: []rune{mark}, rtl: c.rtl}
				if len(out) > 0 || i == 0 {
					out = append(out, sign)
				} else { // in the font of what it stands behind: it has no width, and a word is torn where it begins another font's
					l.parts[i-1].clusters = append(l.parts[i-1].clusters, sign)
				}
			}
			out = append(out, c)
		}
		p.clusters = out
	}
	if n := len(l.parts); n > 0 && l.rtl != documentRTL { // it is read from its end
		if p := &l.parts[n-1]; readAs(p.clusters[len(p.clusters)-1]) == neutral {
			p.clusters = append(p.clusters, cluster{text: []rune{m.own()}, rtl: l.rtl})
		}
	}
	if l.rtl {
		l.mirror()
	}
}

func (l *line) mirror() {
	slices.Reverse(l.parts)
	for i := range l.parts {
		slices.Reverse(l.parts[i].clusters)
	}
}

// marker follows such a reader along a line.
type marker struct {
	rtl     bool // the line
	started bool
	left    bool // the section is one from left to right
	signs   bool // and begins with a sign of a text from right to left, which must stay alone
}

// own is the mark of the line's direction.
func (m *marker) own() rune {
	if m.rtl {
		return rightMark
	}
	return leftMark
}

// before returns the mark that is needed before a cluster; 0: none.
func (m *marker) before(c cluster) (mark rune) {
	k := readAs(c)
	if !m.started {
		m.started, m.left = true, !m.rtl
	}
	switch {
	case c.rtl && k == leftward:
		m.left = false
	case c.rtl && k == numeric && m.rtl: // a sign: a section of its own
		if m.left {
			mark = rightMark
		}
		m.left, m.signs = true, true
	case c.rtl && k == neutral:
		if m.left {
			mark = rightMark
		}
		m.left = false
	case !c.rtl && k == neutral:
		if !m.left || m.signs {
			mark = leftMark
		}
		m.left, m.signs = true, false
	case !c.rtl:
		if m.left && m.signs {
			mark = rightMark
		}
		m.left, m.signs = true, false
	}
	return mark
}
