// Package frontend holds the built web app and answers which of its files an address means.
//
// Files under /assets carry a hash of their content in their name and never change, so a missing one is an error of an old
// tab and must be 404. Every other address that has no file of its own is a page of the app: index.html.
package frontend

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:embed all:dist
var dist embed.FS

// File is one file of the app, ready to be sent.
type File struct {
	Body            []byte
	ContentType     string
	ContentEncoding string // "", "br" or "gzip"
	ETag            string // quoted; of the encoded form
	CacheControl    string
	Vary            string // "Accept-Encoding" when the file exists in several forms
}

// App answers for one build of the web app. Files are read when they are asked for, so that those that nobody wants take no memory.
type App struct {
	root  fs.FS
	files map[string]entry
}

// entry names the forms that the build has of a file. What can be packed is there as brotli only, to keep the binary small.
type entry struct {
	plain, br string
	etag      func() string
	// gzip is the form for clients that take no brotli, which browsers do over TLS only. It is made when the first one asks, and kept.
	gzip func() []byte
}

// Load looks through the embedded build. A build that was never made has no index.html; see Built.
func Load() (*App, error) {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return load(root)
}

func load(root fs.FS) (*App, error) {
	app := &App{root: root, files: map[string]entry{}}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".keep" {
			return err
		}
		base, packed := strings.CutSuffix(name, ".br")
		e := app.files[base]
		if packed {
			e.br = name
			e.gzip = sync.OnceValue(func() []byte { return asGzip(app.unpacked(name)) })
		} else {
			e.plain = name
		}
		if e.etag == nil { // of the first of its forms
			e.etag = sync.OnceValue(func() string {
				sum := sha256.Sum256(app.read(name))
				return hex.EncodeToString(sum[:16])
			})
		}
		app.files[base] = e
		return nil
	})
	return app, err
}

// read returns a file that load has found.
func (a *App) read(name string) []byte {
	body, _ := fs.ReadFile(a.root, name) // it lies in memory
	return body
}

// Built tells whether the app was built before the binary was.
func (a *App) Built() bool {
	_, ok := a.files["index.html"]
	return ok
}

// Open returns the file for a path of an URL, in the best form that the Accept-Encoding header takes.
// False means 404.
func (a *App) Open(urlPath, acceptEncoding string) (File, bool) {
	name := strings.TrimPrefix(path.Clean("/"+urlPath), "/")
	e, ok := a.files[name]
	if !ok {
		if name == "assets" || strings.HasPrefix(name, "assets/") {
			return File{}, false
		}
		name = "index.html"
		if e, ok = a.files[name]; !ok {
			return File{}, false
		}
	}
	etag := e.etag()
	f := File{ContentType: contentType(name), ETag: `"` + etag + `"`, CacheControl: cacheControl(name)}
	switch {
	case e.br == "":
		f.Body = a.read(e.plain)
		return f, true
	case accepts(acceptEncoding, "br"):
		f.Body, f.ContentEncoding, f.ETag = a.read(e.br), "br", `"`+etag+`-br"`
	case accepts(acceptEncoding, "gzip"):
		f.Body, f.ContentEncoding, f.ETag = e.gzip(), "gzip", `"`+etag+`-gz"`
	default:
		f.Body = a.unpacked(e.br)
	}
	f.Vary = "Accept-Encoding"
	return f, true
}

// unpacked is what a brotli form holds.
func (a *App) unpacked(name string) []byte {
	body, _ := io.ReadAll(brotli.NewReader(bytes.NewReader(a.read(name)))) // the build packed it
	return body
}

func asGzip(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// accepts tells whether an Accept-Encoding header names a coding with a quality above zero.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		_, value, found := strings.Cut(params, "q=")
		quality, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		return !found || (err == nil && quality > 0)
	}
	return false
}

func cacheControl(name string) string {
	switch {
	case strings.HasPrefix(name, "assets/"):
		return "public, max-age=31536000, immutable"
	case name == "index.html", name == "sw.js", path.Ext(name) == ".webmanifest": // what says which release there is
		return "no-cache"
	default:
		return "public, max-age=3600"
	}
}

// contentType does not ask the machine's MIME table, which differs from one to the next.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".woff2":
		return "font/woff2"
	case ".mp3":
		return "audio/mpeg"
	default:
		return "application/octet-stream"
	}
}
