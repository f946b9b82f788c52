package limit

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"wasl/internal/clock"
	"wasl/internal/ids"
)

// Redis is the limiter of several instances: what one of them allows counts for all. While Redis is down each
// instance limits by itself, so that as many times as much is allowed as there are instances: nothing stops because of it.
type Redis struct {
	client *redis.Client
	alone  *Memory
	clock  clock.Clock
	log    zerolog.Logger
	retry  atomic.Int64 // when Redis is asked again, in unix milliseconds
}

const (
	redisPatience = 500 * time.Millisecond
	redisRest     = time.Second
	// redisCalls is how many connections carry the questions, which are short: an instance holds few whatever its processors.
	redisCalls = 2
)

// gcra works in microseconds of the server's clock, which all instances share. It answers 0, or how long to wait: in vain, or until
// the time that it reserved. The library redis_rate knows the same algorithm but reserves nothing.
var gcra = redis.NewScript(`
local t = redis.call('TIME')
local now, cost, room = t[1] * 1000000 + t[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0)) + cost
local wait = math.max(0, at - now - room)
if wait == 0 or ARGV[3] == '1' then
  redis.call('SET', KEYS[1], string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000))
end
return wait
`)

// NewRedis returns the limiter over the server.
func NewRedis(o redis.Options, c clock.Clock, log zerolog.Logger) *Redis {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = redisPatience, redisPatience, redisPatience, redisPatience
	o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled, o.PoolSize = -1, 1, true, redisCalls
	return &Redis{client: redis.NewClient(&o), alone: NewMemory(c), clock: c, log: log}
}

// Allow takes one of the key's allowance where there is any.
func (r *Redis) Allow(ctx context.Context, key string, rate Rate) (bool, time.Duration, error) {
	wait, err := r.take(ctx, key, rate, false)
	return wait == 0 && err == nil, wait, err
}

// Reserve takes the next free time of the key.
func (r *Redis) Reserve(ctx context.Context, key string, rate Rate) (time.Time, error) {
	wait, err := r.take(ctx, key, rate, true)
	return r.clock.Now().Add(wait), err
}

func (r *Redis) take(ctx context.Context, key string, rate Rate, reserve bool) (time.Duration, error) {
	var wait int64
	shared, err := r.ask(ctx, func() (err error) {
		cost, room := rate.cost().Microseconds(), rate.room().Microseconds()
		wait, err = gcra.Run(ctx, r.client, []string{redisKey(key)}, cost, room, reserve).Int64()
		return err
	})
	if err != nil {
		return 0, err
	}
	if !shared {
		return r.alone.take(key, rate, reserve), nil
	}
	return time.Duration(wait) * time.Microsecond, nil
}

// Forget gives the key its whole allowance back.
func (r *Redis) Forget(ctx context.Context, key string) error {
	_, err := r.ask(ctx, func() error { return r.client.Del(ctx, redisKey(key)).Err() })
	return errors.Join(err, r.alone.Forget(ctx, key))
}

// redisKey hides the key: it may hold a person's address, which is nobody's business in Redis.
func redisKey(key string) string { return "wasl:" + ids.Derived("lim", key) }

// ask reports whether Redis did what it was asked. After a failure it is left alone for a moment; that is no error.
func (r *Redis) ask(ctx context.Context, fn func() error) (done bool, err error) {
	now := r.clock.Now()
	if now.UnixMilli() < r.retry.Load() {
		return false, nil
	}
	if err = fn(); err == nil {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, fmt.Errorf("limit: %w", ctx.Err())
	}
	r.log.Warn().Err(err).Msg("rate limits are not shared while Redis is down")
	r.retry.Store(now.Add(redisRest).UnixMilli())
	return false, nil
}

// Close ends the connections.
func (r *Redis) Close() error { return r.client.Close() }
