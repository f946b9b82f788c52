//go:build storeserver

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"wasl/config"
	"wasl/internal/blob"
	"wasl/store/storetest/storeserver"
)

// openShared opens, in builds for tests only, the store server of WASL_TEST_STORE instead of MongoDB, with media in the data folder.
func (s *storage) openShared(ctx context.Context, c config.Config, log zerolog.Logger) error {
	addr := os.Getenv("WASL_TEST_STORE")
	if addr == "" {
		return s.openMongoDB(ctx, c, log)
	}
	engine, err := storeserver.Dial(addr)
	if err != nil {
		return fmt.Errorf("WASL_TEST_STORE: %w", err)
	}
	s.engine, s.closers = engine, append(s.closers, engine.Close)
	s.blobs, err = blob.NewFiles(filepath.Join(c.DataDir, "media"))
	return err
}
