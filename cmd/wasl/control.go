package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// control answers the commands of this machine's operator on a socket in the data folder, which only those who may read
// the data can open. Without it (a path too long for a socket, say) the gateway works, and backups want it stopped.
func (g *gateway) control(ctx context.Context) error {
	if g.storage.checkpoint == nil {
		return nil
	}
	path := filepath.Join(g.config.DataDir, controlFile)
	_ = os.Remove(path) // of a process that was killed: the folder is ours
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		g.log.Warn().Err(err).Msg("backups want this process stopped")
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		if err := g.storage.backup(r.Context(), g.config.DataDir, r.URL.Query().Get("to")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the control socket: %w", err)
	}
	return nil
}

// askBackup lets the gateway that runs over the data folder make the backup. It reports false where none runs.
func askBackup(ctx context.Context, dataDir, to string) (bool, error) {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dataDir, controlFile))
	}}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://wasl/backup?to="+url.QueryEscape(to), nil)
	if err != nil {
		return false, err
	}
	answer, err := client.Do(request)
	if dial := new(net.OpError); errors.As(err, &dial) && dial.Op == "dial" {
		return false, nil
	}
	if err != nil {
		return true, fmt.Errorf("the gateway stopped before the backup was whole: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(strings.TrimSpace(string(said)))
	}
	return true, err
}
