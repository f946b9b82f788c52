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
	one := make([]bson.RawValue, len(fields))
	many := -1
	var elements []bson.RawValue
	for i, f := range fields {
		v, plain := value(doc, f.Path)
		if !plain {
			if many >= 0 {
				return nil, errors.New("store: two fields of one index hold arrays")
			}
			many, elements = i, Values(doc, f.Path)
		}
		one[i] = v
	}
	if many < 0 {
		entry, err := appendEntry(prefix, fields, one)
		return [][]byte{entry}, err
	}
	entries := make([][]byte, 0, len(elements))
	for _, one[many] = range elements {
		entry, err := appendEntry(prefix, fields, one)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, bytes.Compare)
	return slices.CompactFunc(entries, bytes.Equal), nil
}

// Same reports whether two versions of a document have the same values in all fields, and therefore the same entries.
func Same(fields []Field, before, after bson.Raw) bool {
	for _, f := range fields {
		a, _ := value(before, f.Path)
		b, _ := value(after, f.Path)
		if a.Type != b.Type || !bytes.Equal(a.Value, b.Value) {
			return false
		}
	}
	return true
}

func appendEntry(prefix []byte, fields []Field, values []bson.RawValue) (entry []byte, err error) {
	entry = append(make([]byte, 0, 128), prefix...)
	for i, f := range fields {
		if entry, err = appendRaw(entry, values[i], f.Desc); err != nil {
			return nil, err
		}
	}
	return entry, nil
}

// value returns what doc holds at path, null if nothing; plain is false if an array lies on the way.
func value(doc bson.Raw, path []string) (v bson.RawValue, plain bool) {
	for _, name := range path {
		var err error
		if v, err = doc.LookupErr(name); err != nil {
			break
		}
		if v.Type != bsontype.EmbeddedDocument {
			doc = nil // nothing lies below
			if v.Type == bsontype.Array {
				return v, false
			}
			continue
		}
		doc = v.Value
	}
	return v, true
}

// StartsNull reports whether the first value of a tail is null.
func StartsNull(tail []byte) bool {
	return len(tail) > 0 && (tail[0] == tagNull || tail[0] == ^byte(tagNull))
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
