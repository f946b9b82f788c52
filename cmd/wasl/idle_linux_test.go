package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/auth"
	"wasl/internal/ids"
	"wasl/store"
)

// A thousand workspaces in which nothing happens cost three instances next to nothing, and delay no start.
func TestAThousandIdleWorkspaces(t *testing.T) {
	const instances, workspaces = 3, 1000
	dir := t.TempDir()
	c := newCluster(t, dir)
	foundWorkspaces(t, c.engine, workspaces)
	c.serve(t, dir, instances)
	redis := c.redis.Client()
	defer func() { _ = redis.Close() }()
	started := c.nodes[0].start
	for _, n := range c.nodes { // the quickest: the machine may be busy
		started = min(started, n.start)
	}
	until(t, "all workspaces are loaded", func() bool { return redis.DBSize(t.Context()).Val() >= workspaces })
	time.Sleep(5 * time.Second) // by all instances
	const sample = 10 * time.Second
	used := func() (total time.Duration) {
		for _, n := range c.nodes {
			total += processorTime(t, n.cmd.Process.Pid)
		}
		return total
	}
	before := used()
	time.Sleep(sample)
	share := (used() - before).Seconds() / sample.Seconds() / instances
	connections := len(strings.Split(strings.TrimSpace(redis.ClientList(t.Context()).Val()), "\n")) / instances
	t.Logf("%d idle workspaces, %d instances: ready after %v; each holds %d connections to Redis and uses %.2f %% of a processor",
		workspaces, instances, started.Round(time.Millisecond), connections, 100*share)
	if connections >= 20 || share >= 0.01 || started > time.Second {
		t.Errorf("ready after %v, %d connections and %.2f %% of a processor for each instance", started, connections, 100*share)
	}
}

// foundWorkspaces stores so many workspaces.
func foundWorkspaces(t *testing.T, engine store.Engine, workspaces int) {
	t.Helper()
	if err := engine.Ensure(t.Context(), auth.Schemas()...); err != nil {
		t.Fatal(err)
	}
	for n := range workspaces {
		id := ids.Derived("wsp", strconv.Itoa(n))
		data, err := bson.Marshal(bson.D{
			{Key: "_id", Value: id},
			{Key: "_v", Value: int64(1)},
			{Key: "name", Value: fmt.Sprint("Workspace ", n)},
			{Key: "created_at", Value: time.Now()},
		})
		if err == nil {
			err = engine.Write(t.Context(), store.Change{Kind: store.Insert, Collection: "workspaces", ID: id, Data: data})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// processorTime is what a process has used so far.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // the name may hold anything
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}
