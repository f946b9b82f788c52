package richtext

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// seen returns what the text "x" looks like in a piece of safe HTML, as a browser lays it out.
func seen(t *testing.T, safe string) (text, back rgb) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(safe), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		t.Fatal(err)
	}
	ink, _ := parseColor(pageText)
	page, _ := parseColor(pageBack)
	found := false
	var walk func(n *html.Node, text0, back0 rgb)
	walk = func(n *html.Node, text0, back0 rgb) {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) == "x" {
			text, back, found = text0, back0, true
		}
		for _, a := range n.Attr {
			if c, ok := parseColor(a.Val); ok && a.Key == "bgcolor" {
				back0 = c.over(back0)
			} else if ok && a.Key == "color" && n.Data == "font" {
				text0 = c.over(back0)
			}
		}
		for _, a := range n.Attr {
			for declared := range strings.SplitSeq(a.Val, ";") {
				name, value, _ := strings.Cut(declared, ":")
				c, ok := parseColor(value)
				if name = strings.TrimSpace(name); ok && a.Key == "style" && name == "background-color" {
					back0 = c.over(back0)
				} else if ok && a.Key == "style" && name == "color" {
					text0 = c.over(back0)
				}
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child, text0, back0)
		}
	}
	for _, n := range nodes {
		walk(n, ink, page)
	}
	if !found {
		t.Fatalf("the text is gone: %q", safe)
	}
	return text, back
}

// Whatever pair of colours a mail has, and however it names them, its text can be made out: a background is kept with its text's
// colour, and where it cannot be kept the colour is not either.
func TestTextIsNeverTheColourOfItsBackground(t *testing.T) {
	colours := []string{"#fff", "#ffffff", "white", "rgb(255,255,255)", "rgba(255, 255, 255, 1)", "#000", "navy", "#0b5", "#123456", "#eee"}
	backs := []string{
		`<div style="background-color:%s;color:%s">x</div>`,
		`<div style="background:%s;color:%s">x</div>`,
		`<div style="background: %s url(https://a.example/p.png) no-repeat !important;color:%s !important">x</div>`,
		`<div style="background:linear-gradient(90deg, %s, rgb(9, 9, 9));color:%s">x</div>`,
		`<div style="background-image:url(https://a.example/%s)"><p style="color:%s">x</p></div>`,
		`<table bgcolor="%s"><tr><td><font color="%s">x</font></td></tr></table>`,
		`<table background="https://a.example/%s.png"><tr><td style="color:%s">x</td></tr></table>`,
		`<body bgcolor="%s" text="%s">x</body>`,
		`<html><head></head><body style="margin:0;background:%s"><span style="color:%s">x</span></body></html>`,
		`<style>.h{background:%s}</style><div class="h"><b style="color:%s">x</b></div>`,
		`<style>body{color:#fff}</style><table><tr><td bgcolor="%s"><a href="https://a.example" style="color:%s">x</a></td></tr></table>`,
		`<td bgcolor="%s"><a href="https://a.example" style="color:%s">x</a></td>`,
		`<p style="background:hsl(200, 50%%, %s)"><font color="%s">x</font></p>`,
	}
	for _, form := range backs {
		for _, back := range colours {
			for _, text := range colours {
				source := fmt.Sprintf(form, back, text)
				safe := Clean(source)
				if ink, page := seen(t, safe); contrast(ink, page) < leastContrast {
					t.Fatalf("%q is shown as %q: contrast %.2f", source, safe, contrast(ink, page))
				}
				if again := Clean(safe); again != safe {
					t.Fatalf("%q is not the same made safe twice: %q", safe, again)
				}
			}
		}
	}
}

// What could be read stays as its writer made it.
func TestReadableColoursStay(t *testing.T) {
	for source, want := range map[string]string{
		`<div style="background:#0b57d0;color:#fff">x</div>`:                  `<div style="background-color: #0b57d0; color: #fff">x</div>`,
		`<p style="color:#777">x</p>`:                                         `<p style="color: #777">x</p>`,
		`<table bgcolor="navy"><td><font color="white">x</font></td></table>`: `<table bgcolor="navy" style="color: #ffffff"><td><font color="white">x</font></td></table>`,
		`<body bgcolor="#222222" text="#eeeeee">x</body>`:                     `<div style="color: #eeeeee; background-color: #222222">x`,
		`<div style="background:#000"><b>x</b></div>`:                         `<div style="background-color: #000; color: #ffffff"><b>x</b></div>`,
		`<p style="background:none;color:red">x</p>`:                          `<p style="color: red">x</p>`,
		`<span style="color:transparent">x</span>`:                            `<span style="color: #000000">x</span>`,
		`<i style="background:rgb(1, 2, 3) url('a;b') ; color:#fff">x`:        `<i style="background-color: rgb(1, 2, 3); color: #fff">x`,
	} {
		if safe := Clean(source); safe != want {
			t.Errorf("%q is shown as %q, want %q", source, safe, want)
		}
	}
}
