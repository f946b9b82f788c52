package inbox

import (
	"context"

	"wasl/store"
)

// Upgrade gives conversations from before contacts could be merged their origin.
func Upgrade(ctx context.Context, engine store.Engine) error {
	conversations := store.NewCollection[Conversation](engine, conversationSchema)
	return conversations.Rewrite(ctx, func(page []*Conversation) (changes []store.Change, _ error) {
		for _, c := range page {
			if c.Origin == "" {
				c.Origin = c.ContactID
				changes = append(changes, conversations.Replace(c))
			}
		}
		return changes, nil
	})
}
