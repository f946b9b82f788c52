package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// undocumented are the addresses of the document itself, and pages that customers read.
var undocumented = regexp.MustCompile(`^/api/(openapi.*|schemas/.*|docs)$|^/s/\{token\}$`)

// The document lists every route of the program, and nothing else.
func TestTheDocumentListsEveryRoute(t *testing.T) {
	t.Parallel()
	g := testGateway()
	parameter := regexp.MustCompile(`:([a-z_]+)`)
	routes := map[string]bool{}
	for _, r := range g.server.App.GetRoutes(true) {
		path := parameter.ReplaceAllString(r.Path, "{$1}")
		if r.Method != http.MethodHead && !undocumented.MatchString(path) {
			routes[r.Method+" "+path] = true
		}
	}
	for path, item := range g.server.API.OpenAPI().Paths {
		for method, op := range operations(item) {
			if op != nil && !routes[method+" "+path] {
				t.Errorf("%s %s is in the document and nowhere else", method, path)
			}
			if op != nil {
				delete(routes, method+" "+path)
			}
		}
	}
	for route := range routes {
		t.Errorf("%s is not in the document", route)
	}
}

// What is said of each operation is enough to call it.
func TestTheDocumentIsWhole(t *testing.T) {
	t.Parallel()
	ids := map[string]string{}
	parameter := regexp.MustCompile(`\{([a-z_]+)\}`)
	for path, item := range apiOf().OpenAPI().Paths {
		for method, op := range operations(item) {
			if op == nil {
				continue
			}
			what := method + " " + path
			if other := ids[op.OperationID]; other != "" || op.OperationID == "" {
				t.Errorf("%s has the operation id %q of %s", what, op.OperationID, other)
			}
			ids[op.OperationID] = what
			if op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s: summary %q, tags %v", what, op.Summary, op.Tags)
			}
			for _, name := range parameter.FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool {
					return p.Name == name[1] && p.In == "path" &&
						p.Required
				}) {
					t.Errorf("%s does not describe {%s}", what, name[1])
				}
			}
			if routes[op.OperationID].from != "" && len(op.Security) == 0 {
				t.Errorf("%s does not say that the caller must be signed in", what)
			}
			for status, answer := range op.Responses {
				if answer.Description == "" || (status[0] == '4' && answer.Content["application/problem+json"] == nil) {
					t.Errorf("%s: answer %s is not described", what, status)
				}
			}
		}
	}
	var doc any
	text, err := json.Marshal(apiOf().OpenAPI())
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	references(t, doc, doc)
}

// references checks that every $ref leads somewhere.
func references(t *testing.T, doc, at any) {
	t.Helper()
	switch v := at.(type) {
	case object:
		for key, inner := range v {
			if ref, is := inner.(string); is && key == "$ref" {
				target := doc
				for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
					target, _ = target.(object)[part]
				}
				if target == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			references(t, doc, inner)
		}
	case []any:
		for _, inner := range v {
			references(t, doc, inner)
		}
	}
}

func TestTheDocumentInTheRepositoryIsTheProgramsOwn(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile("../../docs/api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if printed := run(t, t.TempDir(), settings(), "openapi").stdout.String(); printed != string(kept) {
		t.Error("docs/api/openapi.json is stale: run make openapi")
	}
	served := client{base: gatewayFor(t).base}.call(t, http.MethodGet, "/api/openapi.json", nil)
	var a, b any
	if err := json.Unmarshal(served.body, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(kept, &b); err != nil {
		t.Fatal(err)
	}
	one, _ := json.Marshal(a)
	other, _ := json.Marshal(b)
	if string(one) != string(other) {
		t.Error("GET /api/openapi.json serves another document")
	}
}
