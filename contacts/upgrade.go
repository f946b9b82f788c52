package contacts

import (
	"context"
	"time"

	"wasl/activity"
	"wasl/channels"
	"wasl/files"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/search"
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
	return store.NewCollection[bornIdentity](engine, identitySchema).Rewrite(ctx, progress,
		func(page []*bornIdentity) (changes []store.Change, err error) {
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
				w := s.reader(row.WorkspaceID)
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

// UpgradePictures gives contacts the files of their pictures from before files had owners.
var UpgradePictures = store.Upgrade{Name: "contacts: owners of pictures", Run: ownPictures}

func ownPictures(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	return store.NewCollection[Contact](engine, contactSchema).Rewrite(ctx, progress, func(page []*Contact) ([]store.Change, error) {
		owners := map[string][]files.Owner{}
		for _, c := range page {
			if c.Picture != "" {
				owners[c.Picture] = append(owners[c.Picture], files.Owner{Kind: files.Contact, ID: c.ID})
			}
		}
		return files.Assign(ctx, engine, owners)
	})
}

// UpgradeHistory notes when contacts from before there was a history were made.
var UpgradeHistory = store.Upgrade{Name: "contacts: when they were made", Run: noteBeginnings}

func noteBeginnings(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	log := activity.NewLog(engine)
	return store.NewCollection[Contact](engine, contactSchema).Rewrite(ctx, progress, func(page []*Contact) ([]store.Change, error) {
		made := make([]activity.Activity, len(page))
		for n, c := range page {
			made[n] = pastOf(c.WorkspaceID, c.ID, actionCreated, "", c.CreatedAt)
		}
		return log.Past(ctx, made)
	})
}

// UpgradeMerges notes which contacts were merged and separated before there was a history.
var UpgradeMerges = store.Upgrade{Name: "contacts: when they were merged", Run: noteMerges}

func noteMerges(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	log := activity.NewLog(engine)
	return store.NewCollection[Merge](engine, mergeSchema).Rewrite(ctx, progress, func(page []*Merge) ([]store.Change, error) {
		var past []activity.Activity
		for _, m := range page {
			merged := pastOf(m.WorkspaceID, m.AbsorbedID, actionMerged, m.By, m.At)
			merged.Changes = []events.Change{{Field: "merged_into", Before: "", After: m.SurvivorID}}
			past = append(past, merged)
			if m.UndoneAt != nil {
				separated := pastOf(m.WorkspaceID, m.AbsorbedID, actionSeparated, m.UndoneBy, *m.UndoneAt)
				separated.Changes = []events.Change{{Field: "merged_into", Before: m.SurvivorID, After: ""}}
				past = append(past, separated)
			}
		}
		return log.Past(ctx, past)
	})
}

// pastOf is what was done with a contact before there was a history.
func pastOf(workspaceID, contactID, action, userID string, at time.Time) activity.Activity {
	by := access.Actor{Kind: access.System}
	if userID != "" {
		by = access.Actor{Kind: access.User, ID: userID}
	}
	return activity.Activity{
		WorkspaceID: workspaceID, Subject: activity.Subject{Kind: activity.Contact, ID: contactID}, ContactID: contactID, Actor: by,
		Action: action, At: at,
	}
}

// UpgradeIndexes writes the rows of the indexes of words and of custom fields for contacts from before there were such.
var UpgradeIndexes = store.Upgrade{Name: "contacts: words and custom fields", Run: addRows}

func addRows(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	words, fields := search.NewSource[*Contact](engine, search.Contacts, nil), search.NewFieldIndex(engine, search.Contacts)
	return store.NewCollection[Contact](engine, contactSchema).Rewrite(ctx, progress,
		func(page []*Contact) (changes []store.Change, _ error) {
			for _, c := range page {
				changes = append(changes, words.Changes(c.WorkspaceID, search.Entry{}, c.entry())...)
				changes = append(changes, fields.Changes(c.WorkspaceID, c.ID, nil, c.fields())...)
			}
			return changes, nil
		})
}
