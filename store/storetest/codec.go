package storetest

import (
	"context"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
)

// Codec checks with documents of every form that a collection of this type writes what the driver would write, and reads it as the driver
// would.
func Codec[T any, P store.Entity[T]](t *testing.T) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same documents every time
	for range 300 {
		doc := P(new(T))
		fill(r, reflect.ValueOf(doc).Elem())
		kept := &kept{}
		c := store.NewCollection[T, P](kept, store.Schema{Name: "kept"})
		kept.data = c.Insert(doc).Data
		want, err := bson.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if string(kept.data) != string(want) {
			t.Fatalf("written:\n%s\nby the driver:\n%s", bson.Raw(kept.data), bson.Raw(want))
		}
		got, err := c.Get(t.Context(), doc.StoreMeta().ID)
		if err != nil {
			t.Fatal(err)
		}
		same := P(new(T))
		if err := bson.Unmarshal(want, same); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, same) {
			t.Fatalf("read:\n%+v\nby the driver:\n%+v", got, same)
		}
	}
}

// kept is an engine that has one document.
type kept struct {
	store.Engine
	data []byte
}

func (k *kept) Get(context.Context, string, ...string) ([]store.Doc, error) {
	return []store.Doc{{Data: k.data}}, nil
}

// fill makes a value of every form that the type has: often zero, nil and empty ones. Maps have one entry: they have no order.
func fill(r *rand.Rand, v reflect.Value) {
	if !v.CanSet() || r.IntN(4) == 0 && v.Kind() != reflect.Struct {
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.UnixMilli(r.Int64N(1 << 42)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"", "a", "שלום", "longer words"}[r.IntN(4)])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		n := r.Int64N(1<<40) - 1<<39
		if v.OverflowInt(n) || r.IntN(2) == 0 {
			n = r.Int64N(1 << 20)
		}
		v.SetInt(n)
	case reflect.Float64:
		v.SetFloat(r.NormFloat64())
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(256)))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(13), 13))
		for n := range v.Len() {
			fill(r, v.Index(n))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		fill(r, value)
		v.SetMapIndex(reflect.ValueOf("key"), value)
	case reflect.Struct:
		for n := range v.NumField() {
			fill(r, v.Field(n))
		}
	}
}
