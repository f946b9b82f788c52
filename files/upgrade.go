package files

import (
	"context"

	"wasl/store"
)

// Assign returns the changes that give files from before files had owners theirs, for the upgrades of what owns them.
func Assign(ctx context.Context, engine store.Engine, owners map[string][]Owner) (changes []store.Change, _ error) {
	ids := make([]string, 0, len(owners))
	for id := range owners {
		ids = append(ids, id)
	}
	collection := store.NewCollection[File](engine, schema)
	files, err := collection.GetMany(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		added := false
		for _, o := range owners[f.ID] {
			added = f.own(o) || added
		}
		if added {
			changes = append(changes, collection.Replace(f))
		}
	}
	return changes, nil
}
