package pdf

import (
	"context"
	"strings"
)

// An A4 page in points, and what is left free around its content.
const (
	pageWidth    = 595.28
	pageHeight   = 841.89
	side         = 50.0
	top          = 52.0
	bottom       = 70.0
	contentWidth = pageWidth - 2*side
)

// maxCell is how many bytes a text may have whose lines are set before it is known on which page they stand: all but prose.
const maxCell = 128 << 10

// style is how text looks; lengths in points.
type style struct {
	size, leading float64
	weight        weight
	shade         shade
}

var (
	titleStyle   = style{22, 28, bold, ink}
	headingStyle = style{12, 17, bold, ink}
	bodyStyle    = style{9.5, 14, regular, ink}
	strongStyle  = style{9.5, 14, bold, ink}
	smallStyle   = style{8.5, 12, regular, muted}
	labelStyle   = style{9.5, 14, regular, muted}
	asideStyle   = style{8.5, 14, regular, muted} // beside body
)

// align says where in its width a line stands; "start" and "end" are by the document's direction.
type align int

const (
	start align = iota
	end
	natural // where its own direction begins
)

// pages are filled from above. Places are in points from the upper edge, and from the edge at which lines begin.
type pages struct {
	ctx    context.Context
	err    error
	set    *setter
	rtl    bool
	list   []*canvas
	y      float64
	images []*graphic
}

func newPages(ctx context.Context, lang string) (*pages, error) {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	rtl := base == "he" || base == "ar"
	set, err := newSetter(rtl)
	if err != nil {
		return nil, err
	}
	p := &pages{ctx: ctx, set: set, rtl: rtl}
	p.next()
	return p, p.err
}

func (p *pages) page() *canvas { return p.list[len(p.list)-1] }

// next begins a page.
func (p *pages) next() {
	if len(p.list) >= MaxPages {
		p.fail(ErrTooLong)
		return
	}
	p.list = append(p.list, &canvas{})
	p.y = top
}

func (p *pages) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// stopped reports whether there is nothing more to do: something has failed, or nobody waits any more.
func (p *pages) stopped() bool {
	if err := p.ctx.Err(); err != nil {
		p.fail(err)
	}
	return p.err != nil
}

// left is how much of the page is free.
func (p *pages) left() float64 { return pageHeight - bottom - p.y }

// need begins a page if less than height is free.
func (p *pages) need(height float64) {
	if p.left() < height && p.y > top {
		p.next()
	}
}

// space leaves room before what follows, except at the head of a page.
func (p *pages) space(height float64) {
	if p.y > top {
		p.y += height
	}
}

// lines breaks a text for a width in points.
func (p *pages) lines(text string, st style, width float64) []line {
	if len(text) > maxCell {
		p.fail(ErrTooLong)
	}
	if p.stopped() {
		return nil
	}
	var all []line
	for _, para := range paragraphs(text, p.rtl) {
		all = append(all, p.set.lines(para, st.weight, width*em/st.size)...)
	}
	return all
}

// x is the left end of what begins at a distance from the edge at which lines begin.
func (p *pages) x(from, width float64) float64 {
	if p.rtl {
		return pageWidth - side - from - width
	}
	return side + from
}

// draw draws a line within a width, its top at y.
func (p *pages) draw(l line, from, width, y float64, st style, a align) {
	own := l.width * st.size / em
	x := p.x(from, width)
	if right := a == end && !p.rtl || a == start && p.rtl || a == natural && l.rtl; right {
		x += width - own
	}
	// The baseline is where capital letters stand in the middle of the line's height.
	p.page().line(l, x, y+st.leading/2+st.size*0.35, st)
}

// rule draws a line over a width.
func (p *pages) rule(from, width, weight float64, s shade) {
	p.page().rule(p.x(from, width), p.y, width, weight, s)
}

// flow draws a text over the whole width, on as many pages as it takes.
func (p *pages) flow(text string, st style, a align) {
	for _, para := range paragraphs(text, p.rtl) {
		if p.stopped() {
			return
		}
		for _, l := range p.set.lines(para, st.weight, contentWidth*em/st.size) {
			p.need(st.leading)
			if p.err != nil {
				return
			}
			p.draw(l, 0, contentWidth, p.y, st, a)
			p.y += st.leading
		}
	}
}

// foot draws the footer of all pages.
func (p *pages) foot(f Footer) {
	const y = pageHeight - bottom + 30
	first := p.lines(f.Text, smallStyle, contentWidth*0.75)
	all := p.list
	for i := range all {
		p.list = all[:i+1]
		p.page().rule(side, y-8, contentWidth, 0.5, faint)
		if len(first) > 0 {
			p.draw(first[0], 0, contentWidth, y, smallStyle, start)
		}
		if f.Page == nil {
			continue
		}
		if number := p.lines(f.Page(i+1, len(all)), smallStyle, contentWidth*0.2); len(number) > 0 {
			p.draw(number[0], 0, contentWidth, y, smallStyle, end)
		}
	}
}
