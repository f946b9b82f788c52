package richtext

import (
	"bytes"
	"math"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
	"golang.org/x/net/html"
)

// The page on which HTML is shown is light in every theme.
const (
	pageText = "#1c1c1e"
	pageBack = "#ffffff"
	// leastContrast is the ratio of brightness (WCAG 2) under which a text cannot be made out.
	leastContrast = 1.5
)

var (
	function  = regexp.MustCompile(`(?i)rgba?\([0-9., %]{1,40}\)`)
	inside    = regexp.MustCompile(`(?i)url\([^)]*\)|\b(linear|radial|conic|repeating-[a-z]+)-gradient\((?:[^()]|\([^()]*\))*\)`)
	important = regexp.MustCompile(`(?i)\s*!\s*important`)
)

// keepBacks writes what the policy would drop of backgrounds in the way that it lets through: the colour of a shorthand, and that of
// the body, which becomes a division.
func keepBacks(text string) string {
	meant := func(raw []byte) bool {
		tag := bytes.ToLower(raw[:min(len(raw), 6)])
		return len(raw) <= maxStyle && bytes.Contains(bytes.ToLower(raw), []byte("background")) || bytes.HasPrefix(tag, []byte("<body"))
	}
	return eachTag(text, meant, func(t *html.Token) {
		style, body := "", t.Data == "body"
		kept := t.Attr[:0]
		for _, a := range t.Attr {
			switch {
			case a.Key == "style" && len(a.Val) <= maxStyle:
				style += plainly(a.Val)
			case body && a.Key == "bgcolor":
				style = "background-color:" + a.Val + ";" + style
			case body && a.Key == "text":
				style = "color:" + a.Val + ";" + style
			default:
				kept = append(kept, a)
			}
		}
		t.Attr = kept
		if style != "" {
			t.Attr = append(t.Attr, html.Attribute{Key: "style", Val: style})
		}
		if body {
			t.Data, t.DataAtom = "div", 0
		}
	})
}

// plainly writes a style with the colours of its backgrounds as declarations of their own.
func plainly(style string) string {
	var b strings.Builder
	for declared := range strings.SplitSeq(important.ReplaceAllString(inside.ReplaceAllString(style, " "), ""), ";") {
		name, value, _ := strings.Cut(declared, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if strings.EqualFold(name, "background") {
			name, value = "background-color", colorIn(value)
		}
		if value != "" {
			b.WriteString(name + ":" + value + ";")
		}
	}
	return b.String()
}

// colorIn is the colour in the value of a background; empty where it names none.
func colorIn(value string) string {
	if whole := function.FindString(value); whole != "" { // rgb(1, 2, 3) has spaces
		return whole
	}
	for part := range strings.FieldsSeq(value) {
		if _, ok := parseColor(part); ok {
			return part
		}
	}
	return ""
}

// rgb is a colour; alpha is 0 for one that shows what lies behind it.
type rgb struct{ r, g, b, alpha float64 }

// parseColor reads a colour of a style sheet or an attribute; ok is false for what is not known.
func parseColor(s string) (c rgb, ok bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch {
	case s == "transparent":
		return rgb{}, true
	case strings.HasPrefix(s, "#"):
		return parseHex(s[1:])
	case strings.HasPrefix(s, "rgb"):
		return parseRGB(s)
	}
	named, ok := colornames.Map[s]
	return rgb{float64(named.R), float64(named.G), float64(named.B), 1}, ok
}

func parseHex(s string) (rgb, bool) {
	if len(s) == 3 || len(s) == 4 {
		doubled := make([]byte, 0, 2*len(s))
		for n := range len(s) {
			doubled = append(doubled, s[n], s[n])
		}
		s = string(doubled)
	}
	if len(s) == 6 {
		s += "ff"
	}
	v, err := strconv.ParseUint(s, 16, 64)
	if err != nil || len(s) != 8 {
		return rgb{}, false
	}
	return rgb{float64(v >> 24 & 255), float64(v >> 16 & 255), float64(v >> 8 & 255), float64(v&255) / 255}, true
}

func parseRGB(s string) (rgb, bool) {
	_, args, _ := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	parts := strings.FieldsFunc(args, func(r rune) bool { return r == ',' || r == ' ' })
	if len(parts) != 3 && len(parts) != 4 {
		return rgb{}, false
	}
	values := [4]float64{3: 1}
	for n, part := range parts {
		number, percent := strings.CutSuffix(part, "%")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return rgb{}, false
		}
		if percent && n < 3 {
			v *= 2.55
		} else if percent {
			v /= 100
		}
		values[n] = v
	}
	return rgb{values[0], values[1], values[2], values[3]}, true
}

// over is what is seen of a colour before another.
func (c rgb) over(back rgb) rgb {
	mix := func(a, b float64) float64 { return a*c.alpha + b*(1-c.alpha) }
	return rgb{mix(c.r, back.r), mix(c.g, back.g), mix(c.b, back.b), 1}
}

// bright is the relative luminance of WCAG 2.
func (c rgb) bright() float64 {
	part := func(v float64) float64 {
		if v = min(max(v/255, 0), 1); v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.r) + 0.7152*part(c.g) + 0.0722*part(c.b)
}

func contrast(a, b rgb) float64 {
	x, y := a.bright(), b.bright()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// shown is what an element's text and its back look like.
type shown struct {
	name       string
	text, back rgb
}

// void are the elements that have no end, and ofTable those that are only inside a table, as far as the policy lets them through.
var (
	void    = map[string]bool{"br": true, "hr": true, "img": true, "col": true}
	ofTable = map[string]bool{"caption": true, "colgroup": true, "thead": true, "tbody": true, "tfoot": true, "tr": true, "td": true,
		"th": true}
)

// readable gives text that could not be made out on its background another colour. The sender's may have been told by a style sheet or a
// picture that is not shown, while the text's colour is.
func readable(clean string) string {
	if !strings.Contains(clean, "color") {
		return clean
	}
	text, _ := parseColor(pageText)
	back, _ := parseColor(pageBack)
	stack := []shown{{"", text, back}}
	open := map[string]int{}
	var b strings.Builder
	for z := html.NewTokenizer(strings.NewReader(clean)); ; {
		kind := z.Next()
		raw := z.Raw()
		switch kind {
		case html.StartTagToken:
			var t html.Token
			written := string(raw)
			coloured := bytes.Contains(raw, []byte("color"))
			if t = z.Token(); void[t.Data] || ofTable[t.Data] && open["table"] == 0 { // the latter is nothing to a browser
				b.WriteString(written)
				continue
			}
			now := stack[len(stack)-1]
			now.name = t.Data
			if coloured && now.dress(&t) {
				written = t.String()
			}
			stack = append(stack, now)
			open[t.Data]++
			b.WriteString(written)
			continue
		case html.EndTagToken:
			b.Write(raw)
			name, _ := z.TagName()
			for closed := open[string(name)] > 0; closed; {
				last := stack[len(stack)-1].name
				stack = stack[:len(stack)-1]
				open[last]--
				closed = last != string(name)
			}
			continue
		}
		b.Write(raw)
		if kind == html.ErrorToken {
			return b.String()
		}
	}
}

// dress takes over the colours of an element, and changes its text's where that could not be read; it reports whether it did.
func (s *shown) dress(t *html.Token) bool {
	style := -1
	for n, a := range t.Attr {
		switch {
		case a.Key == "bgcolor":
			s.lay(a.Val)
		case a.Key == "color" && t.Data == "font":
			s.write(a.Val)
		case a.Key == "style":
			style = n
		}
	}
	var rest []string
	if style >= 0 { // after the attributes: it wins
		for declared := range strings.SplitSeq(t.Attr[style].Val, ";") {
			name, value, _ := strings.Cut(declared, ":")
			switch name = strings.TrimSpace(name); name {
			case "background-color":
				s.lay(value)
			case "color":
				s.write(value)
				continue
			}
			if name != "" {
				rest = append(rest, strings.TrimSpace(declared))
			}
		}
	}
	if contrast(s.text, s.back) >= leastContrast {
		return false
	}
	black, white := rgb{0, 0, 0, 1}, rgb{255, 255, 255, 1}
	value := "#000000"
	if s.text = black; contrast(white, s.back) > contrast(black, s.back) {
		s.text, value = white, "#ffffff"
	}
	value = strings.Join(append(rest, "color: "+value), "; ")
	if style >= 0 {
		t.Attr[style].Val = value
	} else {
		t.Attr = append(t.Attr, html.Attribute{Key: "style", Val: value})
	}
	return true
}

func (s *shown) lay(value string) {
	if c, ok := parseColor(value); ok {
		s.back = c.over(s.back)
	}
}

func (s *shown) write(value string) {
	if c, ok := parseColor(value); ok {
		s.text = c.over(s.back)
	}
}
