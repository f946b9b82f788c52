// Package codec encodes and decodes documents: the same bytes as MongoDB's driver makes, several times faster, because what a type is
// made of is found out once.
package codec

import (
	"reflect"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"
)

// Struct is the codec of a struct type, with the fields of those that are inline.
type Struct struct {
	fields []field
	byName map[string]*field
}

type field struct {
	valueCodec
	name string
	path []int
	omit bool // where it is empty
}

// Of returns the codec of a struct type, which does not contain itself; nil if only the driver has one.
func Of(t reflect.Type) *Struct {
	fields, ok := fieldsOf(t, nil)
	if !ok {
		return nil
	}
	s := &Struct{fields: fields, byName: make(map[string]*field, len(fields))}
	for n := range fields {
		if s.byName[fields[n].name] != nil {
			return nil
		}
		s.byName[fields[n].name] = &fields[n]
	}
	return s
}

func fieldsOf(t reflect.Type, above []int) (fields []field, ok bool) {
	for n := range t.NumField() {
		f := t.Field(n)
		name, options, _ := strings.Cut(f.Tag.Get("bson"), ",")
		path := append(slices.Clone(above), n)
		switch {
		case f.PkgPath != "" || name == "-":
			continue
		case options == "inline" && f.Type.Kind() == reflect.Struct:
			inner, ok := fieldsOf(f.Type, path)
			if !ok {
				return nil, false
			}
			fields = append(fields, inner...)
			continue
		case options != "" && options != "omitempty":
			return nil, false
		}
		s := valueCodecOf(f.Type)
		if s == nil {
			return nil, false
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		fields = append(fields, field{*s, name, path, options == "omitempty"})
	}
	return fields, true
}

// Append appends a document with the fields of v.
func (s *Struct) Append(dst []byte, v reflect.Value) []byte {
	at, dst := bsoncore.AppendDocumentStart(dst)
	for n := range s.fields {
		f := &s.fields[n]
		value := f.of(v)
		if !f.omit || !f.empty(value) {
			dst = f.encode(dst, f.name, value)
		}
	}
	dst, _ = bsoncore.AppendDocumentEnd(dst, at)
	return dst
}

func (f *field) of(v reflect.Value) reflect.Value {
	for _, n := range f.path {
		v = v.Field(n)
	}
	return v
}

// Read sets the fields of v, which is zero, to what the document says. What v has no field for is passed over.
func (s *Struct) Read(v reflect.Value, doc []byte) bool {
	next := 0
	return eachElement(doc, func(name []byte, one bsoncore.Value) bool {
		for n := next; n < len(s.fields); n++ { // they come in their order, some left out
			if s.fields[n].name == string(name) {
				next = n + 1
				return s.fields[n].decode(s.fields[n].of(v), one)
			}
		}
		f := s.byName[string(name)]
		return f == nil || f.decode(f.of(v), one)
	})
}

// eachElement calls fn for the elements of a document until it says false. It reports whether all of them were read.
func eachElement(doc []byte, fn func(name []byte, value bsoncore.Value) bool) bool {
	size, rest, ok := bsoncore.ReadLength(doc)
	if !ok || int(size) != len(doc) || size < 5 {
		return false
	}
	for rest = rest[:len(rest)-1]; len(rest) > 0; {
		kind, after, _ := bsoncore.ReadType(rest)
		name, after, ok := bsoncore.ReadKeyBytes(after)
		if !ok {
			return false
		}
		value, after, ok := bsoncore.ReadValue(after, kind)
		if !ok || !fn(name, value) {
			return false
		}
		rest = after
	}
	return true
}
