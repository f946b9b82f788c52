package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
)

// document is what the rig reads of a stored document, to know at which step of its work an instance is.
type document struct {
	Kind      string `bson:"kind"`
	State     string `bson:"state"`
	Direction string `bson:"direction"`
	Status    string `bson:"status"`
	Error     string `bson:"error"`
	Ref       string `bson:"ref"`
	Attempts  int    `bson:"attempts"`
}

func isMessage(c store.Change) bool { return c.Kind == store.Insert && c.Collection == "messages" }

func describe(data []byte) string {
	var d document
	if err := bson.Unmarshal(data, &d); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%+v", d)
}

// comesLater reports whether a document is a timer that may be there when all is done: of who has just left, and of what is tried again.
func comesLater(data []byte) bool {
	var d document
	return bson.Unmarshal(data, &d) == nil && (d.Kind == "presence_gone" || d.Kind == "routing_wake")
}

// point is a step of the work at which an instance can be killed: a write of it that has a mark, before or after it is done.
type point struct {
	name       string
	kind       store.WriteKind
	collection string
	mark       func(document) bool
	after      bool
}

func any1(document) bool { return true }

func isKind(kind string) func(document) bool { return func(d document) bool { return d.Kind == kind } }

func sent(d document) bool {
	return d.Direction == "out" && slices.Contains([]string{"sent", "unknown"}, d.Status)
}

func sending(d document) bool { return d.Status == "sending" }

// points are the steps, in the order of the work.
var points = []point{
	{"webhook not durable", store.Insert, "jobs", isKind("inbound"), false},
	{"webhook durable, not answered", store.Insert, "jobs", isKind("inbound"), true},
	{"message not stored", store.Insert, "messages", func(d document) bool { return d.Direction == "in" }, false},
	{"message stored, not handed on", store.Insert, "messages", func(d document) bool { return d.Direction == "in" }, true},
	{"reply stored, not answered", store.Insert, "jobs", isKind("send"), true},
	{"reply not marked as sending", store.Replace, "messages", sending, false},
	{"reply marked, provider not called", store.Replace, "messages", sending, true},
	{"provider called, outcome not stored", store.Replace, "messages", sent, false},
	{"outcome stored", store.Replace, "messages", sent, true},
	{"mailbox not moved on", store.Replace, "sources", any1, false},
	{"mailbox moved on", store.Replace, "sources", any1, true},
	{"copy of what was sent not asked for", store.Insert, "source_operations", any1, false},
	{"mailbox did, not noted", store.Delete, "source_operations", any1, false},
	{"events handed on, not removed", store.Delete, "events", any1, false},
}

// tap is the store as one instance reaches it: every write passes here.
type tap struct {
	store.Engine
	kill  func()
	plant *plant

	mu    sync.Mutex
	armed *point
	deny  bool // as a store that is full
}

func (t *tap) arm(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.armed = nil
	for n := range points {
		if points[n].name == name {
			t.armed = &points[n]
		}
	}
}

func (t *tap) refuse(deny bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.deny = deny
}

// hit returns the armed point if the write is it, and disarms it.
func (t *tap) hit(changes []store.Change) *point {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.armed
	if p == nil || !slices.ContainsFunc(changes, p.is) {
		return nil
	}
	t.armed = nil
	return p
}

func (p *point) is(c store.Change) bool {
	var d document
	if c.Kind != p.kind || c.Collection != p.collection {
		return false
	}
	if c.Kind != store.Delete && bson.Unmarshal(c.Data, &d) != nil {
		return false
	}
	return p.mark(d)
}

// Write passes the write on, unless the instance dies here.
func (t *tap) Write(ctx context.Context, changes ...store.Change) error {
	t.mu.Lock()
	deny := t.deny
	t.mu.Unlock()
	if deny {
		return fmt.Errorf("%w: no space left", store.ErrUnavailable)
	}
	p := t.hit(changes)
	if p != nil && !p.after {
		t.kill()
		return store.ErrUnavailable
	}
	if slices.ContainsFunc(changes, isMessage) && t.plant.every("lose_write", 50) {
		return nil
	}
	err := t.Engine.Write(ctx, changes...)
	if p != nil && err == nil {
		t.kill()
	}
	return err
}
