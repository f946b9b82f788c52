package keys

import (
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"

	"wasl/store"
)

// Holds are the fields that an index keeps besides its order, nil if there are none.
func Holds(ix store.Index) (held []Field) {
	for _, name := range ix.Includes {
		held = append(held, Field{Path: []string{name}})
	}
	return held
}

// versionField is kept with everything that is held.
const versionField = "_v"

// AppendHeld appends what an index keeps of a document: for the version and each field its type and its value, without names.
func AppendHeld(dst []byte, held []Field, doc bson.Raw) []byte {
	dst = appendHeld(dst, doc, versionField)
	for _, f := range held {
		dst = appendHeld(dst, doc, f.Path[0])
	}
	return dst
}

func appendHeld(dst []byte, doc bson.Raw, name string) []byte {
	v := doc.Lookup(name) // type 0 where it is missing
	return append(append(dst, byte(v.Type)), v.Value...)
}

// HeldDocument returns the document that a kept value makes.
func HeldDocument(id string, held []Field, kept []byte) (store.Doc, error) {
	start, doc := bsoncore.AppendDocumentStart(make([]byte, 0, 2*len(kept)+len(id)+64))
	doc = bsoncore.AppendStringElement(doc, "_id", id)
	for n := -1; n < len(held); n++ {
		name := versionField
		if n >= 0 {
			name = held[n].Path[0]
		}
		if len(kept) == 0 {
			return store.Doc{}, errEncoding
		}
		kind := bsontype.Type(kept[0])
		if kept = kept[1:]; kind == 0 {
			continue
		}
		value, rest, ok := bsoncore.ReadValue(kept, kind)
		if !ok {
			return store.Doc{}, errEncoding
		}
		doc = bsoncore.AppendValueElement(doc, name, value)
		kept = rest
	}
	doc, err := bsoncore.AppendDocumentEnd(doc, start)
	if err != nil || len(kept) > 0 {
		return store.Doc{}, errEncoding
	}
	version, _ := bson.Raw(doc).Lookup(versionField).AsInt64OK()
	return store.Doc{ID: id, Version: version, Data: doc}, nil
}
