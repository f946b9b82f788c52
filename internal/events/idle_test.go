package events_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"wasl/internal/events"
	"wasl/internal/redistest"
)

// A thousand workspaces in which nothing happens cost three instances next to nothing.
func TestIdleWorkspacesAreCheap(t *testing.T) {
	const instances, workspaces = 3, 1000
	s := redistest.Start(t)
	client := s.Client()
	defer func() { _ = client.Close() }()
	begin := time.Now()
	var all []*instance
	for range instances {
		in := connect(t, s.Options())
		for n := range workspaces {
			in.Follow(t.Context(), fmt.Sprint("wsp_", n))
		}
		all = append(all, in)
	}
	following := time.Since(begin)
	time.Sleep(2 * time.Second)
	cpu, commands := used(t), processed(t, s)
	const sample = 10 * time.Second
	time.Sleep(sample)
	perSecond := func(n float64) float64 { return n / sample.Seconds() / instances }
	cores, asked := perSecond((used(t) - cpu).Seconds()), perSecond(float64(processed(t, s)-commands))
	connections := len(strings.Split(strings.TrimSpace(client.ClientList(t.Context()).Val()), "\n")) / instances
	t.Logf("%d workspaces on each of %d instances: followed in %v; for each instance %d connections, %.1f commands a second, %.2f %% of a core",
		workspaces, instances, following.Round(time.Millisecond), connections, asked, 100*cores)
	if connections >= 20 || cores >= 0.01 {
		t.Errorf("%d connections, %.2f %% of a core for each instance", connections, 100*cores)
	}
	ev := made("it still arrives")
	ev[0].WorkspaceID = "wsp_500"
	if err := all[0].Append(context.Background(), ev); err != nil {
		t.Fatal(err)
	}
	for _, in := range all {
		in.until(t, "an event after all that", func() bool { return len(in.got) == 1 && in.got[0].Type != events.Reset })
	}
}

// used is how much CPU this process has taken.
func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// processed is how many commands the server has carried out.
func processed(t *testing.T, s *redistest.Server) int64 {
	t.Helper()
	client := s.Client()
	defer func() { _ = client.Close() }()
	for line := range strings.Lines(client.Info(t.Context(), "stats").Val()) {
		if n, is := strings.CutPrefix(strings.TrimSpace(line), "total_commands_processed:"); is {
			count, _ := strconv.ParseInt(n, 10, 64)
			return count
		}
	}
	t.Fatal("the server does not count commands")
	return 0
}
