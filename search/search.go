// Package search is one index of words for things of all kinds: a row for each word of each thing, in a set of keys that sorts by
// workspace, kind, word and time. A feature has a Source for each of its kinds: it writes the rows of a thing in the same write as the
// thing, and loads what the index finds, as far as the viewer may see it. What the kinds are called and how they are shown is registered
// (Registry), and one route asks all of them. Custom fields have an index of the same make (FieldIndex).
package search

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"wasl/store"
)

var wordSchema = store.Schema{Name: "words", Keys: true}

// Schemas declares the collections of this package.
func Schemas() []store.Schema { return []store.Schema{wordSchema, fieldSchema} }

// Kind is what kind of thing is found. It is part of every row, so it is short.
type Kind string

// The kinds.
const (
	Messages      Kind = "msg"
	Notes         Kind = "not"
	Files         Kind = "fil"
	Contacts      Kind = "con"
	CannedReplies Kind = "can"
)

// Entry is what the index knows of a thing. Its words are those of text.Tokens.
type Entry struct {
	ID    string
	At    time.Time // what is found comes newest first
	Words []string
}

// separator stands between the parts of a row, none of which has it, and sorts before letters and digits.
const separator = "/"

// timeDigits is how many hexadecimal digits of milliseconds a row has: enough until the year 2527.
const timeDigits = 11

// stamp is a time as rows have it.
func stamp(at time.Time) string {
	ms := min(max(at.UnixMilli(), 0), 1<<(4*timeDigits)-1)
	digits := strconv.FormatInt(ms, 16)
	return strings.Repeat("0", timeDigits-len(digits)) + digits
}

// row is the key of one word of a thing: behind the prefix of the kind the word, then the position.
type row string

// position is the part of a row that orders what one word finds: time and id.
func (r row) position() string {
	s := string(r)
	at := strings.LastIndex(s[:strings.LastIndex(s, separator)], separator)
	return s[at+1:]
}

// idOf is the id in a position.
func idOf(position string) string { return position[strings.LastIndex(position, separator)+1:] }

// prefix begins all rows of a kind.
func prefix(workspaceID string, kind Kind) string {
	return workspaceID + separator + string(kind) + separator
}

// changes are the rows that a thing gains and loses.
func changes(set store.KeySet, prefix string, before, after Entry) []store.Change {
	was, is := stamp(before.At)+separator+before.ID, stamp(after.At)+separator+after.ID
	all := make([]store.Change, 0, len(after.Words))
	for _, word := range before.Words {
		if was != is || !slices.Contains(after.Words, word) {
			all = append(all, set.Remove(prefix+word+separator+was))
		}
	}
	for _, word := range after.Words {
		if was != is || !slices.Contains(before.Words, word) {
			all = append(all, set.Put(prefix+word+separator+is))
		}
	}
	return all
}
