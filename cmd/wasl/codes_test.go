package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Programs rely on the codes of errors, so each has its line in docs/api/errors.md.
func TestEveryErrorCodeIsExplained(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/api/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|[^|]*\\| \\S.*\\|$").FindAllStringSubmatch(string(page), -1) {
		if explained[row[1]] {
			t.Errorf("%s is explained twice", row[1])
		}
		explained[row[1]] = true
	}
	used := codesInSource(t)
	if len(used) < 80 {
		t.Fatalf("only %d codes found: the search is broken", len(used))
	}
	for code, place := range used {
		if !explained[code] {
			t.Errorf("%s is not explained (%s)", code, place)
		}
		delete(explained, code)
	}
	if len(explained) > 0 {
		t.Errorf("explained and nowhere used: %v", slices.Sorted(maps.Keys(explained)))
	}
}

var codeForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

// codesInSource finds the codes of errors: what is given to a parameter called code, to a field Code, or in the table codeOf.
func codesInSource(t *testing.T) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", "sandbox", "channeltest", "testdata", "store", "tools", "bench"},
			d.Name()) {
			return fs.SkipDir // the sandbox's codes are those of the providers
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		parsed = append(parsed, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := collector{codes: map[string]string{}, takes: map[string]int{}, constants: map[string]string{}, files: files}
	for _, find := range []func(ast.Node) bool{c.declarations, c.uses} {
		for _, f := range parsed {
			ast.Inspect(f, find)
		}
	}
	return c.codes
}

type collector struct {
	codes     map[string]string // with the place
	takes     map[string]int    // functions with a parameter code, and which one it is
	constants map[string]string
	files     *token.FileSet
}

func (c collector) declarations(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		c.function(n.Name.Name, n.Type)
	case *ast.AssignStmt:
		for i, right := range n.Rhs {
			if f, is := right.(*ast.FuncLit); is {
				c.function(nameOf(n.Lhs[i]), f.Type)
			}
		}
	case *ast.ValueSpec:
		for i, value := range n.Values {
			if text, is := literal(value); is {
				c.constants[n.Names[i].Name] = text
			}
		}
	}
	return true
}

func (c collector) function(name string, f *ast.FuncType) {
	at := 0
	for _, field := range f.Params.List {
		for _, param := range field.Names {
			if param.Name == "code" && nameOf(field.Type) == "string" {
				c.takes[name] = at
			}
			at++
		}
	}
}

func (c collector) uses(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		if at, takes := c.takes[nameOf(n.Fun)]; takes && at < len(n.Args) {
			c.add(n.Args[at])
		}
	case *ast.KeyValueExpr:
		if nameOf(n.Key) == "Code" {
			c.add(n.Value)
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if field, is := left.(*ast.SelectorExpr); is && field.Sel.Name == "Code" && i < len(n.Rhs) {
				c.add(n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if name.Name == "codeOf" {
				for _, pair := range n.Values[i].(*ast.CompositeLit).Elts {
					c.add(pair.(*ast.KeyValueExpr).Value)
				}
			}
		}
	}
	return true
}

func (c collector) add(e ast.Expr) {
	text, is := literal(e)
	if name, named := e.(*ast.Ident); !is && named {
		text = c.constants[name.Name]
	}
	if codeForm.MatchString(text) {
		c.codes[text] = c.files.Position(e.Pos()).String()
	}
}

func literal(e ast.Expr) (string, bool) {
	l, is := e.(*ast.BasicLit)
	if !is || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// nameOf is the last part of a name.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
