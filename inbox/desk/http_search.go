package desk

import (
	"context"

	"wasl/internal/access"
	"wasl/internal/text"
	"wasl/search"
	"wasl/store"
)

// CannedHitView is a canned reply that was found.
type CannedHitView struct {
	CannedView
	Highlights []search.Highlight `json:"highlights" nullable:"false" doc:"field is shortcut, en, he, ar or folder"`
}

// RegisterSearch registers what is found of the desk: canned replies.
func (s *Service) RegisterSearch(r *search.Registry) {
	search.Add(r, search.Feature[CannedHitView]{
		Name: "canned_replies", May: access.ReadConversations,
		Find: func(ctx context.Context, v access.Viewer, q search.Query) ([]CannedHitView, string, error) {
			terms := text.Terms(q.Text)
			found, next, err := s.words.Find(ctx, v, search.Ask[*CannedReply]{Terms: terms, Cursor: q.Cursor, Limit: q.Limit})
			out := make([]CannedHitView, len(found))
			for n, c := range found {
				out[n] = CannedHitView{viewCanned(c), search.Highlights(terms, c.texts()...)}
			}
			return out, next, err
		},
	})
}

// texts are what a canned reply is found by.
func (c *CannedReply) texts() []search.Shown {
	all := []search.Shown{{Field: "shortcut", Text: c.Shortcut}}
	_ = c.Text.each(func(language, said string) error {
		all = append(all, search.Shown{Field: language, Text: said})
		return nil
	})
	return append(all, search.Shown{Field: "folder", Text: c.Folder})
}

// entry is what the index of words knows of a canned reply; nil: nothing. They have no time: their order is that of their ids.
func (c *CannedReply) entry() search.Entry {
	if c == nil {
		return search.Entry{}
	}
	var texts []string
	for _, t := range c.texts() {
		texts = append(texts, t.Text)
	}
	return search.Entry{ID: c.ID, Words: text.Tokens(texts...)}
}

// UpgradeWords writes the rows of the index of words for canned replies from before they were found.
var UpgradeWords = store.Upgrade{Name: "desk: words of canned replies", Run: addWords}

func addWords(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	words := search.NewSource[*CannedReply](engine, search.CannedReplies, nil)
	return store.NewCollection[CannedReply](engine, cannedSchema).Rewrite(ctx, progress,
		func(page []*CannedReply) (changes []store.Change, _ error) {
			for _, c := range page {
				changes = append(changes, words.Changes(c.WorkspaceID, search.Entry{}, c.entry())...)
			}
			return changes, nil
		})
}
