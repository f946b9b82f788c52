package routing

import (
	"context"

	"wasl/inbox"
	"wasl/store"
)

// Upgrade makes the routes and loads of conversations from before there was routing.
var Upgrade = store.Upgrade{Name: "routing: routes and loads of conversations", Run: addRoutes}

func addRoutes(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	routes, counts := store.NewCollection[Route](engine, routeSchema), store.NewCollection[Load](engine, loadSchema)
	return inbox.RewriteBeside(ctx, engine, progress, func(page []inbox.Standing) ([]store.Change, error) {
		var added []*Route
		ids := make([]string, len(page))
		for n, c := range page {
			ids[n] = c.ID
		}
		found, err := routes.GetMany(ctx, ids...)
		if err != nil {
			return nil, err
		}
		known := make(map[string]bool, len(found))
		for _, r := range found {
			known[r.ID] = true
		}
		for _, c := range page {
			if p := placeOf(c); p.state != None && !known[c.ID] {
				r := newRoute(c)
				r.moveTo(p, c.Activity)
				added = append(added, r)
			}
		}
		changes := make([]store.Change, 0, len(added))
		for _, r := range added {
			changes = append(changes, routes.Insert(r))
		}
		more, err := countAll(ctx, counts, added)
		return append(changes, more...), err
	})
}

// countAll returns the changes of the loads in which the routes are to be counted.
func countAll(ctx context.Context, counts store.Collection[Load, *Load], added []*Route) (changes []store.Change, err error) {
	loads := map[string]*Load{}
	for _, r := range added {
		agent := r.counts()
		if agent == "" {
			continue
		}
		if loads[agent] == nil {
			found, err := counts.GetMany(ctx, agent)
			if err != nil {
				return nil, err
			}
			loads[agent] = newLoad(r.WorkspaceID, agent)
			if len(found) > 0 {
				loads[agent] = found[0]
			}
		}
		loads[agent].add(r.Kind, 1, r.Since)
	}
	for _, l := range loads {
		write := counts.Replace
		if l.Version == 0 {
			write = counts.Insert
		}
		changes = append(changes, write(l))
	}
	return changes, nil
}
