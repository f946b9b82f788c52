package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"wasl/internal/access"
	"wasl/internal/secret"
	"wasl/notify"
	"wasl/store"
)

// noSubject is who runs this installation where it has no public address: browsers subscribe to it on the same machine only.
const noSubject = "mailto:postmaster@localhost"

// pushOptions are what telling devices is made of. Its functions run once everything is wired.
func (g *gateway) pushOptions(box *secret.Box, client *http.Client) notify.PushOptions {
	subject := noSubject
	if strings.HasPrefix(g.config.PublicURL, "https:") {
		subject = g.config.PublicURL
	}
	return notify.PushOptions{
		Jobs: g.jobs, Log: g.log, HTTP: client, AllowPrivate: g.config.AllowPrivateNetwork, Box: box, Subject: subject,
		Viewer: g.access.ViewerOf, Preview: g.preview,
		Watches: func(ctx context.Context, v access.Viewer) (bool, error) {
			return g.routing.Watched(ctx, v.WorkspaceID, v.UserID)
		},
	}
}

// preview is what a device is told of a conversation: nothing, unless the workspace says so and the viewer sees it.
func (g *gateway) preview(ctx context.Context, v access.Viewer, conversationID string) (name, words string, err error) {
	w, err := g.access.Workspace(ctx, v.WorkspaceID)
	if err != nil || !w.PushCustomers {
		return "", "", err
	}
	c, err := g.inbox.View(ctx, v, conversationID)
	if errors.Is(err, store.ErrNotFound) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	if c.LastMessage != nil {
		words = c.LastMessage.Text
	}
	return c.Contact.Name, words, nil
}
