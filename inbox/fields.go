package inbox

import (
	"wasl/inbox/live"
	"wasl/internal/condition"
	"wasl/internal/ids"
)

// listed is what a condition is asked about in a list: a conversation's header, for a viewer.
type listed struct {
	header *live.Header
	viewer string
}

// The fields of a conversation in conditions.
const (
	fieldStatus   = "status"
	fieldType     = "type"
	fieldPriority = "priority"
	fieldLabels   = "labels"
	fieldAssignee = "assignee_id"
	fieldTeam     = "team_id"
	fieldChannel  = "channel_id"
	fieldContact  = "contact_id"
	fieldUnread   = "unread" // by the viewer
)

// conversationFields are the fields of conversations that their headers have.
func conversationFields() *condition.Set[listed] {
	return condition.NewSet("conversation",
		condition.ChoiceField(fieldStatus, condition.Select, func(l listed) string { return l.header.Status() }, live.Statuses...),
		condition.ChoiceField(fieldType, condition.Select, func(l listed) string { return l.header.Type() }, live.Types[1:]...),
		condition.ChoiceField(fieldPriority, condition.Select, func(l listed) string { return l.header.Priority() }, live.Priorities...),
		condition.ListField(fieldLabels, func(l listed) []string { return l.header.Labels() },
			func(l listed, labels []string) bool { return l.header.HasLabel(labels) }),
		condition.ChoiceField(fieldAssignee, condition.User, func(l listed) string { return l.header.Assignee() }),
		condition.ChoiceField(fieldTeam, condition.Team, func(l listed) string { return l.header.Team() }),
		condition.ChoiceField(fieldChannel, condition.Channel, func(l listed) string { return l.header.Channel() }),
		condition.KeyField(fieldContact, condition.Contact, func(l listed) ids.Packed { return l.header.Contact() }, ids.Pack,
			func(id ids.Packed) string { return id.ID("con") }),
		condition.BoolField(fieldUnread, func(l listed) bool { return l.header.Unread(l.viewer) }),
	)
}

// Fields are the fields that conditions about conversations may name.
func (s *Service) Fields() condition.Described { return s.fields }
