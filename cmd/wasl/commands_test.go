package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refusal checks that a command failed with exactly one line on stderr that names the key, and said nothing else.
func refusal(t *testing.T, p *program, names string) {
	t.Helper()
	lines := p.stderr.lines()
	if p.code == 0 || len(lines) != 1 || !strings.Contains(lines[0], names) || p.stdout.String() != "" {
		t.Errorf("%s: code %d, stdout %q, stderr %q; wanted one line that names %s", p.cmd, p.code, p.stdout, p.stderr, names)
	}
}

func TestSettingsThatCannotBeUsedStopTheStartWithOneLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ env, file, names string }{
		"an unknown key":             {"WASL_LISTNE=:1", "", "WASL_LISTNE"},
		"an unknown key of the file": {"", "listne: ':1'", "listne"},
		"no address":                 {"WASL_LISTEN=here", "", "WASL_LISTEN"},
		"no port":                    {"WASL_LISTEN=127.0.0.1:99999", "", "WASL_LISTEN"},
		"a foreign address":          {"WASL_LISTEN=203.0.113.1:0", "", "WASL_LISTEN"},
		"no URL":                     {"WASL_PUBLIC_URL=inbox.example", "", "WASL_PUBLIC_URL"},
		"a folder that is a file":    {"WASL_DATA_DIR=wasl.yaml", "log_level: info", "WASL_DATA_DIR"},
		"no key":                     {"WASL_SECRET_KEY=short", "", "WASL_SECRET_KEY"},
		"MongoDB without a key":      {"WASL_MONGODB_URI=mongodb://m", "", "WASL_SECRET_KEY"},
		"Redis alone":                {"WASL_REDIS_URL=redis://r", "", "WASL_REDIS_URL"},
		"half a bootstrap":           {"WASL_BOOTSTRAP_EMAIL=a@b.example", "", "WASL_BOOTSTRAP_PASSWORD"},
		"no address to bootstrap":    {"WASL_BOOTSTRAP_EMAIL=somebody", "bootstrap_password: long-enough-1", "WASL_BOOTSTRAP_EMAIL"},
		"a weak bootstrap":           {"WASL_BOOTSTRAP_PASSWORD=short", "bootstrap_email: a@b.example", "WASL_BOOTSTRAP_PASSWORD"},
		"no yes or no":               {"WASL_ALLOW_PRIVATE_NETWORK=perhaps", "", "WASL_ALLOW_PRIVATE_NETWORK"},
		"no level":                   {"WASL_LOG_LEVEL=loud", "", "WASL_LOG_LEVEL"},
		"no format":                  {"WASL_LOG_FORMAT=xml", "", "WASL_LOG_FORMAT"},
		"no YAML":                    {"", "listen: [", "wasl.yaml"},
		"a list in the file":         {"", "listen: [a, b]", "WASL_LISTEN"},
		"a file that is a list":      {"", "- listen", "wasl.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if c.file != "" {
				writeFile(t, dir, "wasl.yaml", c.file)
			}
			env := settings("WASL_LOG_LEVEL=error", c.env)
			if !strings.HasPrefix(c.env, "WASL_LISTEN=") && !strings.Contains(c.file, "listen") {
				env = append(env, "WASL_LISTEN=127.0.0.1:0")
			}
			refusal(t, run(t, dir, env, "serve"), c.names)
		})
	}
}

func writeFile(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheEnvironmentComesBeforeTheFileAndTheFileBeforeTheDefault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, dir, "wasl.yaml",
		"listen: nonsense\npublic_url: https://file.example\ndata_dir: from-file\nlog_level: debug\nbootstrap_email: file@wasl.example\nbootstrap_password: "+testPassword+"\n")
	p := start(t, dir, settings("WASL_LISTEN=127.0.0.1:0", "WASL_LOG_LEVEL=info"), "serve")
	base := "http://" + p.says(t, p.stderr, servingAt)
	if !strings.Contains(p.stderr.String(), `"public_url":"https://file.example"`) {
		t.Errorf("the file's public_url is not used: %s", p.stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "from-file", "store")); err != nil {
		t.Error(err)
	}
	me := login(t, base, "file@wasl.example", testPassword).get(t, "/api/v1/me")
	if me["workspace"].(object)["name"] != "Wasl" || me["user"].(object)["role"] != "owner" {
		t.Errorf("bootstrapped: %v", me)
	}
}

func TestServeMakesTheFirstOwnerOnceAndKeepsItsKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := serving(filepath.Join(dir, "data"))
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o755); err != nil { // made by a person
		t.Fatal(err)
	}
	p := start(t, dir, env, "serve")
	c := login(t, "http://"+p.says(t, p.stderr, servingAt), "owner@wasl.example", testPassword)
	id := c.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		connection("http://127.0.0.1:1", "800000000000001"))["id"].(string)
	if code, _ := p.terminate(t); code != 0 {
		t.Errorf("ended with %d", code)
	}
	for _, name := range []string{"data", "data/secret.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v %v", name, info.Mode(), err)
		}
	}
	// Another password in the settings changes nothing once there is a user, and channels open with the kept key.
	p = start(t, dir, append(env, "WASL_BOOTSTRAP_PASSWORD="+otherPassword), "serve")
	c = login(t, "http://"+p.says(t, p.stderr, servingAt), "owner@wasl.example", testPassword)
	c.get(t, "/api/v1/channels/"+id)
}

func TestUsersAreAddedWhileNothingServes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := serving(filepath.Join(dir, "data"))
	add := func(email, role string) *program {
		return run(t, dir, env, "user", "add", "--email="+email, "--password="+otherPassword, "--workspace=Acme Ltd", "--role="+role)
	}
	if p := add("first@acme.example", "admin"); p.code != 0 || p.stderr.String() != "" {
		t.Fatalf("%d %s", p.code, p.stderr)
	}
	if p := add("second@acme.example", "agent"); p.code != 0 {
		t.Fatalf("%d %s", p.code, p.stderr)
	}
	refusal(t, add("first@acme.example", "agent"), "already")
	refusal(t, add("no address", "agent"), "email")
	refusal(t, run(t, dir, env, "user", "add", "--email=c@acme.example", "--password=short", "--workspace=Acme Ltd"), "8")
	p := start(t, dir, env, "serve")
	base := "http://" + p.says(t, p.stderr, servingAt)
	refusal(t, add("late@acme.example", "agent"), "in use by another process")
	a, b := login(t, base, "first@acme.example", otherPassword).get(t, "/api/v1/me"), login(t, base, "second@acme.example",
		otherPassword).get(t, "/api/v1/me")
	if a["workspace"].(object)["name"] != "Acme Ltd" || a["workspace"].(object)["id"] != b["workspace"].(object)["id"] ||
		a["user"].(object)["role"] != "admin" {
		t.Errorf("%v and %v", a, b)
	}
	refusal(t, run(t, dir, env, "serve"), "in use by another process")
	refusal(t, run(t, dir, env, "doctor"), "in use by another process")
}

// A workspace is known by its id and by the name that it has. By one that it had nobody gets into it.
func TestANameOfThePastLetsNobodyIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := serving(filepath.Join(dir, "data"))
	add := func(who, workspace string, more ...string) *program {
		return run(t, dir, env, append([]string{
			"user", "add", "--email=" + who + "@acme.example", "--password=" + otherPassword, "--workspace=" + workspace, "--role=owner",
		}, more...)...)
	}
	if p := add("first", "Acme"); p.code != 0 || !strings.Contains(p.stdout.String(), "created the workspace Acme") {
		t.Fatalf("%d %s %s", p.code, p.stdout, p.stderr)
	}
	p := start(t, dir, env, "serve")
	owner := login(t, "http://"+p.says(t, p.stderr, servingAt), "first@acme.example", otherPassword)
	for _, name := range []string{"Acme Trading", "Acme Holding"} {
		owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/workspace", object{"name": name})
	}
	id := owner.get(t, "/api/v1/me")["workspace"].(object)["id"].(string)
	p.terminate(t)
	for _, former := range []string{"Acme", "Acme Trading"} {
		refusal(t, add("thief", former), id)
	}
	refusal(t, add("thief", "Acme Holding", "--create-workspace"), id)
	for who, c := range map[string]struct {
		workspace string
		more      []string
		created   bool
	}{
		"by-name": {"Acme Holding", nil, false}, "by-id": {id, nil, false},
		"new": {"Bolt", nil, true}, "again": {"Acme", []string{"--create-workspace"}, true},
	} {
		if p := add(who, c.workspace, c.more...); p.code != 0 || strings.Contains(p.stdout.String(), "created") != c.created {
			t.Errorf("%s: %d %s %s", who, p.code, p.stdout, p.stderr)
		}
	}
	p = start(t, dir, env, "serve")
	base := "http://" + p.says(t, p.stderr, servingAt)
	for who, inside := range map[string]bool{"by-name": true, "by-id": true, "new": false, "again": false} {
		got := login(t, base, who+"@acme.example", otherPassword).get(t, "/api/v1/me")["workspace"].(object)
		if (got["id"] == id) != inside {
			t.Errorf("%s is in %v", who, got)
		}
	}
}

func TestVersionAndDoctorSayHowItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if p := run(t, dir, settings(), "version"); p.code != 0 || !strings.HasPrefix(p.stdout.String(), "wasl ") ||
		len(p.stdout.lines()) != 1 {
		t.Errorf("version: %d %s", p.code, p.stdout)
	}
	env := settings("WASL_LISTEN=127.0.0.1:0")
	p := run(t, dir, env, "doctor")
	if p.code != 0 || !strings.Contains(p.stdout.String(), "in order") || !strings.Contains(p.stdout.String(), "nobody can sign in yet") {
		t.Errorf("doctor: %d %s %s", p.code, p.stdout, p.stderr)
	}
	run(t, dir, env, "user", "add", "--email=a@b.example", "--password="+testPassword, "--workspace=W", "--role=owner")
	if p := run(t, dir, env, "doctor"); p.code != 0 || strings.Contains(p.stdout.String(), "nobody") {
		t.Errorf("doctor: %d %s %s", p.code, p.stdout, p.stderr)
	}
	refusal(t, run(t, dir, append(env, "WASL_SECRET_KEY=x"), "doctor"), "WASL_SECRET_KEY")
	if p := run(t, dir, settings(), "fly"); p.code == 0 {
		t.Error("an unknown command ends well")
	}
}

func TestTheSandboxRunsAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, base := startSandbox(t, dir)
	t.Cleanup(p.kill)
	for _, says := range []string{
		"phone_number_id " + demoAccount.ID, "business_account_id " + demoAccount.BusinessID, "app_secret",
		"verify_token",
	} {
		if !strings.Contains(p.stdout.String(), says) {
			t.Errorf("it does not say its %s: %s", says, p.stdout)
		}
	}
	newCustomer(t, base, "Kept Person", "972540000090")
	if code, _ := p.terminate(t); code != 0 {
		t.Errorf("ended with %d: %s", code, p.stderr)
	}
	p, base = startSandbox(t, dir)
	t.Cleanup(p.kill)
	var state struct {
		Phones []struct {
			Name string `json:"name"`
		} `json:"phones"`
	}
	control(t, http.MethodGet, base+"/_sandbox/state", nil, &state)
	for _, phone := range state.Phones {
		if phone.Name == "Kept Person" {
			return
		}
	}
	t.Errorf("after a restart: %v", state)
}

func TestTheDocumentIsPrintedWithoutTouchingAnything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := run(t, dir, settings(), "openapi")
	var doc object
	if err := json.Unmarshal([]byte(p.stdout.String()), &doc); err != nil || p.code != 0 ||
		!strings.HasPrefix(doc["openapi"].(string), "3.1") {
		t.Errorf("%d %v %v", p.code, err, doc["openapi"])
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("it leaves %v %v", left, err)
	}
}
