package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"wasl/config"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/limit"
	"wasl/store"
	"wasl/store/mongodb"
	"wasl/store/pebble"
)

// What the data folder holds.
const (
	storeFolder = "store"
	mediaFolder = "media"
	keyFile     = "secret.key"
	controlFile = "control.sock"
	// dataMode: what it holds is nobody's but the gateway's.
	dataMode os.FileMode = 0o700
)

// storage is what an instance keeps its data in.
type storage struct {
	engine  store.Engine
	blobs   blob.Store
	stream  events.Stream
	limiter limit.Limiter
	sole    bool // no other process shares the store
	// checkpoint writes a consistent copy of the embedded store into a new folder; nil with MongoDB.
	checkpoint func(ctx context.Context, dir string) error
	closers    []func() error
}

// close closes in the opposite order of opening.
func (s *storage) close() error {
	var err error
	for _, c := range slices.Backward(s.closers) {
		err = errors.Join(err, c())
	}
	return err
}

// openStorage opens what the settings say: the embedded store, or MongoDB with or without Redis.
func openStorage(ctx context.Context, c config.Config, now clock.Clock, log zerolog.Logger) (*storage, error) {
	s := &storage{stream: events.NewLocal(), limiter: limit.NewMemory(now)}
	open := s.openEmbedded
	if c.MongoDBURI != "" {
		open = s.openShared
	}
	err := open(ctx, c, log)
	if err == nil && c.RedisURL != "" {
		err = s.openRedis(ctx, c, now, log)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *storage) openEmbedded(_ context.Context, c config.Config, log zerolog.Logger) error {
	if err := os.MkdirAll(c.DataDir, dataMode); err != nil {
		return fmt.Errorf("WASL_DATA_DIR: %w", err)
	}
	if err := os.Chmod(c.DataDir, dataMode); err != nil { // one that was there, and belongs to somebody else
		log.Warn().Err(err).Msg("WASL_DATA_DIR: other users of this machine may look into the data folder")
	}
	engine, err := pebble.Open(filepath.Join(c.DataDir, storeFolder), pebble.Options{
		Report: func(err error) { log.Error().Err(err).Msg("the embedded store") }, CacheSize: cacheIn(memory()),
	})
	if err != nil {
		return fmt.Errorf("WASL_DATA_DIR: %w", err)
	}
	s.engine, s.sole, s.closers, s.checkpoint = engine, true, append(s.closers, engine.Close), engine.Checkpoint
	if s.blobs, err = blob.NewFiles(filepath.Join(c.DataDir, mediaFolder)); err != nil {
		return fmt.Errorf("WASL_DATA_DIR: %w", err)
	}
	return nil
}

func (s *storage) openMongoDB(ctx context.Context, c config.Config, _ zerolog.Logger) error {
	engine, err := mongodb.Open(ctx, c.MongoDBURI)
	if err != nil {
		return fmt.Errorf("WASL_MONGODB_URI: %w", err)
	}
	s.engine, s.blobs, s.closers = engine, engine.Blobs(), append(s.closers, engine.Close)
	return nil
}

func (s *storage) openRedis(ctx context.Context, c config.Config, now clock.Clock, log zerolog.Logger) error {
	o, err := redis.ParseURL(c.RedisURL)
	if err != nil {
		return errors.New("WASL_REDIS_URL: wants an address like redis://user:password@host:6379/0")
	}
	redis.SetLogger(driverLog{log})
	stream, err := events.NewRedis(ctx, *o, log)
	if err != nil {
		return fmt.Errorf("WASL_REDIS_URL: Redis cannot be reached: %w", err)
	}
	limiter := limit.NewRedis(*o, now, log)
	s.stream, s.limiter = stream, limiter
	s.closers = append(s.closers, limiter.Close, stream.Close)
	return nil
}

// driverLog takes what the Redis driver says of its connections; what matters of it comes back as errors.
type driverLog struct{ zerolog.Logger }

// Printf implements the driver's logging interface.
func (l driverLog) Printf(_ context.Context, format string, v ...any) {
	l.Debug().Str("detail", fmt.Sprintf(format, v...)).Msg("redis driver")
}
