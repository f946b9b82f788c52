package sandbox

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"wasl/internal/clock"
)

// How much is remembered: of each chat, of a scripted one, and of files altogether.
const (
	chatLength     = 500
	scriptedLength = 50
	mediaBytes     = 512 << 20
)

// book is everything that the phones remember. With a folder, every change is a line of its journal.
type book struct {
	clock   clock.Clock
	mu      sync.Mutex
	phones  map[string]*Phone
	order   []string // of phones, as they were added
	chats   map[string][]*Message
	byID    map[string]*Message
	media   map[string]*file
	files   []string // of media, oldest first
	size    int64
	calls   map[string]string // webhook addresses that were set
	journal *journal          // nil: in memory only

	watchers map[chan change]struct{}
}

// file is a media file; its bytes are in memory only without a folder.
type file struct {
	Media
	bytes []byte
}

// change is what a watcher is told.
type change struct {
	kind string
	data any
}

// openBook reads the folder's journal. It returns the webhooks that were still to be delivered.
func openBook(dir string, c clock.Clock) (*book, []*hook, error) {
	b := &book{
		clock: c, phones: map[string]*Phone{}, chats: map[string][]*Message{}, byID: map[string]*Message{},
		media: map[string]*file{}, calls: map[string]string{}, watchers: map[chan change]struct{}{},
	}
	if dir == "" {
		return b, nil, nil
	}
	hooks := map[string]*hook{}
	err := readJournal(dir, func(r record) {
		switch {
		case r.Phone != nil:
			b.putPhone(*r.Phone)
		case r.Message != nil:
			b.put(r.Message)
		case r.Media != nil:
			b.putFile(&file{Media: *r.Media})
		case r.Gone != "":
			b.removeFile(r.Gone)
		case r.Callback != nil:
			b.calls[r.Callback.Account] = r.Callback.Address
		case r.Hook != nil:
			r.Hook.kept = true
			hooks[r.Hook.ID] = r.Hook
		case r.Settled != "":
			delete(hooks, r.Settled)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	pending := slices.SortedFunc(maps.Values(hooks), func(x, y *hook) int { return x.Since.Compare(y.Since) })
	if b.journal, err = newJournal(dir, b.records(pending)); err != nil {
		return nil, nil, err
	}
	b.journal.sweep(b.media)
	return b, pending, nil
}

// records is the whole state as the lines of a fresh journal.
func (b *book) records(pending []*hook) []record {
	var all []record
	for _, key := range b.order {
		all = append(all, record{Phone: b.phones[key]})
		for _, m := range b.chats[key] {
			all = append(all, record{Message: m})
		}
	}
	for _, id := range b.files {
		all = append(all, record{Media: &b.media[id].Media})
	}
	for account, address := range b.calls {
		all = append(all, record{Callback: &callbackRecord{account, address}})
	}
	for _, h := range pending {
		all = append(all, record{Hook: h})
	}
	return all
}

func (b *book) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.watchers {
		close(w)
		delete(b.watchers, w)
	}
	if b.journal == nil {
		return nil
	}
	return b.journal.close()
}

// write adds a line to the journal, if there is one.
func (b *book) write(r record) {
	if b.journal != nil {
		b.journal.write(r)
	}
}

// phone returns a phone by its key.
func (b *book) phone(key string) (Phone, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.phones[key]; p != nil {
		return *p, true
	}
	return Phone{}, false
}

// find returns the phone that has this number, user id or mail address.
func (b *book) find(c Customer) (Phone, bool) {
	return b.first(func(p Phone) bool {
		return (c.Phone != "" && p.Phone == c.Phone) || (c.UserID != "" && p.UserID == c.UserID) || (c.Email != "" && p.Email == c.Email)
	})
}

func (b *book) first(fits func(Phone) bool) (Phone, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.phones {
		if fits(*p) {
			return *p, true
		}
	}
	return Phone{}, false
}

// savePhone adds or changes a phone.
func (b *book) savePhone(p Phone) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.putPhone(p)
	if !p.Scripted {
		b.write(record{Phone: &p})
		b.tell("phone", p)
	}
}

func (b *book) putPhone(p Phone) {
	if b.phones[p.Key] == nil {
		b.order = append(b.order, p.Key)
	}
	b.phones[p.Key] = &p
}

// add appends a message to its chat.
func (b *book) add(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.put(&m)
	b.note(m)
}

// put keeps chats in the order of time, and short.
func (b *book) put(m *Message) {
	if old := b.byID[m.ID]; old != nil {
		*old = *m
		return
	}
	b.byID[m.ID] = m
	chat := b.chats[m.Phone]
	at := len(chat)
	for at > 0 && chat[at-1].At.After(m.At) {
		at--
	}
	chat = slices.Insert(chat, at, m)
	limit := chatLength
	if p := b.phones[m.Phone]; p != nil && p.Scripted {
		limit = scriptedLength
	}
	for len(chat) > limit {
		delete(b.byID, chat[0].ID)
		chat = slices.Delete(chat, 0, 1)
	}
	b.chats[m.Phone] = chat
}

// note writes a changed message down and tells the watchers.
func (b *book) note(m Message) {
	if p := b.phones[m.Phone]; p == nil || !p.Scripted {
		b.write(record{Message: &m})
		b.tell("message", m)
	}
}

// message returns a message by the provider's id.
func (b *book) message(id string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := b.byID[id]; m != nil {
		return *m, true
	}
	return Message{}, false
}

// change lets f change a message; f says whether it did. It returns the message as it is now.
func (b *book) change(id string, f func(*Message) bool) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.byID[id]
	if m == nil {
		return Message{}, false
	}
	if !f(m) {
		return *m, false
	}
	b.note(*m)
	return *m, true
}

// chat returns a phone's messages, oldest first.
func (b *book) chat(key string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.copyChat(key)
}

func (b *book) copyChat(key string) []Message {
	all := make([]Message, 0, len(b.chats[key]))
	for _, m := range b.chats[key] {
		all = append(all, *m)
	}
	return all
}

// waiting returns what the business sent and nobody has read, oldest first.
func (b *book) waiting() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []Message
	for _, key := range b.order {
		for _, m := range b.chats[key] {
			if m.From == FromBusiness && (m.Status == StatusSent || m.Status == StatusDelivered) {
				all = append(all, *m)
			}
		}
	}
	return all
}

// lastFromCustomer says when the customer last wrote to the account.
func (b *book) lastFromCustomer(key, account string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range slices.Backward(b.chats[key]) {
		if m.From == FromCustomer && m.Account == account {
			return m.At
		}
	}
	return time.Time{}
}

// addMedia keeps a file. The oldest ones make room.
func (b *book) addMedia(m Media, content []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := &file{Media: m}
	if b.journal == nil {
		f.bytes = content
	} else if err := b.journal.writeFile(m.ID, content); err != nil {
		return err
	}
	b.putFile(f)
	b.write(record{Media: &f.Media})
	return nil
}

func (b *book) putFile(f *file) {
	b.media[f.ID] = f
	b.files = append(b.files, f.ID)
	b.size += f.Size
	for b.size > mediaBytes && len(b.files) > 1 {
		b.removeFile(b.files[0])
	}
}

func (b *book) removeFile(id string) {
	f := b.media[id]
	if f == nil {
		return
	}
	b.size -= f.Size
	delete(b.media, id)
	b.files = slices.DeleteFunc(b.files, func(other string) bool { return other == id })
	if b.journal != nil {
		b.journal.removeFile(id)
		b.write(record{Gone: id})
	}
}

// deleteMedia forgets a file.
func (b *book) deleteMedia(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.removeFile(id)
}

// mediaInfo returns what is known of a file.
func (b *book) mediaInfo(id string) (Media, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.media[id]; f != nil {
		return f.Media, true
	}
	return Media{}, false
}

// mediaContent returns a file's content.
func (b *book) mediaContent(id string) ([]byte, error) {
	b.mu.Lock()
	f, j := b.media[id], b.journal
	b.mu.Unlock()
	if f == nil {
		return nil, fmt.Errorf("media %s: %w", id, os.ErrNotExist)
	}
	if j == nil {
		return f.bytes, nil
	}
	return j.readFile(id)
}

func (b *book) callback(account string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[account]
}

func (b *book) keepCallback(account, address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls[account] = address
	b.write(record{Callback: &callbackRecord{account, address}})
}

func (b *book) keepHook(h *hook) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.write(record{Hook: h})
}

func (b *book) dropHook(h *hook) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.write(record{Settled: h.ID})
}

// publish tells everyone who watches.
func (b *book) publish(kind string, data any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tell(kind, data)
}

// tell never waits: who cannot follow is cut off, comes back and starts from the whole state.
func (b *book) tell(kind string, data any) {
	for w := range b.watchers {
		select {
		case w <- change{kind, data}:
		default:
			close(w)
			delete(b.watchers, w)
		}
	}
}

// watch returns the phones and chats and everything that changes after that.
func (b *book) watch() (phones []Phone, messages []Message, changes chan change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	phones, messages = b.snapshot()
	changes = make(chan change, 256)
	b.watchers[changes] = struct{}{}
	return phones, messages, changes
}

func (b *book) unwatch(w chan change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.watchers[w]; ok {
		delete(b.watchers, w)
		close(w)
	}
}

// snapshot leaves the scripted phones out: there may be thousands.
func (b *book) snapshot() (phones []Phone, messages []Message) {
	for _, key := range b.order {
		if p := b.phones[key]; !p.Scripted {
			phones = append(phones, *p)
			messages = append(messages, b.copyChat(key)...)
		}
	}
	return phones, messages
}
