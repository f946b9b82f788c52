package web

import (
	"strconv"

	"wasl/internal/errs"
)

// Precondition is the input of a change that may name the version of the object that the caller has seen.
type Precondition struct {
	IfMatch string `header:"If-Match" maxLength:"100" doc:"The object's version in quotes: the change is refused where it is another one by now"`
}

// Check refuses, with 412, what was changed since the caller has seen it.
func (p Precondition) Check(version int64) error {
	if p.IfMatch == "" || p.IfMatch == "*" || p.IfMatch == strconv.Quote(strconv.FormatInt(version, 10)) {
		return nil
	}
	return errs.New(errs.Stale, "changed_meanwhile", "Somebody has changed this in the meantime. Look at it again.")
}
