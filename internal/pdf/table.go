package pdf

import "strings"

// cell is a text of a row, set and placed. small are lines below it.
type cell struct {
	lines       []line
	small       []line
	style       style
	from, width float64
	align       align
}

// height of a cell's line i.
func (c cell) height(i int) float64 {
	if i < len(c.lines) {
		return c.style.leading
	}
	return smallStyle.leading
}

func (b Table) put(p *pages) {
	if len(b.Header) == 0 {
		return
	}
	p.space(8)
	from, width := b.widths()
	b.narrow(p, from, width)
	header := make([]cell, len(b.Header))
	for i, h := range b.Header {
		header[i] = cell{
			lines: p.lines(h.Text, smallStyle, width[i]), style: smallStyle, from: from[i], width: width[i], align: p.alignOf(h),
		}
	}
	head := func() {
		p.rows(header, nil)
		p.y += 4
		p.rule(0, contentWidth, 0.8, ink)
		p.y += 1
	}
	p.need(5 * bodyStyle.leading)
	head()
	for _, r := range b.Rows {
		row := make([]cell, 0, len(b.Header))
		for i, h := range b.Header {
			if i >= len(r) {
				break
			}
			text, more, _ := strings.Cut(r[i], "\n")
			c := cell{lines: p.lines(text, bodyStyle, width[i]), style: bodyStyle, from: from[i], width: width[i], align: p.alignOf(h)}
			if more != "" {
				c.small = p.lines(more, smallStyle, width[i])
			}
			row = append(row, c)
		}
		p.row(row, head)
		if p.err != nil {
			return
		}
	}
	p.y += 8
}

// alignOf is that of a column: of numbers it is at the right in every direction.
func (p *pages) alignOf(h Cell) align {
	if h.End && !p.rtl {
		return end
	}
	return start
}

// narrow makes columns of numbers as wide as their widest where lines begin at the right, at the end of what they had:
// units stand below units in every direction.
func (b Table) narrow(p *pages, from, width []float64) {
	for i, h := range b.Header {
		if !h.End || !p.rtl {
			continue
		}
		widest := p.widest(h.Text, smallStyle, width[i])
		for _, r := range b.Rows {
			if i < len(r) {
				text, _, _ := strings.Cut(r[i], "\n")
				widest = max(widest, p.widest(text, bodyStyle, width[i]))
			}
		}
		from[i], width[i] = from[i]+width[i]-widest, widest
	}
}

// widths are where columns begin and how wide they are.
func (b Table) widths() (from, width []float64) {
	const gap = 12
	sum := 0.0
	for _, h := range b.Header {
		sum += max(h.Width, 0)
	}
	if sum == 0 {
		sum = 1
	}
	free, at := contentWidth-gap*float64(len(b.Header)-1), 0.0
	for _, h := range b.Header {
		w := max(free*max(h.Width, 0)/sum, 20)
		from, width = append(from, at), append(width, w)
		at += w + gap
	}
	return from, width
}

// row draws a row of a table, whole on one page where one page holds it.
func (p *pages) row(cells []cell, head func()) {
	const pad = 6
	height := 2.0 * pad
	for _, c := range cells {
		height = max(height, 2*pad+float64(len(c.lines))*c.style.leading+float64(len(c.small))*smallStyle.leading)
	}
	if p.left() < height && height < pageHeight-top-bottom-60 {
		p.next()
		head()
	}
	p.y += pad
	p.rows(cells, head)
	p.y += pad
	p.rule(0, contentWidth, 0.5, faint)
}

// rows draws cells beside one another, line by line over as many pages as they take; head is drawn at the head of each further one.
func (p *pages) rows(cells []cell, head func()) {
	next := make([]int, len(cells)) // the line of each cell that is drawn next
	for {
		if p.left() < bodyStyle.leading && p.y > top {
			p.next()
			if head != nil && p.err == nil {
				head()
			}
		}
		if p.err != nil {
			return
		}
		lowest, open := p.y, false
		for i, c := range cells {
			y := p.y
			all := len(c.lines) + len(c.small)
			for ; next[i] < all && y+c.height(next[i]) <= max(pageHeight-bottom, p.y+c.height(next[i])); next[i]++ {
				if next[i] < len(c.lines) {
					p.draw(c.lines[next[i]], c.from, c.width, y, c.style, c.align)
				} else {
					p.draw(c.small[next[i]-len(c.lines)], c.from, c.width, y, smallStyle, c.align)
				}
				y += c.height(next[i])
			}
			lowest, open = max(lowest, y), open || next[i] < all
		}
		p.y = lowest
		if !open {
			return
		}
		p.next()
		if head != nil && p.err == nil {
			head()
		}
	}
}
