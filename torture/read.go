package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// conversation is what the rig looks at of a conversation.
type conversation struct {
	ID          string
	Contact     struct{ ID, Name string }
	ChannelID   string `json:"channel_id"`
	Status      string
	AssigneeID  string               `json:"assignee_id"`
	TeamID      string               `json:"team_id"`
	LastMessage *struct{ ID string } `json:"last_message"`
	Inbound     int64                `json:"inbound_count"`
	Unread      int64                `json:"unread_count"`
	UpdatedAt   string               `json:"updated_at"`
}

// shown is what the rig looks at of a message.
type shown struct {
	ID             string
	ConversationID string `json:"conversation_id"`
	Direction      string
	Type           string
	Text           string
	Status         string
	ProviderID     string `json:"provider_id"`
	ClientID       string `json:"client_id"`
	Reactions      []struct{ Emoji string }
	DeletedAt      *string `json:"deleted_at"`
	SentAt         string  `json:"sent_at"`
	Seq            int64
}

// contact is what the rig looks at of a contact.
type contact struct {
	ID         string
	Name       string
	Identities []struct{ Value string }
}

// picture is everything that REST shows a user.
type picture struct {
	conversations map[string]*conversation
	threads       map[string][]*shown // newest first, as they come
	contacts      []contact
	unread        int // of the counts
	dead          []string
}

// pages walks a list of the API.
func pages[T any](w *world, i *instance, u *user, path string, fn func(T)) error {
	for cursor := ""; ; {
		var page struct {
			Items      []T
			NextCursor string `json:"next_cursor"`
		}
		next := path
		if cursor != "" {
			next += "&cursor=" + url.QueryEscape(cursor)
		}
		if _, err := w.call(i, u, http.MethodGet, next, nil, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			fn(item)
		}
		if cursor = page.NextCursor; cursor == "" {
			return nil
		}
	}
}

// headers reads the list of conversations.
func (w *world) headers(i *instance, u *user) (map[string]*conversation, []string, error) {
	found, twice := map[string]*conversation{}, []string(nil)
	err := pages(w, i, u, "/api/v1/conversations?limit=200&sort=oldest", func(c conversation) {
		if found[c.ID] != nil {
			twice = append(twice, c.ID)
		}
		found[c.ID] = &c
	})
	return found, twice, err
}

// look reads everything from one instance.
func (w *world) look(i *instance, u *user) (*picture, error) {
	p := &picture{threads: map[string][]*shown{}}
	var err error
	if p.conversations, _, err = w.headers(i, u); err != nil {
		return nil, err
	}
	var counts struct{ Unread int }
	if _, err := w.call(i, u, http.MethodGet, "/api/v1/conversations/counts", nil, &counts); err != nil {
		return nil, err
	}
	p.unread = counts.Unread
	if err := pages(w, i, u, "/api/v1/contacts?limit=200", func(c contact) { p.contacts = append(p.contacts, c) }); err != nil {
		return nil, err
	}
	if err := pages(w, i, u, "/api/v1/dead-letters?limit=200", func(d struct{ Kind, Error string }) {
		p.dead = append(p.dead, d.Kind+": "+d.Error)
	}); err != nil {
		return nil, err
	}
	return p, w.lookInto(i, u, p)
}

// lookInto reads the messages of all conversations, four at a time.
func (w *world) lookInto(i *instance, u *user, p *picture) error {
	var mu sync.Mutex
	var readers sync.WaitGroup
	var failed error
	work := make(chan string)
	for range 4 {
		readers.Go(func() {
			for id := range work {
				var thread []*shown
				err := pages(w, i, u, "/api/v1/conversations/"+id+"/messages?limit=200", func(m shown) { thread = append(thread, &m) })
				mu.Lock()
				if err != nil {
					failed = err
				}
				p.threads[id] = thread
				mu.Unlock()
			}
		})
	}
	for id := range p.conversations {
		work <- id
	}
	close(work)
	readers.Wait()
	return failed
}

// differences compares what was seen before and after a restart.
func (p *picture) differences(after *picture) []string {
	var out []string
	text := func(v any) string {
		data, _ := json.Marshal(v) // plain values always encode
		return string(data)
	}
	for id, c := range p.conversations {
		if other := after.conversations[id]; other == nil || text(c) != text(other) {
			out = append(out, fmt.Sprintf("after a restart conversation %s is %.300s instead of %.300s", id, text(other), text(c)))
		}
		if a, b := text(p.threads[id]), text(after.threads[id]); a != b {
			out = append(out, fmt.Sprintf("after a restart the messages of conversation %s differ: %d, %d before", id,
				len(after.threads[id]), len(p.threads[id])))
		}
	}
	if len(after.conversations) != len(p.conversations) || p.unread != after.unread {
		out = append(out, fmt.Sprintf("after a restart there are %d conversations and %d unread instead of %d and %d",
			len(after.conversations), after.unread, len(p.conversations), p.unread))
	}
	names := func(q *picture) []string {
		var all []string
		for _, c := range q.contacts {
			all = append(all, text(c))
		}
		slices.Sort(all)
		return all
	}
	if !slices.Equal(names(p), names(after)) {
		out = append(out, "after a restart the contacts differ")
	}
	return out
}
