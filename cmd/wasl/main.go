// Command wasl is the gateway, its demo, the provider sandbox and what an operator needs around them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"wasl/config"
)

// version is set by the build.
var version = ""

type cli struct {
	Serve   serveCmd   `cmd:"" help:"Run the gateway, configured by environment or wasl.yaml."`
	Demo    demoCmd    `cmd:"" help:"Run the whole product on this machine with demo data and the provider sandbox."`
	Sandbox sandboxCmd `cmd:"" help:"Run the provider sandbox alone."`
	User    userCmd    `cmd:"" help:"Manage users."`
	Doctor  doctorCmd  `cmd:"" help:"Check the configuration and what it points to."`
	Health  healthCmd  `cmd:"" help:"Ask the gateway that runs here whether it is ready."`
	Backup  backupCmd  `cmd:"" help:"Copy the embedded store and media into a new folder."`
	Restore restoreCmd `cmd:"" help:"Put a backup in the place of an empty data folder."`
	OpenAPI openapiCmd `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() {
	var c cli
	parsed := kong.Parse(&c, kong.Name("wasl"), kong.Description("The omnichannel inbox gateway."), kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	_ = fitMemory() // where nobody tells what bounds it, nothing does
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "wasl: "+strings.ReplaceAll(err.Error(), "\n", " "))
		os.Exit(1) //nolint:gocritic // nothing is left to defer
	}
}

type versionCmd struct{}

func (versionCmd) Run() error {
	fmt.Println("wasl " + versionText()) //nolint:forbidigo // the command's output
	return nil
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return "dev-" + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return "dev"
}

// logger writes to stderr: for people on a terminal, otherwise JSON.
func logger(c config.Config) zerolog.Logger {
	level, err := zerolog.ParseLevel(c.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel
	}
	format := c.LogFormat
	if format == "" && isatty.IsTerminal(os.Stderr.Fd()) {
		format = "console"
	}
	log := zerolog.New(os.Stderr)
	if format == "console" {
		log = zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: "15:04:05.000"})
	}
	return log.Level(level).With().Timestamp().Logger()
}
