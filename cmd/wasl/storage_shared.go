//go:build !storeserver

package main

import (
	"context"

	"github.com/rs/zerolog"

	"wasl/config"
)

// openShared opens the store that several instances may share.
func (s *storage) openShared(ctx context.Context, c config.Config, log zerolog.Logger) error {
	return s.openMongoDB(ctx, c, log)
}
