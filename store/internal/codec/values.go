package codec

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsoncodec"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"
)

// valueCodec encodes and decodes the values of one type. nil as a codec, or false as an answer, leaves it to the driver.
type valueCodec struct {
	// encode appends an element with the value.
	encode func(dst []byte, name string, v reflect.Value) []byte
	// decode sets v, which is zero, to a document's value.
	decode func(v reflect.Value, from bsoncore.Value) bool
	// empty reports whether omitempty leaves the value out.
	empty func(v reflect.Value) bool
}

var timeType = reflect.TypeFor[time.Time]()

// ownPackages is how the import paths of this module begin.
const ownPackages = "wasl/"

// hasOwnCodec reports whether the type encodes itself: the driver then asks it instead of looking at its fields.
func hasOwnCodec(t reflect.Type) bool {
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

func isZero(v reflect.Value) bool { return v.IsZero() }

func isEmpty(v reflect.Value) bool { return v.Len() == 0 }

// valueCodecOf returns the codec of a type, nil if only the driver has one.
func valueCodecOf(t reflect.Type) *valueCodec {
	if t == timeType {
		return &valueCodec{encodeTime, decodeTime, func(v reflect.Value) bool { return timeOf(v).IsZero() }}
	}
	if t.PkgPath() != "" && (!strings.HasPrefix(t.PkgPath(), ownPackages) || hasOwnCodec(t)) {
		return nil // the driver may have something particular for it
	}
	switch t.Kind() {
	case reflect.String:
		return &valueCodec{encodeString, decodeString, isZero}
	case reflect.Bool:
		return &valueCodec{encodeBool, decodeBool, isZero}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &valueCodec{encodeInt, decodeInt, isZero}
	case reflect.Float64:
		return &valueCodec{encodeFloat, decodeFloat, isZero}
	case reflect.Pointer:
		return pointerCodec(t)
	case reflect.Slice:
		return sliceCodec(t)
	case reflect.Map:
		return mapCodec(t)
	case reflect.Struct:
		return documentCodec(t)
	}
	return nil
}

func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time) // without a copy on the heap
	}
	return v.Interface().(time.Time)
}

func encodeTime(dst []byte, name string, v reflect.Value) []byte {
	return bsoncore.AppendDateTimeElement(dst, name, timeOf(v).UnixMilli())
}

func decodeTime(v reflect.Value, from bsoncore.Value) bool {
	ms, ok := from.DateTimeOK()
	if ok {
		*v.Addr().Interface().(*time.Time) = time.UnixMilli(ms).UTC()
	}
	return ok
}

func encodeString(dst []byte, name string, v reflect.Value) []byte {
	return bsoncore.AppendStringElement(dst, name, v.String())
}

// decodeString lets the string lie where the document does, which nobody changes: a copy of each would be most of the work of reading.
func decodeString(v reflect.Value, from bsoncore.Value) bool {
	size, rest, ok := bsoncore.ReadLength(from.Data)
	if from.Type != bson.TypeString || !ok || size < 1 || int(size) != len(rest) {
		return false
	}
	v.SetString(unsafe.String(unsafe.SliceData(rest), size-1))
	return true
}

func encodeBool(dst []byte, name string, v reflect.Value) []byte {
	return bsoncore.AppendBooleanElement(dst, name, v.Bool())
}

func decodeBool(v reflect.Value, from bsoncore.Value) bool {
	b, ok := from.BooleanOK()
	v.SetBool(b)
	return ok
}

// encodeInt keeps an int, as the driver does, as short as it is.
func encodeInt(dst []byte, name string, v reflect.Value) []byte {
	n := v.Int()
	if v.Kind() == reflect.Int32 || v.Kind() == reflect.Int && n >= math.MinInt32 && n <= math.MaxInt32 {
		return bsoncore.AppendInt32Element(dst, name, int32(n)) //nolint:gosec // it fits
	}
	return bsoncore.AppendInt64Element(dst, name, n)
}

func decodeInt(v reflect.Value, from bsoncore.Value) bool {
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

func encodeFloat(dst []byte, name string, v reflect.Value) []byte {
	return bsoncore.AppendDoubleElement(dst, name, v.Float())
}

func decodeFloat(v reflect.Value, from bsoncore.Value) bool {
	f, ok := from.DoubleOK()
	v.SetFloat(f)
	return ok
}

func pointerCodec(t reflect.Type) *valueCodec {
	to := valueCodecOf(t.Elem())
	if to == nil {
		return nil
	}
	empty := func(v reflect.Value) bool { return v.IsNil() }
	if t.Elem() == timeType {
		empty = func(v reflect.Value) bool { return v.IsNil() || to.empty(v.Elem()) }
	}
	return &valueCodec{
		func(dst []byte, name string, v reflect.Value) []byte {
			if v.IsNil() {
				return bsoncore.AppendNullElement(dst, name)
			}
			return to.encode(dst, name, v.Elem())
		},
		func(v reflect.Value, from bsoncore.Value) bool {
			if from.Type == bson.TypeNull {
				return true
			}
			v.Set(reflect.New(t.Elem()))
			return to.decode(v.Elem(), from)
		},
		empty,
	}
}

func sliceCodec(t reflect.Type) *valueCodec {
	if t.Elem().Kind() == reflect.Uint8 {
		return bytesCodec(t)
	}
	of := valueCodecOf(t.Elem())
	if of == nil {
		return nil
	}
	return &valueCodec{
		func(dst []byte, name string, v reflect.Value) []byte {
			if v.IsNil() {
				return bsoncore.AppendNullElement(dst, name)
			}
			at, dst := bsoncore.AppendArrayElementStart(dst, name)
			for n := range v.Len() {
				dst = of.encode(dst, strconv.Itoa(n), v.Index(n))
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
				return of.decode(v.Index(at-1), one)
			})
		},
		isEmpty,
	}
}

func bytesCodec(t reflect.Type) *valueCodec {
	if t.Elem() != reflect.TypeFor[byte]() {
		return nil
	}
	return &valueCodec{
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

func mapCodec(t reflect.Type) *valueCodec {
	of := valueCodecOf(t.Elem())
	if of == nil || t.Key() != reflect.TypeFor[string]() {
		return nil
	}
	return &valueCodec{
		func(dst []byte, name string, v reflect.Value) []byte {
			if v.IsNil() {
				return bsoncore.AppendNullElement(dst, name)
			}
			at, dst := bsoncore.AppendDocumentElementStart(dst, name)
			for each := v.MapRange(); each.Next(); {
				dst = of.encode(dst, each.Key().String(), each.Value())
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
				if !of.decode(value, one) {
					return false
				}
				v.SetMapIndex(reflect.ValueOf(string(name)), value)
				return true
			})
		},
		isEmpty,
	}
}

func documentCodec(t reflect.Type) *valueCodec {
	s := Of(t)
	if s == nil {
		return nil
	}
	return &valueCodec{
		func(dst []byte, name string, v reflect.Value) []byte {
			return s.Append(bsoncore.AppendHeader(dst, bson.TypeEmbeddedDocument, name), v)
		},
		func(v reflect.Value, from bsoncore.Value) bool {
			return from.Type == bson.TypeEmbeddedDocument && s.Read(v, from.Data)
		},
		func(reflect.Value) bool { return false },
	}
}
