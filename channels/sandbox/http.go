package sandbox

import (
	"net/http"
	"strings"
)

// routes puts the page and its control API before the providers' own.
func (s *Sandbox) routes(site Site) http.Handler {
	providers := http.NewServeMux()
	(&graph{s}).routes(providers)
	s.fileRoutes(providers)
	for _, d := range s.dialects {
		d.routes(providers)
	}
	own := http.NewServeMux()
	s.pageRoutes(own)
	s.controlRoutes(own)
	s.siteRoute(own, site)
	guarded := http.NewCrossOriginProtection().Handler(own) // other sites' pages must not press buttons here
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/_sandbox/") || strings.HasPrefix(r.URL.Path, "/page/") {
			guarded.ServeHTTP(w, r)
			return
		}
		providers.ServeHTTP(w, r)
	})
}
