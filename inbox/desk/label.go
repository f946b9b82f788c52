package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"wasl/activity"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/text"
	"wasl/store"
)

// Label gives a label of conversations, which is its name, a colour.
type Label struct {
	store.Meta `bson:",inline"`
	Shared     `bson:",inline"`
	Name       string `bson:"name"`
	Colour     string `bson:"colour"`
	// Former are names that it had, the latest last: macros that name one of them mean it.
	Former []string `bson:"former,omitempty"`
}

// maxFormer is how many of its former names a label keeps.
const maxFormer = 20

var labelSchema = store.Schema{Name: "labels", Indexes: []store.Index{byHolder}}

func newLabels(s *Service) shelf[Label, *Label] {
	return shelf[Label, *Label]{
		s: s, rows: store.NewCollection[Label](s.Engine, labelSchema), kind: activity.Label, prefix: "lab", check: checkLabel,
		keep: s.keepLabel, show: func(l *Label) any { return viewLabel(l) }, name: func(l *Label) string { return l.Name },
	}
}

// checkLabel refuses a name that cannot be a label's or is another one's.
func checkLabel(_ context.Context, _ access.Viewer, l *Label, others []*Label) error {
	l.Name = strings.TrimSpace(l.Name)
	if err := inbox.CheckLabel(l.Name, "name"); err != nil {
		return err
	}
	for _, other := range others {
		if text.Fold(other.Name) == text.Fold(l.Name) {
			return &errs.Error{
				Kind: errs.Conflict, Code: "label_taken", Text: fmt.Sprintf("There is a label %q already.", other.Name),
				Fields: []errs.Field{{Field: "name", Detail: "is another one's"}},
			}
		}
	}
	return nil
}

// keepLabel has conversations follow their label: to its new name, or without it where it is gone.
func (s *Service) keepLabel(ctx context.Context, v access.Viewer, w *events.Write, before, after *Label) error {
	switch {
	case before == nil:
		return nil
	case after == nil:
		return s.Inbox.Relabel(ctx, w, v, before.Name, "")
	case before.Name == after.Name:
		return nil
	}
	after.Former = append(slices.DeleteFunc(after.Former, func(name string) bool { return name == after.Name }), before.Name)
	after.Former = after.Former[max(0, len(after.Former)-maxFormer):]
	return s.Inbox.Relabel(ctx, w, v, before.Name, after.Name)
}

// labelNames are the labels that there are, by each name that they have or had.
func (s *Service) labelNames(ctx context.Context, workspaceID string) (map[string]string, error) {
	found, err := s.labels.held(ctx, workspaceID, "")
	names := map[string]string{}
	for _, l := range found {
		for _, former := range l.Former {
			names[former] = l.Name
		}
	}
	for _, l := range found {
		names[l.Name] = l.Name
	}
	return names, err
}
