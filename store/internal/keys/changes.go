package keys

import (
	"fmt"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
)

// CheckChanges refuses changes that no store could make sense of.
func CheckChanges(changes []store.Change) error {
	for i, c := range changes {
		if c.Kind == store.Put || c.Kind == store.Remove {
			if c.ID == "" || c.Data != nil {
				return fmt.Errorf("store: a key of %s is empty or has data", c.Collection)
			}
			continue
		}
		for _, other := range changes[:i] {
			if c.ID == other.ID && c.Collection == other.Collection {
				return fmt.Errorf("store: two changes of %s %s in one write", c.Collection, c.ID)
			}
		}
		if c.Kind == store.Delete {
			continue
		}
		want := int64(1)
		if c.Kind == store.Replace {
			want = c.Version + 1
		}
		v, _ := Lookup(c.Data, "_id")
		id, _ := v.StringValueOK()
		if version := Version(c.Data); id != c.ID || id == "" || version != want {
			return fmt.Errorf("store: the data of %s %q carries id %q, version %d", c.Collection, c.ID, id, version)
		}
	}
	return nil
}

// Version returns the version that a document carries.
func Version(doc bson.Raw) int64 {
	v, _ := Lookup(doc, "_v")
	version, _ := v.AsInt64OK()
	return version
}
