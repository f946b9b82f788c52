package sandbox

import (
	"net/http"
	"net/url"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Site is a website of the business, with the chat that customers find there.
type Site struct {
	Gateway string // where the chat's script comes from: scheme and host
	Channel string // the website channel; empty: there is no such site
}

// sitePage is what the site says in one language.
type sitePage struct {
	Language, Direction, Title, Lead, Lessons, Hours, Price, Theme string
	Site
}

func sitePages() map[string]sitePage {
	return map[string]sitePage{
		"en": {
			Language: "en", Direction: "ltr", Title: "Meridian Trading Academy",
			Lead:    "Courses on the markets, for beginners and professionals. The first lesson is free.",
			Lessons: "Courses", Hours: "Sunday to Thursday, 10:00–20:00", Price: "From $45 a lesson",
		},
		"he": {
			Language: "he", Direction: "rtl", Title: "אקדמיית מרידיאן למסחר",
			Lead:    "קורסים על שוק ההון, למתחילים ולמתקדמים. השיעור הראשון חינם.",
			Lessons: "קורסים", Hours: "ראשון עד חמישי, 10:00–20:00", Price: "החל מ-160 ₪ לשיעור",
		},
		"ar": {
			Language: "ar", Direction: "rtl", Title: "أكاديمية ميريديان للتداول",
			Lead:    "دورات عن الأسواق للمبتدئين والمحترفين. الدرس الأول مجاني.",
			Lessons: "الدورات", Hours: "من الأحد إلى الخميس، 10:00–20:00", Price: "ابتداءً من 160 درهمًا للدرس",
		},
	}
}

// siteRoute serves the business' website in the language of ?lang=.
func (s *Sandbox) siteRoute(mux *http.ServeMux, site Site) {
	pages := sitePages()
	socket := strings.Replace(site.Gateway, "http", "ws", 1)
	policy := "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src " +
		site.Gateway +
		"; connect-src " + site.Gateway + " " + socket + "; img-src 'self' " + site.Gateway + "; media-src " + site.Gateway
	mux.HandleFunc("GET /_sandbox/site", func(w http.ResponseWriter, r *http.Request) {
		if site.Channel == "" {
			http.NotFound(w, r)
			return
		}
		p, ok := pages[r.URL.Query().Get("lang")]
		if !ok {
			p = pages["en"]
		}
		p.Site, p.Theme = site, "light"
		if r.URL.Query().Get("theme") == "dark" {
			p.Theme = "dark"
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_ = p.page().Render(w) // the browser has gone
	})
}

// page is the site as HTML.
func (p sitePage) page() g.Node {
	language := func(tag, name string) g.Node {
		to := url.Values{"lang": {tag}, "theme": {p.Theme}}
		return h.A(h.Href("?"+to.Encode()), g.Attr("hreflang", tag), h.Lang(tag), g.Text(name))
	}
	return h.Doctype(h.HTML(h.Lang(p.Language), h.Dir(p.Direction), h.Data("theme", p.Theme),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.TitleEl(g.Text(p.Title)),
			h.Link(h.Rel("icon"), h.Href("/page/icon.svg"), h.Type("image/svg+xml")),
			h.Link(h.Rel("stylesheet"), h.Href("/page/site.css")),
			h.Script(h.Async(), h.Src(p.Gateway+"/widget.js"), h.Data("channel", p.Channel)),
		),
		h.Body(
			h.Nav(h.B(g.Text(p.Title)), g.Text(" "), language("en", "English"), g.Text(" "), language("he", "עברית"), g.Text(" "),
				language("ar", "العربية")),
			h.Main(h.H1(g.Text(p.Title)), h.P(g.Text(p.Lead)), h.H2(g.Text(p.Lessons)), h.P(g.Text(p.Hours)), h.P(g.Text(p.Price))),
		),
	))
}
