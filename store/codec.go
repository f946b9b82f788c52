package store

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsoncodec"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"
)

// A shape knows how a type lies in a document. It is found out once for each type, and makes and reads the same bytes as the driver's
// codec several times faster. What it does not know it leaves to the driver: nil as a shape, false as an answer.
type shape struct {
	// put appends an element with the value.
	put func(dst []byte, name string, v reflect.Value) []byte
	// take sets v, which is zero, to a document's value.
	take func(v reflect.Value, from bsoncore.Value) bool
	// empty reports whether omitempty leaves the value out.
	empty func(v reflect.Value) bool
}

// structShape is the shape of a struct with the fields of those that are inline.
type structShape struct {
	fields []shapedField
	byName map[string]*shapedField
}

type shapedField struct {
	shape
	name string
	path []int
	omit bool // where it is empty
}

var timeType = reflect.TypeFor[time.Time]()

// ours is how the paths of our own packages begin.
const ours = "wasl/"

// encodesItself reports whether the driver asks the type, instead of looking at what it is made of.
func encodesItself(t reflect.Type) bool {
	for _, asked := range []reflect.Type{
		reflect.TypeFor[bson.Marshaler](), reflect.TypeFor[bson.ValueMarshaler](), reflect.TypeFor[bson.Unmarshaler](),
		reflect.TypeFor[bson.ValueUnmarshaler](), reflect.TypeFor[bsoncodec.Proxy](), reflect.TypeFor[bsoncodec.Zeroer](),
	} {
		if reflect.PointerTo(t).Implements(asked) {
			return true
		}
	}
	return false
}

// structShapeOf returns the shape of a struct, which does not contain itself; nil if only the driver knows it.
func structShapeOf(t reflect.Type) *structShape {
	fields, ok := shapedFields(t, nil)
	if !ok {
		return nil
	}
	s := &structShape{fields: fields, byName: make(map[string]*shapedField, len(fields))}
	for n := range fields {
		if s.byName[fields[n].name] != nil {
			return nil
		}
		s.byName[fields[n].name] = &fields[n]
	}
	return s
}

func shapedFields(t reflect.Type, above []int) (fields []shapedField, ok bool) {
	for n := range t.NumField() {
		f := t.Field(n)
		name, options, _ := strings.Cut(f.Tag.Get("bson"), ",")
		path := append(slices.Clone(above), n)
		switch {
		case f.PkgPath != "" || name == "-":
			continue
		case options == "inline" && f.Type.Kind() == reflect.Struct:
			inner, ok := shapedFields(f.Type, path)
			if !ok {
				return nil, false
			}
			fields = append(fields, inner...)
			continue
		case options != "" && options != "omitempty":
			return nil, false
		}
		s := valueShape(f.Type)
		if s == nil {
			return nil, false
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		fields = append(fields, shapedField{*s, name, path, options == "omitempty"})
	}
	return fields, true
}

func isZero(v reflect.Value) bool { return v.IsZero() }

func isEmpty(v reflect.Value) bool { return v.Len() == 0 }

// valueShape returns the shape of a value, nil if only the driver knows it.
func valueShape(t reflect.Type) *shape {
	if t == timeType {
		return &shape{putTime, takeTime, func(v reflect.Value) bool { return timeOf(v).IsZero() }}
	}
	if t.PkgPath() != "" && (!strings.HasPrefix(t.PkgPath(), ours) || encodesItself(t)) {
		return nil // the driver may have something particular for it
	}
	switch t.Kind() {
	case reflect.String:
		return &shape{putString, takeString, isZero}
	case reflect.Bool:
		return &shape{putBool, takeBool, isZero}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &shape{putInt, takeInt, isZero}
	case reflect.Float64:
		return &shape{putFloat, takeFloat, isZero}
	case reflect.Pointer:
		return pointerShape(t)
	case reflect.Slice:
		return sliceShape(t)
	case reflect.Map:
		return mapShape(t)
	case reflect.Struct:
		return documentShape(t)
	}
	return nil
}

func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time) // without a copy on the heap
	}
	return v.Interface().(time.Time)
}

func putTime(dst []byte, name string, v reflect.Value) []byte {
	return bsoncore.AppendDateTimeElement(dst, name, timeOf(v).UnixMilli())
}

func takeTime(v reflect.Value, from bsoncore.Value) bool {
	ms, ok := from.DateTimeOK()
	if ok {
		*v.Addr().Interface().(*time.Time) = time.UnixMilli(ms).UTC()
	}
	return ok
}

func putString(dst []byte, name string, v reflect.Value) []byte {
	return bsoncore.AppendStringElement(dst, name, v.String())
}

// takeString lets the string lie where the document does, which nobody changes: a copy of each would be most of the work of reading.
func takeString(v reflect.Value, from bsoncore.Value) bool {
	size, rest, ok := bsoncore.ReadLength(from.Data)
	if from.Type != bson.TypeString || !ok || size < 1 || int(size) != len(rest) {
		return false
	}
	v.SetString(unsafe.String(unsafe.SliceData(rest), size-1))
	return true
}

func putBool(dst []byte, name string, v reflect.Value) []byte {
	return bsoncore.AppendBooleanElement(dst, name, v.Bool())
}

func takeBool(v reflect.Value, from bsoncore.Value) bool {
	b, ok := from.BooleanOK()
	v.SetBool(b)
	return ok
}

// putInt keeps an int, as the driver does, as short as it is.
func putInt(dst []byte, name string, v reflect.Value) []byte {
	n := v.Int()
	if v.Kind() == reflect.Int32 || v.Kind() == reflect.Int && n >= math.MinInt32 && n <= math.MaxInt32 {
		return bsoncore.AppendInt32Element(dst, name, int32(n)) //nolint:gosec // it fits
	}
	return bsoncore.AppendInt64Element(dst, name, n)
}

func takeInt(v reflect.Value, from bsoncore.Value) bool {
	if n, ok := from.Int32OK(); ok {
		v.SetInt(int64(n))
		return true
	}
	n, ok := from.Int64OK()
	if !ok || v.OverflowInt(n) {
		return false
	}
	v.SetInt(n)
	return true
}

func putFloat(dst []byte, name string, v reflect.Value) []byte {
	return bsoncore.AppendDoubleElement(dst, name, v.Float())
}

func takeFloat(v reflect.Value, from bsoncore.Value) bool {
	f, ok := from.DoubleOK()
	v.SetFloat(f)
	return ok
}

func pointerShape(t reflect.Type) *shape {
	to := valueShape(t.Elem())
	if to == nil {
		return nil
	}
	empty := func(v reflect.Value) bool { return v.IsNil() }
	if t.Elem() == timeType {
		empty = func(v reflect.Value) bool { return v.IsNil() || to.empty(v.Elem()) }
	}
	return &shape{
		func(dst []byte, name string, v reflect.Value) []byte {
			if v.IsNil() {
				return bsoncore.AppendNullElement(dst, name)
			}
			return to.put(dst, name, v.Elem())
		},
		func(v reflect.Value, from bsoncore.Value) bool {
			if from.Type == bson.TypeNull {
				return true
			}
			v.Set(reflect.New(t.Elem()))
			return to.take(v.Elem(), from)
		},
		empty,
	}
}

func sliceShape(t reflect.Type) *shape {
	if t.Elem().Kind() == reflect.Uint8 {
		return bytesShape(t)
	}
	of := valueShape(t.Elem())
	if of == nil {
		return nil
	}
	return &shape{
		func(dst []byte, name string, v reflect.Value) []byte {
			if v.IsNil() {
				return bsoncore.AppendNullElement(dst, name)
			}
			at, dst := bsoncore.AppendArrayElementStart(dst, name)
			for n := range v.Len() {
				dst = of.put(dst, strconv.Itoa(n), v.Index(n))
			}
			dst, _ = bsoncore.AppendArrayEnd(dst, at)
			return dst
		},
		func(v reflect.Value, from bsoncore.Value) bool {
			if from.Type == bson.TypeNull {
				return true
			}
			if from.Type != bson.TypeArray {
				return false
			}
			size, at := 0, 0
			eachElement(from.Data, func([]byte, bsoncore.Value) bool { size++; return true })
			v.Set(reflect.MakeSlice(t, size, size))
			return eachElement(from.Data, func(_ []byte, one bsoncore.Value) bool {
				at++
				return of.take(v.Index(at-1), one)
			})
		},
		isEmpty,
	}
}

func bytesShape(t reflect.Type) *shape {
	if t.Elem() != reflect.TypeFor[byte]() {
		return nil
	}
	return &shape{
		func(dst []byte, name string, v reflect.Value) []byte {
			if v.IsNil() {
				return bsoncore.AppendNullElement(dst, name)
			}
			return bsoncore.AppendBinaryElement(dst, name, bson.TypeBinaryGeneric, v.Bytes())
		},
		func(v reflect.Value, from bsoncore.Value) bool {
			if from.Type == bson.TypeNull {
				return true
			}
			subtype, data, ok := from.BinaryOK()
			v.SetBytes(append(make([]byte, 0, len(data)), data...))
			return ok && subtype == bson.TypeBinaryGeneric
		},
		isEmpty,
	}
}

func mapShape(t reflect.Type) *shape {
	of := valueShape(t.Elem())
	if of == nil || t.Key() != reflect.TypeFor[string]() {
		return nil
	}
	return &shape{
		func(dst []byte, name string, v reflect.Value) []byte {
			if v.IsNil() {
				return bsoncore.AppendNullElement(dst, name)
			}
			at, dst := bsoncore.AppendDocumentElementStart(dst, name)
			for each := v.MapRange(); each.Next(); {
				dst = of.put(dst, each.Key().String(), each.Value())
			}
			dst, _ = bsoncore.AppendDocumentEnd(dst, at)
			return dst
		},
		func(v reflect.Value, from bsoncore.Value) bool {
			if from.Type == bson.TypeNull {
				return true
			}
			if from.Type != bson.TypeEmbeddedDocument {
				return false
			}
			v.Set(reflect.MakeMap(t))
			return eachElement(from.Data, func(name []byte, one bsoncore.Value) bool {
				value := reflect.New(t.Elem()).Elem()
				if !of.take(value, one) {
					return false
				}
				v.SetMapIndex(reflect.ValueOf(string(name)), value)
				return true
			})
		},
		isEmpty,
	}
}

func documentShape(t reflect.Type) *shape {
	s := structShapeOf(t)
	if s == nil {
		return nil
	}
	return &shape{
		func(dst []byte, name string, v reflect.Value) []byte {
			return s.append(bsoncore.AppendHeader(dst, bson.TypeEmbeddedDocument, name), v)
		},
		func(v reflect.Value, from bsoncore.Value) bool {
			return from.Type == bson.TypeEmbeddedDocument && s.read(v, from.Data)
		},
		func(reflect.Value) bool { return false },
	}
}

// append appends a document.
func (s *structShape) append(dst []byte, v reflect.Value) []byte {
	at, dst := bsoncore.AppendDocumentStart(dst)
	for n := range s.fields {
		f := &s.fields[n]
		value := f.of(v)
		if !f.omit || !f.empty(value) {
			dst = f.put(dst, f.name, value)
		}
	}
	dst, _ = bsoncore.AppendDocumentEnd(dst, at)
	return dst
}

func (f *shapedField) of(v reflect.Value) reflect.Value {
	for _, n := range f.path {
		v = v.Field(n)
	}
	return v
}

// read sets the fields of v, which is zero, to what the document says. What v has no field for is passed over.
func (s *structShape) read(v reflect.Value, doc []byte) bool {
	next := 0
	return eachElement(doc, func(name []byte, one bsoncore.Value) bool {
		for n := next; n < len(s.fields); n++ { // they come in their order, some left out
			if s.fields[n].name == string(name) {
				next = n + 1
				return s.fields[n].take(s.fields[n].of(v), one)
			}
		}
		f := s.byName[string(name)]
		return f == nil || f.take(f.of(v), one)
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
