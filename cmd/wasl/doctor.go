package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"wasl/config"
	"wasl/internal/clock"
)

type doctorCmd struct{}

// Run tries what serve would do and says what is wrong.
func (doctorCmd) Run(ctx context.Context) error {
	c, err := config.Load(os.Environ(), config.File)
	if err != nil {
		return err
	}
	g, err := newGateway(ctx, c, clock.System{}, zerolog.Nop())
	if err != nil {
		return err
	}
	defer func() { _ = g.storage.close() }()
	g.ready.Store(true)
	if err := g.check(ctx); err != nil {
		return err
	}
	has, err := g.access.HasUsers(ctx)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, "WASL_LISTEN", c.Listen)
	if err != nil {
		return err
	}
	_ = listener.Close()
	fmt.Println("settings, store, key and address are in order") //nolint:forbidigo // the command's output
	if !has {
		fmt.Println("nobody can sign in yet: set WASL_BOOTSTRAP_EMAIL and WASL_BOOTSTRAP_PASSWORD, or run wasl user add") //nolint:forbidigo // likewise
	}
	return nil
}

type backupCmd struct {
	To string `arg:"" help:"The folder to make."`
}

// Run copies the data folder while serve is stopped: whoever runs it has the store's lock.
func (b backupCmd) Run(ctx context.Context) error {
	c, err := config.Load(os.Environ(), config.File)
	if err != nil {
		return err
	}
	if c.MongoDBURI != "" {
		return errors.New("WASL_MONGODB_URI: back MongoDB up with mongodump")
	}
	g, err := newGateway(ctx, c, clock.System{}, zerolog.Nop()) // refused while another process has the folder
	if err != nil {
		return err
	}
	if err := g.storage.close(); err != nil {
		return err
	}
	return copyTree(c.DataDir, b.To)
}

type restoreCmd struct {
	From string `arg:"" help:"A folder that backup made."`
}

func (r restoreCmd) Run() error {
	c, err := config.Load(os.Environ(), config.File)
	if err != nil {
		return err
	}
	return copyTree(r.From, c.DataDir)
}

// copyTree copies a folder to one that does not exist or is empty.
func copyTree(from, to string) error {
	if entries, err := os.ReadDir(to); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s: is not empty", to)
	}
	if _, err := os.Stat(from); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(to)), 0o700); err != nil {
		return err
	}
	_ = os.Remove(to) // CopyFS makes the folder itself; an empty one may be there
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	})
}
