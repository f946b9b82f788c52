package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/contacts"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/condition"
	"wasl/internal/ids"
)

// listed is what a condition is asked about in a list: a conversation's header, for a viewer, and where the condition names what is not in
// the header, the conversation with its contact and newest message.
type listed struct {
	header  *live.Header
	viewer  string
	conv    *Conversation
	contact *contacts.Contact
	last    *Message
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
	fieldActivity = "last_activity_at"
	fieldKind     = "channel_kind"
	fieldOptedOut = "opted_out"
	fieldCreated  = "created_at"
	fieldText     = "text" // of the newest message
	fieldFeeling  = "sentiment"
	fieldLanguage = "language"
	fieldLevel    = "sla"
	fieldDue      = "sla_due_at" // of what runs, the first
	fieldWaiting  = "waiting_since"
	fieldClosing  = "window_closing"
	ofContact     = "contact."
)

// inHeader are the fields that headers have.
var inHeader = []string{
	fieldStatus, fieldType, fieldPriority, fieldLabels, fieldAssignee, fieldTeam, fieldChannel, fieldContact, fieldUnread, fieldActivity,
	fieldLevel, fieldDue, fieldWaiting,
}

// conversationFields are the fields that conditions about conversations may name.
func (s *Service) conversationFields() *condition.Set[listed] {
	kinds := make([]string, len(channels.Kinds))
	for n, kind := range channels.Kinds {
		kinds[n] = string(kind)
	}
	set := condition.NewSet("conversation",
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
		condition.TimeField(fieldActivity, func(l listed) time.Time { return l.header.Activity() }),
		condition.ChoiceField(fieldKind, condition.Select, func(l listed) string { return string(l.conv.ChannelKind) }, kinds...),
		condition.BoolField(fieldOptedOut, func(l listed) bool { return l.conv.OptedOutAt != nil }),
		condition.TimeField(fieldCreated, func(l listed) time.Time { return l.conv.CreatedAt }),
		condition.TextField(fieldText, func(l listed) string { return l.last.Text }),
		condition.ChoiceField(fieldFeeling, condition.Select, func(l listed) string { return l.conv.Classified.Sentiment }, sentiments...),
		condition.ChoiceField(fieldLanguage, condition.Select, func(l listed) string { return l.conv.Classified.Language }, languages...),
		condition.ChoiceField(fieldLevel, condition.Select, func(l listed) string { return l.header.Level() }, live.Levels[1:]...),
		condition.TimeField(fieldDue, func(l listed) time.Time { return l.header.Due() }),
		condition.TimeField(fieldWaiting, func(l listed) time.Time { return l.header.Waiting() }),
		condition.BoolField(fieldClosing, func(l listed) bool { return s.closing(l.conv) }),
	)
	for _, f := range contacts.Fields() {
		set.Add(condition.Within(f, func(l listed) *contacts.Contact { return l.contact }))
	}
	return set
}

// closingWithin is how long before it closes a window is about to close.
const closingWithin = 4 * time.Hour

// closing reports whether the time in which the customer may be written to freely ends soon.
func (s *Service) closing(c *Conversation) bool {
	ch, err := s.Channels.Connected(context.Background(), c.ChannelID) // from memory
	if err != nil || ch.Can.Window == 0 {
		return false
	}
	closes, now := c.windowCloses(ch.Can, true), s.Clock.Now()
	return closes.After(now) && closes.Before(now.Add(closingWithin))
}

// Fields are the fields that conditions about conversations may name.
func (s *Service) Fields() condition.Described { return s.fields }

// ofPersons makes what an expression says of contacts hold for whoever was merged into them since, and what it says of me for the viewer.
func (s *Service) ofPersons(ctx context.Context, v access.Viewer, e condition.Expr) (condition.Expr, error) {
	if e.Field == fieldAssignee || e.Field == contacts.FieldOwner {
		e.Value = asked(e.Value, v.UserID)
	}
	var err error
	each := func(parts []condition.Expr) []condition.Expr {
		if parts == nil {
			return nil
		}
		out := make([]condition.Expr, len(parts))
		for n, part := range parts {
			if err == nil {
				out[n], err = s.ofPersons(ctx, v, part)
			}
		}
		return out
	}
	e.All, e.Any = each(e.All), each(e.Any)
	if e.Not != nil && err == nil {
		var inner condition.Expr
		inner, err = s.ofPersons(ctx, v, *e.Not)
		e.Not = &inner
	}
	if e.Field != fieldContact || err != nil {
		return e, err
	}
	var named []string
	switch value := e.Value.(type) {
	case string:
		named = []string{value}
	case []string:
		named = value
	case []any:
		for _, v := range value {
			if id, is := v.(string); is {
				named = append(named, id)
			}
		}
	}
	switch {
	case len(named) == 0: // the set says what is wrong with it
		return e, nil
	case e.Op == condition.Is:
		e.Op = condition.In
	case e.Op == condition.IsNot:
		e.Op = condition.NotIn
	}
	e.Value, err = s.Contacts.Family(ctx, v.WorkspaceID, named...)
	return e, err
}

// asked is the value of a condition about users, of which me is whoever asks.
func asked(value any, viewer string) any {
	switch given := value.(type) {
	case string:
		if given == assigneeMe {
			return viewer
		}
	case []any:
		users := slices.Clone(given)
		for n, user := range users {
			users[n] = asked(user, viewer)
		}
		return users
	}
	return value
}

// filter is a Filter made ready for one request of a viewer.
type filter struct {
	s      *Service
	viewer access.Viewer
	now    time.Time
	header func(*live.Header) bool
	// rest, where there is one, is what must hold besides, of which headers do not know everything.
	rest *condition.Condition[listed]
}

// prepareFilter checks a filter.
func (s *Service) prepareFilter(ctx context.Context, v access.Viewer, f Filter) (*filter, error) {
	e, where := f.condition(v.UserID), f.Where
	out := &filter{s: s, viewer: v, now: s.Clock.Now()}
	if where != nil {
		persons, err := s.ofPersons(ctx, v, *where)
		if err != nil {
			return nil, err
		}
		c, err := s.fields.Compile(persons, "filter")
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(c.Fields(), func(path string) bool { return !slices.Contains(inHeader, path) }) {
			out.rest = c
		} else {
			e.All = append(e.All, persons)
		}
	}
	c, err := s.fields.Compile(e, "filter")
	out.header = func(h *live.Header) bool { return c.Holds(listed{header: h, viewer: v.UserID}, out.now) }
	return out, err
}

// examines is how many conversations one page looks at: fewer, where each must be read with what belongs to it.
func (f *filter) examines() int {
	if f.rest != nil {
		return maxLoaded
	}
	return maxExamined
}

// fit reports for each of the conversations whether the viewer may see it and the filter selects it.
func (f *filter) fit(ctx context.Context, convs []*Conversation) ([]bool, error) {
	entries := make([]*live.Entry, len(convs))
	for n, c := range convs {
		entries[n] = c.entry()
	}
	headers, err := f.s.live.Headers(ctx, f.viewer.WorkspaceID, entries)
	if err != nil {
		return nil, err
	}
	sight, fits := live.SightOf(f.viewer), make([]bool, len(convs))
	for n, h := range headers {
		fits[n] = sight.Sees(h) && f.header(h)
	}
	if f.rest == nil {
		return fits, nil
	}
	persons, last, err := f.load(ctx, convs, fits)
	if err != nil {
		return nil, err
	}
	for n, c := range convs {
		if !fits[n] {
			continue
		}
		l := listed{header: headers[n], viewer: f.viewer.UserID, conv: c, contact: persons[c.Origin], last: last[c.LastMessageID]}
		if l.contact == nil {
			l.contact = &contacts.Contact{}
		}
		if l.last == nil {
			l.last = &Message{}
		}
		fits[n] = f.rest.Holds(l, f.now)
	}
	return fits, nil
}

// load reads what the rest asks about of those conversations that fit so far: contacts by origin, and newest messages by id.
func (f *filter) load(ctx context.Context, convs []*Conversation, fits []bool) (persons map[string]*contacts.Contact,
	last map[string]*Message, err error,
) {
	var origins, messageIDs []string
	for n, c := range convs {
		if fits[n] {
			origins, messageIDs = append(origins, c.Origin), append(messageIDs, c.LastMessageID)
		}
	}
	named := f.rest.Fields()
	if slices.ContainsFunc(named, func(path string) bool { return strings.HasPrefix(path, ofContact) }) {
		if persons, err = f.s.Contacts.GetMany(ctx, f.viewer.WorkspaceID, origins...); err != nil {
			return nil, nil, err
		}
	}
	if !slices.Contains(named, fieldText) {
		return persons, nil, nil
	}
	found, err := f.s.messages.GetMany(ctx, messageIDs...)
	last = make(map[string]*Message, len(found))
	for _, m := range found {
		last[m.ID] = m
	}
	return persons, last, err
}
