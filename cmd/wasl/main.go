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

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"wasl/config"
)

// version is set by the build.
var version = ""

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	_ = fitMemory() // where nobody tells what bounds it, nothing does
	if err := commands().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "wasl: "+strings.ReplaceAll(err.Error(), "\n", " "))
		os.Exit(1) //nolint:gocritic // nothing is left to defer
	}
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
