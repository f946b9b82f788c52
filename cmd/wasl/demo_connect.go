package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"wasl/channels/sandbox"
)

// What the demo's mail provider shows to the inbound address.
const demoMailUser, demoMailPassword = "inbound", "sandbox-inbound-password"

// demoClient uses the product as everybody does: over its API.
type demoClient struct{ base, token string }

// demoChannel is the part of a channel that the demo looks at.
type demoChannel struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	WebhookURL string `json:"webhook_url"`
}

// problem is an answer that is no success.
type problem struct {
	Status int    `json:"-"`
	Code   string `json:"code"`
	Title  string `json:"title"`
}

// Error returns what the API said.
func (p *problem) Error() string { return fmt.Sprintf("the API answered %d: %s", p.Status, p.Title) }

// connectDemo connects a channel for each account of the sandbox, or points the one that is there at the sandbox of today, and
// gives the providers its webhook address.
func connectDemo(ctx context.Context, base, providers string, box *sandbox.Sandbox) error {
	c := &demoClient{base: base}
	if err := c.signIn(ctx, demoUsers[0].Email); err != nil {
		return fmt.Errorf("sign in to the demo: %w", err)
	}
	for _, a := range box.Accounts() {
		ch, err := c.connect(ctx, a, providers)
		if err == nil {
			err = listenTo(ctx, box, a, ch)
		}
		if err != nil {
			return fmt.Errorf("connect %s: %w", a.Kind, err)
		}
	}
	return nil
}

// signIn makes a session of one of the demo's users.
func (c *demoClient) signIn(ctx context.Context, email string) error {
	var session struct {
		Token string `json:"token"`
	}
	err := c.call(ctx, http.MethodPost, "/auth/login", map[string]string{"email": email, "password": demoPassword}, &session)
	c.token = session.Token
	return err
}

func (c *demoClient) connect(ctx context.Context, a sandbox.Account, providers string) (demoChannel, error) {
	credentials := map[string]string{}
	for _, each := range a.Credentials {
		credentials[each.Name] = each.Value
	}
	if a.Kind == "email" && !a.Mailbox {
		credentials["inbound_user"], credentials["inbound_password"] = demoMailUser, demoMailPassword
	}
	var ch demoChannel
	err := c.call(ctx, http.MethodPost, "/channels", map[string]any{
		"kind": a.Kind, "name": a.Name, "api_base_url": providers,
		"credentials": credentials,
	}, &ch)
	if p, ok := err.(*problem); !ok || p.Code != "channel_exists" { //nolint:errorlint // call wraps nothing
		return ch, err
	}
	var all struct {
		Items []demoChannel `json:"items"`
	}
	if err := c.call(ctx, http.MethodGet, "/channels", nil, &all); err != nil {
		return ch, err
	}
	for _, one := range all.Items {
		if one.Kind == a.Kind && (ch.ID == "" || one.Name == a.Name) {
			ch = one
		}
	}
	return ch, c.call(ctx, http.MethodPatch, "/channels/"+ch.ID, map[string]any{"api_base_url": providers, "credentials": credentials}, &ch)
}

// listenTo gives a provider the channel's webhook addresses.
func listenTo(ctx context.Context, box *sandbox.Sandbox, a sandbox.Account, ch demoChannel) error {
	if a.Mailbox {
		return nil // it is fetched
	}
	address := ch.WebhookURL
	if a.Kind == "email" {
		if err := box.SetReports(a.ID, address+"/events"); err != nil {
			return err
		}
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		u.User = url.UserPassword(demoMailUser, demoMailPassword)
		address = u.String()
	}
	return box.SetCallback(ctx, a.ID, address, "")
}

// call asks the API; into is nil where the answer says nothing.
func (c *demoClient) call(ctx context.Context, method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		p := &problem{Status: res.StatusCode}
		_ = json.Unmarshal(answer, p) // the status says enough where this fails
		return p
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
