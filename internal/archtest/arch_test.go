// Package archtest keeps the structure: a rule that no test enforces does not exist.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// level says how high a package stands; it may import only what stands lower. The longest matching prefix counts.
// Tests may import what they need.
var level = map[string]float64{
	"internal/ids": 0, "internal/access": 0, "internal/clock": 0, "internal/errs": 0, "internal/secret": 0, "internal/text": 0, "internal/richtext": 0, "internal/filetype": 0,
	"store": 0.5, "store/pebble": 7, "store/mongodb": 7, "store/storetest": 7, "store/internal": 0.6, "store/internal/codec": 0.4,
	"internal/limit": 1, "internal/condition": 1, "internal/action": 1, "internal/redistest": 1, "internal/events": 1, "internal/httpclient": 1, "internal/blob": 1, "internal/blob/blobtest": 1.5, "internal/jobs": 1, "internal/web": 1, "internal/mail": 1,
	"activity": 1.5,
	"auth":     2,
	"search":   2,
	"notify":   2,
	"files":    2,
	"channels": 2.5, "channels/": 2.8, "channels/meta": 2.7, "channels/meta/messaging": 2.75, "channels/provider": 2.7, "channels/channeltest": 7,
	"contacts": 3, "inbox": 4, "visitors": 4.5, "routing": 5, "automation": 6, "reports": 6, "realtime": 2.5,
	"frontend": 0, "config": 0, "cmd/wasl": 8, "bench": 9, "torture": 9,
}

func levelOf(pkg string) (float64, bool) {
	best, found := "", false
	for prefix := range level {
		if (pkg == prefix || strings.HasPrefix(pkg, strings.TrimSuffix(prefix, "/")+"/")) && len(prefix) >= len(best) {
			best, found = prefix, true
		}
	}
	return level[best], found
}

// only says who alone may import these.
var only = map[string][]string{
	"wasl/config":                 {"cmd/wasl"},
	"wasl/store/pebble":           {"cmd/wasl", "torture", "torture/reactions"},
	"wasl/store/mongodb":          {"cmd/wasl"},
	"github.com/twilio/twilio-go": nil,
}

// rim says which files may see the web framework.
func rim(file string) bool {
	dir, name := filepath.ToSlash(filepath.Dir(file)), filepath.Base(file)
	return strings.HasPrefix(name, "http_") || dir == "internal/web" || dir == "realtime" || (dir == "auth" && name == "middleware.go")
}

// adapters may import only the contract of channels, the ground and the HTTP client.
func adapterMay(imported string) bool {
	for _, ok := range []string{
		"channels", "channels/meta", "channels/meta/messaging", "channels/provider",
		"internal/ids", "internal/clock", "internal/errs", "internal/secret", "internal/httpclient", "internal/richtext", "internal/mail", "internal/filetype",
	} {
		if imported == ok {
			return true
		}
	}
	return false
}

func TestImportsGoOneWay(t *testing.T) {
	walk(t, func(file string, tree *ast.File, _ *token.FileSet) {
		pkg := filepath.ToSlash(filepath.Dir(file))
		own, known := levelOf(pkg)
		if !known {
			t.Errorf("%s: the package has no level: give it one here", file)
			return
		}
		for _, spec := range tree.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if owners, restricted := only[path]; restricted && !slices.Contains(owners, pkg) && !strings.HasPrefix("wasl/"+pkg, path) {
				t.Errorf("%s: only %q may import %s", file, owners, path)
			}
			if (strings.HasPrefix(path, "github.com/gofiber/") || strings.HasPrefix(path, "github.com/danielgtaylor/huma")) && pkg != "cmd/wasl" && !rim(file) {
				t.Errorf("%s: the web framework belongs into http_*.go, internal/web and realtime", file)
			}
			imported, ours := strings.CutPrefix(path, "wasl/")
			if !ours || imported == pkg {
				continue
			}
			below, known := levelOf(imported)
			if !known || below > own || (below == own && !strings.HasPrefix(imported, pkg+"/") && !sameGround(pkg, imported)) {
				t.Errorf("%s: level %v must not import %s, level %v", file, own, imported, below)
			}
			if strings.HasPrefix(pkg, "channels/") && pkg != "channels/channeltest" && pkg != imported && !adapterMay(imported) {
				t.Errorf("%s: an adapter must not import %s", file, imported)
			}
		}
	})
}

// sameGround: the machinery packages of level 1 build on one another where it is no circle, which the compiler refuses.
func sameGround(a, b string) bool {
	return strings.HasPrefix(a, "internal/") && strings.HasPrefix(b, "internal/") || strings.HasPrefix(a, "store/")
}

const (
	maxFile     = 600
	maxFunction = 80
	maxParams   = 5
)

func TestFilesAndFunctionsStaySmall(t *testing.T) {
	walk(t, func(file string, tree *ast.File, set *token.FileSet) {
		if lines := set.Position(tree.End()).Line; lines > maxFile {
			t.Errorf("%s has %d lines, more than %d", file, lines, maxFile)
		}
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; lines > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", file, f.Name.Name, lines, maxFunction)
			}
			if n := f.Type.Params.NumFields(); n > maxParams+1 { // the context does not count
				t.Errorf("%s: %s has %d parameters, more than %d", file, f.Name.Name, n, maxParams)
			}
		}
	})
}

func TestExportedNamesAreDocumented(t *testing.T) {
	walk(t, func(file string, tree *ast.File, _ *token.FileSet) {
		if strings.HasPrefix(file, "cmd") {
			return
		}
		for _, d := range tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exportedReceiver(d)) {
					t.Errorf("%s: %s has no comment", file, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
						t.Errorf("%s: %s has no comment", file, s.Name.Name)
					}
				}
			}
		}
	})
}

func exportedReceiver(f *ast.FuncDecl) bool {
	typ := f.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return false
		}
	}
}

// walk parses every Go file of the module that is not a test.
func walk(t *testing.T, fn func(file string, tree *ast.File, set *token.FileSet)) {
	t.Helper()
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "tools" || d.Name() == "testdata" || d.Name() == "data" || d.Name() == "ferrettest" || (strings.HasPrefix(d.Name(), ".") && rel != ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		files++
		fn(rel, tree, set)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files were looked at", files)
	}
}
