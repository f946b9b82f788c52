// Package richtext makes HTML that strangers wrote safe to show, and readable as plain text.
//
// What must always be true of what Sanitize returns: it runs nothing, it loads nothing from anywhere unless remote images were
// asked for, its links open outside of the page, and its text can be made out on its background. A megabyte of any shape takes it less than
// a second.
package richtext

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// MaxHTML is how much HTML is looked at; the rest of a longer text is left out.
const MaxHTML = 1 << 20

// Policy names what Clean lets through: it changes whenever that does, so that what was cleaned before is cleaned again.
const Policy = "b"

// maxStyle is the length of a style attribute that is looked at, in bytes: reading one takes time by its square.
const maxStyle = 4 << 10

// blank stands where a picture is not shown.
const blank = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

// Images decides about pictures: Inline returns a data: address for the content id of a picture that came along, or ""; Remote lets
// those be loaded that lie elsewhere.
type Images struct {
	Inline func(contentID string) string
	Remote bool
}

// edge is one value of a border: a width, a style or a colour.
const edge = `(#?[a-z0-9.%-]{1,30}|rgba?\([0-9., %]{1,40}\))`

var (
	dimension = regexp.MustCompile(`^[0-9]{1,4}(px|%)?$`)
	keyword   = regexp.MustCompile(`^[a-zA-Z-]{1,40}$`)
	direction = regexp.MustCompile(`^(?i:ltr|rtl|auto)$`)
	color     = regexp.MustCompile(`^(?i:#[0-9a-f]{3,8}|[a-z]{3,30}|rgba?\([0-9., %]{1,40}\))$`)
	lengths   = regexp.MustCompile(`^(?i:(auto|-?[0-9.]{1,8}(px|pt|em|rem|%)?)( +(auto|-?[0-9.]{1,8}(px|pt|em|rem|%)?)){0,3})$`)
	border    = regexp.MustCompile(`^(?i:` + edge + `( +` + edge + `){0,3})$`)
	fonts     = regexp.MustCompile(`^[a-zA-Z0-9 ,'"-]{1,200}$`)
)

// Sanitize returns what is safe of a piece of HTML.
func Sanitize(text string, images Images) string { return Place(Clean(text), images) }

// Clean returns what is safe of a piece of HTML but for its pictures, which still lie where its writer says: it is for Place, which is
// quick, and may be kept.
func Clean(text string) string {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "strike", "del", "ins", "sub", "sup", "small",
		"big", "mark",
		"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "tt", "address", "center", "font", "a", "bdi", "bdo",
		"ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "col", "colgroup", "img")
	p.AllowNoAttrs().OnElements("span", "font", "a", "bdi", "bdo")
	p.AllowAttrs("dir").Matching(direction).Globally()
	p.AllowAttrs("align", "valign").Matching(keyword).Globally()
	p.AllowAttrs("width", "height").Matching(dimension).OnElements("table", "td", "th", "col", "img")
	p.AllowAttrs("border", "cellpadding", "cellspacing", "colspan", "rowspan", "start", "size").Matching(dimension).OnElements("table",
		"td", "th", "ol", "font")
	p.AllowAttrs("bgcolor", "color").Matching(color).Globally()
	p.AllowAttrs("face").Matching(fonts).OnElements("font")
	p.AllowAttrs("alt", "title").OnElements("img", "a")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").OnElements("img")
	p.AllowStyles("color", "background-color").Matching(color).Globally()
	p.AllowStyles("text-align", "text-decoration", "font-weight", "font-style", "direction", "vertical-align", "white-space",
		"list-style-type", "border-collapse").
		Matching(keyword).Globally()
	p.AllowStyles("font-size", "line-height", "width", "max-width", "height", "padding", "padding-top", "padding-right", "padding-bottom",
		"padding-left",
		"margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "border-radius",
		"border-spacing").Matching(lengths).Globally()
	p.AllowStyles("border", "border-top", "border-right", "border-bottom", "border-left").Matching(border).Globally()
	p.AllowStyles("font-family").Matching(fonts).Globally()
	p.RequireParseableURLs(true)
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.AllowDataURIImages()
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	if len(text) > MaxHTML {
		text = text[:MaxHTML]
	}
	return readable(p.Sanitize(keepBacks(shortStyles(strings.ToValidUTF8(text, "\uFFFD")))))
}

// shortStyles takes out the style attributes that are too long.
func shortStyles(text string) string {
	return eachTag(text, func(raw []byte) bool { return len(raw) > maxStyle }, func(t *html.Token) {
		t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool { return a.Key == "style" && len(a.Val) > maxStyle })
	})
}

// Place decides where the pictures of what Clean returned come from.
func Place(clean string, images Images) string {
	return eachTag(clean, func(raw []byte) bool { return bytes.HasPrefix(raw, []byte("<img")) }, func(t *html.Token) {
		for n := range t.Attr {
			if t.Attr[n].Key == "src" {
				t.Attr[n].Val = images.place(t.Attr[n].Val)
			}
		}
	})
}

// eachTag changes the start tags that are meant and leaves everything else as it is.
func eachTag(text string, meant func(raw []byte) bool, change func(*html.Token)) string {
	var b strings.Builder
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		kind := z.Next()
		if raw := z.Raw(); kind != html.StartTagToken && kind != html.SelfClosingTagToken || !meant(raw) {
			b.Write(raw)
		} else {
			t := z.Token()
			change(&t)
			b.WriteString(t.String())
		}
		if kind == html.ErrorToken {
			return b.String()
		}
	}
}

// place is the address from which a picture is loaded.
func (i Images) place(src string) string {
	if strings.HasPrefix(src, "data:") {
		return src
	}
	u, err := url.Parse(src)
	if err != nil {
		return blank
	}
	i.rewrite(u)
	return u.String()
}

// rewrite decides where a picture comes from.
func (i Images) rewrite(u *url.URL) {
	to := blank
	switch u.Scheme {
	case "cid":
		plain, _ := url.PathUnescape(u.Opaque)
		for _, id := range []string{u.Opaque, plain} { // programs escape ids, or forget to
			if i.Inline != nil && to == blank && i.Inline(id) != "" {
				to = i.Inline(id)
			}
		}
	case "http", "https":
		if i.Remote {
			return
		}
	}
	if at, err := url.Parse(to); err == nil {
		*u = *at
	}
}

// Text returns what HTML says in plain text, with the lines that people see.
func Text(source string) string {
	if len(source) > MaxHTML {
		source = source[:MaxHTML]
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(strings.ToValidUTF8(source, "\uFFFD")))
	hidden, link := 0, ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tidy(b.String())
		case html.TextToken:
			if hidden == 0 {
				b.WriteString(spaces.Replace(string(z.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.DataAtom {
			case atom.Style, atom.Script, atom.Title, atom.Noscript, atom.Textarea:
				if t.Type == html.StartTagToken {
					hidden++
				}
			case atom.A:
				link = attribute(t, "href")
			case atom.Li:
				b.WriteString("\n- ")
			default:
				b.WriteString(gap(t.DataAtom))
			}
		case html.EndTagToken:
			switch t := z.Token(); t.DataAtom {
			case atom.Style, atom.Script, atom.Title, atom.Noscript, atom.Textarea:
				hidden = max(0, hidden-1)
			case atom.A:
				if strings.HasPrefix(link, "http") && hidden == 0 && !strings.HasSuffix(b.String(), strings.TrimSuffix(link, "/")) {
					b.WriteString(" (" + link + ")")
				}
				link = ""
			default:
				if t.DataAtom != atom.Br {
					b.WriteString(gap(t.DataAtom))
				}
			}
		}
	}
}

var spaces = strings.NewReplacer("\n", " ", "\r", " ", "\t", " ", "\u00a0", " ")

// gap is what stands between a block and the text around it; \x00 makes at most one line break.
func gap(a atom.Atom) string {
	switch a {
	case atom.Br:
		return "\n"
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Ul, atom.Ol, atom.Table, atom.Hr, atom.Pre:
		return "\x00\x00"
	case atom.Div, atom.Tr, atom.Dt, atom.Dd, atom.Address, atom.Center:
		return "\x00"
	case atom.Td, atom.Th:
		return " "
	}
	return ""
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

var (
	manySpaces = regexp.MustCompile(` +`)
	around     = regexp.MustCompile(` ?([\n\x00]) ?`)
	blocks     = regexp.MustCompile(`\n?\x00[\n\x00]*`)
	manyLines  = regexp.MustCompile(`\n{3,}`)
)

func tidy(s string) string {
	s = around.ReplaceAllString(manySpaces.ReplaceAllString(s, " "), "$1")
	s = blocks.ReplaceAllStringFunc(s, func(gap string) string {
		if strings.Contains(gap, "\x00\x00") && strings.Count(gap, "\x00") > 2 || strings.Count(gap, "\n") > 1 {
			return "\n\n"
		}
		return "\n"
	})
	return strings.TrimSpace(manyLines.ReplaceAllString(s, "\n\n"))
}

// FromText returns plain text as HTML with the same lines.
func FromText(plain string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(plain), "\n\n") {
		b.WriteString(`<p dir="auto">` + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>") + "</p>")
	}
	return b.String()
}

// Whole closes what safe HTML leaves open, so that it ends where it is put; "" where nobody could read it.
func Whole(safe string) string {
	nodes, err := html.ParseFragment(strings.NewReader(safe), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, n := range nodes {
		if html.Render(&b, n) != nil {
			return ""
		}
	}
	return b.String()
}
