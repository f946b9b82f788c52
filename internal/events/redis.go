package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"wasl/internal/ids"
)

const (
	// redisKeep is about how many events of a workspace Redis keeps, of at most maxMissed bytes together and for redisLife seconds after
	// the last sign of life.
	redisKeep = 10_000
	redisLife = 86_400
	// redisPatience bounds every call: what waits for Redis in vain is slower than what does without.
	redisPatience = time.Second
	// redisReaders is how many connections wait for events, each for its share of the workspaces.
	redisReaders = 8
	// redisCalls is how many connections carry commands.
	redisCalls = 8
	// redisBlock is how long a reader waits for something new before it looks whether an epoch is still the same, one workspace after
	// another.
	redisBlock = 5 * time.Second
	// redisBatch is how many events of a workspace are read at once.
	redisBatch = 100
	leastRetry = 50 * time.Millisecond
	maxRetry   = 2 * time.Second
)

// Redis is the stream of several instances: one Redis stream per workspace whose entry ids are the numbers. Every entry names
// its epoch, so that one key holds all there is to know, and a lost, restored or promoted Redis cannot pass for the old
// one: an epoch starts with the run id of its server. What followers may have missed is announced with a Reset.
type Redis struct {
	client   *redis.Client // commands
	blocking *redis.Client // readers and the subscription: each holds a connection while it waits
	origin   string
	channel  string
	log      zerolog.Logger
	onEvents func([]Numbered)
	onSignal func(Signal)
	needed   func(workspaceID string) bool
	base     context.Context //nolint:containedctx // the readers' life
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	mu       sync.Mutex
	followed map[string]*followed // by workspace
	readers  [redisReaders]*reader
}

// An epoch begins with the time in microseconds, so that its numbers are greater than those of an epoch that was lost: whoever waits for
// what comes after those gets to know of it.
//
// position ensures that the workspace's stream has an epoch of this server and returns it with the last number. An epoch
// is written "run-start-random"; its first entry, which carries no event, has the number start. The field b of an entry says how many
// bytes were added up to it.
var position = `
local function total(entry)
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'b' then return tonumber(entry[2][i + 1]) end
  end
  return 0
end
local info = redis.pcall('INFO', 'server')
local run = string.sub(type(info) == 'string' and string.match(info, 'run_id:(%w+)') or 'none', 1, 12)
local epoch, seq, bytes, last = nil, 0, 0, redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local function add(...)
  seq = seq + 1
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ` + strconv.Itoa(redisKeep) + `, string.format('%.0f-0', seq), 'e', epoch,
    'b', string.format('%.0f', bytes), ...)
end
if last then
  bytes = total(last)
  seq, epoch = tonumber(string.match(last[1], '^%d+')), last[2][2]
else
  redis.call('DEL', KEYS[1])
  local now = redis.call('TIME')
  seq = tonumber(now[1]) * 1000000 + tonumber(now[2])
end
if ARGV[2] == 'renew' or not epoch or string.match(epoch, '^%w+') ~= run then
  epoch = string.format('%s-%.0f-%s', run, seq + 1, ARGV[1])
  add()
end
`

var answer = `
redis.call('EXPIRE', KEYS[1], ` + strconv.Itoa(redisLife) + `)
return {epoch, string.format('%.0f', seq)}
`

// added adds events, and drops the oldest where there are too many bytes, an eighth at a time.
var added = `
for i = 4, #ARGV do
  bytes = bytes + #ARGV[i]
  add('o', ARGV[3], 'd', ARGV[i])
end
while bytes - total(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]) > ` + strconv.Itoa(maxMissed) + ` do
  local kept = redis.call('XLEN', KEYS[1])
  if kept == 1 then break end
  redis.call('XTRIM', KEYS[1], 'MAXLEN', kept - math.ceil(kept / 8))
end
`

var (
	positionScript = redis.NewScript(position + answer)
	appendScript   = redis.NewScript(position + added + answer)
)

// NewRedis connects to the server, which must answer now.
func NewRedis(ctx context.Context, o redis.Options, log zerolog.Logger) (*Redis, error) {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = redisPatience, redisPatience, redisPatience, redisPatience
	o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = -1, 1, true // a repeated append would be a second event
	waiting := o
	o.PoolSize, waiting.PoolSize = redisCalls, redisReaders
	r := &Redis{
		client: redis.NewClient(&o), blocking: redis.NewClient(&waiting), origin: ids.Token()[:10], log: log,
		channel: fmt.Sprintf("wasl:%d:signals", o.DB), followed: map[string]*followed{},
	}
	r.base, r.cancel = context.WithCancel(context.Background())
	if err := r.client.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	for n := range r.readers {
		d := &reader{redis: r, wakeKey: fmt.Sprintf("wasl:wake:%s:%d", r.origin, n), wakeID: "0-0", wake: make(chan struct{}, 1)}
		r.readers[n] = d
		r.wg.Go(d.read)
	}
	return r, nil
}

func streamKey(workspaceID string) string { return "wasl:{" + workspaceID + "}:events" }

// call runs a script that answers with epoch and number.
func (r *Redis) call(ctx context.Context, script *redis.Script, workspaceID string, args ...any) (epoch string, seq int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	got, err := script.Run(ctx, r.client, []string{streamKey(workspaceID)}, append([]any{ids.Token()[:10]}, args...)...).StringSlice()
	if err != nil {
		return "", 0, fmt.Errorf("redis stream: %w", err)
	}
	if len(got) != 2 {
		return "", 0, fmt.Errorf("redis stream: unexpected answer of %d values", len(got))
	}
	seq, err = strconv.ParseInt(got[1], 10, 64)
	return got[0], seq, err
}

// Append numbers the events and stores them in one step; the readers deliver them, here as well.
func (r *Redis) Append(ctx context.Context, evs []Event) error {
	if len(evs) == 0 {
		return nil
	}
	args := []any{"", r.origin}
	for _, ev := range evs {
		data, err := json.Marshal(ev)
		if err != nil {
			return fmt.Errorf("event %s: %w", ev.Type, err)
		}
		args = append(args, data)
	}
	_, _, err := r.call(ctx, appendScript, evs[0].WorkspaceID, args...)
	return err
}

// Outlives: other instances go on with it.
func (r *Redis) Outlives() bool { return true }

// Renew begins another epoch.
func (r *Redis) Renew(ctx context.Context, workspaceID string) error {
	_, _, err := r.call(ctx, positionScript, workspaceID, "renew")
	return err
}

// Position returns the epoch and the last number, within a second or with an error.
func (r *Redis) Position(ctx context.Context, workspaceID string) (string, int64, error) {
	return r.call(ctx, positionScript, workspaceID, "")
}

// Since reads what Redis keeps after seq.
func (r *Redis) Since(ctx context.Context, workspaceID, epoch string, seq int64) ([]Numbered, bool, error) {
	now, last, err := r.Position(ctx, workspaceID)
	if err != nil || now != epoch || seq > last || seq < startOf(epoch) {
		return nil, false, err
	}
	if seq == last {
		return nil, true, nil
	}
	var missed []Numbered
	for size := 0; ; {
		found, err := r.client.XRangeN(ctx, streamKey(workspaceID), entryID(seq+1), "+", redisBatch).Result()
		if err != nil {
			return nil, false, fmt.Errorf("redis stream: %w", err)
		}
		for _, entry := range found {
			n, err := r.decode(entry)
			if err != nil {
				return nil, false, err
			}
			if n.Epoch != epoch || n.Seq != seq+1 {
				return nil, false, nil // a new epoch has begun, or the oldest of them are no longer kept
			}
			if size += n.Size(); size > maxMissed {
				return nil, false, nil
			}
			missed, seq = append(missed, n), n.Seq
		}
		if len(found) < redisBatch {
			return missed, true, nil
		}
	}
}

func entryID(seq int64) string { return strconv.FormatInt(seq, 10) + "-0" }

// startOf is the number with which the epoch began; every event of the epoch has a greater one.
func startOf(epoch string) int64 {
	if parts := strings.Split(epoch, "-"); len(parts) == 3 {
		start, _ := strconv.ParseInt(parts[1], 10, 64)
		return start
	}
	return 0
}

// decode reads an entry; that which begins an epoch is a Reset.
func (r *Redis) decode(entry redis.XMessage) (n Numbered, err error) {
	field := func(name string) string { s, _ := entry.Values[name].(string); return s }
	number, _, _ := strings.Cut(entry.ID, "-")
	if n.Seq, err = strconv.ParseInt(number, 10, 64); err != nil {
		return n, fmt.Errorf("redis stream: entry %q: %w", entry.ID, err)
	}
	n.Epoch, n.Local = field("e"), field("o") == r.origin
	data := field("d")
	if data == "" {
		n.Type = Reset
		return n, nil
	}
	if err := json.Unmarshal([]byte(data), &n.Event); err != nil {
		return n, fmt.Errorf("redis stream: entry %q: %w", entry.ID, err)
	}
	return n, nil
}

// Signal publishes; without Redis it reaches the receivers here at least.
func (r *Redis) Signal(ctx context.Context, s Signal) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("signal %s: %w", s.Type, err)
	}
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	if err := r.client.Publish(ctx, r.channel, data).Err(); err != nil {
		r.onSignal(s)
		return fmt.Errorf("redis signal: %w", err)
	}
	return nil
}

// Receive sets the receiver and begins to listen for signals.
func (r *Redis) Receive(to Receiver) {
	r.onEvents, r.onSignal, r.needed = to.Events, to.Signal, to.Needed
	sub := r.blocking.Subscribe(r.base, r.channel)
	confirmed, cancel := context.WithTimeout(r.base, redisPatience)
	defer cancel()
	_, _ = sub.Receive(confirmed) // a failure is mended by Channel, which subscribes again until it can
	r.wg.Go(func() {
		<-r.base.Done()
		_ = sub.Close()
	})
	r.wg.Go(func() {
		for message := range sub.Channel() {
			var s Signal
			if json.Unmarshal([]byte(message.Payload), &s) == nil {
				r.onSignal(s)
			}
		}
	})
}

// Close ends the readers and the connections.
func (r *Redis) Close() error {
	r.cancel()
	err := errors.Join(r.client.Close(), r.blocking.Close())
	r.wg.Wait()
	return err
}
