package contacts

import (
	"context"

	"wasl/channels"
	"wasl/store"
)

// bornIdentity is an identity as it was while it moved with its contact.
type bornIdentity struct {
	Identity  `bson:",inline"`
	ContactID string `bson:"contact_id"`
}

// Upgrade gives identities from before contacts could be merged their origin, and phone numbers the row under which their spellings meet.
var Upgrade = store.Upgrade{Name: "contacts: origin of identities", Run: giveOrigin}

func giveOrigin(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	s := &Service{identities: store.NewCollection[Identity](engine, identitySchema)}
	seen := map[string]bool{}
	return store.NewCollection[bornIdentity](engine, identitySchema).Rewrite(ctx, progress, func(page []*bornIdentity) (changes []store.Change, err error) {
		for _, row := range page {
			if row.Origin != "" {
				continue
			}
			row.Origin = row.ContactID
			changes = append(changes, s.identities.Replace(&row.Identity))
			value := []channels.Identity{row.Identity.Identity}
			_, absent, err := s.known(ctx, row.WorkspaceID, aliases(value, value))
			if err != nil {
				return nil, err
			}
			w := s.work(row.WorkspaceID)
			for _, i := range absent {
				if id := identityID(row.WorkspaceID, i); !seen[id] { // of two contacts with one number the first has it
					seen[id] = true
					w.bear(row.Identity, i, true)
				}
			}
			changes = append(changes, w.changes...)
		}
		return changes, nil
	})
}
