package store_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
	"wasl/store/storetest"
)

type (
	word string
	leaf struct {
		Word  word     `bson:"word"`
		Words []word   `bson:"words,omitempty"`
		At    *float64 `bson:"at"`
		plain int
	}
	within struct {
		Inner int32 `bson:"inner,omitempty"`
		Leaf  leaf
	}
	tree struct {
		store.Meta `bson:",inline"`
		within
		Within within               `bson:",inline"`
		Flag   bool                 `bson:"flag,omitempty"`
		Number int                  `bson:"number"`
		Long   int64                `bson:"long,omitempty"`
		Bytes  []byte               `bson:"bytes"`
		Few    []byte               `bson:"few,omitempty"`
		Since  time.Time            `bson:"since"`
		Until  time.Time            `bson:"until,omitempty"`
		Never  *time.Time           `bson:"never,omitempty"`
		Once   *time.Time           `bson:"once"`
		Leaves []leaf               `bson:"leaves"`
		One    *leaf                `bson:"one,omitempty"`
		Named  map[string]leaf      `bson:"named"`
		Times  map[string]time.Time `bson:"times,omitempty"`
		Hidden string               `bson:"-"`
	}
	// foreign has what only the driver knows.
	foreign struct {
		store.Meta `bson:",inline"`
		Raw        json.RawMessage `bson:"raw"`
		Few        [2]int          `bson:"few"`
	}
)

func TestDocumentsAreTheDriversOwn(t *testing.T) {
	_ = leaf{plain: 1}
	storetest.Codec[tree](t)
	storetest.Codec[foreign](t)
}

// A document with other types than the type has now, which an older release may have written, is read by the driver.
func TestDocumentsOfOtherTypesAreRead(t *testing.T) {
	data, err := bson.Marshal(bson.M{"_id": "a", "_v": int32(7), "number": 3.0, "since": "2026-11-22T10:00:00.000Z", "gone": true})
	if err != nil {
		t.Fatal(err)
	}
	trees := store.NewCollection[tree](one{doc: data}, store.Schema{Name: "trees"})
	got, err := trees.Get(t.Context(), "a")
	if err != nil || got.Version != 7 || got.Number != 3 || got.Since.Hour() != 10 {
		t.Fatalf("read %+v, %v", got, err)
	}
	for cut := range data {
		broken := store.NewCollection[tree](one{doc: data[:cut]}, store.Schema{Name: "trees"})
		if got, err := broken.Get(t.Context(), "a"); err == nil {
			t.Fatalf("%d of %d bytes were read as %+v", cut, len(data), got)
		}
	}
}

// one is an engine that has one document.
type one struct {
	store.Engine
	doc []byte
}

func (o one) Get(context.Context, string, ...string) ([]store.Doc, error) {
	return []store.Doc{{Data: o.doc}}, nil
}
