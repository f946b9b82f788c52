package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// subject is a program under test: the gateway, another build of it, or the floor.
type subject struct {
	name, binary string
	provider     string // what the gateway takes for the provider's API
	bare         bool   // the floor
	mongodb      string // the server of its databases; empty: the embedded store
	databases    []string
}

const (
	email    = "owner@bench.example"
	password = "bench-password"
)

// process is a subject that runs.
type process struct {
	cmd     *exec.Cmd
	address string
	started time.Duration // until it was ready
	hook    string        // the path of the webhook
	token   string
	http    *fasthttp.HostClient
}

// start runs the subject in a folder, new or used before, and signs in.
func (s *subject) start(dir string) (*process, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p := &process{address: address, hook: "/webhooks/whatsapp/floor", http: &fasthttp.HostClient{
		Addr: address, MaxConns: 1024, MaxConnWaitTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
	}}
	p.cmd = exec.Command(s.binary, "serve")
	if s.bare {
		p.cmd = exec.Command(s.binary, "-floor", address)
	}
	p.cmd.Dir, p.cmd.Stderr = dir, os.Stderr
	p.cmd.Env = append(os.Environ(), "WASL_LISTEN="+address, "WASL_PUBLIC_URL=http://"+address, "WASL_DATA_DIR="+dir,
		"WASL_LOG_LEVEL=error",
		"WASL_ALLOW_PRIVATE_NETWORK=true", "WASL_BOOTSTRAP_EMAIL="+email, "WASL_BOOTSTRAP_PASSWORD="+password)
	if s.mongodb != "" && !s.bare {
		p.cmd.Env = append(p.cmd.Env, s.overMongoDB(dir)...)
	}
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for !p.ready() {
		if time.Since(begin) > time.Minute {
			return nil, errors.Join(errors.New("not ready within a minute"), p.stop())
		}
		time.Sleep(2 * time.Millisecond)
	}
	p.started = time.Since(begin)
	if s.bare {
		return p, nil
	}
	if err := p.prepare(s.provider); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// freeAddress is below the ports that the system gives to clients.
func freeAddress() (string, error) {
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))
		if l, err := net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", errors.New("no free port")
}

func (p *process) ready() bool {
	status, _, err := p.http.Get(nil, "http://"+p.address+"/readyz")
	return err == nil && status == http.StatusOK
}

// prepare signs in and finds or makes the channel.
func (p *process) prepare(provider string) error {
	var in struct{ Token string }
	if err := p.call(http.MethodPost, "/api/v1/auth/login", map[string]string{"email": email, "password": password}, &in); err != nil {
		return err
	}
	p.token = in.Token
	var known struct{ Items []struct{ ID string } }
	if err := p.call(http.MethodGet, "/api/v1/channels", nil, &known); err != nil {
		return err
	}
	if len(known.Items) > 0 {
		p.hook = "/webhooks/whatsapp/" + known.Items[0].ID
		return nil
	}
	var made struct{ ID string }
	err := p.call(http.MethodPost, "/api/v1/channels", whatsAppChannel("Bench", provider, phoneNumberID), &made)
	p.hook = "/webhooks/whatsapp/" + made.ID
	return err
}

func whatsAppChannel(name, provider, number string) map[string]any {
	return map[string]any{
		"kind": "whatsapp", "name": name, "api_base_url": "http://" + provider, "credentials": map[string]string{
			"phone_number_id": number, "business_account_id": accountID, "access_token": "token", "app_secret": appSecret,
			"verify_token": "verify",
		},
	}
}

// call speaks to the API.
func (p *process) call(method, path string, in, out any) error {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI("http://" + p.address + path)
	req.Header.SetMethod(method)
	req.Header.Set("Authorization", "Bearer "+p.token)
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return err
		}
		req.Header.SetContentType("application/json")
		req.SetBody(body)
	}
	if err := p.http.Do(req, res); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status := res.StatusCode(); status < 200 || status > 299 {
		return fmt.Errorf("%s %s: %d %s", method, path, status, res.Body())
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(res.Body(), out)
}

// deliver posts a webhook as the provider does; an error means that it was not acknowledged.
func (p *process) deliver(body []byte) error {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI("http://" + p.address + p.hook)
	req.Header.SetMethod(http.MethodPost)
	req.Header.SetContentType("application/json")
	req.Header.Set("X-Hub-Signature-256", sign(body))
	req.SetBodyRaw(body)
	if err := p.http.Do(req, res); err != nil {
		return err
	}
	if res.StatusCode() != http.StatusOK {
		return fmt.Errorf("webhook: %d %s", res.StatusCode(), res.Body())
	}
	return nil
}

// stop ends the process as an operator does.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	err := p.cmd.Wait()
	if state, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && state.Signaled() && state.Signal() == syscall.SIGTERM {
		return nil // the floor does not catch it
	}
	return err
}

// nothing is a provider that takes every message and has nothing to say.
type nothing struct {
	expected
	address string
	sent    atomic.Int64
	server  *fasthttp.Server
}

func serveNothing() (*nothing, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n := &nothing{address: listener.Addr().String()}
	n.server = &fasthttp.Server{Handler: func(c *fasthttp.RequestCtx) {
		c.SetContentType("application/json")
		if !c.IsPost() {
			c.SetBodyString(`{"data":[]}`)
			return
		}
		n.came(c.PostBody())
		c.SetBodyString(fmt.Sprintf(`{"messages":[{"id":"wamid.TAKEN%d"}]}`, n.sent.Add(1)))
	}}
	go func() { _ = n.server.Serve(listener) }()
	return n, nil
}

func (n *nothing) close() { _ = n.server.Shutdown() }
