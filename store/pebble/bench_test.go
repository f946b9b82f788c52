package pebble

import (
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	pdb "github.com/cockroachdb/pebble/v2"

	"wasl/internal/ids"
	"wasl/store"
)

// The documents of one inbound message, about as large and as indexed as the product's own.
type (
	benchJob struct {
		store.Meta `bson:",inline"`
		Kind       string     `bson:"kind"`
		State      string     `bson:"state"`
		RunAt      time.Time  `bson:"run_at"`
		Owner      string     `bson:"owner"`
		Done       *time.Time `bson:"done,omitempty"`
		Body       string     `bson:"body"`
	}
	benchMessage struct {
		store.Meta   `bson:",inline"`
		Workspace    string    `bson:"ws"`
		Conversation string    `bson:"conversation"`
		Channel      string    `bson:"channel"`
		Contact      string    `bson:"contact"`
		Direction    string    `bson:"direction"`
		Status       string    `bson:"status"`
		ProviderID   string    `bson:"provider_id"`
		Text         string    `bson:"text"`
		Tokens       []string  `bson:"tokens"`
		SentAt       time.Time `bson:"sent_at"`
		CreatedAt    time.Time `bson:"created_at"`
	}
	benchConversation struct {
		store.Meta `bson:",inline"`
		Workspace  string    `bson:"ws"`
		Status     string    `bson:"status"`
		Assignee   string    `bson:"assignee"`
		Contact    string    `bson:"contact"`
		Last       string    `bson:"last"`
		LastAt     time.Time `bson:"last_at"`
		Unread     int       `bson:"unread"`
	}
	benchEvent struct {
		store.Meta `bson:",inline"`
		Workspace  string    `bson:"ws"`
		Type       string    `bson:"type"`
		Subject    string    `bson:"subject"`
		At         time.Time `bson:"at"`
		Data       string    `bson:"data"`
	}
)

func indexOf(name string, fields ...store.Field) store.Index {
	return store.Index{Name: name, Fields: fields}
}

var benchSchemas = []store.Schema{
	{Name: "jobs", Indexes: []store.Index{
		indexOf("due", store.Asc("state"), store.Asc("run_at")),
		indexOf("owner", store.Asc("owner"), store.Asc("state")),
	}, Expire: "done"},
	{Name: "messages", Indexes: []store.Index{
		indexOf("conversation", store.Asc("ws"), store.Asc("conversation"), store.Desc("sent_at")),
		indexOf("tokens", store.Asc("ws"), store.Asc("tokens"), store.Desc("sent_at")),
	}},
	{Name: "conversations", Indexes: []store.Index{
		indexOf("status", store.Asc("ws"), store.Asc("status"), store.Desc("last_at")),
		indexOf("assignee", store.Asc("ws"), store.Asc("assignee"), store.Asc("status"), store.Desc("last_at")),
		indexOf("contact", store.Asc("ws"), store.Asc("contact"), store.Desc("last_at")),
	}},
	{Name: "events", Indexes: []store.Index{indexOf("ws", store.Asc("ws"), store.Asc("at"))}},
}

// bench is an engine with the collections of the benchmark.
type bench struct {
	*Engine
	jobs          store.Collection[benchJob, *benchJob]
	messages      store.Collection[benchMessage, *benchMessage]
	conversations store.Collection[benchConversation, *benchConversation]
	events        store.Collection[benchEvent, *benchEvent]
	number        atomic.Int64
}

const (
	benchConversations = 1000
	benchWorkspace     = "wsp_bench"
)

func conversationID(n int64) string {
	return ids.Derived("cnv", fmt.Sprint(n%benchConversations))
}

func newBench(tb testing.TB, messages int) *bench {
	tb.Helper()
	e, err := Open(tb.TempDir(), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	if err := e.Ensure(tb.Context(), benchSchemas...); err != nil {
		tb.Fatal(err)
	}
	b := &bench{
		Engine: e, jobs: store.NewCollection[benchJob](e, benchSchemas[0]), messages: store.NewCollection[benchMessage](e, benchSchemas[1]),
		conversations: store.NewCollection[benchConversation](e, benchSchemas[2]), events: store.NewCollection[benchEvent](e,
			benchSchemas[3]),
	}
	for n := range int64(benchConversations) {
		c := &benchConversation{
			Meta: store.Meta{ID: conversationID(n)}, Workspace: benchWorkspace, Status: []string{"open", "pending", "resolved"}[n%3],
			Assignee: fmt.Sprint("usr_", n%20), Contact: fmt.Sprint("con_", n), LastAt: b.at(n),
		}
		b.fill(tb, b.conversations.Insert(c))
	}
	for range messages {
		n := b.number.Add(1)
		b.fill(tb, b.messages.Insert(b.message(n)))
	}
	return b
}

// fill writes without waiting for the disk.
func (b *bench) fill(tb testing.TB, change store.Change) {
	batch := b.db.NewBatch()
	defer batch.Close()
	if err := b.apply(batch, change); err != nil {
		tb.Fatal(err)
	}
	if err := commit(batch, pdb.NoSync); err != nil {
		tb.Fatal(err)
	}
}

func (b *bench) at(n int64) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
}

func (b *bench) message(n int64) *benchMessage {
	tokens := make([]string, 6)
	for i := range tokens {
		tokens[i] = fmt.Sprint("token", (n*int64(i+1)*7919)%20011)
	}
	return &benchMessage{
		Meta: store.Meta{ID: ids.Derived("msg", "channel", fmt.Sprint(n))}, Workspace: benchWorkspace, Conversation: conversationID(n),
		Channel: "chn_1", Contact: fmt.Sprint("con_", n%benchConversations), Direction: "in", Status: "received",
		ProviderID: fmt.Sprintf("wamid.HBgM%020d",
			n), Text: "Hello, when will my order arrive? I have been waiting for it since last week.",
		Tokens: tokens, SentAt: b.at(n), CreatedAt: b.at(n),
	}
}

// inbound is what the product writes for one message: a durable job, then everything that follows from it.
func (b *bench) inbound(tb testing.TB) {
	ctx, n := tb.Context(), b.number.Add(1)
	job := &benchJob{
		Meta: store.Meta{ID: ids.Derived("job", fmt.Sprint(n))}, Kind: "inbound", State: "taken", RunAt: b.at(n),
		Owner: "instance-1", Body: string(make([]byte, 600)),
	}
	if err := b.Write(ctx, b.jobs.Insert(job)); err != nil {
		tb.Fatal(err)
	}
	message, done := b.message(n), b.at(n)
	for {
		c, err := b.conversations.Get(ctx, message.Conversation)
		if err != nil {
			tb.Fatal(err)
		}
		c.Last, c.LastAt, c.Unread = message.Text, message.SentAt, c.Unread+1
		event := &benchEvent{
			Meta: store.Meta{ID: ids.New("evt", b.at(n))}, Workspace: benchWorkspace, Type: "message.created",
			Subject: message.ID, At: b.at(n), Data: message.Text,
		}
		ended := *job
		ended.State, ended.Done = "done", &done
		err = b.Write(ctx, b.messages.Insert(message), b.conversations.Replace(c), b.events.Insert(event), b.jobs.Replace(&ended))
		if err == nil {
			return
		}
	}
}

// cpuTime is the processor time of this process so far; on a busy machine it says more than the clock.
func cpuTime(tb testing.TB) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func reportCPU(b *testing.B, since time.Duration) {
	b.ReportMetric(float64((cpuTime(b)-since).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// sizes are the numbers of messages to measure at: a million only when WASL_BENCH_MILLION is set.
func sizes() []int {
	if os.Getenv("WASL_BENCH_MILLION") != "" {
		return []int{10_000, 100_000, 1_000_000}
	}
	return []int{10_000, 100_000}
}

func BenchmarkEngine(b *testing.B) {
	for _, size := range sizes() {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			e := newBench(b, size)
			b.Run("inbound", func(b *testing.B) {
				start := cpuTime(b)
				for b.Loop() {
					e.inbound(b)
				}
				reportCPU(b, start)
			})
			read := func(name, collection string, q func(n int64) store.Query) {
				b.Run(name, func(b *testing.B) {
					found, start := 0, cpuTime(b)
					for n := int64(0); b.Loop(); n++ {
						page, err := e.Find(b.Context(), collection, q(n))
						if err != nil {
							b.Fatal(err)
						}
						found += len(page.Docs)
					}
					b.ReportMetric(float64(found)/float64(b.N), "docs/op")
					reportCPU(b, start)
				})
			}
			read("newest50", "messages", func(n int64) store.Query {
				return store.Query{Index: "conversation", Eq: []any{benchWorkspace, conversationID(n)}, Limit: 50}
			})
			read("list", "conversations", func(int64) store.Query {
				return store.Query{Index: "status", Eq: []any{benchWorkspace, store.In{"open", "pending"}}, Limit: 50}
			})
			read("token", "messages", func(n int64) store.Query {
				return store.Query{Index: "tokens", Eq: []any{benchWorkspace, fmt.Sprint("token", n*7919%20011)}, Limit: 50}
			})
			read("token prefix", "messages", func(n int64) store.Query {
				return store.Query{
					Index: "tokens", Eq: []any{benchWorkspace}, Range: &store.Range{Prefix: fmt.Sprint("token", n%1000)},
					Limit: 50,
				}
			})
		})
	}
}

func BenchmarkInboundParallel(b *testing.B) {
	for _, writers := range []int{1, 32, 128} {
		b.Run(strconv.Itoa(writers), func(b *testing.B) {
			e := newBench(b, 10_000)
			var left atomic.Int64
			b.ResetTimer()
			start := cpuTime(b)
			left.Store(int64(b.N))
			done := make(chan struct{})
			for range writers {
				go func() {
					for left.Add(-1) >= 0 {
						e.inbound(b)
					}
					done <- struct{}{}
				}()
			}
			for range writers {
				<-done
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			reportCPU(b, start)
		})
	}
}
