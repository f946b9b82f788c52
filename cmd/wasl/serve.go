package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"

	"github.com/rs/zerolog"

	"wasl/auth"
	"wasl/config"
	"wasl/internal/access"
	"wasl/internal/clock"
)

func serve(ctx context.Context) error {
	c, err := config.Load(os.Environ(), config.File)
	if err != nil {
		return err
	}
	log := logger(c)
	g, err := newGateway(ctx, c, machineClock(), log)
	if err != nil {
		return err
	}
	if err := g.bootstrap(ctx); err != nil {
		return err
	}
	listener, err := listen(ctx, "WASL_LISTEN", c.Listen)
	if err != nil {
		return err
	}
	log.Info().Str("address", listener.Addr().String()).Str("public_url", c.PublicURL).Msg("serving")
	return g.run(ctx, listener)
}

func listen(ctx context.Context, setting, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return l, nil
}

// userToAdd is a user that an operator adds.
type userToAdd struct {
	email, password, workspace, role, name string
	create                                 bool
}

func (u *userToAdd) add(ctx context.Context) error {
	c, err := config.Load(os.Environ(), config.File)
	if err != nil {
		return err
	}
	g, err := newGateway(ctx, c, clock.System{}, zerolog.Nop())
	if err != nil {
		return err
	}
	defer func() { _ = g.storage.close() }()
	added, err := g.access.AddTo(ctx, u.workspace, u.create, auth.NewUser{
		Email: u.email, Password: u.password, Role: access.Role(u.role), Name: u.name,
	})
	if err != nil {
		return err
	}
	in := added.Workspace
	if added.Created {
		fmt.Println("created the workspace", in.Name, in.ID) //nolint:forbidigo // the command's output
	}
	fmt.Println("added", added.User.Email, "as", added.User.Role, "to", in.Name, in.ID) //nolint:forbidigo // likewise
	return nil
}

// printOpenAPI prints the document without touching the operator's data.
func printOpenAPI(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "wasl-openapi-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c, err := config.Load([]string{"WASL_DATA_DIR=" + dir}, "")
	if err != nil {
		return err
	}
	g, err := newGateway(ctx, c, clock.System{}, zerolog.Nop())
	if err != nil {
		return err
	}
	defer func() { _ = g.storage.close() }()
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(g.server.API.OpenAPI())
}
