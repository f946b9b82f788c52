package web

// List is the answer of every list.
type List[T any] struct {
	Items      []T    `json:"items" nullable:"false"`
	NextCursor string `json:"next_cursor" doc:"Pass it as cursor for the next page; empty at the end"`
}

// Page is the input that every list takes.
type Page struct {
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
	Cursor string `query:"cursor" maxLength:"2000"`
}

// Body is an answer with a JSON body.
type Body[T any] struct{ Body T }

// Answer wraps a value as an answer.
func Answer[T any](v T) *Body[T] { return &Body[T]{Body: v} }

// Items makes a list answer; nil becomes an empty list.
func Items[T any](items []T, next string) *Body[List[T]] {
	if items == nil {
		items = []T{}
	}
	return &Body[List[T]]{Body: List[T]{Items: items, NextCursor: next}}
}
