package mail

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// tokenized is textOf with the tokenizer of x/net.
func tokenized(source string) string {
	w := newTextWriter(source)
	for z := html.NewTokenizer(strings.NewReader(source)); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			w.endSignature()
			return strings.TrimSpace(w.out.String())
		case html.TextToken:
			if w.hidden == 0 {
				w.write(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := tagOf(string(name))
			var attrs []attribute
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				s := scanner{}
				if s.keep(string(key), strings.ReplaceAll(string(value), "&", "&amp;")); len(s.attrs) > 0 {
					attrs = append(attrs, s.attrs...)
				}
			}
			w.start(tag, attrs, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(tagOf(string(name)))
		}
	}
}

// pieces of HTML that are hard to tell apart.
var hardHTML = []string{
	"a<b>c</b>", "a < b", "<", "</", "</>", "</ x>y", "<!", "<!>a", "<!-->a", "<!--->b", "<!--a--!>b", "<!--a-->b", "<!-- > -->c",
	"<!-", "<!--", "<?xml ?>d", "<!doctype html>e", "<a", "<a ", "<a href", "<a href=", "<a href='x", "<a href='x'>l</a>",
	"<a href=x/>m</a>", "<br/>", "<br / >", "<p/a=b>", "<p =a=b>c", "<p a==b>c", "<p class=gmail_quote class=x>",
	"<div id=\"divRplyFwdMsg\">q</div>", "<div class=gmail_quote/>z", "<script>if (a<b) '</scripty>'</script>x",
	"<style>p{}</style >y", "<title>a&amp;b</title>", "<textarea><p></textarea>", "<xmp>a&amp;<b></xmp>", "<iframe>&lt;</IFRAME\n>",
	"<noscript><p>n</noscript>", "<plaintext>a</plaintext><b>", "&amp;&nbsp;&copy&#x5d0;&", "<P STYLE=\"DISPLAY:none\">h</P>v",
	"<blockquote type=cite>q<blockquote>r</blockquote>s</blockquote>t", "<img alt=\"&#x1f600;\">", "\r\n", "<pre>a\n b</pre>",
	"<div a='>'>u</div>", "<div a=\">\" b>w</div>", "<div\fclass=\ngmail_signature\t>s</div>", "<O:P>&nbsp;</O:P>", "<td>1<td>2",
}

// TestHTMLIsCutAsBrowsersDo compares the scanner with the tokenizer of x/net on every pair of pieces.
func TestHTMLIsCutAsBrowsersDo(t *testing.T) {
	for _, a := range hardHTML {
		for _, b := range hardHTML {
			if got, want := textOf(a+b), tokenized(a+b); got != want {
				t.Errorf("%q: %q, want %q", a+b, got, want)
			}
		}
	}
}

func FuzzHTMLIsCutAsBrowsersDo(f *testing.F) {
	for _, s := range slices.Concat(hardHTML, []string{strings.Join(hardHTML, "")}) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if strings.Contains(strings.ToLower(source), "<script") { // comments inside of scripts are not looked at
			source = strings.ReplaceAll(source, "<!--", "")
		}
		source = strings.ReplaceAll(source, "\x00", "") // decodeText leaves none
		if got, want := textOf(source), tokenized(source); got != want && len(want) <= maxText {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	})
}
