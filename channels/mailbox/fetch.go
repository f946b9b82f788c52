package mailbox

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"wasl/channels"
)

const (
	// Suffix marks what was fetched, among what webhooks bring.
	Suffix = "imap"
	// window is how many mails are listed at a time.
	window = 100
	// calm is the pause after nothing new was found.
	calm = time.Second
	// passEvery is how often the folders are opened anew, whether or not the server tells of anything.
	passEvery = 5 * time.Minute
	// syncedEvery is how often it is noted that nothing new is left.
	syncedEvery = 10 * time.Minute
	// overlapOf is how far before that a folder that was numbered anew is read again: servers round times to days of their own zone.
	overlapOf = 48 * time.Hour
	// tooOld is how much older than that a mail says it is that is none of those which may be new.
	tooOld = 30 * 24 * time.Hour
)

// The names of what is said about a mail that was fetched.
const (
	AskFolder = "folder" // "sent": it lies among what was sent
	AskDate   = "date"   // when it came, in seconds
	AskSize   = "size"   // of a mail of which only the beginning was fetched, in bytes
	AskHead   = "head"   // "1": only some fields of its head were fetched
	AskLost   = "lost"   // "1": it cannot be fetched
	AskUID    = "uid"
	AskOld    = "old" // "1": it is from before the connection
)

// fieldOurs is a field of what is sent from here.
const fieldOurs = "X-Wasl-Message"

// reading is one session with one mailbox.
type reading struct {
	*session
	client  *Client
	channel string
	set     Settings
	in      channels.Intake
	st      state
	kept    string // the state as it is stored
	sent    string // the folder of sent mails; empty: none
}

// Fetch hands over what comes into a mailbox, and what other programs send from it, until the context ends.
func (c *Client) Fetch(ctx context.Context, channelID string, set Settings, in channels.Intake) error {
	st, err := readState(in.State())
	if err != nil {
		return err
	}
	s, err := c.open(ctx, set)
	if err != nil {
		return ended(ctx, err)
	}
	defer s.close()
	r := &reading{session: s, client: c, channel: channelID, set: set, in: in, st: st, kept: string(in.State())}
	return ended(ctx, r.run(ctx))
}

// ended says why a session ended; nothing where the context did.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (r *reading) run(ctx context.Context) error {
	if err := r.findSent(); err != nil {
		return err
	}
	for {
		before := r.kept
		if r.sent != "" && r.sent != r.set.Folder {
			if err := r.pass(ctx, r.sent, &r.st.Sent); err != nil {
				return err
			}
		}
		if err := r.pass(ctx, r.set.Folder, &r.st.Inbox); err != nil {
			return err
		}
		if err := r.synced(ctx); err != nil {
			return err
		}
		if did, err := r.operate(ctx); err != nil {
			return err
		} else if did {
			continue
		}
		if more, err := r.importSome(ctx); err != nil {
			return err
		} else if more {
			continue
		}
		if r.kept == before { // a server that tells of news where there are none is not asked without a pause
			select {
			case <-ctx.Done():
			case <-time.After(calm):
			}
		}
		if err := r.idle(ctx); err != nil {
			return err
		}
	}
}

// findSent finds the folder of sent mails. A list of folders that cannot be read is not asked for again.
func (r *reading) findSent() (err error) {
	r.client.mu.Lock()
	guess := r.client.noList[r.channel]
	r.client.mu.Unlock()
	if guess {
		if r.sent, err = r.guessSent(); err != nil {
			return broken(err)
		}
		return nil
	}
	var said *imap.Error
	if r.sent, err = r.sentFolder(); err == nil || errors.As(err, &said) {
		return nil
	}
	r.client.mu.Lock()
	r.client.noList[r.channel] = true
	r.client.mu.Unlock()
	return broken(err)
}

// idle waits until there is something to look for: news in the inbox, or among what was sent. After a while it is looked anyway.
func (r *reading) idle(ctx context.Context) error {
	for begin := r.client.clock.Now(); r.client.clock.Now().Sub(begin) < passEvery; {
		news, err := r.wait(ctx, r.client.poll, r.in.More())
		if err != nil {
			return broken(err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := r.in.Works(ctx); err != nil || news {
			return err
		}
		if list, err := r.in.Operations(ctx); err != nil || len(list) > 0 {
			return err
		}
		if r.sent == "" || r.sent == r.set.Folder {
			continue
		}
		newer := false
		err = r.command(talk, func() error {
			data, err := r.session.client.Status(r.sent, &imap.StatusOptions{UIDNext: true, UIDValidity: true}).Wait()
			if err == nil {
				newer = uint32(data.UIDNext) > r.st.Sent.Next || data.UIDValidity != r.st.Sent.Validity
			}
			return err
		})
		if err != nil {
			return broken(err)
		}
		if newer {
			return nil
		}
	}
	return nil
}

// synced notes that nothing new is left, from time to time.
func (r *reading) synced(ctx context.Context) error {
	now := r.client.clock.Now()
	if now.Sub(r.st.Synced) >= syncedEvery {
		r.st.Synced = now
	}
	if err := r.in.Works(ctx); err != nil {
		return err
	}
	return r.keep(ctx)
}

// keep makes the state durable where it has changed.
func (r *reading) keep(ctx context.Context) error {
	next := r.st.encode()
	if string(next) == r.kept {
		return nil
	}
	err := r.in.Keep(ctx, next)
	if err == nil {
		r.kept = string(next)
	}
	return err
}

// pass hands over what is new in a folder.
func (r *reading) pass(ctx context.Context, folder string, cur *cursor) error {
	data, err := r.selectFolder(folder, folder == r.sent)
	if err != nil {
		return noFolder(err)
	}
	if err := r.number(folder, cur, data); err != nil {
		return broken(err)
	}
	if uint32(data.UIDNext) <= cur.Next {
		return nil
	}
	found, err := r.search(&imap.SearchCriteria{UID: []imap.UIDSet{{{Start: imap.UID(cur.Next)}}}})
	if err != nil {
		return broken(err)
	}
	for part := range windows(found, cur.Next) {
		if err := r.take(ctx, folder, cur, part); err != nil {
			return err
		}
		cur.Next = uint32(part[len(part)-1].Stop) + 1
	}
	return nil
}

// number compares how the folder is numbered with the cursor, which it sets the first time and where the folder was numbered anew.
func (r *reading) number(folder string, cur *cursor, data *imap.SelectData) error {
	source := r.set.IMAP.Host + " " + r.set.User
	if r.st.Host != source { // the numbers of another host say nothing here
		r.st.Inbox.Validity, r.st.Sent.Validity, r.st.Host = 0, 0, source
	}
	cur.Folder = folder
	next := uint32(data.UIDNext)
	if cur.Validity == data.UIDValidity {
		return nil
	}
	*cur = cursor{Folder: folder, Validity: data.UIDValidity, Next: next}
	if r.st.Synced.IsZero() {
		return nil
	}
	cur.Since, cur.Until = r.st.Synced.Add(-overlapOf), next
	found, err := r.search(&imap.SearchCriteria{Since: cur.Since})
	for _, of := range found {
		cur.Next = min(cur.Next, uint32(of.Start))
	}
	return err
}

// windows cuts what was found, from a UID on, into sets of a size to list at a time.
func windows(found imap.UIDSet, from uint32) iter.Seq[imap.UIDSet] {
	return func(yield func(imap.UIDSet) bool) {
		var now imap.UIDSet
		room := uint32(window)
		for _, of := range found {
			start, stop := max(uint32(of.Start), from), uint32(of.Stop)
			for start <= stop && start > 0 {
				end := start + min(room-1, stop-start)
				now = append(now, imap.UIDRange{Start: imap.UID(start), Stop: imap.UID(end)})
				if room -= end - start + 1; room == 0 {
					if !yield(now) {
						return
					}
					now, room = nil, window
				}
				start = end + 1
			}
		}
		if now != nil {
			yield(now)
		}
	}
}

// take hands over the mails of a set, one after the other.
func (r *reading) take(ctx context.Context, folder string, cur *cursor, part imap.UIDSet) error {
	var fields []string
	if folder == r.sent || cur.Until > 0 {
		fields = []string{"Message-ID", "Date", fieldOurs}
	}
	items, err := r.list(part, fields...)
	if err != nil {
		return broken(err)
	}
	for _, it := range items {
		if it.uid >= cur.Next && !cur.old(it) {
			cur.Next = it.uid + 1
			if err := r.one(ctx, folder, cur.Validity, it, nil); err != nil {
				return err
			}
		}
		cur.Next = max(cur.Next, it.uid+1)
	}
	return nil
}

// old reports whether a mail of a folder that was numbered anew was there before.
func (cur *cursor) old(it item) bool {
	if it.uid >= cur.Until {
		return false
	}
	if !it.date.IsZero() && it.date.Before(cur.Since) {
		return true
	}
	for line := range strings.SplitSeq(string(it.head), "\n") {
		name, value, _ := strings.Cut(line, ":")
		if !strings.EqualFold(textproto.TrimString(name), "date") {
			continue
		}
		said, err := netmail.ParseDate(strings.TrimSpace(value))
		return err == nil && said.Before(cur.Since.Add(-tooOld))
	}
	return false
}

// one hands over one mail, together with the state, which is already behind it. more is what is to be said about it besides.
func (r *reading) one(ctx context.Context, folder string, validity uint32, it item, more url.Values) error {
	said := url.Values{AskUID: {fmt.Sprint(validity, ".", it.uid)}}
	maps.Copy(said, more)
	if !it.date.IsZero() {
		said.Set(AskDate, strconv.FormatInt(it.date.Unix(), 10))
	}
	if folder == r.sent {
		said.Set(AskFolder, "sent")
	}
	if folder == r.sent && r.client.ours != nil && r.client.ours(it.head) {
		said.Set(AskHead, "1")
		return r.hand(ctx, it.head, said)
	}
	room := min(max(it.size, 1), MaxMail)
	if err := r.client.memory.Acquire(ctx, room); err != nil {
		return err
	}
	defer r.client.memory.Release(room)
	raw, err := r.fetch(ctx, folder, it, said)
	if err != nil || raw == nil {
		return err
	}
	return r.hand(ctx, raw, said)
}

// fetch gets one mail: nil where it is gone. What breaks the connection again and again is asked for in smaller parts, and at last let go.
func (r *reading) fetch(ctx context.Context, folder string, it item, said url.Values) ([]byte, error) {
	tries := r.client.begin(r.channel, folder, it.uid)
	most := int64(MaxMail)
	if it.size > MaxMail || tries >= 2 {
		most = firstPart
		said.Set(AskSize, strconv.FormatInt(it.size, 10))
	}
	if tries >= 6 {
		r.client.done(r.channel)
		said.Set(AskLost, "1")
		return []byte(said.Get(AskUID)), nil
	}
	raw, err := r.body(it.uid, most, tries >= 4)
	if err != nil && ctx.Err() == nil {
		return nil, broken(err)
	}
	r.client.done(r.channel)
	return raw, err
}

// hand makes a mail durable together with the state behind it.
func (r *reading) hand(ctx context.Context, raw []byte, said url.Values) error {
	encoded := r.st.encode()
	err := r.in.Take(ctx, channels.Webhook{Method: http.MethodPost, Suffix: Suffix, Query: said, Body: raw}, encoded)
	if err == nil {
		r.kept = string(encoded)
	}
	return err
}
