// Package keys is what the storage engines share: the order of values, the index entries of a document,
// the plan of a query with its cursor, and the residual conditions. Values order as MongoDB orders them
// (null, numbers, strings, booleans, times), so that both engines give the same answers.
package keys

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"
)

// The first byte of an encoded value says its type and orders the types.
const (
	tagNull   = 0x05
	tagNumber = 0x10
	tagString = 0x20
	tagFalse  = 0x40
	tagTrue   = 0x41
	tagTime   = 0x50
)

const signBit = 1 << 63

// Kind returns the place of a normalised value's type in the order: null 0, number 1, string 2, boolean 3, time 4.
func Kind(v any) int {
	switch v.(type) {
	case nil:
		return 0
	case int64:
		return 1
	case string:
		return 2
	case bool:
		return 3
	default:
		return 4
	}
}

// errEncoding is what decoding answers to bytes that no encoder made.
var errEncoding = errors.New("store: malformed key")

// Normalise returns v as one of nil, bool, int64, string and time.Time, also for named types of these kinds.
func Normalise(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, int64, string:
		return v, nil
	case int:
		return int64(v), nil
	case time.Time:
		return time.UnixMilli(v.UnixMilli()).UTC(), nil
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return r.String(), nil
	case reflect.Bool:
		return r.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int(), nil
	default:
		return nil, fmt.Errorf("a %T has no place in an index", v)
	}
}

// Append appends a normalised value so that bytes compare as the values do, backwards if desc. An
// encoded value ends by itself: none is the beginning of another.
func Append(dst []byte, v any, desc bool) []byte {
	start := len(dst)
	switch v := v.(type) {
	case nil:
		dst = append(dst, tagNull)
	case bool:
		dst = appendBool(dst, v)
	case int64:
		dst = appendInt(dst, tagNumber, v)
	case time.Time:
		dst = appendInt(dst, tagTime, v.UnixMilli())
	case string:
		dst = append(appendText(append(dst, tagString), v), 0, 1)
	}
	return direct(dst, start, desc)
}

// appendRaw is Append for a value inside a document.
func appendRaw(dst []byte, v bson.RawValue, desc bool) ([]byte, error) {
	start := len(dst)
	switch v.Type {
	case bsontype.Null, bsontype.Undefined, 0:
		dst = append(dst, tagNull)
	case bsontype.Boolean:
		dst = appendBool(dst, v.Boolean())
	case bsontype.Int32:
		dst = appendInt(dst, tagNumber, int64(v.Int32()))
	case bsontype.Int64:
		dst = appendInt(dst, tagNumber, v.Int64())
	case bsontype.DateTime:
		dst = appendInt(dst, tagTime, v.DateTime())
	case bsontype.String:
		dst = append(appendText(append(dst, tagString), v.StringValue()), 0, 1)
	default:
		return dst, fmt.Errorf("store: a value of type %s cannot be indexed", v.Type)
	}
	return direct(dst, start, desc), nil
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, tagTrue)
	}
	return append(dst, tagFalse)
}

func appendInt(dst []byte, tag byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, tag), uint64(v)^signBit)
}

// appendText appends s with its zero bytes escaped, so that the terminator (0, 1) sorts before any continuation.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = append(dst, s[i])
		if s[i] == 0 {
			dst = append(dst, 0xff)
		}
	}
	return dst
}

func direct(dst []byte, start int, desc bool) []byte {
	if desc {
		for i := start; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// Decode reads the first value of key and returns what follows it.
func Decode(key []byte, desc bool) (v any, rest []byte, err error) {
	if len(key) == 0 {
		return nil, nil, errEncoding
	}
	var flip byte
	if desc {
		flip = 0xff
	}
	switch tag := key[0] ^ flip; tag {
	case tagNull:
		return nil, key[1:], nil
	case tagFalse, tagTrue:
		return tag == tagTrue, key[1:], nil
	case tagNumber, tagTime:
		if len(key) < 9 {
			return nil, nil, errEncoding
		}
		bits := binary.BigEndian.Uint64(key[1:9])
		if desc {
			bits = ^bits
		}
		if n := int64(bits ^ signBit); tag == tagTime {
			v = time.UnixMilli(n).UTC()
		} else {
			v = n
		}
		return v, key[9:], nil
	case tagString:
		return decodeText(key[1:], flip)
	default:
		return nil, nil, errEncoding
	}
}

func decodeText(key []byte, flip byte) (any, []byte, error) {
	end := bytes.IndexByte(key, flip)
	for text := []byte(nil); end >= 0 && end+1 < len(key); end = bytes.IndexByte(key, flip) {
		for _, b := range key[:end] {
			text = append(text, b^flip)
		}
		next := key[end+1] ^ flip
		key = key[end+2:]
		switch next {
		case 1:
			return string(text), key, nil
		case math.MaxUint8:
			text = append(text, 0)
		default:
			return nil, nil, errEncoding
		}
	}
	return nil, nil, errEncoding
}

// PrefixEnd returns the first key after all keys that begin with prefix, nil if there is none.
func PrefixEnd(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		end[i]++
		if end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}
