package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// world is one run: the gateway's instances with everything around them.
type world struct {
	ctx       context.Context //nolint:containedctx // the life of everything that the rig starts
	book      *ledger
	plant     *plant
	provider  *provider
	mail      *mailHost
	staff     *staff
	instances []*instance
	tools     tools // what only this kind of installation can suffer
	channels  [mailChannel + 1]string
	http      *http.Client
	users     map[string]*user
	sights    *sights
	repeated  atomic.Int64
}

// tools are the parts of an installation beside the instances.
type tools interface {
	// suffer carries out a fault of this installation alone; it reports whether it knows it.
	suffer(w *world, f fault) bool
	// waits lists the work that is not done yet, as far as that can be seen while the instances run.
	waits(w *world) ([]string, error)
	// left lists the same when everything is settled, and may stop the instances for it.
	left(w *world) ([]string, error)
	close() error
}

// user is somebody who signed in.
type user struct {
	name, token, id string
}

func newWorld(ctx context.Context, plant *plant) *world {
	return &world{
		ctx: ctx, book: newLedger(), plant: plant, users: map[string]*user{}, sights: newSights(),
		http: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     30 * time.Second,
		}},
	}
}

// any is an instance that runs, as a balancer would choose; all of them where none does.
func (w *world) any() *instance {
	first := rand.IntN(len(w.instances))
	for n := range w.instances {
		if i := w.instances[(first+n)%len(w.instances)]; i.alive() {
			return i
		}
	}
	return w.instances[first]
}

// deliver posts a webhook once and reports whether it was answered 200; a mail is laid into the mailbox.
func (w *world) deliver(d *delivery) bool {
	if d.channel == mailChannel {
		folder := inbox
		if d.parts[0].about.echo {
			folder = sentFolder
		}
		return w.mail.put(folder, d.body)
	}
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, "http://"+w.any().address+"/webhooks/whatsapp/"+w.channels[d.channel],
		bytes.NewReader(d.body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Hub-Signature-256", sign(d.body))
	res, err := w.http.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK && res.StatusCode < 500 {
		w.book.trouble("a webhook was answered %d", res.StatusCode)
	}
	return res.StatusCode == http.StatusOK
}

// errAgain wraps a failure that a client repeats.
var errAgain = errors.New("no answer")

// call speaks to the API of an instance as a user.
func (w *world) call(i *instance, u *user, method, path string, in, out any) (status int, err error) {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(w.ctx, method, "http://"+i.address+path, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if u != nil {
		req.Header.Set("Authorization", "Bearer "+u.token)
	}
	res, err := w.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errAgain, err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	switch {
	case err != nil || res.StatusCode >= 500:
		return res.StatusCode, fmt.Errorf("%w: %s %s: %d %.200s", errAgain, method, path, res.StatusCode, data)
	case res.StatusCode > 299:
		return res.StatusCode, fmt.Errorf("%s %s: %d %.300s", method, path, res.StatusCode, data)
	case out == nil:
		return res.StatusCode, nil
	}
	return res.StatusCode, json.Unmarshal(data, out)
}

// prepare signs in and connects the channels, while nothing is broken yet.
func (w *world) prepare() error {
	for _, i := range w.instances {
		if err := errors.Join(i.start(), i.await(w.ctx)); err != nil {
			return err
		}
	}
	first := w.instances[0]
	owner, err := w.login(first, "owner", ownerMail)
	if err != nil {
		return err
	}
	for _, who := range []string{"desk", "second"} {
		mail := who + "@torture.example"
		if _, err := w.call(first, owner, http.MethodPost, "/api/v1/users",
			object{"name": who, "email": mail, "password": password, "role": "supervisor"}, nil); err != nil {
			return err
		}
		if _, err := w.login(first, who, mail); err != nil {
			return err
		}
	}
	for n := range w.channels {
		channel := object{"kind": "email", "name": "Mailbox"}
		if n == mailChannel {
			channel["credentials"] = w.mail.credentials()
		} else {
			channel = object{
				"kind": "whatsapp", "name": "Number " + numbers[n], "api_base_url": "http://" + w.provider.address, "credentials": object{
					"phone_number_id": numbers[n], "business_account_id": businessID, "access_token": "token", "app_secret": appSecret,
					"verify_token": "verify",
				},
			}
		}
		var made struct{ ID string }
		if _, err := w.call(first, owner, http.MethodPost, "/api/v1/channels", channel, &made); err != nil {
			return err
		}
		w.channels[n] = made.ID
	}
	return nil
}

func (w *world) login(i *instance, name, mail string) (*user, error) {
	var in struct {
		Token string
		User  struct{ ID string }
	}
	_, err := w.call(i, nil, http.MethodPost, "/api/v1/auth/login", object{"email": mail, "password": password}, &in)
	w.users[name] = &user{name, in.Token, in.User.ID}
	return w.users[name], err
}

// strike kills the only instance from inside a call that it made.
func (w *world) strike() bool {
	if len(w.instances) != 1 {
		return false
	}
	w.kill(w.instances[0])
	return true
}

// kill ends an instance without a farewell.
func (w *world) kill(i *instance) {
	w.book.killed()
	i.kill()
}

// close ends everything.
func (w *world) close() {
	for _, i := range w.instances {
		if i.alive() {
			i.kill()
		}
		_ = i.log.Close()
	}
	w.provider.close()
	w.mail.close()
	_ = w.tools.close()
	w.http.CloseIdleConnections()
}
