package channels

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrSignature: the request is not proven to come from the provider.
	ErrSignature = errors.New("channels: signature missing or wrong")
	// ErrSignatureLater is ErrSignature where the provider would throw away for good what is refused: it is asked to come again.
	ErrSignatureLater = fmt.Errorf("%w; come again", ErrSignature)
	// ErrBody: the body is proven but is no webhook of this provider.
	ErrBody = errors.New("channels: body not understood")
)

// Outcome says what became of a send that did not simply succeed, and so what to do.
type Outcome int

// The outcomes.
const (
	Refused   Outcome = iota // the provider will not send it: show why
	Throttled                // not taken, too fast: again after RetryAfter
	Down                     // certainly not taken, the provider is unwell: again later
	Uncertain                // perhaps taken: never again by itself
	Dead                     // the account's credentials or rights are gone: pause the channel
)

// SendError is a provider's refusal in words that an agent understands. Code is stable and ours (for
// example window_closed, not_reachable, media_rejected); Provider is the provider's own number, for the log.
type SendError struct {
	Outcome    Outcome
	Code       string
	Title      string // what happened, a few words
	Detail     string // what to do now, a sentence
	Provider   string
	RetryAfter time.Duration
	Recipient  bool // Throttled: only this recipient waits, not the whole account
	Cause      error
}

// Error returns the text for logs.
func (e *SendError) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s (%s): %s: %v", e.Code, e.Provider, e.Title, e.Cause)
	}
	return fmt.Sprintf("%s (%s): %s", e.Code, e.Provider, e.Title)
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Cause }

// AsSendError returns the provider's refusal inside err, or one that calls err uncertain: what is not known to
// have failed may have gone out.
func AsSendError(err error) *SendError {
	var e *SendError
	if errors.As(err, &e) {
		return e
	}
	return &SendError{
		Outcome: Uncertain, Code: "unknown_outcome", Title: "It is not known whether this was sent",
		Detail: "The provider did not answer. Wait for its report, or send it again.", Cause: err,
	}
}
