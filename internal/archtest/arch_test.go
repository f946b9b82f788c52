// Package archtest keeps the structure: a rule that no test enforces does not exist.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// layers stand on one another, the lowest first: a package imports packages of lower layers, and of its own layer
// only what stands below its own folder or what `beside` allows. The longest matching name of a package counts.
// Tests may import what they need. docs/ARCHITECTURE.md says what each layer is for.
var layers = []struct {
	name     string
	packages []string
}{
	{"ground", []string{
		"internal/ids", "internal/access", "internal/clock", "internal/errs", "internal/secret", "internal/text",
		"internal/richtext", "internal/filetype", "internal/picture", "internal/selfsigned", "frontend", "config",
	}},
	{"codec", []string{"store/internal/codec"}},
	{"store", []string{"store"}},
	{"keys", []string{"store/internal"}},
	{"machinery", []string{
		"internal/limit", "internal/condition", "internal/action", "internal/redistest", "internal/mailhost", "internal/events",
		"internal/httpclient", "internal/webpush", "internal/blob", "internal/jobs", "internal/web", "internal/mail", "internal/pdf",
	}},
	{"history", []string{"activity", "internal/blob/blobtest"}},
	{"people and things", []string{"auth", "search", "notify", "files", "work"}},
	{"edge", []string{"channels", "realtime"}},
	{"providers", []string{"channels/meta", "channels/provider"}},
	{"dialects", []string{"channels/meta/messaging", "channels/mailbox"}},
	{"adapters", []string{"channels/"}},
	{"customers", []string{"contacts"}},
	{"inbox", []string{"inbox"}},
	{"desk", []string{"inbox/desk", "inbox/remind"}},
	{"visitors", []string{"visitors"}},
	{"routing", []string{"routing"}},
	{"engines", []string{"store/pebble", "store/mongodb", "store/storetest", "channels/channeltest"}},
	{"wiring", []string{"cmd/wasl"}},
	{"rigs", []string{"bench", "torture", "routing/classify/train"}},
}

// layerOf returns the place of a package's layer; false: it has none.
func layerOf(pkg string) (int, bool) {
	best, layer := "", -1
	for i, l := range layers {
		for _, name := range l.packages {
			if (pkg == name || strings.HasPrefix(pkg, strings.TrimSuffix(name, "/")+"/")) && len(name) >= len(best) {
				best, layer = name, i
			}
		}
	}
	return layer, layer >= 0
}

// only says who alone may import these.
var only = map[string][]string{
	"wasl/config":                 {"cmd/wasl"},
	"wasl/store/pebble":           {"cmd/wasl", "torture", "torture/reactions"},
	"wasl/store/mongodb":          {"cmd/wasl"},
	"github.com/twilio/twilio-go": nil,
	// They find methods by name, for which the linker keeps every exported method of the program: 14 MB. Pages are made by gomponents.
	"html/template": nil,
	"text/template": {"internal/mailhost"}, // for tests
}

// isHTTP says which files may see the web framework.
func isHTTP(file string) bool {
	dir, name := filepath.ToSlash(filepath.Dir(file)), filepath.Base(file)
	return strings.HasPrefix(name, "http_") || dir == "internal/web" || dir == "realtime" || (dir == "auth" && name == "middleware.go")
}

// adapters may import only the contract of channels, the ground and the HTTP client.
func adapterMay(imported string) bool {
	for _, ok := range []string{
		"channels", "channels/meta", "channels/meta/messaging", "channels/provider", "channels/mailbox",
		"internal/ids", "internal/clock", "internal/errs", "internal/secret", "internal/httpclient", "internal/richtext", "internal/mail",
		"internal/filetype", "internal/selfsigned",
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
		own, known := layerOf(pkg)
		if !known {
			t.Errorf("%s: the package is in no layer: give it one here", file)
			return
		}
		for _, spec := range tree.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if owners, restricted := only[path]; restricted && !slices.Contains(owners, pkg) && !strings.HasPrefix("wasl/"+pkg, path) {
				t.Errorf("%s: only %q may import %s", file, owners, path)
			}
			if (strings.HasPrefix(path, "github.com/gofiber/") || strings.HasPrefix(path, "github.com/danielgtaylor/huma")) &&
				pkg != "cmd/wasl" && !isHTTP(file) {
				t.Errorf("%s: the web framework belongs into http_*.go, internal/web and realtime", file)
			}
			imported, ours := strings.CutPrefix(path, "wasl/")
			if !ours || imported == pkg {
				continue
			}
			below, known := layerOf(imported)
			switch {
			case !known:
				t.Errorf("%s: %s is in no layer", file, imported)
			case below > own || (below == own && !strings.HasPrefix(imported, pkg+"/") && !beside(pkg, imported)):
				t.Errorf("%s: the layer %q must not import %s of the layer %q", file, layers[own].name, imported, layers[below].name)
			}
			if strings.HasPrefix(pkg, "channels/") && pkg != "channels/channeltest" && pkg != imported && !adapterMay(imported) {
				t.Errorf("%s: an adapter must not import %s", file, imported)
			}
		}
	})
}

// beside says which packages of one layer may import one another: the machinery, and what belongs to an engine.
// That it is no circle is the compiler's matter.
func beside(a, b string) bool {
	return strings.HasPrefix(a, "internal/") && strings.HasPrefix(b, "internal/") || strings.HasPrefix(a, "store/")
}

const (
	maxFile     = 600
	maxFunction = 80
	maxParams   = 5
	maxColumns  = 140
	// longLiteral is the length from which on a string may stand out of its line: a sample body, a struct tag, a pattern.
	longLiteral = 60
)

func TestLinesStayShort(t *testing.T) {
	walkAll(t, func(file string, tree *ast.File, set *token.FileSet) {
		literals := map[int]bool{} // lines on which a long string stands
		ast.Inspect(tree, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && len(l.Value) >= longLiteral {
				for line := set.Position(l.Pos()).Line; line <= set.Position(l.End()).Line; line++ {
					literals[line] = true
				}
			}
			return true
		})
		source, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(source), "\n") {
			indent := len(line) - len(strings.TrimLeft(line, "\t"))
			if columns := utf8.RuneCountInString(line) + 3*indent; columns > maxColumns && !literals[i+1] {
				t.Errorf("%s:%d has %d columns, more than %d", file, i+1, columns, maxColumns)
			}
		}
	})
}

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
	walkAll(t, func(file string, tree *ast.File, set *token.FileSet) {
		if !strings.HasSuffix(file, "_test.go") {
			fn(file, tree, set)
		}
	})
}

// walkAll parses every Go file of the module.
func walkAll(t *testing.T, fn func(file string, tree *ast.File, set *token.FileSet)) {
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
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "tools" || d.Name() == "testdata" || d.Name() == "data" ||
			d.Name() == "ferrettest" || (strings.HasPrefix(d.Name(), ".") && rel != ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(rel, ".go") {
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
