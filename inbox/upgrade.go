package inbox

import (
	"context"

	"wasl/activity"
	"wasl/channels"
	"wasl/files"
	"wasl/internal/access"
	"wasl/search"
	"wasl/store"
)

// Upgrade gives conversations from before contacts could be merged their origin.
var Upgrade = store.Upgrade{Name: "inbox: origin of conversations", Run: giveOrigin}

func giveOrigin(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	conversations := store.NewCollection[Conversation](engine, conversationSchema)
	return conversations.Rewrite(ctx, progress, func(page []*Conversation) (changes []store.Change, _ error) {
		for _, c := range page {
			if c.Origin == "" {
				c.Origin = c.ContactID
				changes = append(changes, conversations.Replace(c))
			}
		}
		return changes, nil
	})
}

// UpgradeWaiting notes of conversations from before that was kept since when their customers wait.
var UpgradeWaiting = store.Upgrade{Name: "inbox: since when customers wait", Run: noteWaiting}

func noteWaiting(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	conversations := store.NewCollection[Conversation](engine, conversationSchema)
	messages := store.NewCollection[Message](engine, messageSchema)
	return conversations.Rewrite(ctx, progress, func(page []*Conversation) (changes []store.Change, _ error) {
		ids := make([]string, len(page))
		for n, c := range page {
			ids[n] = c.LastMessageID
		}
		found, err := messages.GetMany(ctx, ids...)
		if err != nil {
			return nil, err
		}
		asked := make(map[string]bool, len(found))
		for _, m := range found {
			asked[m.ID] = m.Direction == In && m.Type != channels.TypeSystem
		}
		for _, c := range page {
			if c.Status != Resolved && c.WaitingSince == nil && asked[c.LastMessageID] && !c.LastInboundAt.IsZero() {
				c.WaitingSince = &c.LastInboundAt
				changes = append(changes, conversations.Replace(c))
			}
		}
		return changes, nil
	})
}

// earlierReads is a conversation as it was while it held what users have read of it.
type earlierReads struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string              `bson:"workspace_id"`
	Reads       map[string]int64    `bson:"reads"`
	Seen        map[string]readMark `bson:"seen"`
	Marked      string              `bson:"marked"`
}

// UpgradeReads gives what users have read of conversations documents of their own. What the conversations still hold of it goes with
// their next change.
var UpgradeReads = store.Upgrade{Name: "inbox: what users have read, beside conversations", Run: moveReads}

func moveReads(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	earlier := store.NewCollection[earlierReads](engine, conversationSchema)
	marks := store.NewCollection[reads](engine, readsSchema)
	return earlier.Rewrite(ctx, progress, func(page []*earlierReads) (changes []store.Change, _ error) {
		ids := make([]string, len(page))
		for n, c := range page {
			ids[n] = c.ID
		}
		known, err := marks.GetMany(ctx, ids...)
		if err != nil {
			return nil, err
		}
		done := make(map[string]bool, len(known))
		for _, r := range known {
			done[r.ID] = true
		}
		for _, c := range page {
			if (len(c.Reads) > 0 || c.Marked != "") && !done[c.ID] {
				r := newReads(c.WorkspaceID, c.ID)
				r.Latest, r.Reported = c.Seen, c.Marked
				if c.Reads != nil {
					r.UpTo = c.Reads
				}
				changes = append(changes, marks.Insert(r))
			}
		}
		return changes, nil
	})
}

// UpgradeHistory notes for conversations from before there was a history when they began, which is all that is known.
var UpgradeHistory = store.Upgrade{Name: "inbox: when conversations began", Run: noteBeginnings}

func noteBeginnings(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	log := activity.NewLog(engine)
	return store.NewCollection[Conversation](engine, conversationSchema).Rewrite(ctx, progress,
		func(page []*Conversation) ([]store.Change, error) {
			began := make([]activity.Activity, len(page))
			for n, c := range page {
				began[n] = activity.Activity{
					WorkspaceID: c.WorkspaceID, Subject: activity.Subject{
						Kind: activity.Conversation,
						ID:   c.ID,
					}, ConversationID: c.ID, ContactID: c.Origin,
					Actor: access.Actor{Kind: access.System}, Action: actionCreated, At: c.CreatedAt,
				}
			}
			return log.Past(ctx, began)
		})
}

// UpgradeFiles gives the files of messages from before files had owners theirs.
var UpgradeFiles = store.Upgrade{Name: "inbox: owners of files", Run: ownFiles}

func ownFiles(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	return store.NewCollection[Message](engine, messageSchema).Rewrite(ctx, progress, func(page []*Message) ([]store.Change, error) {
		owners := map[string][]files.Owner{}
		for _, m := range page {
			for _, a := range m.Attachments {
				owners[a.ID] = append(owners[a.ID], ownerOf(m))
			}
		}
		return files.Assign(ctx, engine, owners)
	})
}

// UpgradeWords writes the rows of the index of words for messages from before there was one.
var UpgradeWords = store.Upgrade{Name: "inbox: words of messages", Run: addWords}

func addWords(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	words := search.NewSource[Hit](engine, search.Messages, nil)
	return store.NewCollection[Message](engine, messageSchema).Rewrite(ctx, progress,
		func(page []*Message) (changes []store.Change, _ error) {
			for _, m := range page {
				changes = append(changes, words.Changes(m.WorkspaceID, search.Entry{}, wordsAsMessage(m))...)
			}
			return changes, nil
		})
}

// wordsAsMessage is what the index knew of a message before there were kinds.
func wordsAsMessage(m *Message) search.Entry {
	return search.Entry{ID: m.ID, At: m.SentAt, Words: m.Tokens}
}

// UpgradeKinds gives notes and files rows of their own in the index of words, where both were found as messages.
var UpgradeKinds = store.Upgrade{Name: "inbox: words of notes and files", Run: partWords}

func partWords(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	messages := store.NewCollection[Message](engine, messageSchema)
	words := newSources(engine, func(func(*Message) []string) loadFound { return nil })
	return messages.Rewrite(ctx, progress, func(page []*Message) (changes []store.Change, _ error) {
		for _, m := range page {
			if len(m.Tokens) == 0 || m.Type != channels.TypeNote && len(m.Attachments) == 0 {
				continue
			}
			known := findable{said: wordsAsMessage(m)}
			m.index()
			changes = append(append(changes, messages.Replace(m)), words.changes(m.WorkspaceID, known, m.findable())...)
		}
		return changes, nil
	})
}
