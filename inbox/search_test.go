package inbox

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/search"
	"wasl/store"
	"wasl/store/storetest"
)

func TestSearchFindsWhatPeopleMean(t *testing.T) {
	said := []string{
		"Where is order INV-2026-7?", "The package arrived broken", "call me at +972 50-123-4567", "שָׁלוֹם, איפה ההזמנה שלי?",
		"ההזמנה הגיעה", "أين طلبي رقم ٤٢؟", "مَرحَباً بك", "Grüße aus Köln",
	}
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		for n, s := range said {
			p.receive(says(ines, fmt.Sprint("wamid.S", n), s, n))
		}
		settle(time.Second)
		for _, c := range []struct {
			query string
			want  []int // indices of said, newest first
		}{
			{"order", []int{0}},
			{"ORDER", []int{0}},
			{"inv-2026-7", []int{0}},
			{"2026", []int{0}},
			{"inv20267", []int{0}},
			{"broken package", []int{1}},
			{"broken order", nil},
			{"pack", []int{1}},
			{"nothing", nil},
			{"?!", nil},
			{"", nil},
			{"שלום", []int{3}},
			{"ההזמנה", []int{4, 3}},
			{"הזמנה", nil},
			{"ההזמ", []int{4, 3}},
			{"طلبي", []int{5}},
			{"42", []int{5}},
			{"٤٢", []int{5}},
			{"مرحبا", []int{6}},
			{"grusse", nil},
			{"grüße", []int{7}},
			{"koln", []int{7}},
			{"1234567", nil},
			{"4567", []int{2}},
		} {
			hits, next, err := p.Search(t.Context(), boss, c.query, "", 50)
			if err != nil || next != "" {
				t.Errorf("%q: %v, more: %q", c.query, err, next)
			}
			var got []int
			for _, h := range hits {
				got = append(got, slices.Index(said, h.Message.Text))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q finds %v, want %v", c.query, got, c.want)
			}
		}
	})
}

func TestSearchGoesOnPageByPage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		const total = 23
		for n := range total {
			p.receive(says(ines, fmt.Sprint("wamid.S", n), fmt.Sprint("common word ", n), n))
		}
		settle(time.Second)
		seen := 0
		for cursor := ""; ; {
			hits, next, err := p.Search(t.Context(), boss, "common word", cursor, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range hits {
				if want := fmt.Sprint("common word ", total-1-seen); h.Message.Text != want {
					t.Errorf("hit %d is %q, want %q", seen, h.Message.Text, want)
				}
				seen++
			}
			if next == "" {
				break
			}
			cursor = next
		}
		if seen != total {
			t.Errorf("%d hits, want %d", seen, total)
		}
	})
}

// Search finds messages: what the registry asks for one kind.
func (s *Service) Search(ctx context.Context, v access.Viewer, query, cursor string, limit int) ([]Hit, string, error) {
	return s.finder(s.words.said)(ctx, v, search.Query{Text: query, Cursor: cursor, Limit: limit})
}

// earlier makes a store as it was before notes and files were kinds: all words are those of messages.
func (p *process) earlier(messages ...*Message) {
	p.w.t.Helper()
	var changes []store.Change
	c := &Conversation{Meta: store.Meta{ID: "cnv_1"}, WorkspaceID: boss.WorkspaceID, Status: Open, Priority: "none"}
	changes = append(changes, p.conversations.Insert(c))
	for _, m := range messages {
		m.WorkspaceID, m.ConversationID, m.Thread, m.SentAt = boss.WorkspaceID, c.ID, c.ID, sampleTime
		changes = append(append(changes, p.messages.Insert(m)),
			p.words.said.Changes(m.WorkspaceID, search.Entry{}, search.Entry{ID: m.ID, At: m.SentAt, Words: m.Tokens})...)
	}
	if err := p.w.disk.Write(p.w.t.Context(), changes...); err != nil {
		p.w.t.Fatal(err)
	}
}

// What an earlier store has as messages is found as what it is, wherever the upgrade was cut off and begun again.
func TestNotesAndFilesOfAnEarlierStoreAreFoundAsSuch(t *testing.T) {
	for cut := range 3 {
		bubble(t, func(t *testing.T, w *world) {
			p := w.boot()
			deleted := sampleTime
			p.earlier(
				&Message{Meta: store.Meta{ID: "msg_said"}, Content: channels.Content{Type: channels.TypeText}, Tokens: []string{"zebra"}},
				&Message{
					Meta: store.Meta{ID: "msg_note"}, Content: channels.Content{Type: channels.TypeNote, Text: "zebra"},
					Tokens: []string{"zebra"},
				},
				&Message{
					Meta: store.Meta{ID: "msg_file"}, Content: channels.Content{
						Type: channels.TypeMedia, Text: "look", Attachments: []channels.Attachment{{ID: "med_1", Name: "zebra.pdf"}},
					}, Tokens: []string{"look", "zebra", "pdf", "zebrapdf"},
				},
				&Message{
					Meta: store.Meta{ID: "msg_withdrawn"}, DeletedAt: &deleted, Content: channels.Content{
						Type: channels.TypeMedia, Attachments: []channels.Attachment{{ID: "med_2", Name: "zebra.png"}},
					}, Tokens: []string{"zebra", "png", "zebrapng"},
				},
			)
			faulty := storetest.NewFaulty(w.disk)
			if cut > 0 {
				faulty.Fail(1, []storetest.Fault{storetest.KilledBefore, storetest.KilledAfter}[cut-1])
				if err := UpgradeKinds.Run(t.Context(), faulty, &store.Progress{}); err == nil {
					t.Fatal("it was not cut off")
				}
			}
			for range 2 {
				if err := UpgradeKinds.Run(t.Context(), w.disk, &store.Progress{}); err != nil {
					t.Fatal(err)
				}
			}
			for source, want := range map[*search.Source[Hit]]map[string][]string{
				p.words.said:  {"zebra": {"msg_said"}, "look": {"msg_file"}, "pdf": nil},
				p.words.notes: {"zebra": {"msg_note"}, "zeb": {"msg_note"}},
				p.words.files: {"zebra": {"msg_file"}, "pd": {"msg_file"}, "look": nil, "png": nil},
			} {
				for query, ids := range want {
					hits, _, err := p.finder(source)(t.Context(), boss, search.Query{Text: query, Limit: 10})
					var got []string
					for _, h := range hits {
						got = append(got, h.Message.ID)
					}
					if err != nil || !slices.Equal(got, ids) {
						t.Errorf("cut %d: %q finds %v, %v, want %v", cut, query, got, err, ids)
					}
				}
			}
			p.stop()
		})
	}
}
