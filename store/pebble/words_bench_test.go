package pebble

import (
	"fmt"
	"sync/atomic"
	"testing"

	"wasl/store"
)

// BenchmarkWords writes messages of 15 words: with the words in an index over an array, and as rows of a set of keys. The processor time is
// what compares.
func BenchmarkWords(b *testing.B) {
	plain := store.Schema{Name: "messages", Indexes: []store.Index{
		{Name: "thread", Fields: []store.Field{store.Asc("ws"), store.Asc("conversation"), store.Desc("sent_at")}},
	}}
	array := plain
	array.Indexes = append(array.Indexes[:1:1], store.Index{
		Name:   "tokens",
		Fields: []store.Field{store.Asc("ws"), store.Asc("tokens"), store.Desc("sent_at")},
	})
	rows := store.Schema{Name: "words", Keys: true}
	for _, test := range []struct {
		name   string
		schema store.Schema
	}{{"none", plain}, {"array", array}, {"rows", plain}} {
		b.Run(test.name, func(b *testing.B) {
			e := open(b, b.TempDir(), Options{})
			if err := e.Ensure(b.Context(), test.schema, rows); err != nil {
				b.Fatal(err)
			}
			messages, words := store.NewCollection[benchMessage](e, test.schema), store.NewKeySet(e, rows)
			maker, number := &bench{}, atomic.Int64{}
			b.SetParallelism(32)
			began := cpuTime(b)
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					m := maker.message(number.Add(1))
					for i := range 9 {
						m.Tokens = append(m.Tokens, fmt.Sprint("word", (number.Load()*int64(i+1)*104729)%20011))
					}
					changes := []store.Change{messages.Insert(m)}
					if test.name == "rows" {
						for _, w := range m.Tokens {
							changes = append(changes,
								words.Put(benchWorkspace+"/msg/"+w+"/"+fmt.Sprintf("%011x", m.SentAt.UnixMilli())+"/"+m.ID))
						}
					}
					if err := e.Write(b.Context(), changes...); err != nil {
						b.Error(err)
					}
				}
			})
			reportCPU(b, began)
		})
	}
}
