package sandbox

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

// Site is a website of the business, with the chat that customers find there.
type Site struct {
	Gateway string // where the chat's script comes from: scheme and host
	Channel string // the website channel; empty: there is no such site
}

//go:embed page/site.html
var siteSource string

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
	page := template.Must(template.New("site").Parse(siteSource))
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
		_ = page.Execute(w, p) // the browser has gone
	})
}
