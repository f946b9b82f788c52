package frontend

import (
	"bytes"
	"compress/gzip"
	"errors"
	"testing"
	"testing/fstest"
)

func sample(t *testing.T) *App {
	t.Helper()
	app, err := load(fstest.MapFS{
		".keep":                 {Data: nil},
		"index.html":            {Data: []byte("page")},
		"index.html.br":         {Data: []byte("page-br")},
		"index.html.gz":         {Data: []byte("page-gz")},
		"icon.svg":              {Data: []byte("<svg/>")},
		"assets/app-1a2b.js":    {Data: []byte("code")},
		"assets/app-1a2b.js.br": {Data: []byte("code-br")},
		"assets/app-1a2b.js.gz": {Data: []byte("code-gz")},
		"assets/f-9c.woff2":     {Data: []byte("font")},
		"widget.js.br":          {Data: []byte("widget-br")},
		"widget.js.gz":          {Data: packed(t, "widget")},
		"sw.js.br":              {Data: []byte("worker-br")},
		"sw.js.gz":              {Data: packed(t, "worker")},
		"manifest.webmanifest":  {Data: []byte("manifest")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpen(t *testing.T) {
	app := sample(t)
	const immutable = "public, max-age=31536000, immutable"
	tests := map[string]struct {
		path, accept          string
		body, encoding, cache string
		missing               bool
	}{
		"the root is the page": {
			path: "/", accept: "gzip, deflate, br", body: "page-br", encoding: "br",
			cache: "no-cache",
		},
		"a page of the app is the page": {
			path: "/inbox/cnv_1", accept: "gzip", body: "page-gz", encoding: "gzip",
			cache: "no-cache",
		},
		"no encoding asked for": {path: "/", body: "page", cache: "no-cache"},
		"a refused encoding is not sent": {
			path: "/", accept: "br;q=0, gzip;q=0.5", body: "page-gz", encoding: "gzip",
			cache: "no-cache",
		},
		"an asset never changes": {
			path: "/assets/app-1a2b.js", accept: "br", body: "code-br", encoding: "br",
			cache: immutable,
		},
		"a font has one form":                   {path: "/assets/f-9c.woff2", accept: "br", body: "font", cache: immutable},
		"a missing asset is not the page":       {path: "/assets/app-old.js", accept: "br", missing: true},
		"nor is the folder of assets":           {path: "/assets/", missing: true},
		"dots do not lead around it":            {path: "/inbox/../assets/app-old.js", missing: true},
		"the packed form is no file of its own": {path: "/assets/app-1a2b.js.br", missing: true},
		"what is there packed only is packed": {
			path: "/widget.js", accept: "br", body: "widget-br", encoding: "br",
			cache: "public, max-age=3600",
		},
		"and unpacked for who takes no packing": {path: "/widget.js", body: "widget", cache: "public, max-age=3600"},
		"a new release has another worker": {
			path: "/sw.js", accept: "br", body: "worker-br", encoding: "br", cache: "no-cache",
		},
		"and may have another manifest": {path: "/manifest.webmanifest", accept: "br", body: "manifest", cache: "no-cache"},
		"other files live an hour":              {path: "/icon.svg", body: "<svg/>", cache: "public, max-age=3600"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, ok := app.Open(test.path, test.accept)
			if ok == test.missing {
				t.Fatalf("found = %v", ok)
			}
			if string(f.Body) != test.body || f.ContentEncoding != test.encoding || f.CacheControl != test.cache {
				t.Errorf("got body %q encoding %q cache %q", f.Body, f.ContentEncoding, f.CacheControl)
			}
		})
	}
}

func TestFormsHaveTheirOwnETag(t *testing.T) {
	app := sample(t)
	seen := map[string]bool{}
	for _, accept := range []string{"", "gzip", "br"} {
		f, _ := app.Open("/", accept)
		if f.ETag == "" || seen[f.ETag] {
			t.Errorf("accept %q: ETag %q is empty or taken", accept, f.ETag)
		}
		seen[f.ETag] = true
		if f.Vary != "Accept-Encoding" {
			t.Errorf("accept %q: Vary %q", accept, f.Vary)
		}
	}
}

func TestBuilt(t *testing.T) {
	if !sample(t).Built() {
		t.Error("a build with a page counts as built")
	}
	empty, err := load(fstest.MapFS{".keep": {}})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := empty.Open("/", ""); ok || empty.Built() {
		t.Error("without a build nothing is served")
	}
}
