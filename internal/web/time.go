package web

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Time is a time as REST and the live socket write it: RFC 3339 in UTC with exactly three digits of milliseconds.
type Time struct{ time.Time }

// At wraps a time.
func At(t time.Time) Time { return Time{t} }

// AtOrNull wraps a time that may be missing.
func AtOrNull(t *time.Time) *Time {
	if t == nil {
		return nil
	}
	return &Time{*t}
}

// TimeFormat is the form of every time that leaves.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the time.
func (t Time) MarshalJSON() ([]byte, error) {
	const quotes, cut = 2, 6 // all nine digits are written first
	return t.UTC().AppendFormat(make([]byte, 0, len(TimeFormat)+quotes+cut), `"`+TimeFormat+`"`), nil
}

// Schema describes the time, for huma.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date-time"}
}
