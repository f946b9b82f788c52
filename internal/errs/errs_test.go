package errs_test

import (
	"errors"
	"fmt"
	"testing"

	"wasl/internal/errs"
)

func TestKindAndCodeSurviveWrapping(t *testing.T) {
	cause := errors.New("disk on fire")
	err := fmt.Errorf("receive: %w", errs.Wrap(cause, errs.Unavailable, "store_unavailable", "Try again."))
	if !errs.Is(err, errs.Unavailable) || errs.Code(err) != "store_unavailable" || !errors.Is(err, cause) {
		t.Fatalf("lost on the way: %v", err)
	}
	if errs.Is(cause, errs.Internal) || errs.Code(cause) != "" {
		t.Fatal("a foreign error has no kind and no code")
	}
}
