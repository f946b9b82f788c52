package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"wasl/config"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/limit"
	"wasl/store/pebble"
)

// openStorage opens what the settings say: the embedded store, or MongoDB with or without Redis.
func openStorage(_ context.Context, c config.Config, log zerolog.Logger) (*storage, error) {
	if c.MongoDBURI != "" {
		return nil, errors.New("WASL_MONGODB_URI: not wired yet")
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("WASL_DATA_DIR: %w", err)
	}
	engine, err := pebble.Open(filepath.Join(c.DataDir, "store"), pebble.Options{
		Report: func(err error) { log.Error().Err(err).Msg("the embedded store") },
	})
	if err != nil {
		return nil, fmt.Errorf("WASL_DATA_DIR: %w", err)
	}
	files, err := blob.NewFiles(filepath.Join(c.DataDir, "media"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("WASL_DATA_DIR: %w", err), engine.Close())
	}
	return &storage{
		engine: engine, blobs: files, stream: events.NewLocal(), limiter: limit.NewMemory(clock.System{}), sole: true,
	}, nil
}
