package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"wasl/store"
	"wasl/store/pebble"
)

// single is the installation with the embedded store: the binary as it is released, with a folder of its own.
type single struct {
	dir     string // the data folder
	mounted bool   // it is a small disk, which can be filled
}

func newSingle(w *world, binary, dir string) error {
	i, err := newInstance(0, binary, dir)
	if err != nil {
		return err
	}
	s := &single{dir: filepath.Join(dir, "data")}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	err = mountDisk(s.dir)
	if s.mounted = err == nil; !s.mounted {
		w.say("NOT RUN: a full disk, which needs the right to mount one: %v", err)
	}
	w.instances, w.tools = []*instance{i}, s
	return nil
}

// suffer fills the disk.
func (s *single) suffer(w *world, f fault) bool {
	if f.kind != "full" {
		return false
	}
	if !s.mounted {
		return true
	}
	name := filepath.Join(s.dir, "ballast")
	ballast, err := os.Create(name)
	if err != nil {
		return true
	}
	fill(ballast)
	wait(w.ctx, f.lasts)
	_ = ballast.Close()
	_ = os.Remove(name)
	return true
}

func (s *single) waits(*world) ([]string, error) { return nil, nil }

// left opens the store while the gateway is stopped.
func (s *single) left(w *world) (found []string, err error) {
	for _, i := range w.instances {
		if _, err := i.signal(syscall.SIGTERM, 20*time.Second); err != nil {
			return nil, err
		}
	}
	engine, err := pebble.Open(filepath.Join(s.dir, "store"), pebble.Options{})
	if err != nil {
		return nil, err
	}
	found, err = leftIn(w.ctx, engine)
	return found, errors.Join(err, engine.Close())
}

// transient are the collections in which a settled gateway has nothing.
var transient = []string{"jobs", "events", "source_operations"}

// leftIn lists what a settled gateway has no more.
func leftIn(ctx context.Context, engine store.Engine) (found []string, err error) {
	for _, collection := range transient {
		page, err := engine.Find(ctx, collection, store.Query{Limit: 1000})
		if err != nil {
			return nil, err
		}
		for _, doc := range page.Docs {
			if !comesLater(doc.Data) {
				found = append(found, fmt.Sprintf("%s %s is left: %s", collection, doc.ID, describe(doc.Data)))
			}
		}
	}
	return found, nil
}

func (s *single) close() error {
	if !s.mounted {
		return nil
	}
	return unmountDisk(s.dir)
}
