package pdf

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// shade is a grey: 0 is black.
type shade float64

const (
	ink   shade = 0.10
	muted shade = 0.42
	faint shade = 0.86
)

// canvas is the content of a page. Places are in points from its upper left corner.
type canvas struct{ bytes.Buffer }

// num writes a number as short as it may be.
func num(v float64) string {
	v = math.Round(v*100) / 100
	if v == 0 {
		v = 0 // no negative zero
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// rule draws a horizontal line.
func (c *canvas) rule(x, y, width, weight float64, s shade) {
	fmt.Fprintf(c, "%s g %s %s %s %s re f\n", num(float64(s)), num(x), num(pageHeight-y), num(width), num(weight))
}

// picture draws an image with its upper left corner at a place.
func (c *canvas) picture(name string, x, y, width, height float64) {
	fmt.Fprintf(c, "q %s 0 0 %s %s %s cm /%s Do Q\n", num(width), num(height), num(x), num(pageHeight-y-height), name)
}

// line draws a line of text with its left end on the baseline at a place.
func (c *canvas) line(l line, x, y float64, st style) {
	if len(l.parts) == 0 {
		return
	}
	fmt.Fprintf(c, "BT %s g\n", num(float64(st.shade)))
	at := 0.0 // in thousandths of the size of the letters
	for _, p := range l.parts {
		fmt.Fprintf(c, "/%s %s Tf 1 0 0 1 %s %s Tm [", p.face.name, num(st.size), num(x+at*st.size/em), num(pageHeight-y))
		pen, open := at, false // where the next code would be drawn; within a string
		for _, cl := range p.clusters {
			codes, from := p.face.codes(cl)
			if shift := math.Round(pen - at - from); shift != 0 {
				if open {
					c.WriteByte('>')
				}
				fmt.Fprintf(c, "%d", int(shift))
				pen, open = pen-shift, false
			}
			if !open {
				c.WriteByte('<')
				open = true
			}
			for _, code := range codes {
				fmt.Fprintf(c, "%04X", p.face.use.code(code))
				pen += float64(code.width)
			}
			at += cl.advance
		}
		if open {
			c.WriteByte('>')
		}
		c.WriteString("] TJ\n")
	}
	c.WriteString("ET\n")
}
