// Package errs is the one error type of Wasl: a kind that decides the HTTP status, a stable code for
// programs, a text that is safe to show, and the inner cause for the log.
package errs

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure this is; each kind is one HTTP status.
type Kind int

// The kinds, with the HTTP status that they become.
const (
	Internal     Kind = iota // 500: our fault
	Invalid                  // 422: the input cannot be used
	Unauthorized             // 401: nobody is signed in
	Forbidden                // 403: signed in, but not allowed
	NotFound                 // 404: no such thing for this caller
	Conflict                 // 409: the state does not allow it
	Stale                    // 412: it is not any more what the caller thinks it is
	Locked                   // 423: somebody else has it
	TooLarge                 // 413
	Unsupported              // 415
	RateLimited              // 429
	Unavailable              // 503: try again later
)

// Field is one unusable part of the input.
type Field struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Error carries a failure from where it happens to the HTTP edge, where it is logged once and answered.
type Error struct {
	Kind   Kind
	Code   string  // stable, snake_case
	Text   string  // safe for anyone to read
	Fields []Field // for Invalid: what is wrong where
	Cause  error   // for the log only
}

// Error returns the text for logs, with the cause.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Text, e.Cause)
	}
	return e.Code + ": " + e.Text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of the kind with a stable code and a safe text.
func New(kind Kind, code, text string) *Error { return &Error{Kind: kind, Code: code, Text: text} }

// Wrap is New with a cause for the log.
func Wrap(cause error, kind Kind, code, text string) *Error {
	return &Error{Kind: kind, Code: code, Text: text, Cause: cause}
}

// InvalidField returns the error for one unusable field.
func InvalidField(code, field, detail string) *Error {
	return &Error{Kind: Invalid, Code: code, Text: detail, Fields: []Field{{Field: field, Detail: detail}}}
}

// Under returns an Invalid error about part of the input as one about the whole, in which the part stands at a place. Other errors stay.
func Under(err error, place string) error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != Invalid {
		return err
	}
	moved := *e
	moved.Fields = make([]Field, len(e.Fields))
	for n, f := range e.Fields {
		moved.Fields[n] = Field{Field: place + "/" + f.Field, Detail: f.Detail}
	}
	return &moved
}

// Is reports whether err is an Error of the kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// Code returns the stable code of err, or "" where it has none.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
