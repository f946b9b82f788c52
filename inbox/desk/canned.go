package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wasl/activity"
	"wasl/files"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/text"
	"wasl/search"
	"wasl/store"
)

// CannedReply is a text that agents send often, in the languages that customers are written to.
type CannedReply struct {
	store.Meta  `bson:",inline"`
	Shared      `bson:",inline"`
	Shortcut    string       `bson:"shortcut"`
	Folder      string       `bson:"folder,omitempty"`
	Text        CannedText   `bson:"text"`
	Attachments []CannedFile `bson:"attachments,omitempty"`
}

// CannedText is a text in several languages; an empty one is not there. It may have variables such as {{contact.first_name}}.
type CannedText struct {
	English string `bson:"en,omitempty" json:"en,omitempty" maxLength:"4000"`
	Hebrew  string `bson:"he,omitempty" json:"he,omitempty" maxLength:"4000"`
	Arabic  string `bson:"ar,omitempty" json:"ar,omitempty" maxLength:"4000"`
}

// each calls fn for the texts that there are.
func (t CannedText) each(fn func(language, said string) error) error {
	for _, one := range []struct{ language, said string }{{"en", t.English}, {"he", t.Hebrew}, {"ar", t.Arabic}} {
		if strings.TrimSpace(one.said) == "" {
			continue
		}
		if err := fn(one.language, one.said); err != nil {
			return err
		}
	}
	return nil
}

// CannedFile is a file that goes with the text, as it was when it was attached: files do not change.
type CannedFile struct {
	ID        string     `bson:"id" json:"id"`
	Kind      files.Kind `bson:"kind" json:"kind" enum:"image,video,audio,voice,document,sticker"`
	MIME      string     `bson:"mime" json:"mime"`
	Name      string     `bson:"name" json:"name"`
	Size      int64      `bson:"size" json:"size"`
	Thumbnail bool       `bson:"thumbnail,omitempty" json:"-"`
}

var cannedSchema = store.Schema{Name: "canned_replies", Indexes: []store.Index{byHolder}}

// newCanned returns the canned replies, which searches find and whose files are seen by whoever sees them.
func newCanned(s *Service) shelf[CannedReply, *CannedReply] {
	x := shelf[CannedReply, *CannedReply]{
		s: s, rows: store.NewCollection[CannedReply](s.Engine, cannedSchema), kind: activity.CannedReply, prefix: "can",
		check: checkCanned, keep: s.keepCanned,
		show: func(c *CannedReply) any { return viewCanned(c) }, name: func(c *CannedReply) string { return c.Shortcut },
	}
	s.words = search.NewSource(s.Engine, search.CannedReplies, func(ctx context.Context, v access.Viewer, ids []string) (
		map[string]search.Found[*CannedReply], error,
	) {
		rows, err := x.rows.GetMany(ctx, ids...)
		found := make(map[string]search.Found[*CannedReply], len(rows))
		for _, c := range rows {
			if c.WorkspaceID == v.WorkspaceID && v.In(c.audience()) {
				found[c.ID] = search.Found[*CannedReply]{Item: c, Words: c.entry().Words}
			}
		}
		return found, err
	})
	s.Inbox.Files.Owner(files.CannedReply, func(ctx context.Context, v access.Viewer, id string) error {
		_, err := x.one(ctx, v, id)
		return err
	})
	return x
}

// checkCanned refuses a shortcut that cannot be typed or is another one's, and texts that say nothing or have unknown variables.
func checkCanned(_ context.Context, _ access.Viewer, c *CannedReply, others []*CannedReply) error {
	if c.Shortcut == "" || strings.ContainsAny(c.Shortcut, " \t\r\n/") || text.Name(c.Shortcut) != c.Shortcut {
		return errs.InvalidField("invalid_shortcut", "shortcut", "one word without a slash, such as hours")
	}
	for _, other := range others {
		if other.Holder == c.Holder && text.Fold(other.Shortcut) == text.Fold(c.Shortcut) {
			return &errs.Error{
				Kind: errs.Conflict, Code: "shortcut_taken", Text: fmt.Sprintf("There is a canned reply /%s already.", other.Shortcut),
				Fields: []errs.Field{{Field: "shortcut", Detail: "is another one's"}},
			}
		}
	}
	said := len(c.Attachments) > 0
	err := c.Text.each(func(language, words string) error {
		said = true
		return inbox.CheckVariables(words, "text/"+language)
	})
	if err == nil && !said {
		return errs.InvalidField("empty_message", "text", "a text in at least one language, or an attachment")
	}
	return err
}

// keepCanned keeps what goes with a canned reply: its files and its words.
func (s *Service) keepCanned(ctx context.Context, v access.Viewer, w *events.Write, before, after *CannedReply) error {
	err := s.keepFiles(ctx, v, w, before, after)
	w.Changes = append(w.Changes, s.words.Changes(v.WorkspaceID, before.entry(), after.entry())...)
	return err
}

// keepFiles gives the canned reply its files, and gives up those that it has no longer.
func (s *Service) keepFiles(ctx context.Context, v access.Viewer, w *events.Write, before, after *CannedReply) error {
	had, has := attached(before), attached(after)
	owner := func(c *CannedReply) files.Owner { return files.Owner{Kind: files.CannedReply, ID: c.ID} }
	for n, a := range has {
		if slices.ContainsFunc(had, func(old CannedFile) bool { return old.ID == a.ID }) {
			continue
		}
		f, changes, err := s.Inbox.Files.Attach(ctx, v, owner(after), a.ID)
		if errors.Is(err, store.ErrNotFound) {
			return errs.InvalidField("unknown_media", fmt.Sprintf("attachments/%d", n), "there is no such file: upload it first")
		}
		if err != nil {
			return err
		}
		after.Attachments[n] = CannedFile{f.ID, f.Kind, f.MIME, f.Name, f.Size, f.Thumbnail}
		w.Changes = append(w.Changes, changes...)
	}
	for _, a := range had {
		if slices.ContainsFunc(has, func(now CannedFile) bool { return now.ID == a.ID }) {
			continue
		}
		f, err := s.Inbox.Files.Get(ctx, a.ID)
		if err == nil {
			var changes []store.Change
			changes, err = s.Inbox.Files.Release(ctx, f, owner(before))
			w.Changes = append(w.Changes, changes...)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

func attached(c *CannedReply) []CannedFile {
	if c == nil {
		return nil
	}
	return c.Attachments
}

// attach names the files that go with it; those that it has stay as they are.
func (c *CannedReply) attach(fileIDs []string) {
	now := make([]CannedFile, 0, len(fileIDs))
	for _, id := range fileIDs {
		a := CannedFile{ID: id}
		if n := slices.IndexFunc(c.Attachments, func(a CannedFile) bool { return a.ID == id }); n >= 0 {
			a = c.Attachments[n]
		}
		if !slices.ContainsFunc(now, func(a CannedFile) bool { return a.ID == id }) {
			now = append(now, a)
		}
	}
	c.Attachments = now
}
