package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	testPassword  = "correct-horse-7412"
	otherPassword = "battery-staple-9035"
)

// secrets are what the tests give to the program and must never get back from it.
var secrets = []string{
	demoAccount.AccessToken, demoAccount.AppSecret, demoAccount.VerifyToken, testPassword, otherPassword, "argon2id",
}

// shared is one gateway with its provider that many tests use side by side. It has two workspaces.
type shared struct {
	gateway, provider *program
	base, sandbox     string
	// one user of each role, a second agent, and the owner of the other workspace
	owner, admin, supervisor, agent, colleague, stranger client
	channel                                              string // connected to the sandbox
	secret                                               string // the app secret that its webhooks are signed with
	ids                                                  map[string]string
}

var (
	sharedOnce sync.Once
	theShared  *shared
	sharedDir  string
)

// gatewayFor returns the gateway that tests share.
func gatewayFor(t *testing.T) *shared {
	t.Helper()
	sharedOnce.Do(func() { theShared = startShared(t) })
	if theShared == nil {
		t.Fatal("the shared gateway did not start")
	}
	return theShared
}

func stopShared() (sound bool) {
	sound = true
	if theShared != nil {
		theShared.gateway.kill()
		theShared.provider.kill()
		if log := theShared.gateway.stderr.String(); strings.Contains(log, "DATA RACE") || strings.Contains(log, "panicked") {
			fmt.Fprintln(os.Stderr, "the shared gateway is unsound:\n"+log)
			sound = false
		}
	}
	_ = os.RemoveAll(sharedDir)
	return sound
}

// serving are the settings of a gateway for tests; the addresses that it gives to providers are not its own.
func serving(data string, more ...string) []string {
	return settings(append([]string{
		"WASL_LISTEN=127.0.0.1:0", "WASL_PUBLIC_URL=https://inbox.example", "WASL_DATA_DIR=" + data, "WASL_ALLOW_PRIVATE_NETWORK=true",
		"WASL_BOOTSTRAP_EMAIL=owner@wasl.example", "WASL_BOOTSTRAP_PASSWORD=" + testPassword, "WASL_BOOTSTRAP_WORKSPACE=Tests",
	}, more...)...)
}

func startShared(t *testing.T) *shared {
	t.Helper()
	var err error
	if sharedDir, err = os.MkdirTemp("", "wasl-shared-"); err != nil { //nolint:usetesting // it outlives this test
		t.Fatal(err)
	}
	data := filepath.Join(sharedDir, "data")
	// The other workspace's owner is added while nothing serves; so the bootstrap would find a user and do nothing.
	for _, u := range [][2]string{{"owner@wasl.example", "Tests"}, {"stranger@wasl.example", "Others"}} {
		if p := run(t, sharedDir, serving(data), "user", "add", "--email="+u[0], "--password="+testPassword, "--workspace="+u[1],
			"--role=owner"); p.code != 0 {
			t.Fatalf("user add: %s", p.stderr)
		}
	}
	s := &shared{secret: demoAccount.AppSecret, ids: map[string]string{}}
	s.provider, s.sandbox = startSandbox(t, sharedDir)
	if s.gateway, err = launch(sharedDir, serving(data), "serve"); err != nil {
		t.Fatal(err)
	}
	s.base = "http://" + s.gateway.says(t, s.gateway.stderr, servingAt)
	s.owner = login(t, s.base, "owner@wasl.example", testPassword)
	s.stranger = login(t, s.base, "stranger@wasl.example", testPassword)
	for name, c := range map[string]*client{"admin": &s.admin, "supervisor": &s.supervisor, "agent": &s.agent, "colleague": &s.colleague} {
		role := name
		if name == "colleague" {
			role = "agent"
		}
		email := name + "@wasl.example"
		s.ids[name] = s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/users",
			object{"name": name, "email": email, "password": testPassword, "role": role})["id"].(string)
		*c = login(t, s.base, email, testPassword)
	}
	s.channel = connect(t, s.owner, s.sandbox)
	return s
}

// startSandbox starts the provider's stand-in alone.
func startSandbox(t *testing.T, dir string) (*program, string) {
	t.Helper()
	p, err := launch(dir, settings(), "sandbox", "--listen=127.0.0.1:0", "--dir="+filepath.Join(dir, "sandbox"))
	if err != nil {
		t.Fatal(err)
	}
	return p, p.says(t, p.stdout, `(?m)^sandbox: (http://\S+)$`)
}

// connection is what POST /channels takes for an account of the sandbox.
func connection(sandbox, account string) object {
	return object{"kind": "whatsapp", "name": "Academy", "api_base_url": sandbox, "credentials": object{
		"phone_number_id": account, "business_account_id": demoAccount.BusinessID, "access_token": demoAccount.AccessToken,
		"app_secret": demoAccount.AppSecret, "verify_token": demoAccount.VerifyToken,
	}}
}

// connect connects the sandbox's account and has it report to the gateway.
func connect(t *testing.T, c client, sandbox string) string {
	t.Helper()
	id := c.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", connection(sandbox, demoAccount.ID))["id"].(string)
	control(t, http.MethodPost, fmt.Sprintf("%s/_sandbox/accounts/%s/callback", sandbox, demoAccount.ID),
		object{"url": c.base + "/webhooks/whatsapp/" + id}, nil)
	return id
}

// conversation has a new customer write to the gateway and returns the conversation as the owner sees it.
func (s *shared) conversation(t *testing.T, name, number string) (customer, object) {
	t.Helper()
	who := newCustomer(t, s.sandbox, name, number)
	who.writes(t, "hello from "+name)
	var found object
	until(t, name+" is in the list", func() bool {
		found = conversationWith(t, s.owner, name)
		return found != nil
	})
	return who, found
}

func conversationWith(t *testing.T, c client, name string) object {
	t.Helper()
	for cursor := ""; ; { // tests share the gateway: there are many
		page := c.get(t, "/api/v1/conversations?limit=200&cursor="+url.QueryEscape(cursor))
		for _, item := range page["items"].([]any) {
			if item := item.(object); item["contact"].(object)["name"] == name {
				return item
			}
		}
		if cursor, _ = page["next_cursor"].(string); cursor == "" {
			return nil
		}
	}
}
