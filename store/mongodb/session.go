package mongodb

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// causal is the operation time of the newest write of this process, done or refused. Every read and transaction waits on the server until a
// majority has come so far. Without that, a majority read after a conflict may still show the version that lost, and a read after a change
// of the primary may miss a write of this process.
type causal struct {
	mu sync.Mutex
	at primitive.Timestamp // zero before the first write
}

func (c *causal) time() primitive.Timestamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *causal) advance(to *primitive.Timestamp) {
	if to == nil {
		return // the server is no replica set
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.at) {
		c.at = *to
	}
}

// inSession runs fn in a session of its own that is behind no write of this process.
func (e *Engine) inSession(ctx context.Context, o *options.SessionOptions, fn func(mongo.SessionContext) error) error {
	session, err := e.client.StartSession(o)
	if err != nil {
		return err
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	if at := e.causal.time(); !at.IsZero() {
		if err := session.AdvanceOperationTime(&at); err != nil {
			return err
		}
	}
	return fn(mongo.NewSessionContext(ctx, session))
}

// read runs fn, which reads.
func (e *Engine) read(ctx context.Context, fn func(mongo.SessionContext) error) error {
	return e.inSession(ctx, options.Session(), fn)
}
