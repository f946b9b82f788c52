package storeserver

import (
	"context"
	"fmt"
	"net"
	"net/rpc"
	"sync"
	"time"

	"wasl/store"
)

// client is an engine behind a link. A broken connection is ErrUnavailable, and the next call makes a new one.
type client struct {
	addr string

	mu     sync.Mutex
	conn   *rpc.Client
	closed bool
}

// Dial returns the engine that a Link serves at addr.
func Dial(addr string) (store.Engine, error) {
	register()
	c := &client{addr: addr}
	if _, err := c.connection(context.Background()); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *client) connection(ctx context.Context) (*rpc.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fmt.Errorf("%w: closed", store.ErrUnavailable)
	}
	if c.conn == nil {
		conn, err := new(net.Dialer).DialContext(ctx, network(c.addr), c.addr)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
		c.conn = rpc.NewClient(conn)
	}
	return c.conn, nil
}

// drop forgets a broken connection unless another call already has a new one.
func (c *client) drop(broken *rpc.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == broken {
		c.conn = nil
		_ = broken.Close()
	}
}

func (c *client) call(ctx context.Context, method string, r Request) (*Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		r.Timeout = max(time.Until(deadline), time.Nanosecond)
	}
	conn, err := c.connection(ctx)
	if err != nil {
		return nil, err
	}
	out := new(Response)
	select {
	case call := <-conn.Go(service+"."+method, r, out, make(chan *rpc.Call, 1)).Done:
		if call.Error != nil {
			c.drop(conn)
			return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, call.Error)
		}
		return out, out.err()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, ctx.Err())
	}
}

// Ensure implements store.Engine.
func (c *client) Ensure(ctx context.Context, schemas ...store.Schema) error {
	_, err := c.call(ctx, "Ensure", Request{Schemas: schemas})
	return err
}

// DropIndexes implements store.Engine.
func (c *client) DropIndexes(ctx context.Context, schema store.Schema) error {
	_, err := c.call(ctx, "DropIndexes", Request{Schemas: []store.Schema{schema}})
	return err
}

// Get implements store.Engine.
func (c *client) Get(ctx context.Context, collection string, ids ...string) ([]store.Doc, error) {
	out, err := c.call(ctx, "Get", Request{Collection: collection, IDs: ids})
	if err != nil {
		return nil, err
	}
	return out.Docs, nil
}

// Find implements store.Engine.
func (c *client) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	q, err := packed(q)
	if err != nil {
		return store.Page{}, err
	}
	out, err := c.call(ctx, "Find", Request{Collection: collection, Query: q})
	if err != nil {
		return store.Page{}, err
	}
	return store.Page{Docs: out.Docs, NextCursor: out.Next}, nil
}

// Count implements store.Engine.
func (c *client) Count(ctx context.Context, collection string, q store.Query, ceiling int) (int, error) {
	q, err := packed(q)
	if err != nil {
		return 0, err
	}
	out, err := c.call(ctx, "Count", Request{Collection: collection, Query: q, Ceiling: ceiling})
	if err != nil {
		return 0, err
	}
	return out.Count, nil
}

// Write implements store.Engine.
func (c *client) Write(ctx context.Context, changes ...store.Change) error {
	_, err := c.call(ctx, "Write", Request{Changes: changes})
	return err
}

// Ping implements store.Engine.
func (c *client) Ping(ctx context.Context) error {
	_, err := c.call(ctx, "Ping", Request{})
	return err
}

// Close implements store.Engine.
func (c *client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
	return nil
}
