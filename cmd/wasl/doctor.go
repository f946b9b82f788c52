package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/rs/zerolog"

	"wasl/config"
	"wasl/internal/clock"
)

// doctor tries what serve would do and says what is wrong.
func doctor(ctx context.Context) error {
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
	degraded, err := g.check(ctx)
	if err == nil && len(degraded) > 0 {
		err = fmt.Errorf("not working: %s", strings.Join(degraded, ", "))
	}
	if err != nil {
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
		//nolint:forbidigo // likewise
		fmt.Println("nobody can sign in yet: set WASL_BOOTSTRAP_EMAIL and WASL_BOOTSTRAP_PASSWORD, or run wasl user add")
	}
	return nil
}
