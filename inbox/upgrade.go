package inbox

import (
	"context"

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
