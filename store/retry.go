package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// maxTries bounds how often Retry calls a function.
	maxTries = 50
	// firstPause and longestPause are the limits between which the pauses grow. The first is as short as a write of the embedded store; the
	// longest is longer than a majority of MongoDB's members takes to agree on the version that won.
	firstPause   = time.Millisecond
	longestPause = 100 * time.Millisecond
)

// Retry calls fn, which reads documents and writes them changed, again as long as others were faster (ErrConflict, ErrExists), after a
// random pause that doubles up to a limit. After many times it gives up with ErrConflict.
func Retry(ctx context.Context, fn func() error) error {
	var err error
	for n := range maxTries {
		if err = fn(); !errors.Is(err, ErrConflict) && !errors.Is(err, ErrExists) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(min(firstPause<<min(n, 10), longestPause))):
		}
	}
	return fmt.Errorf("others were faster %d times: %w (%w)", maxTries, ErrConflict, err)
}
