package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// aim is what a figure must be and what it is meant to become; more says that larger is better.
type aim struct {
	name, unit string
	must, aim  float64 // 0: none is stated
	more       bool
}

// aims are in the order of the table. Figures of the seeded folders have the number of conversations after their name.
var aims = []aim{
	{"acknowledgement p50, 100/s", "ms", 0, 0, false},
	{"acknowledgement p99, 100/s", "ms", 0, 0, false},
	{"POST to socket p50, 100/s", "ms", 4, 2.4, false},
	{"POST to socket p99, 100/s", "ms", 12, 7, false},
	{"acknowledgement p50, 500/s", "ms", 0, 0, false},
	{"acknowledgement p99, 500/s", "ms", 30, 10, false},
	{"POST to socket p50, 500/s", "ms", 0, 0, false},
	{"POST to socket p99, 500/s", "ms", 19, 10, false},
	{"peak, stored and shown", "/s", 0, 0, true},
	{"sustained, stored and shown", "/s", 2200, 4500, true},
	{"storm of webhooks", "/s", 3300, 6000, true},
	{"storm, acknowledgement p50", "ms", 50, 0, false},
	{"storm, acknowledgement p99", "ms", 0, 0, false},
	{"storm, CPU per webhook", "ms", 0, 0, false},
	{"CPU per message, of a new person", "ms", 0, 0, false},
	{"CPU per message, 100/s", "ms", 0, 0, false},
	{"CPU per message, 500/s", "ms", 0, 0, false},
	{"CPU per message, peak", "ms", 0, 0, false},
	{"CPU per message, sustained", "ms", 1, 0.45, false},
	{"memory after the peak", "MiB", 0, 0, false},
	{"another channel's webhook p99, idle", "ms", 0, 0, false},
	{"another channel's webhook p99, backlog", "ms", 0, 0, false},
	{"another channel's webhook, backlog to idle", "x", 1.5, 0, false},
	{"another channel's reply p99, idle", "ms", 0, 0, false},
	{"another channel's reply p99, backlog", "ms", 0, 0, false},
	{"another channel's reply, backlog to idle", "x", 1.5, 0, false},
	{"another channel's timer p99, idle", "ms", 0, 0, false},
	{"another channel's timer p99, backlog", "ms", 0, 0, false},
	{"another channel's timer, backlog to idle", "x", 1.5, 0, false},
	{"POST to socket p99, without routing", "ms", 0, 0, false},
	{"POST to socket p99, with routing", "ms", 0, 0, false},
	{"what routing adds to p99", "ms", 5, 0, false},
	{"CPU per message, with routing to without", "x", 1.1, 0, false},
	{"decision over 500 agents", "ms", 1, 0, false},
	{"frames to the smaller crowd", "/s", 110000, 200000, true},
	{"p99 to the larger crowd, 10/s", "ms", 250, 150, false},
	{"memory of a socket", "KiB", 25, 16, false},
	{"list p50", "ms", 0, 0, false},
	{"list p99", "ms", 20, 5, false},
	{"list, CPU", "ms", 0, 0, false},
	{"list with filters p99", "ms", 20, 5, false},
	{"list with filters, CPU", "ms", 0, 0, false},
	{"list by priority p99", "ms", 20, 5, false},
	{"list of all, resolved too p99", "ms", 20, 5, false},
	{"a view p99", "ms", 20, 5, false},
	{"a view, CPU", "ms", 0, 0, false},
	{"numbers of views p99", "ms", 20, 5, false},
	{"numbers of views, CPU", "ms", 0, 0, false},
	{"counters p99", "ms", 20, 5, false},
	{"open a conversation p50", "ms", 0, 0, false},
	{"open a conversation p99", "ms", 20, 5, false},
	{"open a conversation, CPU", "ms", 0, 0, false},
	{"search, rare word p99", "ms", 20, 5, false},
	{"search, rare word, CPU", "ms", 0, 0, false},
	{"search, word of a fifth p99", "ms", 20, 5, false},
	{"search, word of a fifth, CPU", "ms", 0, 0, false},
	{"search, two words p99", "ms", 20, 5, false},
	{"search, two words, CPU", "ms", 0, 0, false},
	{"search, beginning of a word p99", "ms", 20, 5, false},
	{"search, beginning of a word, CPU", "ms", 0, 0, false},
	{"search, nothing found p99", "ms", 20, 5, false},
	{"search, nothing found, CPU", "ms", 0, 0, false},
	{"slowest read, largest to smallest store", "x", 1.3, 0, false},
	{"start, new folder", "s", 1, 0.3, false},
	{"start", "s", 1, 0.3, false},
	{"first list after the start", "ms", 0, 0, false},
	{"memory idle, new folder", "MiB", 80, 50, false},
	{"memory idle", "MiB", 80, 50, false},
	{"memory after the reads", "MiB", 0, 0, false},
	{"memory idle after the reads", "MiB", 0, 0, false},
	{"binary size", "MiB", 57, 40, false},
}

// table gathers the figures of all rounds.
type table struct {
	subjects []*subject
	figures  map[string]map[*subject][]float64
	sizes    []int
	voids    []string
	others   []float64
	resumes  int64
}

func newTable(subjects []*subject, sizes []int) *table {
	return &table{subjects: subjects, sizes: sizes, figures: map[string]map[*subject][]float64{}}
}

func (t *table) add(s *subject, name string, value float64) {
	if t.figures[name] == nil {
		t.figures[name] = map[*subject][]float64{}
	}
	t.figures[name][s] = append(t.figures[name][s], value)
}

func (t *table) void(s *subject, err error) { t.voids = append(t.voids, s.name+": "+err.Error()) }

func (t *table) busy(processors float64) { t.others = append(t.others, processors) }

func (t *table) resumed(n int64) { t.resumes += n }

// verdict is an error where something was void: the figures then mean nothing.
func (t *table) verdict() error {
	if len(t.voids) > 0 {
		return errors.New("void: see above")
	}
	return nil
}

func (t *table) print(to io.Writer) {
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprint(out, "figure\tmust\taim")
	for _, s := range t.subjects {
		_, _ = fmt.Fprintf(out, "\t%s (from–to)", s.name)
	}
	_, _ = fmt.Fprintf(out, "\twasl/%s\n", t.subjects[len(t.subjects)-1].name)
	for _, a := range aims {
		t.row(out, a, a.name)
		for _, size := range t.sizes {
			t.row(out, a, sized(a.name, size))
		}
	}
	_ = out.Flush()
	if len(t.others) > 0 {
		slices.Sort(t.others)
		_, _ = fmt.Fprintf(to,
			"\n%d processors; others used %.2f of them (median), %.2f at most. Sockets that fell behind and caught up: %d.\n",
			runtime.NumCPU(), quantile(t.others, .5), t.others[len(t.others)-1], t.resumes)
		if quantile(t.others, .5) > 0.15 {
			_, _ = fmt.Fprintln(to, "The machine was busy: compare columns, not figures with aims.")
		}
	}
	for _, v := range t.voids {
		_, _ = fmt.Fprintln(to, "VOID", v)
	}
}

// compare adds how much slower the largest store is than the smallest, for the read of which that is worst. Each is compared by its
// median, because the slowest in a hundred say more about the machine.
func (t *table) compare() {
	if len(t.sizes) < 2 {
		return
	}
	for _, sub := range t.subjects {
		worst, slowest := 0.0, ""
		for name, of := range t.figures {
			base, large := strings.CutSuffix(name, sized("", slices.Max(t.sizes)))
			small := t.figures[sized(base, slices.Min(t.sizes))][sub]
			if large && strings.HasSuffix(base, " p50") && len(small) > 0 && len(of[sub]) > 0 {
				if ratio := median(slices.Sorted(slices.Values(of[sub]))) / median(slices.Sorted(slices.Values(small))); ratio > worst {
					worst, slowest = ratio, base
				}
			}
		}
		if worst > 0 {
			t.add(sub, "slowest read, largest to smallest store", worst)
			_, _ = fmt.Fprintf(os.Stderr, "%s: the read that a large store slows most: %s, %.2f\n", sub.name, slowest, worst)
		}
	}
}

func sized(name string, size int) string {
	return fmt.Sprintf("%s, %d conversations", name, size)
}

func (t *table) row(out io.Writer, a aim, name string) {
	of := t.figures[name]
	if of == nil {
		return
	}
	_, _ = fmt.Fprintf(out, "%s, %s\t%s\t%s", name, a.unit, a.text(a.must), a.text(a.aim))
	for _, s := range t.subjects {
		values := of[s]
		if len(values) == 0 {
			_, _ = fmt.Fprint(out, "\t–")
			continue
		}
		slices.Sort(values)
		mark := ""
		if s == t.subjects[0] {
			mark = a.mark(median(values))
		}
		_, _ = fmt.Fprintf(out, "\t%s%s", spread(values), mark)
	}
	first, last := of[t.subjects[0]], of[t.subjects[len(t.subjects)-1]]
	if len(first) > 0 && len(last) > 0 && median(last) > 0 {
		_, _ = fmt.Fprintf(out, "\t%.2f", median(first)/median(last))
	}
	_, _ = fmt.Fprintln(out)
}

func (a aim) text(value float64) string {
	switch {
	case value == 0:
		return "–"
	case a.more:
		return "≥ " + number(value)
	}
	return "≤ " + number(value)
}

// mark says where a figure stands between what it must be and what it is meant to become.
func (a aim) mark(value float64) string {
	met := func(goal float64) bool { return (a.more && value >= goal) || (!a.more && value <= goal) }
	switch {
	case a.must != 0 && !met(a.must):
		return " MISSED"
	case a.aim != 0 && met(a.aim):
		return " reached"
	}
	return ""
}

func median(sorted []float64) float64 {
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

func spread(sorted []float64) string {
	if len(sorted) == 1 {
		return number(sorted[0])
	}
	return fmt.Sprintf("%s (%s–%s)", number(median(sorted)), number(sorted[0]), number(sorted[len(sorted)-1]))
}

// number has three digits that count.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
}
