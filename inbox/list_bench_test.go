package inbox

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/ids"
)

// manyEntries is a source of 20,000 conversations.
type manyEntries struct{ all []*live.Entry }

func (m manyEntries) Each(_ context.Context, _ string, fn func([]*live.Entry) error) error {
	return fn(m.all)
}
func (manyEntries) Follow(context.Context, string) {}

func manyHeaders(tb testing.TB) *live.Workspace {
	tb.Helper()
	var m manyEntries
	for n := range 20000 {
		m.all = append(m.all, &live.Entry{
			ID: ids.Derived("cnv", fmt.Sprint(n)), Contact: ids.Derived("con",
				fmt.Sprint(n)), Version: 1, Activity: time.UnixMilli(int64(n)),
			Status: live.Statuses[n%3], Type: live.Types[n%5], Priority: live.Priorities[n%5], Channel: fmt.Sprint("chn_", n%4),
			Assignee: fmt.Sprint("usr_", n%10), Labels: []string{fmt.Sprint("l",
				n%7)}, Audience: access.Audience{Everyone: true}, Inbound: int64(n % 2),
		})
	}
	none := func(context.Context, string, []*live.Entry) (map[string]string, error) { return nil, nil }
	w, err := live.NewIndex(m, clock.System{}, live.Column{Name: "read_by", Load: none}).Get(tb.Context(), "w")
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// BenchmarkListFilter walks over 20,000 headers of which few match, by the compiled condition and by the same comparisons written out.
func BenchmarkListFilter(b *testing.B) {
	w, unread := manyHeaders(b), true
	viewer := access.Viewer{UserID: "usr_3", Role: access.Agent}
	for name, test := range map[string]struct {
		filter  Filter
		written func(h *live.Header) bool
	}{
		"status": {Filter{Status: names(Open, Pending), Channel: []string{"none"}}, func(h *live.Header) bool {
			return slices.Contains(names(Open, Pending), h.Status()) && slices.Contains([]string{"none"}, h.Channel())
		}},
		"many": {
			Filter{
				Status: names(Open, Pending), Assignee: []string{assigneeMe}, Label: []string{"l3", "l9"}, Type: []string{"sales"},
				Unread: &unread,
			},
			func(h *live.Header) bool {
				return slices.Contains(names(Open, Pending), h.Status()) && slices.Contains([]string{"usr_3"}, h.Assignee()) &&
					h.HasLabel([]string{"l3", "l9"}) && slices.Contains([]string{"sales"}, h.Type()) && h.Unread("usr_3")
			},
		},
	} {
		in := &Service{Options: Options{Clock: clock.System{}}}
		in.fields = in.conversationFields()
		ready, err := in.prepareFilter(b.Context(), viewer,
			test.filter)
		if err != nil {
			b.Fatal(err)
		}
		for how, match := range map[string]func(*live.Header) bool{"compiled": ready.header, "written": test.written} {
			b.Run(name+"/"+how, func(b *testing.B) {
				for b.Loop() {
					w.Page(live.SightOf(viewer), live.Newest, nil, 50, match)
				}
			})
		}
	}
}
