package keys

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"

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
	for i, f := range fields {
		v, plain := value(doc, f.Path)
		if !plain {
			if many >= 0 {
				return nil, errors.New("store: two fields of one index hold arrays")
			}
			many = i
		}
		one[i] = v
	}
	if many < 0 {
		entry, err := appendValuesOf(append(make([]byte, 0, usualEntry), prefix...), fields, one)
		return [][]byte{entry}, err
	}
	before, err := appendValuesOf(append(make([]byte, 0, usualEntry), prefix...), fields[:many], one)
	if err != nil {
		return nil, err
	}
	after, err := appendValuesOf(nil, fields[many+1:], one[many+1:])
	if err != nil {
		return nil, err
	}
	elements := Values(doc, fields[many].Path)
	entries := make([][]byte, 0, len(elements))
	all := make([]byte, 0, len(elements)*(len(before)+len(after)+usualElement))
	for _, element := range elements {
		at := len(all)
		if all, err = appendRaw(append(all, before...), element, fields[many].Desc); err != nil {
			return nil, err
		}
		all = append(all, after...)
		entries = append(entries, all[at:len(all):len(all)])
	}
	slices.SortFunc(entries, bytes.Compare)
	return slices.CompactFunc(entries, bytes.Equal), nil
}

// The lengths, in bytes, of most entries and of most elements in them.
const (
	usualEntry   = 128
	usualElement = 16
)

func appendValuesOf(dst []byte, fields []Field, values []bson.RawValue) (_ []byte, err error) {
	for i, f := range fields {
		if dst, err = appendRaw(dst, values[i], f.Desc); err != nil {
			return nil, err
		}
	}
	return dst, nil
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

// Lookup returns what doc holds under the name; ok is false if nothing, or if it is no document as far as it is read.
func Lookup(doc bson.Raw, name string) (v bson.RawValue, ok bool) {
	_, rest, ok := bsoncore.ReadLength(doc)
	for ok && len(rest) > 1 {
		var found []byte
		var value bsoncore.Value
		kind, after, _ := bsoncore.ReadType(rest)
		if found, after, ok = bsoncore.ReadKeyBytes(after); !ok {
			break
		}
		if value, rest, ok = bsoncore.ReadValue(after, kind); ok && string(found) == name {
			return bson.RawValue{Type: value.Type, Value: value.Data}, true
		}
	}
	return bson.RawValue{}, false
}

// value returns what doc holds at path, null if nothing; plain is false if an array lies on the way.
func value(doc bson.Raw, path []string) (v bson.RawValue, plain bool) {
	for _, name := range path {
		var found bool
		if v, found = Lookup(doc, name); !found {
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
		elements, _ := bsoncore.Document(v.Value).Elements()
		found = slices.Grow(found, len(elements))
		for _, element := range elements {
			value := element.Value()
			e := bson.RawValue{Type: value.Type, Value: value.Data}
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
		if inner, ok := Lookup(v.Value, path[0]); ok {
			return appendValues(found, inner, path[1:])
		}
	}
	return append(found, bson.RawValue{Type: bsontype.Null})
}
