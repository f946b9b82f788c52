// Package work keeps long work that a user starts and watches: many items of one kind, done one after the other in the background. REST
// calls it a job.
//
// Each item is done in one write with the count of those that are done, so that whatever fails or dies in between, each is done exactly
// once. Features say what an item is and what is done with it (Service.Handle).
package work

import (
	"strconv"
	"time"

	"wasl/internal/ids"
	"wasl/internal/web"
	"wasl/store"
)

// State is how far a work is.
type State string

// The states.
const (
	Running State = "running"
	Done    State = "done"    // all items were done, or refused
	Stopped State = "stopped" // by whoever started it; what was done by then stays
)

// keep is how long a work can be looked at after it was started.
const keep = 30 * 24 * time.Hour

// Work is one long work.
type Work struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	UserID      string    `bson:"user_id"` // who started it, who alone sees it
	Kind        string    `bson:"kind"`
	State       State     `bson:"state"`
	Total       int       `bson:"total"`
	Done        int       `bson:"done"` // items that are done or were refused, which are the first ones
	Refused     int       `bson:"refused"`
	Errors      []Error   `bson:"errors"`               // of those that were refused or done in part, the first maxErrors
	ItemsOf     string    `bson:"items_of,omitempty"`   // the work whose items they are; empty: its own
	ResultURL   string    `bson:"result_url,omitempty"` // where what came of it is; empty: nothing but what it did
	CreatedAt   time.Time `bson:"created_at"`
	ExpiresAt   time.Time `bson:"expires_at"`
}

// Error is an item that was refused, of which nothing was done, or one that was done in part.
type Error struct {
	Item   string `bson:"item" json:"id" doc:"The item"`
	Code   string `bson:"code" json:"code" doc:"Why, for programs: as in the API's errors"`
	Detail string `bson:"detail" json:"detail" doc:"Why, for people"`
}

// MaxItems is how many items a work has.
const MaxItems = 50000

// maxErrors is how many errors a work remembers; the others are counted.
const maxErrors = 500

// Tell remembers what became of an item that could not be done, or not all of it.
func (w *Work) Tell(e Error) {
	if len(w.Errors) < maxErrors {
		w.Errors = append(w.Errors, e)
	}
}

// pageSize is how many items are kept together: a work of many is never read at once.
const pageSize = 500

// page is a part of the items of a work.
type page struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	Items       []string  `bson:"items"`
	ExpiresAt   time.Time `bson:"expires_at"`
}

func pageID(workID string, n int) string { return ids.Derived("wip", workID, strconv.Itoa(n)) }

var (
	schema     = store.Schema{Name: "works", Expire: "expires_at"}
	pageSchema = store.Schema{Name: "work_items", Expire: "expires_at"}
)

// Schemas declares the collections of this package.
func Schemas() []store.Schema { return []store.Schema{schema, pageSchema} }

// JobView is a work as REST and the socket show it.
type JobView struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`
	State     State    `json:"state" enum:"running,done,stopped"`
	Done      int      `json:"done" doc:"Items that are done or were refused"`
	Total     int      `json:"total"`
	Refused   int      `json:"refused" doc:"Items of which nothing was done"`
	Errors    []Error  `json:"errors" nullable:"false" doc:"The items that were refused, or done in part; at most the first 500"`
	ResultURL string   `json:"result_url,omitempty" doc:"Where what came of it is, once it is done"`
	CreatedAt web.Time `json:"created_at"`
}

// View shows the work.
func (w *Work) View() JobView {
	return JobView{
		ID: w.ID, Kind: w.Kind, State: w.State, Done: w.Done, Total: w.Total, Refused: w.Refused, Errors: append([]Error{}, w.Errors...),
		ResultURL: w.ResultURL, CreatedAt: web.At(w.CreatedAt),
	}
}
