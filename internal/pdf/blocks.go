package pdf

func (b Title) put(p *pages) {
	width, height := contentWidth, 0.0
	if img := p.image(b.Logo); img != nil {
		w, h := img.fit(140, 48)
		p.page().picture(img.name, p.x(contentWidth-w, w), p.y, w, h)
		width, height = contentWidth-w-24, h
	}
	from := p.y
	p.rows([]cell{{lines: p.lines(b.Text, titleStyle, width), style: titleStyle, width: width}}, nil)
	p.y = max(p.y, from+height) + 14
}

func (b Heading) put(p *pages) {
	p.space(16)
	lines := p.lines(b.Text, headingStyle, contentWidth)
	p.need(float64(len(lines))*headingStyle.leading + 3*bodyStyle.leading)
	p.rows([]cell{{lines: lines, style: headingStyle, width: contentWidth}}, nil)
	p.y += 4
}

func (b Text) put(p *pages) {
	st := bodyStyle
	if b.Muted {
		st = smallStyle
	}
	p.space(4)
	p.flow(b.Text, st, natural)
	p.y += 4
}

func (b Fields) put(p *pages) {
	const gap = 16
	names := make([][]line, len(b))
	width := 0.0
	for i, f := range b {
		names[i] = p.lines(f.Name, labelStyle, contentWidth/3)
		width = max(width, widest(names[i])*labelStyle.size/em)
	}
	from := width + gap
	for i, f := range b {
		values := p.lines(f.Value, bodyStyle, contentWidth-from)
		p.rows([]cell{
			{lines: names[i], style: labelStyle, width: width},
			{lines: values, style: bodyStyle, from: from, width: contentWidth - from},
		}, nil)
	}
	p.y += 8
}

func (b Columns) put(p *pages) {
	const gap = 24
	p.space(10)
	width := (contentWidth - gap*float64(len(b)-1)) / float64(max(1, len(b)))
	var heads, cells []cell
	for i, c := range b {
		from := float64(i) * (width + gap)
		heads = append(heads, cell{lines: p.lines(c.Heading, strongStyle, width), style: strongStyle, from: from, width: width})
		var lines []line
		for _, l := range c.Lines {
			lines = append(lines, p.lines(l, bodyStyle, width)...)
		}
		cells = append(cells, cell{lines: lines, style: bodyStyle, from: from, width: width})
	}
	p.need(4 * bodyStyle.leading)
	p.rows(heads, nil)
	p.rows(cells, nil)
	p.y += 10
}

func (b Totals) put(p *pages) {
	const width, pad = contentWidth / 2, 5
	at, values := width*0.6, width*0.4 // of the values
	if p.rtl {
		values = 0
		for _, t := range b {
			values = max(values, p.widest(t.Value, t.style(), width*0.4))
		}
		at = width - values
	}
	p.need(float64(len(b)) * (bodyStyle.leading + 2*pad))
	for i, t := range b {
		st := t.style()
		names, sums := p.lines(t.Name, st, at), p.lines(t.Value, st, values)
		p.need(float64(max(len(names), len(sums)))*st.leading + 2*pad)
		if i > 0 {
			p.rule(contentWidth-width, width, 0.5, faint)
		}
		p.y += pad
		p.rows([]cell{
			{lines: names, style: st, from: contentWidth - width, width: at},
			{lines: sums, style: st, from: contentWidth - width + at, width: values, align: p.alignOf(Cell{End: true})},
		}, nil)
		p.y += pad
	}
	p.y += 8
}

func (t Total) style() style {
	if t.Strong {
		return strongStyle
	}
	return bodyStyle
}

func (b Image) put(p *pages) {
	img := p.image(b.Data)
	if img == nil || b.Width <= 0 {
		return
	}
	w, h := img.fit(min(b.Width, contentWidth), pageHeight-top-bottom)
	p.space(6)
	p.need(h)
	p.page().picture(img.name, p.x(0, w), p.y, w, h)
	p.y += h + 6
}

func (b Entry) put(p *pages) {
	const side = 0.65 // of the width, for the title
	p.space(12)
	titles := p.lines(b.Title, strongStyle, contentWidth*side)
	p.need(float64(len(titles))*strongStyle.leading + 2*bodyStyle.leading)
	p.rows([]cell{
		{lines: titles, style: strongStyle, width: contentWidth * side},
		{lines: p.lines(b.Aside, asideStyle, contentWidth*(1-side)), style: asideStyle, from: contentWidth * side,
			width: contentWidth * (1 - side), align: end},
	}, nil)
	if b.Text != "" {
		p.flow(b.Text, bodyStyle, natural)
	}
	for _, n := range b.Notes {
		p.flow(n, smallStyle, start)
	}
}

// widest is the width of a text's widest line in points.
func (p *pages) widest(text string, st style, width float64) float64 {
	return widest(p.lines(text, st, width)) * st.size / em
}

func widest(lines []line) (width float64) {
	for _, l := range lines {
		width = max(width, l.width)
	}
	return width
}
