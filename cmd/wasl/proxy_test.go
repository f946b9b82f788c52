package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// front is a gateway on which a test plays the proxy: behind is whether the gateway knows it as one.
type front struct {
	*testing.T
	client
	behind bool
}

func newFront(t *testing.T, behind bool) front {
	t.Helper()
	dir := t.TempDir()
	env := serving(filepath.Join(dir, "data"))
	if behind {
		env = append(env, "WASL_TRUSTED_PROXIES=192.0.2.0/24, 127.0.0.1")
	}
	p := start(t, dir, env, "serve")
	return front{t, client{base: "http://" + p.says(t, p.stderr, servingAt)}, behind}
}

// from sends a request of somebody who sits at an address.
func (f front) from(address, method, path string, body any, more ...string) answer {
	f.Helper()
	a, err := f.try(f.Context(), method, path, body, append(more, "X-Forwarded-For", address)...)
	if err != nil {
		f.Fatal(err)
	}
	return a
}

func (f front) signIn(address, email, password string, more ...string) answer {
	f.Helper()
	return f.from(address, http.MethodPost, "/api/v1/auth/login", object{"email": email, "password": password}, more...)
}

// bothWays runs a test on a gateway behind a proxy that it trusts and on one that has none.
func bothWays(t *testing.T, test func(f front)) {
	for name, behind := range map[string]bool{"behind a proxy": true, "without one": false} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(newFront(t, behind)) })
	}
}

const ownerEmail = "owner@wasl.example"

// Behind a proxy one stranger's attempts are that stranger's. Without one nobody becomes somebody else by saying so. And a device on which
// the user has signed in before is let in either way.
func TestSigningInIsLimitedByWhoTries(t *testing.T) {
	t.Parallel()
	bothWays(t, func(f front) {
		first := f.signIn("198.51.100.7", ownerEmail, testPassword)
		var device string
		for _, c := range (&http.Response{Header: first.header}).Cookies() {
			if c.Name == "wasl_device" {
				device = c.Name + "=" + c.Value
			}
		}
		if first.status != http.StatusOK || device == "" {
			f.Fatalf("%d %s %v", first.status, first.body, first.header)
		}
		let := 0
		for n := range 30 {
			address := "203.0.113.9"
			if !f.behind {
				address = fmt.Sprintf("203.0.113.%d", n) // made up: it is one and the same
			}
			switch a := f.signIn(address, ownerEmail, "not the one"); a.status {
			case http.StatusUnauthorized:
				let++
			case http.StatusTooManyRequests:
				if a.json["code"] != "too_many_attempts" || a.header.Get("Retry-After") == "" {
					f.Errorf("%s %v", a.body, a.header)
				}
			default:
				f.Fatalf("%d %s", a.status, a.body)
			}
		}
		if let != 10 {
			f.Errorf("one stranger tried %d passwords", let)
		}
		if a := f.signIn("203.0.113.9", ownerEmail, testPassword, "Cookie", device); a.status != http.StatusOK {
			f.Errorf("the owner's own device, at the stranger's address: %d %s", a.status, a.body)
		}
		want := http.StatusOK
		if !f.behind {
			want = http.StatusTooManyRequests
		}
		if a := f.signIn("198.51.100.8", ownerEmail, testPassword); a.status != want {
			f.Errorf("the owner on a new device elsewhere: %d %s", a.status, a.body)
		}
		for n := range 60 {
			f.signIn("203.0.113.9", fmt.Sprintf("user%d@wasl.example", n), "not the one")
		}
		if a := f.signIn("203.0.113.9", "other@wasl.example", "not the one"); a.status != http.StatusTooManyRequests {
			f.Errorf("one stranger tries every account: %d", a.status)
		}
		if a := f.signIn("203.0.113.9", ownerEmail, testPassword, "Cookie", device); a.status != http.StatusOK {
			f.Errorf("the owner's own device, after that: %d %s", a.status, a.body)
		}
	})
}

// The same for the chat of a website: who comes too often does not hold up those at other addresses, nor those who are there already.
func TestTheChatIsLimitedByWhoComes(t *testing.T) {
	t.Parallel()
	bothWays(t, func(f front) {
		owner := login(f.T, f.base, ownerEmail, testPassword)
		ch := owner.do(f.T, http.StatusCreated, http.MethodPost, "/api/v1/channels",
			object{"kind": "widget", "name": "Shop", "credentials": object{"origins": "*"}})
		root := "/widget/" + ch["id"].(string)
		here := f.from("198.51.100.7", http.MethodPost, root+"/visitor", nil)
		if here.status != http.StatusOK {
			f.Fatalf("%d %s", here.status, here.body)
		}
		come := 0
		for n := range 600 {
			address := "203.0.113.9"
			if !f.behind {
				address = fmt.Sprintf("203.0.113.%d", n%256)
			}
			if a := f.from(address, http.MethodPost, root+"/visitor", nil); a.status == http.StatusOK {
				come++
			} else if a.status != http.StatusTooManyRequests {
				f.Fatalf("%d %s", a.status, a.body)
			}
		}
		if come < 50 || come > 100 {
			f.Errorf("%d new visitors of one address", come)
		}
		want := http.StatusOK
		if !f.behind {
			want = http.StatusTooManyRequests
		}
		if a := f.from("198.51.100.8", http.MethodPost, root+"/visitor", nil); a.status != want {
			f.Errorf("a new visitor elsewhere: %d %s", a.status, a.body)
		}
		token := here.json["token"].(string)
		said := object{"visitor": here.json["visitor"], "events": []object{message("1", "I was here before")}}
		a := f.from("203.0.113.9", http.MethodPost, strings.Replace(root, "/widget", "/webhooks/widget", 1), said,
			"Authorization", "Bearer "+token)
		if a.status != http.StatusOK {
			f.Errorf("a visitor who is there already: %d %s", a.status, a.body)
		}
	})
}
