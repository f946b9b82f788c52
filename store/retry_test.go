package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"wasl/store"
)

// What others are faster at is tried again, not at once but not much later, and not for ever.
func TestRetry(t *testing.T) {
	other := errors.New("other")
	for name, test := range map[string]struct {
		outcomes []error
		want     error
		calls    int
	}{
		"done at once":           {[]error{nil}, nil, 1},
		"done the third time":    {[]error{store.ErrConflict, fmt.Errorf("a: %w", store.ErrExists), nil}, nil, 3},
		"failed":                 {[]error{store.ErrConflict, other}, other, 2},
		"others are faster ever": {nil, store.ErrConflict, 50},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls, began := 0, time.Now()
				err := store.Retry(t.Context(), func() error {
					if calls++; calls > len(test.outcomes) {
						return store.ErrConflict
					}
					return test.outcomes[calls-1]
				})
				if !errors.Is(err, test.want) || calls != test.calls {
					t.Errorf("%v after %d calls, want %v after %d", err, calls, test.want, test.calls)
				}
				if took := time.Since(began); took > 50*100*time.Millisecond || (calls > 10) != (took > 100*time.Millisecond) {
					t.Errorf("%d calls took %v", calls, took)
				}
			})
		})
	}
}

// A caller who gives up does not wait for the pause.
func TestRetryEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err := store.Retry(ctx, func() error { calls++; cancel(); return store.ErrConflict })
	if !errors.Is(err, context.Canceled) || calls > 2 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
