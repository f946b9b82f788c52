package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"wasl/activity"
	"wasl/auth"
	"wasl/channels"
	"wasl/channels/email"
	"wasl/channels/instagram"
	"wasl/channels/messenger"
	"wasl/channels/sms"
	"wasl/channels/whatsapp"
	"wasl/channels/widget"
	"wasl/config"
	"wasl/contacts"
	"wasl/files"
	"wasl/frontend"
	"wasl/inbox"
	"wasl/inbox/desk"
	"wasl/inbox/remind"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/clock"
	"wasl/internal/condition"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/httpclient"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/internal/secret"
	"wasl/internal/web"
	"wasl/notify"
	"wasl/realtime"
	"wasl/routing"
	"wasl/search"
	"wasl/store"
	"wasl/visitors"
	"wasl/work"
)

// gateway is one instance, put together. This file is the only wiring.
type gateway struct {
	config   config.Config
	log      zerolog.Logger
	storage  *storage
	bus      *events.Bus
	stream   events.Stream
	jobs     *jobs.Runner
	hub      *realtime.Hub
	server   *web.Server
	access   *auth.Service
	channels *channels.Service
	files    *files.Service
	inbox    *inbox.Service
	routing  *routing.Service
	desk     *desk.Service
	ready    atomic.Bool
}

// newGateway opens the storage and wires everything; nothing runs yet.
func newGateway(ctx context.Context, c config.Config, now clock.Clock, log zerolog.Logger) (*gateway, error) {
	st, err := openStorage(ctx, c, now, log)
	if err != nil {
		return nil, err
	}
	g, err := wire(ctx, c, st, now, log)
	if err != nil {
		return nil, errors.Join(err, st.close())
	}
	return g, nil
}

// prepare declares the collections and runs the upgrades that the store has not seen.
func prepare(ctx context.Context, st *storage, now clock.Clock, log zerolog.Logger) error {
	var schemas []store.Schema
	for _, of := range [][]store.Schema{
		events.Schemas(), jobs.Schemas(), activity.Schemas(), auth.Schemas(), notify.Schemas(), channels.Schemas(), search.Schemas(),
		contacts.Schemas(),
		files.Schemas(), work.Schemas(), inbox.Schemas(), desk.Schemas(), remind.Schemas(),
		routing.Schemas(),
	} {
		schemas = append(schemas, of...)
	}
	setup := store.Setup{
		Version: versionText(), Clock: now, Schemas: schemas, Report: func(text string) { log.Info().Msg("this instance " + text) },
		Upgrades: []store.Upgrade{ // new ones at the end
			contacts.Upgrade, inbox.Upgrade, inbox.UpgradeReads, inbox.UpgradeHistory, contacts.UpgradeHistory, contacts.UpgradeMerges,
			jobs.Upgrade,
			contacts.UpgradeIndexes, inbox.UpgradeWords,
			store.DropIndexes("indexes: drop what is not declared, 1", schemas...),
			inbox.UpgradeFiles, contacts.UpgradePictures, routing.Upgrade, inbox.UpgradeWaiting,
			store.DropIndexes("indexes: drop what is not declared, 2", schemas...),
			contacts.UpgradeDigits,
			store.DropIndexes("indexes: drop what is not declared, 3", schemas...),
			inbox.UpgradeKinds, desk.UpgradeWords,
		},
	}
	return setup.Prepare(ctx, st.engine)
}

func wire(ctx context.Context, c config.Config, st *storage, now clock.Clock, log zerolog.Logger) (*gateway, error) {
	if err := prepare(ctx, st, now, log); err != nil {
		return nil, err
	}
	box, err := openBox(c)
	if err != nil {
		return nil, err
	}
	instance := ids.New("ins", now.Now())
	g := &gateway{config: c, log: log, storage: st, stream: st.stream}
	g.jobs = jobs.NewRunner(st.engine, now, log, instance)
	g.bus = events.NewBus(st.engine, st.stream, g.jobs, now, log)
	g.server = web.New(log)
	g.access = auth.NewService(auth.Options{
		Engine: st.engine, Bus: g.bus, Clock: now, Limiter: st.limiter, OnRevoke: func(userID string) { g.hub.Revoke(userID) },
		Secure: strings.HasPrefix(c.PublicURL, "https:"), Box: box,
	})
	client := httpclient.New(httpclient.Options{AllowPrivate: c.AllowPrivateNetwork})
	notices := notify.NewService(st.engine, now)
	if err := notices.Push(ctx, g.pushOptions(box, client)); err != nil {
		return nil, fmt.Errorf("web push: %w", err)
	}
	g.channels = channels.NewService(channels.Options{
		Engine: st.engine, Bus: g.bus, Jobs: g.jobs, Clock: now, Log: log, Box: box, PublicURL: c.PublicURL,
		Adapters:     adapters(c, client, now),
		AllowPrivate: c.AllowPrivateNetwork, Blobs: st.blobs, Notices: notices, Instance: instance,
	})
	history := activity.NewLog(st.engine)
	customers := contacts.NewService(st.engine, g.bus, history, g.jobs, now)
	g.files = files.NewService(files.Options{
		Engine: st.engine, Jobs: g.jobs, Clock: now, Blobs: st.blobs, PublicURL: c.PublicURL,
		Box: box,
	})
	works := work.NewService(st.engine, g.bus, g.jobs, now)
	g.inbox = inbox.NewService(inbox.Options{
		Engine: st.engine, Bus: g.bus, Jobs: g.jobs, Clock: now, Log: log, Channels: g.channels, Contacts: customers,
		Files: g.files, Blobs: st.blobs, Limiter: st.limiter, Users: g.access, Activity: history, Notices: notices,
		Actions: action.NewRegistry(inbox.Verbs()...), Works: works,
	})
	g.server.Known, g.server.MetricsToken = g.access.SignedIn, c.MetricsToken
	g.server.Proxies, _ = c.Proxies() // config.Load has seen that they can be read
	g.wireFloor(now, instance, history, notices)
	app, err := frontend.Load()
	if err != nil {
		return nil, err
	}
	customers.ShowTo(g.inbox.ContactAudience)
	g.access.OnAccessChange(g.hub.AccessChanged)
	api := g.server.API
	history.Routes(api, g.access, auth.From)
	notices.Routes(api, g.access, auth.From)
	works.Routes(api, g.access, auth.From)
	g.access.Routes(api)
	g.channels.Routes(api, g.access)
	guests := visitors.NewService(visitors.Options{
		Channels: g.channels, Inbox: g.inbox, Files: g.files, Hub: g.hub, Limiter: st.limiter,
		Clock: now,
	})
	guests.Guard(g.server)
	g.channels.WebhookRoutes(g.server)
	customers.Routes(api, g.access)
	g.inbox.Routes(api, g.access)
	g.wireDesk(now, history, notices, customers)
	g.inbox.HTMLRoute(g.server, g.access)
	g.files.Routes(g.server, g.access)
	g.hub.Routes(g.server.App, api, g.access)
	g.routing.Routes(api, g.access)
	guests.Routes(g.server)
	fields := condition.Sets{}
	fields.Add(g.inbox.Fields())
	fields.Routes(api, g.access)
	g.gauges()
	g.server.Health(g.check)
	g.server.Complete()
	g.server.Site(func(path, acceptEncoding string) (web.File, bool) {
		f, ok := app.Open(path, acceptEncoding)
		return web.File(f), ok
	})
	return g, nil
}

// wireDesk wires what agents keep to be fast and to be reminded of, the search, of which each feature registers its kinds, and the pages on
// which customers say how they were served.
func (g *gateway) wireDesk(now clock.Clock, history *activity.Log, notices *notify.Service, customers *contacts.Service) {
	g.routing.SurveyPages(g.server)
	kept := desk.NewService(desk.Options{
		Engine: g.storage.engine, Bus: g.bus, Clock: now, Inbox: g.inbox, Users: g.access, Activity: history, Log: g.log,
	})
	g.bus.SubscribeTogether(kept.Heard)
	g.desk = kept
	kept.Routes(g.server.API, g.access)
	found := &search.Registry{}
	g.inbox.RegisterSearch(found)
	customers.RegisterSearch(found)
	kept.RegisterSearch(found)
	found.Routes(g.server.API, g.access, auth.From)
	remind.NewService(remind.Options{
		Engine: g.storage.engine, Bus: g.bus, Jobs: g.jobs, Clock: now, Inbox: g.inbox, Users: g.access, Notices: notices,
	}).Routes(g.server.API, g.access)
}

// wireFloor wires who is there and who gets what: the live socket and routing, which tell each other of presence.
func (g *gateway) wireFloor(now clock.Clock, instance string, history *activity.Log, notices *notify.Service) {
	g.hub = realtime.NewHub(realtime.Options{
		Bus: g.bus, Clock: now, Log: g.log, Instance: instance, Audience: g.inbox.Audience, Viewer: g.access.ViewerOf,
		Typing:  g.inbox.Typing,
		Here:    func(workspaceID, userID string, here bool) { g.routing.Here(workspaceID, userID, here) },
		Watches: func(workspaceID, userID string, watches bool) { g.routing.Watches(workspaceID, userID, watches) },
		Chose:   func(v access.Viewer, status string) { g.routing.Chose(v, status) },
	})
	g.routing = routing.NewService(routing.Options{
		Engine: g.storage.engine, Bus: g.bus, Jobs: g.jobs, Clock: now, Log: g.log, Inbox: g.inbox, Users: g.access, Activity: history,
		Channels: g.channels, Works: g.inbox.Works, Notices: notices, Instance: instance,
		ShowPresence: func(workspaceID, userID string, s routing.State) {
			g.hub.ShowPresence(workspaceID, userID, s.Shown())
		},
	})
}

// gauges adds what /metrics tells of this instance.
func (g *gateway) gauges() {
	g.server.Gauge("wasl_jobs_active", "Jobs under way in this process.", func() float64 { return float64(g.jobs.Active()) })
	g.server.Gauge("wasl_sockets", "Live sockets of this process.", func() float64 { return float64(g.hub.Sockets()) })
	g.server.Gauge("wasl_ingest_lag_seconds", "Age of the oldest webhook that is not worked off, on any instance.", g.channels.IngestLag)
	g.server.Gauges("wasl_channel_last_inbound_age_seconds", "Time since a channel's last message came in.", "channel",
		g.channels.InboundAges)
}

// adapters are the kinds of channels.
func adapters(c config.Config, client *http.Client, now clock.Clock) []channels.Adapter {
	return []channels.Adapter{
		whatsapp.New(whatsapp.Options{HTTP: client}), messenger.New(client), instagram.New(client), sms.New(client),
		email.New(email.Options{
			HTTP: client, Dial: httpclient.Dialer(c.AllowPrivateNetwork).DialContext, Clock: now,
			Google:    email.App{ID: c.GoogleClientID, Secret: c.GoogleClientSecret},
			Microsoft: email.App{ID: c.MicrosoftClientID, Secret: c.MicrosoftClientSecret},
		}),
		widget.New(now),
	}
}

// check reports whether this instance can do its work. Without the stream everything is done but the live frames.
func (g *gateway) check(ctx context.Context) (degraded []string, err error) {
	if !g.ready.Load() {
		return nil, errors.New("starting or stopping")
	}
	if err := g.storage.engine.Ping(ctx); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if _, _, err := g.stream.Position(ctx, ""); err != nil {
		degraded = append(degraded, "live updates")
	}
	return degraded, nil
}

// openBox returns the box for credentials. With the embedded store a missing key is made once and kept beside it.
func openBox(c config.Config) (*secret.Box, error) {
	key := c.SecretKey
	if key == "" {
		file := filepath.Join(c.DataDir, keyFile)
		kept, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			kept = []byte(secret.NewKey())
			err = os.WriteFile(file, kept, 0o600)
		}
		if err != nil {
			return nil, fmt.Errorf("WASL_DATA_DIR: %w", err)
		}
		key = strings.TrimSpace(string(kept))
	}
	box, err := secret.Parse(key)
	if err != nil {
		return nil, fmt.Errorf("WASL_SECRET_KEY: %w", err)
	}
	return box, nil
}

// bootstrap makes the first owner where the store has no user.
func (g *gateway) bootstrap(ctx context.Context) error {
	if g.config.BootstrapEmail == "" {
		return nil
	}
	has, err := g.access.HasUsers(ctx)
	if err != nil || has {
		return err
	}
	workspace := g.config.BootstrapWorkspace
	if workspace == "" {
		workspace = "Wasl"
	}
	_, err = g.access.Bootstrap(ctx, workspace, auth.NewUser{
		Email: g.config.BootstrapEmail, Password: g.config.BootstrapPassword, Role: access.Owner,
	})
	if errs.Is(err, errs.Conflict) {
		return nil // another instance, which started at the same moment, was faster
	}
	key := "WASL_BOOTSTRAP_EMAIL"
	if errs.Code(err) == "weak_password" {
		key = "WASL_BOOTSTRAP_PASSWORD"
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// run serves until ctx ends, then stops in order: no new work, sockets close, what was accepted finishes, then the bus, which hands on
// the events of that, and the store last.
func (g *gateway) run(ctx context.Context, listener net.Listener) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	telling, stopTelling := context.WithCancel(context.WithoutCancel(ctx))
	defer stopTelling()
	group, work := errgroup.WithContext(work)
	tellers, telling := errgroup.WithContext(telling)
	tellers.Go(func() error { return g.bus.Run(telling, g.storage.sole) })
	tellers.Go(func() error { return g.hub.Run(telling) })
	group.Go(func() error { return g.jobs.Serve(work, g.storage.sole) })
	group.Go(func() error { return g.routing.Run(work, g.storage.sole) })
	group.Go(func() error { return g.channels.Watch(work) })
	group.Go(func() error { return g.desk.TellCounts(work, g.hub) })
	group.Go(func() error { return g.channels.Fetch(work, g.storage.sole) })
	group.Go(func() error { return g.server.App.Listener(g.server.Limited(listener)) })
	group.Go(func() error { g.loadHeaders(work); return nil })
	group.Go(func() error { rest(work); return nil })
	group.Go(func() error { return g.control(work) })
	g.ready.Store(true)
	select {
	case <-ctx.Done():
	case <-work.Done():
	case <-telling.Done():
	}
	g.ready.Store(false)
	g.log.Info().Msg("stopping")
	end, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	g.hub.Stop(end)
	cancel()
	shut := g.server.App.ShutdownWithTimeout(2 * time.Second)
	stopWork()
	err := group.Wait()
	stopTelling()
	return errors.Join(ignoreTimeout(shut), err, tellers.Wait(), g.storage.close())
}

// loadHeaders makes the first list after a start as quick as the others.
func (g *gateway) loadHeaders(ctx context.Context) {
	err := g.access.EachWorkspace(ctx, func(id string) error { return g.inbox.LoadHeaders(ctx, id) })
	if err != nil && ctx.Err() == nil {
		g.log.Warn().Err(err).Msg("live work is loaded at its first use")
	}
}

// ignoreTimeout drops the complaint about connections that stayed open after everything was answered.
func ignoreTimeout(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}
