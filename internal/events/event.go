// Package events carries what happened from the write that made it true to everyone who wants to know.
//
// A use case commits its changes and its events in one atomic write (Bus.Commit). Right after it, the events go
// through the workspace's Stream, which numbers them, to the subscribers on every instance; then the stored batch is
// removed. Subscribers get them in the order of their numbers within a workspace. Instead of what a crash or an absent Redis left behind
// they get a Reset, once for all of it: whoever keeps a picture of the workspace loads it anew. What must follow from an event is a
// reaction (Bus.React), which is a job and misses nothing.
package events

import (
	"encoding/json"
	"time"

	"wasl/internal/access"
	"wasl/store"
)

// Event says that something happened. Data is the object as REST shows it to its audience.
type Event struct {
	ID          string `bson:"id" json:"id"` // given by Commit
	Type        string `bson:"type" json:"type"`
	WorkspaceID string `bson:"workspace_id" json:"workspace_id"`
	Subject     string `bson:"subject" json:"subject"` // the id of the object
	// Version is the one that the write gives to the object's document. Reactions are in its order; without it the event is only shown.
	Version  int64           `bson:"version,omitempty" json:"version,omitempty"`
	At       time.Time       `bson:"at" json:"at"`
	Actor    access.Actor    `bson:"actor" json:"actor"`
	Changes  []Change        `bson:"changes,omitempty" json:"changes,omitempty"`
	Audience access.Audience `bson:"audience" json:"audience"`
	Data     json.RawMessage `bson:"data" json:"data"`
	Own      *Own            `bson:"own,omitempty" json:"own,omitempty"`
	// Header is what other instances keep of the object in memory, so that they need not read it. Who has no others leaves it empty.
	Header json.RawMessage `bson:"header,omitempty" json:"header,omitempty"`
	// Outside is the data as the audience's guest sees it; empty: it is not for them.
	Outside json.RawMessage `bson:"outside,omitempty" json:"outside,omitempty"`
}

// Reset is the type of what a stream says when something may have been missed: whoever keeps a picture of the workspace
// loads it anew. It carries the epoch and the number after which the events go on, and no data.
const Reset = "stream.reset"

// Change is one field of an object that a commit changed. Values are strings, numbers, booleans, lists of strings, or nil.
type Change struct {
	Field  string `bson:"field" json:"field"`
	Before any    `bson:"before,omitempty" json:"before"`
	After  any    `bson:"after,omitempty" json:"after"`
}

// Own is one count in the data that differs between receivers: Total less what each has seen.
type Own struct {
	Field string           `bson:"field" json:"field"`
	Total int64            `bson:"total" json:"total"`
	Seen  map[string]int64 `bson:"seen,omitempty" json:"seen,omitempty"`
}

// Of returns the receiver's own count.
func (o Own) Of(userID string) int64 { return max(0, o.Total-o.Seen[userID]) }

// Numbered is an event with its place in its workspace's stream.
type Numbered struct {
	Event
	Seq   int64  `json:"seq"`
	Epoch string `json:"epoch"`
	// Local: made by this process, which therefore knows it already.
	Local bool `json:"-"`
}

// Size is about how many bytes the event takes in memory.
func (e *Event) Size() int { return eventSize + len(e.Data) + len(e.Outside) + len(e.Header) }

// eventSize is about what an event takes beside its data.
const eventSize = 512

// batch is what Commit stores beside the changes, until its events have been handed on.
type batch struct {
	store.Meta `bson:",inline"`
	Events     []Event   `bson:"events"`
	TakenAt    time.Time `bson:"taken_at"` // when a process last took it upon itself to hand it on
}

// Schemas declares the collection of batches.
func Schemas() []store.Schema { return []store.Schema{batches} }

var batches = store.Schema{Name: "events"}
