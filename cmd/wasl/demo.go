package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"wasl/auth"
	"wasl/channels"
	"wasl/channels/sandbox"
	"wasl/channels/widget"
	"wasl/config"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/errs"
)

// sandboxAlone is the provider sandbox without a gateway.
type sandboxAlone struct {
	listen, dir, callback string
}

func (s *sandboxAlone) run(ctx context.Context) error {
	log := logger(config.Config{LogLevel: "info"})
	accounts := demoAccounts()
	accounts[0].Callback = s.callback
	listener, err := listen(ctx, "--listen", s.listen)
	if err != nil {
		return err
	}
	servers, err := mailServers(ctx)
	if err != nil {
		return err
	}
	box, err := newSandbox(listener, sandbox.Options{Dir: s.dir, Accounts: accounts, Clock: clock.System{}, Log: log, Mail: servers})
	if err != nil {
		return err
	}
	welcome := fmt.Sprintf("sandbox: http://%s\n", listener.Addr())
	for _, a := range box.Accounts() {
		var credentials []string
		for _, c := range a.Credentials {
			credentials = append(credentials, c.Name+" "+c.Value)
		}
		welcome += fmt.Sprintf("%s: %s\n", a.Kind, strings.Join(credentials, ", "))
	}
	fmt.Print(welcome) //nolint:forbidigo // the command's output
	return runSandbox(ctx, box, listener)
}

// demoAccounts are the business' with every provider, and a mailbox.
func demoAccounts() []sandbox.Account { return append(sandbox.DemoAccounts(), sandbox.DemoMailbox()) }

// mailServers listens for those who read the mailbox, and who send from it.
func mailServers(ctx context.Context) (at sandbox.MailServers, err error) {
	if at.IMAP, err = listen(ctx, "the mailbox", "127.0.0.1:0"); err == nil {
		at.SMTP, err = listen(ctx, "the mailbox", "127.0.0.1:0")
	}
	return at, err
}

// demoAccount is the business' WhatsApp account with the sandbox: these are no secrets, they open nothing else.
var demoAccount = sandbox.DemoAccount()

// newSandbox opens a sandbox with the demo's people, on the listener.
func newSandbox(listener net.Listener, o sandbox.Options) (*sandbox.Sandbox, error) {
	o.ListenURL, o.Customers = "http://"+listener.Addr().String(), sandbox.DemoCustomers()
	return sandbox.New(o)
}

func runSandbox(ctx context.Context, box *sandbox.Sandbox, listener net.Listener) error {
	server := &http.Server{Handler: box.Handler(), ReadHeaderTimeout: 10 * time.Second}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return box.Run(ctx) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(end) != nil {
			_ = server.Close() // event streams stay open until they are cut
		}
		return nil
	})
	return errors.Join(group.Wait(), box.Close())
}

// wholeDemo is the whole product on one machine.
type wholeDemo struct {
	sandboxListen string
	floor         bool // simulated customers write and simulated agents answer while somebody looks
}

// demoUsers sign in with the password that the demo prints.
var demoUsers = []auth.NewUser{
	{Name: "Maya Cohen", Email: "maya@demo.wasl.example", Role: access.Owner, Language: "en"},
	{Name: "יואב לוי", Email: "yoav@demo.wasl.example", Role: access.Supervisor, Language: "he"},
	{Name: "ليلى حداد", Email: "layla@demo.wasl.example", Role: access.Agent, Language: "ar"},
	{Name: "Daniel Reed", Email: "daniel@demo.wasl.example", Role: access.Agent, Language: "en"},
}

const demoPassword = "wasl-demo-2026"

func (d *wholeDemo) run(ctx context.Context) error {
	c, err := config.Load(os.Environ(), config.File)
	if err != nil {
		return err
	}
	c.DataDir, c.MongoDBURI, c.RedisURL, c.AllowPrivateNetwork = filepath.Join(c.DataDir, "demo"), "", "", true
	if os.Getenv("WASL_LOG_LEVEL") == "" {
		c.LogLevel = "warn" // the newcomer's terminal shows where to go, not what happens
	}
	unset, err := config.Load(nil, "")
	if err != nil {
		return err
	}
	c.Listen = demoAddress(c.Listen, unset.Listen, os.Getenv("WASL_LISTEN"))
	log, now := logger(c), &storyClock{}
	listener, err := listen(ctx, "WASL_LISTEN", c.Listen)
	if err != nil {
		return err
	}
	phones, err := listen(ctx, "--sandbox-listen", d.sandboxListen)
	if err != nil {
		return err
	}
	if c.PublicURL == unset.PublicURL {
		c.PublicURL = "http://" + local(listener) // webhook addresses that work from here, whichever port it is
	}
	g, err := newGateway(ctx, c, now, log)
	if err != nil {
		return err
	}
	if err := d.people(ctx, g); err != nil {
		return errors.Join(err, g.storage.close())
	}
	site := sandbox.Site{Gateway: "http://" + local(listener)}
	if site.Channel, err = d.website(ctx, g, phones); err != nil {
		return errors.Join(err, g.storage.close())
	}
	servers, err := mailServers(ctx)
	if err != nil {
		return errors.Join(err, g.storage.close())
	}
	box, err := newSandbox(phones, sandbox.Options{
		Dir: filepath.Join(c.DataDir, "sandbox"), Accounts: demoAccounts(), Site: site, Clock: now, Log: log, Mail: servers,
		//nolint:forcetypeassert // we listen on TCP only
		Public: c.PublicURL, Local: fmt.Sprintf("http://127.0.0.1:%d", listener.Addr().(*net.TCPAddr).Port),
	})
	if err != nil {
		return errors.Join(err, g.storage.close())
	}
	tales := newTeller(g, box, now)
	floor := newDemoFloor(g, box, "http://"+local(listener))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return runSandbox(ctx, box, phones) })
	group.Go(func() error { return g.run(ctx, listener) })
	group.Go(func() error {
		if err := connectDemo(ctx, "http://"+local(listener), "http://"+phones.Addr().String(), box); err != nil {
			return err
		}
		if err := d.past(ctx, g, tales); err != nil {
			return err
		}
		welcome := fmt.Sprintf("inbox: http://%s\nphones: http://%s\nwebsite: http://%[2]s/_sandbox/site\n", local(listener), local(phones))
		for _, u := range demoUsers {
			welcome += fmt.Sprintf("login: %s  password: %s\n", u.Email, demoPassword)
		}
		fmt.Print(welcome) //nolint:forbidigo // the command's output
		if !d.floor {
			return nil
		}
		return floor.run(ctx)
	})
	return group.Wait()
}

// demoAddress is where the demo listens: on this machine only, because everybody knows its passwords, unless the settings say otherwise.
func demoAddress(listen, usual, environment string) string {
	if listen == usual && environment == "" {
		return "127.0.0.1" + listen
	}
	return listen
}

// local is the address of a listener as this machine's browser reaches it.
func local(l net.Listener) string {
	return fmt.Sprintf("localhost:%d", l.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // we listen on TCP only
}

// past gives a new demo its history; a demo that has one keeps it.
func (d *wholeDemo) past(ctx context.Context, g *gateway, tales *teller) error {
	owner := access.Viewer{WorkspaceID: auth.WorkspaceID(demoAccount.Name), Role: access.Owner}
	has, _, err := g.inbox.List(ctx, owner, inbox.Filter{}, "", 1)
	if err != nil || len(has) > 0 {
		return err
	}
	if err := g.channels.SyncAll(ctx, owner.WorkspaceID); err != nil {
		return err
	}
	return tales.tell(ctx)
}

// people makes the demo's users, once.
func (d *wholeDemo) people(ctx context.Context, g *gateway) error {
	for _, u := range demoUsers {
		u.Password = demoPassword
		if _, err := g.access.Bootstrap(ctx, demoAccount.Name, u); err != nil && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return nil
}

// website makes the demo's chat on the sandbox's website, or lets the one that is there be shown at today's address.
func (d *wholeDemo) website(ctx context.Context, g *gateway, phones net.Listener) (channelID string, err error) {
	workspace, origins := auth.WorkspaceID(demoAccount.Name), fmt.Sprintf("http://%s http://%s", local(phones), phones.Addr())
	ch, err := g.channels.Create(ctx, workspace, channels.New{Kind: widget.Kind, Name: demoAccount.Name, Credentials: map[string]string{
		"site_key": "demo", "origins": origins,
	}})
	if err == nil {
		return ch.ID, nil
	}
	if !errs.Is(err, errs.Conflict) {
		return "", err
	}
	found, _, err := g.channels.List(ctx, workspace, "", 50)
	if err != nil {
		return "", err
	}
	n := slices.IndexFunc(found, func(ch *channels.Channel) bool { return ch.Kind == widget.Kind && ch.Account == "demo" })
	if n < 0 {
		return "", errors.New("the demo's website is neither new nor there")
	}
	_, err = g.channels.Change(ctx, workspace, found[n].ID, channels.Patch{Credentials: map[string]string{"origins": origins}})
	return found[n].ID, err
}
