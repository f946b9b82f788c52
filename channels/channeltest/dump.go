package channeltest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"
)

// Dump writes a value as indented JSON for reading and comparing: every exported field whatever its tags, without what
// is zero.
func Dump(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(plain(reflect.ValueOf(v))) // maps, lists and scalars only: it cannot fail
	return b.Bytes()
}

// plain turns a value into maps, lists and scalars.
func plain(v reflect.Value) any {
	switch x := value(v).(type) {
	case time.Time:
		return x.Format(time.RFC3339Nano)
	case json.RawMessage:
		var out any
		if json.Unmarshal(x, &out) == nil {
			return out
		}
		return string(x)
	case error:
		if v.Kind() == reflect.Interface {
			return x.Error()
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return plain(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() && v.Field(i).Kind() != reflect.Func {
				out[f.Name] = plain(v.Field(i))
			}
		}
		return out
	case reflect.Slice, reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i))
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, k := range v.MapKeys() {
			out[k.String()] = plain(v.MapIndex(k))
		}
		return out
	}
	return value(v)
}

func value(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}
