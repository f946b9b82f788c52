package keys

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"

	"wasl/store"
)

// Field is a field of an index with its path taken apart.
type Field struct {
	Path []string
	Desc bool
}

// Fields prepares the fields of an index, with the id that every index ends in.
func Fields(ix store.Index) []Field {
	fields := make([]Field, 0, len(ix.Fields)+1)
	for _, f := range ix.Fields {
		fields = append(fields, Field{Path: strings.Split(f.Path, "."), Desc: f.Desc})
	}
	return append(fields, Field{Path: []string{"_id"}, Desc: len(fields) > 0 && fields[len(fields)-1].Desc})
}

// Entries returns the index entries of a document, each beginning with prefix, in order and without repetition.
func Entries(prefix []byte, fields []Field, doc bson.Raw) ([][]byte, error) {
	values, many := make([][]bson.RawValue, len(fields)), -1
	for i, f := range fields {
		values[i] = Values(doc, f.Path)
		if len(values[i]) == 1 {
			continue
		}
		if many >= 0 {
			return nil, errors.New("store: two fields of one index hold arrays")
		}
		many = i
	}
	count := 1
	if many >= 0 {
		count = len(values[many])
	}
	entries := make([][]byte, 0, count)
	for n := range count {
		entry, err := append(make([]byte, 0, 96), prefix...), error(nil)
		for i, f := range fields {
			v := values[i][0]
			if i == many {
				v = values[i][n]
			}
			if entry, err = appendRaw(entry, v, f.Desc); err != nil {
				return nil, err
			}
		}
		entries = append(entries, entry)
	}
	if len(entries) > 1 {
		slices.SortFunc(entries, bytes.Compare)
		entries = slices.CompactFunc(entries, bytes.Equal)
	}
	return entries, nil
}

// Values returns what doc holds at path: one value, null if the field is missing, or the elements of an array.
func Values(doc bson.Raw, path []string) []bson.RawValue {
	return appendValues(make([]bson.RawValue, 0, 1), bson.RawValue{Type: bsontype.EmbeddedDocument, Value: doc}, path)
}

func appendValues(found []bson.RawValue, v bson.RawValue, path []string) []bson.RawValue {
	if v.Type == bsontype.Array {
		elements, _ := v.Array().Values()
		for _, e := range elements {
			if e.Type == bsontype.Array || len(path) == 0 {
				found = append(found, e)
			} else {
				found = appendValues(found, e, path)
			}
		}
		return found
	}
	if len(path) == 0 {
		return append(found, v)
	}
	if v.Type == bsontype.EmbeddedDocument {
		if inner, err := bson.Raw(v.Value).LookupErr(path[0]); err == nil {
			return appendValues(found, inner, path[1:])
		}
	}
	return append(found, bson.RawValue{Type: bsontype.Null})
}
