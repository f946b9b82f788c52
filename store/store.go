// Package store is the one narrow door to durable data. A document is BSON under an id with a version;
// every change is one atomic Write of all the documents it touches. Two engines implement it
// (store/pebble, store/mongodb) and pass one conformance suite (store/storetest).
package store

import (
	"context"
	"errors"
	"time"
)

// The errors that callers may rely on, on every engine. Engines wrap them with %w.
var (
	// ErrNotFound: no document has this id.
	ErrNotFound = errors.New("store: not found")
	// ErrExists: an insert found its id taken. Nothing of the write was done.
	ErrExists = errors.New("store: already exists")
	// ErrConflict: a replacement or deletion expected another version. Nothing of the write was done.
	ErrConflict = errors.New("store: version conflict")
	// ErrBadQuery: the query names no declared index, or does not fit it. Nothing scans.
	ErrBadQuery = errors.New("store: query does not fit an index")
	// ErrBadCursor: the cursor is not one of this query.
	ErrBadCursor = errors.New("store: unusable cursor")
	// ErrUnavailable: the store cannot be reached or cannot write (disk full); the caller may try again later.
	// After a write it also means that nobody knows whether the write was done, or will still be.
	ErrUnavailable = errors.New("store: unavailable")
)

// Schema declares a collection: its name, its indexes and, where documents expire, the field that says when.
type Schema struct {
	Name    string
	Indexes []Index
	// Expire names a BSON datetime field; a document is deleted some time after it, at the latest within two minutes.
	// Reads may still return it until then.
	Expire string
	// Keys makes the collection a sorted set of keys: documents that are nothing but their id, written by Put and Remove (see KeySet) at
	// the cost of an index entry. It has no indexes.
	Keys bool
}

// Index is an ordered list of fields. Every index ends, implicitly, in the document's id, ascending, or
// descending where its last field is. A field may hold an array (at most one such field in an index): the
// document then appears once for each distinct element, not at all for an empty array. A missing field counts
// as null, which sorts first, before numbers, strings, booleans and times. Other types cannot be indexed.
type Index struct {
	Name   string
	Fields []Field
	// Includes names further fields, not nested ones, that are kept with the index, for queries that ask for no more (Query.IndexOnly).
	Includes []string
}

// Field is one field of an index: its BSON path (dots for nested documents) and its direction.
type Field struct {
	Path string
	Desc bool
}

// Asc is an ascending field of an index.
func Asc(path string) Field { return Field{Path: path} }

// Desc is a descending field of an index.
func Desc(path string) Field { return Field{Path: path, Desc: true} }

// In as a value of Query.Eq matches any of the given values. At most one position may be an In. The whole answer
// is in the order of the index fields that follow Eq, whichever of the values matched, and has a document once.
type In []any

// Query asks one declared index. Values are string, bool, int, int32, int64, time.Time or nil.
type Query struct {
	// Index is the name of a declared index; "" is the order of ids.
	Index string
	// Eq holds the values of the first fields of the index, in its order.
	Eq []any
	// Range narrows the field that follows Eq in the index (for Index "" the id itself).
	Range *Range
	// Reverse walks the index backwards.
	Reverse bool
	// Where are residual conditions on fields outside the index part. With them MaxExamined must be set:
	// after that many entries the page comes back as it is, with a cursor to go on.
	Where       []Cond
	MaxExamined int
	// IndexOnly asks for documents with only "_id", "_v" and what the index has, which is many times faster than reading them whole.
	// The version may be an older one, since which none of these fields changed. It does not go with Where.
	IndexOnly bool
	// Limit is how many documents to return, 1 to 1000.
	Limit int
	// Cursor continues after a page of the same query.
	Cursor string
}

// Range is an interval, or a prefix of a string field. A nil bound is open, within the type of the other bound.
type Range struct {
	From, To               any
	ExcludeFrom, ExcludeTo bool
	Prefix                 string // when set, the bounds are not used
}

// Op is how a residual condition compares.
type CondOp int

// The residual comparisons.
const (
	Equal CondOp = iota
	NotEqual
	OneOf // value is an In
	Greater
	Less
)

// Cond is one residual condition on the field at Path.
type Cond struct {
	Path  string
	Op    CondOp
	Value any
}

// Doc is a stored document: BSON with "_id" and "_v" inside, both repeated here. Data must not be changed.
type Doc struct {
	ID      string
	Version int64
	Data    []byte
}

// Page is one answer of Find. NextCursor is empty at the end.
type Page struct {
	Docs       []Doc
	NextCursor string
}

// WriteKind is what a Change does.
type WriteKind int

// The kinds of change.
const (
	Insert  WriteKind = iota // ErrExists if the id is taken
	Replace                  // ErrConflict unless the stored version is Version
	Delete                   // ErrConflict unless the stored version is Version
	Put                      // of a set of keys: the key is there afterwards
	Remove                   // of a set of keys: the key is not there afterwards
)

// Change is one document's part of an atomic write.
type Change struct {
	Kind       WriteKind
	Collection string
	ID         string
	// Version is what Replace and Delete expect to find. Data of a Replace carries Version+1 as its "_v", data of an Insert 1.
	Version int64
	Data    []byte
}

// Engine is what a storage engine provides. All methods may be called concurrently.
type Engine interface {
	// Ensure declares collections and adds the indexes that they lack, also over documents that are there already. It takes nothing away:
	// an index that was declared with other fields, or is no longer, stays true for the versions that ask it, until DropIndexes.
	Ensure(ctx context.Context, schemas ...Schema) error
	// DropIndexes drops the indexes of the collection that the schema does not declare. Only upgrades call it.
	DropIndexes(ctx context.Context, schema Schema) error
	// Get returns the documents with these ids in the same order, leaving out those that do not exist.
	Get(ctx context.Context, collection string, ids ...string) ([]Doc, error)
	// Find answers a query in index order.
	Find(ctx context.Context, collection string, q Query) (Page, error)
	// Count counts what Find would return, up to ceiling (Limit and Cursor are not used). With Where it looks at MaxExamined entries.
	Count(ctx context.Context, collection string, q Query, ceiling int) (int, error)
	// Write makes all changes durable together, or none. Two changes of one document in a write are an error.
	Write(ctx context.Context, changes ...Change) error
	// Ping reports whether the store can be read and written now.
	Ping(ctx context.Context) error
	// Close releases the store after the writes under way.
	Close() error
}

// Meta is the identity of a document. Every stored type embeds it: `store.Meta `bson:",inline"“.
type Meta struct {
	ID      string `bson:"_id"`
	Version int64  `bson:"_v"`
}

// StoreMeta gives the collection access to the embedded Meta.
func (m *Meta) StoreMeta() *Meta { return m }

// Millis returns t as it is stored: UTC, milliseconds.
func Millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
