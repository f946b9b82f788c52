package frontend

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

func sample(t *testing.T) *App {
	t.Helper()
	app, err := load(fstest.MapFS{
		".keep":                 {Data: nil},
		"index.html":            {Data: []byte("page")},
		"index.html.br":         {Data: packed(t, "page")},
		"icon.svg":              {Data: []byte("<svg/>")},
		"assets/app-1a2b.js.br": {Data: packed(t, "code")},
		"assets/f-9c.woff2":     {Data: []byte("font")},
		"sw.js.br":              {Data: packed(t, "worker")},
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
	w := brotli.NewWriter(&b)
	_, err := w.Write([]byte(text))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read is what a client makes of an answer.
func read(t *testing.T, f File) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(f.Body)
	switch f.ContentEncoding {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		var err error
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
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
			path: "/", accept: "gzip, deflate, br", body: "page", encoding: "br",
			cache: "no-cache",
		},
		"a page of the app is the page": {
			path: "/inbox/cnv_1", accept: "gzip", body: "page", encoding: "gzip",
			cache: "no-cache",
		},
		"no encoding asked for": {path: "/", body: "page", cache: "no-cache"},
		"a refused encoding is not sent": {
			path: "/", accept: "br;q=0, gzip;q=0.5", body: "page", encoding: "gzip",
			cache: "no-cache",
		},
		"an asset never changes": {
			path: "/assets/app-1a2b.js", accept: "br", body: "code", encoding: "br",
			cache: immutable,
		},
		"a font has one form":                      {path: "/assets/f-9c.woff2", accept: "br", body: "font", cache: immutable},
		"a missing asset is not the page":          {path: "/assets/app-old.js", accept: "br", missing: true},
		"nor is the folder of assets":              {path: "/assets/", missing: true},
		"dots do not lead around it":               {path: "/inbox/../assets/app-old.js", missing: true},
		"the packed form is no file of its own":    {path: "/assets/app-1a2b.js.br", missing: true},
		"and is unpacked for who takes no packing": {path: "/assets/app-1a2b.js", body: "code", cache: immutable},
		"a new release has another worker": {
			path: "/sw.js", accept: "br", body: "worker", encoding: "br", cache: "no-cache",
		},
		"and may have another manifest": {path: "/manifest.webmanifest", accept: "br", body: "manifest", cache: "no-cache"},
		"other files live an hour":      {path: "/icon.svg", body: "<svg/>", cache: "public, max-age=3600"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, ok := app.Open(test.path, test.accept)
			if ok == test.missing {
				t.Fatalf("found = %v", ok)
			}
			if body := read(t, f); ok && (body != test.body || f.ContentEncoding != test.encoding || f.CacheControl != test.cache) {
				t.Errorf("got body %q encoding %q cache %q", body, f.ContentEncoding, f.CacheControl)
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
