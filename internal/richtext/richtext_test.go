package richtext_test

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"wasl/internal/richtext"
)

// harmless walks what came out, as a browser would, and looks for everything that could act or load.
func harmless(t *testing.T, safe string) {
	t.Helper()
	for z := html.NewTokenizer(strings.NewReader(safe)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		tok := z.Token()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		switch tok.Data {
		case "script", "style", "iframe", "object", "embed", "form", "input", "meta", "base", "link", "svg", "math", "video", "audio",
			"source", "body", "html", "template":
			t.Errorf("<%s> survives in %q", tok.Data, safe)
		}
		for _, a := range tok.Attr {
			value := strings.ToLower(a.Val)
			switch {
			case strings.HasPrefix(a.Key,
				"on"), a.Key == "srcset", a.Key == "background", a.Key == "srcdoc", a.Key == "id", a.Key == "class", a.Key == "name":
				t.Errorf("%s survives in %q", a.Key, safe)
			case a.Key == "src" && !strings.HasPrefix(value, "data:image/"):
				t.Errorf("%s is loaded in %q", a.Val, safe)
			case a.Key == "href" && !regexp.MustCompile(`^(https?|mailto|tel|cid):`).MatchString(value):
				t.Errorf("the link %s survives in %q", a.Val, safe)
			case a.Key == "style" && regexp.MustCompile(`url\(|expression|import|position|javascript|\\`).MatchString(value):
				t.Errorf("the style %s survives in %q", a.Val, safe)
			}
		}
	}
}

var attacks = []string{
	`<script>alert(1)</script>x`, `<img src=x onerror=alert(1)>`, `<img src="https://tracker.example/p.gif">`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href=" jav&#x09;ascript:alert(1)">x</a>`, `<svg onload=alert(1)>`, `<iframe srcdoc="<script>1</script>">`,
	`<form action=https://evil.example><input></form>`,
	`<style>@import url(https://evil.example)</style>`, `<p style="background:url(https://evil.example/x)">x</p>`,
	`<p style="background-color:red;position:fixed">x</p>`,
	`<table background="https://evil.example/x"><td>x</td></table>`, `<meta http-equiv=refresh content="0;url=https://evil.example">`,
	`<base href="https://evil.example/">`,
	`<img srcset="https://evil.example/x 2x">`, `<img src="data:image/svg+xml;base64,PHN2Zz4=">`, `<img src="//evil.example/x">`,
	`<video poster=https://evil.example/x>`,
	`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<a href="data:text/html,<script>1</script>">x</a>`,
	`<font face="x;background:url(https://evil.example)">x</font>`,
	`<p style="font-family:'a';background-image:u\72l(https://evil.example)">x</p>`, `<!--[if IE]><script>1</script><![endif]-->`,
	`<p style="border:1px solid url(https://evil.example)">x</p>`, `<p style="border:url(x)">x</p>`, `<img src="cid:none">`,
	`<link rel=stylesheet href=https://evil.example>`,
}

func TestNothingThatActsOrLoadsSurvives(t *testing.T) {
	for _, attack := range attacks {
		harmless(t, richtext.Sanitize(attack, richtext.Images{}))
	}
}

func FuzzSanitize(f *testing.F) {
	for _, attack := range attacks {
		f.Add(attack)
	}
	f.Fuzz(func(t *testing.T, text string) {
		harmless(t, richtext.Sanitize(text, richtext.Images{}))
		_ = richtext.Text(text)
	})
}

func TestWhatIsHarmlessStays(t *testing.T) {
	safe := richtext.Sanitize(`<p dir="rtl" style="color:red;text-align:right">שלום <b>עולם</b> <a href="https://example.com/a?b=1">x</a></p><ul><li>1</li></ul><img src="cid:a%40b" width="10">`,
		richtext.Images{Inline: func(id string) string { return map[string]string{"a@b": "data:image/png;base64,AAAA"}[id] }})
	for _, want := range []string{
		`dir="rtl"`, `color: red`, `<b>עולם</b>`, `href="https://example.com/a?b=1"`, `target="_blank"`,
		`noopener`, `noreferrer`, `<li>1</li>`, `src="data:image/png;base64,AAAA"`, `width="10"`,
	} {
		if !strings.Contains(safe, want) {
			t.Errorf("%s is missing in %s", want, safe)
		}
	}
}

func TestRemoteImagesOnlyWhenAsked(t *testing.T) {
	const text = `<img src="https://example.com/x.png">`
	if shown := richtext.Sanitize(text, richtext.Images{Remote: true}); !strings.Contains(shown, `src="https://example.com/x.png"`) {
		t.Error(shown)
	}
	if hidden := richtext.Sanitize(text, richtext.Images{}); strings.Contains(hidden, "example.com") {
		t.Error(hidden)
	}
}

// What was cleaned and kept is safe as well, wherever its pictures are then taken from.
func TestWhatIsKeptIsShownAsWhatIsMadeAnew(t *testing.T) {
	inline := func(id string) string { return map[string]string{"a@b": "data:image/png;base64,QUJD"}[id] }
	const mail = `<p>&lt;img src=x&gt; <img src="cid:a%40b"><IMG alt='"' src='https://example.com/x.png?a=1&amp;b=2'><img src="%zz">x</p>`
	kept := richtext.Clean(mail)
	for _, images := range []richtext.Images{{}, {Inline: inline}, {Remote: true}, {Inline: inline, Remote: true}} {
		shown := richtext.Place(kept, images)
		if !images.Remote {
			harmless(t, shown)
		}
		if strings.Contains(shown, "cid:") || strings.Contains(shown, "example.com") != images.Remote ||
			strings.Contains(shown, "QUJD") != (images.Inline != nil) || !strings.Contains(shown, "&lt;img src=x&gt;") {
			t.Errorf("%+v: %s", images, shown)
		}
	}
}

func TestText(t *testing.T) {
	for source, want := range map[string]string{
		`<p>One</p><p>Two<br>three</p>`:                                   "One\n\nTwo\nthree",
		`<div>a</div><div>b</div>`:                                        "a\nb",
		`<style>p{}</style><title>t</title><p>x &amp; y&nbsp;z</p>`:       "x & y z",
		`<ul><li>a</li><li>b</li></ul>`:                                   "- a\n- b",
		`<table><tr><td>A</td><td>B</td></tr><tr><td>C</td></tr></table>`: "A B\nC",
		`<a href="https://example.com/">here</a>`:                         "here (https://example.com/)",
		`<a href="https://example.com">https://example.com</a>`:           "https://example.com",
		`שלום<br>עולם`:                                                    "שלום\nעולם",
	} {
		if got := richtext.Text(source); got != want {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}
