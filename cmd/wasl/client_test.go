package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"wasl/config"
	"wasl/internal/clock"
)

// object is a JSON object of an answer.
type object = map[string]any

// client calls the API as one user, and checks every answer against the document and against what holds for all.
type client struct {
	base, token string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	json   object // where the body is one
}

// call sends a request; body may be nil, []byte, a string or what becomes JSON.
func (c client) call(t *testing.T, method, path string, body any, header ...string) answer {
	t.Helper()
	a, err := c.try(t.Context(), method, path, body, header...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	checkAnswer(t, method, path, a)
	return a
}

// do is call with the status that is promised; it returns the answer's object.
func (c client) do(t *testing.T, status int, method, path string, body any) object {
	t.Helper()
	a := c.call(t, method, path, body)
	if a.status != status {
		t.Fatalf("%s %s: %d instead of %d: %s", method, path, a.status, status, a.body)
	}
	return a.json
}

func (c client) get(t *testing.T, path string) object {
	t.Helper()
	return c.do(t, http.StatusOK, http.MethodGet, path, nil)
}

// refused is call for what must not work; it checks the status and the stable code.
func (c client) refused(t *testing.T, status int, code, method, path string, body any, header ...string) answer {
	t.Helper()
	a := c.call(t, method, path, body, header...)
	if a.status != status || a.json["code"] != code {
		t.Errorf("%s %s: %d %s instead of %d %s", method, path, a.status, a.body, status, code)
	}
	return a
}

// try sends a request without judging the answer.
func (c client) try(ctx context.Context, method, path string, body any, header ...string) (answer, error) {
	var raw []byte
	kind := "application/json"
	switch b := body.(type) {
	case nil:
		kind = ""
	case []byte:
		raw = b
	case string:
		raw = []byte(b)
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			return answer{}, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(raw))
	if err != nil {
		return answer{}, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for n := 0; n < len(header); n += 2 {
		req.Header.Set(header[n], header[n+1])
	}
	res, err := plainClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	a := answer{status: res.StatusCode, header: res.Header, body: got}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		_ = json.Unmarshal(got, &a.json) // not an object: nil, which the callers notice
	}
	return a, err
}

// plainClient follows nothing and decompresses nothing.
var plainClient = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16},
}

func login(t *testing.T, base, email, password string) client {
	t.Helper()
	a := client{base: base}.do(t, http.StatusOK, http.MethodPost, "/api/v1/auth/login", object{"email": email, "password": password})
	return client{base: base, token: a["token"].(string)}
}

// apiOf describes the running program's API: the same wiring, in this process, for the test only.
var apiOf = sync.OnceValue(func() huma.API { return testGateway().server.API })

// testGateway is the program's own wiring over a folder of its own.
func testGateway() *gateway {
	dir, err := os.MkdirTemp("", "wasl-api-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c, err := config.Load([]string{"WASL_DATA_DIR=" + dir}, "")
	if err != nil {
		panic(err)
	}
	g, err := newGateway(context.Background(), c, clock.System{}, zerolog.Nop())
	if err != nil {
		panic(err)
	}
	if err := g.storage.close(); err != nil {
		panic(err)
	}
	return g
}

// checkAnswer checks what holds for every answer: it is in the document with this status, has the shape that the
// document gives it, its times have three digits, its headers are safe, and no credential is in it.
func checkAnswer(t *testing.T, method, path string, a answer) {
	t.Helper()
	for _, secret := range secrets {
		if bytes.Contains(a.body, []byte(secret)) {
			t.Errorf("%s %s answers with a credential: %s", method, path, a.body)
		}
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"X-Frame-Options": "SAMEORIGIN",
	} {
		if a.header.Get(name) != want {
			t.Errorf("%s %s: %d has %s %q instead of %q", method, path, a.status, name, a.header.Get(name), want)
		}
	}
	if strings.Contains(a.header.Get("Content-Type"), "json") && a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %s: %d may be kept: %q", method, path, a.status, a.header.Get("Cache-Control"))
	}
	if a.header.Get("X-Request-Id") == "" {
		t.Errorf("%s %s: %d has no request id", method, path, a.status)
	}
	if a.status >= http.StatusBadRequest && method != http.MethodHead {
		checkProblem(t, method, path, a)
	}
	checkTimes(t, method+" "+path, a.json)
	if err := checkDocument(method, path, a); err != nil {
		t.Errorf("%s %s: %d %s: %v", method, path, a.status, clip(a.body), err)
	}
}

func checkProblem(t *testing.T, method, path string, a answer) {
	t.Helper()
	status, _ := a.json["status"].(float64)
	code, _ := a.json["code"].(string)
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" || int(status) != a.status || code == "" ||
		a.json["title"] == "" {
		t.Errorf("%s %s: %d is no problem with a code: %s %s", method, path, a.status, kind, a.body)
	}
}

var (
	timeKey  = regexp.MustCompile(`^(at|.*_at|.*_until)$`)
	timeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
)

// checkTimes finds times by their names, at any depth.
func checkTimes(t *testing.T, where string, value any) {
	t.Helper()
	switch v := value.(type) {
	case object:
		for key, inner := range v {
			if text, is := inner.(string); is && timeKey.MatchString(key) && !timeForm.MatchString(text) {
				t.Errorf("%s: %s is %q", where, key, text)
			}
			checkTimes(t, where+"."+key, inner)
		}
	case []any:
		for _, inner := range v {
			checkTimes(t, where, inner)
		}
	}
}

// operationOf finds the document's operation of a request.
func operationOf(method, path string) *huma.Operation {
	u, err := url.Parse(path)
	if err != nil {
		return nil
	}
	var best *huma.Operation
	for pattern, item := range apiOf().OpenAPI().Paths {
		if !matches(pattern, u.Path) {
			continue
		}
		op := operations(item)[method]
		if op != nil && (best == nil || strings.Count(pattern, "{") < strings.Count(best.Path, "{")) {
			best = op
		}
	}
	return best
}

func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for n := range want {
		if want[n] != got[n] && (!strings.HasPrefix(want[n], "{") || got[n] == "") {
			return false
		}
	}
	return true
}

func operations(item *huma.PathItem) map[string]*huma.Operation {
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}
}

// checkDocument validates an answer against the schema that the document has for it.
func checkDocument(method, path string, a answer) error {
	op := operationOf(method, path)
	if op == nil || len(a.body) == 0 {
		return nil
	}
	res := op.Responses[fmt.Sprint(a.status)]
	if res == nil {
		res = op.Responses["default"]
	}
	if res == nil {
		return fmt.Errorf("the document has no answer %d of %s", a.status, op.OperationID)
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	media := res.Content[kind]
	if media == nil {
		media = res.Content["*/*"]
	}
	if media == nil {
		return fmt.Errorf("the document has no %s for answer %d of %s", kind, a.status, op.OperationID)
	}
	return fits(media.Schema, a.body)
}

// fits validates JSON against a schema of the document.
func fits(schema *huma.Schema, body []byte) error {
	if schema == nil {
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	result := &huma.ValidateResult{}
	huma.Validate(apiOf().OpenAPI().Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, result)
	err := errors.Join(result.Errors...)
	var d *huma.ErrorDetail
	if errors.As(err, &d) {
		return fmt.Errorf("%s: %s", d.Location, d.Message) // without the whole value
	}
	return err
}

// clip keeps failures readable.
func clip(body []byte) []byte { return body[:min(len(body), 400)] }
