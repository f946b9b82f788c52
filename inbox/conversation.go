package inbox

import (
	"fmt"
	"slices"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/store"
)

// Status is the state of a conversation.
type Status string

// The states of a conversation.
const (
	Open     Status = "open"
	Pending  Status = "pending"
	Snoozed  Status = "snoozed"
	Resolved Status = "resolved"
	// Merged is a conversation that another one goes on with: no list has it, and whoever asks for it gets the other one.
	Merged Status = "merged"
)

// unresolved are the states of work that is not done.
var unresolved = []string{string(Open), string(Pending), string(Snoozed)}

// Conversation is everything said between one contact and one channel. It has one for good and is reopened by what comes in;
// its id is derived from the two (and the group, or the mail's thread), so there cannot be a second one. The contact is the one that
// the address was born with, the origin: a merge of contacts neither moves nor rewrites what was said.
type Conversation struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	Origin      string `bson:"origin"`
	// ContactID is the person that the origin belonged to when somebody last looked: soon after a merge it is right again. It
	// is for showing only.
	ContactID    string        `bson:"contact_id"`
	ChannelID    string        `bson:"channel_id"`
	ChannelKind  channels.Kind `bson:"channel_kind"`
	Group        string        `bson:"group,omitempty"`
	Status       Status        `bson:"status"`
	SnoozedUntil *time.Time    `bson:"snoozed_until,omitempty"` // nil: not snoozed, or until the customer writes
	Type         string        `bson:"type"`
	Classified   classified    `bson:"classified"`
	Priority     string        `bson:"priority"`
	Labels       []string      `bson:"labels"`
	AssigneeID   string        `bson:"assignee_id"`
	TeamID       string        `bson:"team_id"`
	// OfferedTo is who is asked whether they take it, where they could not see it otherwise.
	OfferedTo string `bson:"offered_to,omitempty"`
	// MergedInto is the conversation that has what was said in this one, whose status is Merged then.
	MergedInto string `bson:"merged_into,omitempty"`
	// Continued is the conversation to which the customer's next messages go, since the later part of this one was split off; empty: here.
	Continued string `bson:"continued,omitempty"`
	// Gathered are the conversations that were merged into this one, whose history is a part of its own.
	Gathered []string `bson:"gathered,omitempty"`
	// MovedAt is when messages last came from another conversation, or went to one: whoever shows them reads them again.
	MovedAt time.Time `bson:"moved_at,omitempty"`
	// KnownUpTo is the version up to which what came is known to whoever has seen anything, because messages from elsewhere stand among it.
	KnownUpTo int64 `bson:"known_up_to,omitempty"`
	// Participants took part and keep seeing it when it is assigned to somebody else.
	Participants []string `bson:"participants"`
	// LastMessageID is the newest message that people see.
	LastMessageID  string    `bson:"last_message_id"`
	LastMessageAt  time.Time `bson:"last_message_at"`
	LastMessageSeq int64     `bson:"last_message_seq"`
	LastActivityAt time.Time `bson:"last_activity_at"`
	// WindowFrom is the customer's last message that allows free-form answers; zero: none.
	WindowFrom time.Time `bson:"window_from"`
	// InboundCount counts what came in.
	InboundCount int64 `bson:"inbound_count"`
	// LastInbound is the provider's id of the newest message that came in.
	LastInbound   string    `bson:"last_inbound"`
	LastInboundAt time.Time `bson:"last_inbound_at"`
	// Address is where the customer last wrote from, or is since they changed it, which is where answers go; AddressAt is when that was.
	Address   *channels.Identity `bson:"address,omitempty"`
	AddressAt time.Time          `bson:"address_at,omitempty"`
	// Mail is what a mail's conversation needs besides; nil for every other kind.
	Mail *MailThread `bson:"mail,omitempty"`
	// OptedOutAt is since when the customer wants no messages at this address; nil: they may be sent.
	OptedOutAt *time.Time `bson:"opted_out_at,omitempty"`
	// Seq is the highest Message.Seq.
	Seq int64 `bson:"seq"`
	// Outbox holds the ids of the messages to send, the next one first.
	Outbox []string `bson:"outbox"`
	// Scheduled holds the ids of the messages that wait for their time.
	Scheduled []string  `bson:"scheduled,omitempty"`
	CreatedAt time.Time `bson:"created_at"`
	UpdatedAt time.Time `bson:"updated_at"`
	// WaitingSince is since when the customer has had no answer by a person; nil: they do not wait.
	WaitingSince *time.Time `bson:"waiting_since,omitempty"`
	// AnsweredUpTo is how many messages had come in when a person answered last: none of them is unread for anybody any more.
	AnsweredUpTo int64   `bson:"answered_up_to,omitempty"`
	Levels       *Levels `bson:"levels,omitempty"`
	// Level and DueAt say of the levels what lists ask.
	Level string    `bson:"level,omitempty"`
	DueAt time.Time `bson:"due_at,omitempty"`

	Rating *Rating `bson:"rating,omitempty"` // what the customer answered last, asked whether they are satisfied

	via      string // the conversation that was asked for, where this one goes on with it
	thanked  bool   // in this change the customer only said thanks, which does not open it
	closed   bool   // in this change it gets a closing note
	note     string // in this change it is handed over with this note
	chose    string // in this change the customer chose this as an answer to a question of ours (QuestionChoice)
	before   state  // how it was read, for the history
	spoke    bool   // in this change the customer said something that wants an answer
	answered bool   // in this change a person answered
}

// moveTo has answers go to where the customer was at a time, unless it is known where they have been since.
func (c *Conversation) moveTo(address *channels.Identity, at time.Time) {
	if !at.Before(c.AddressAt) {
		c.Address, c.AddressAt = address, at
	}
}

func conversationID(channelID, origin, group string) string {
	return ids.Derived("cnv", channelID, origin, group)
}

// audience is who may see the conversation: everybody whose visibility reaches what neither a user nor a team has been given, its team,
// of which all may see it while none of them has it, its assignee and those who took part.
func (c *Conversation) audience() access.Audience {
	a := access.Audience{Supervisors: true, Users: slices.Clone(c.Participants), Guest: c.guest()}
	switch {
	case c.AssigneeID != "":
		a.Users = append(a.Users, c.AssigneeID)
		if c.TeamID != "" {
			a.Teams = []string{c.TeamID}
		}
	case c.TeamID != "":
		a.Queues = []string{c.TeamID}
	default:
		a.Unassigned = true
	}
	if c.OfferedTo != "" {
		a.Users = append(a.Users, c.OfferedTo)
	}
	slices.Sort(a.Users)
	a.Users = slices.Compact(a.Users)
	return a
}

// seenBy reports whether the viewer may see the conversation.
func (c *Conversation) seenBy(v access.Viewer) bool {
	return c.WorkspaceID == v.WorkspaceID && v.In(c.audience())
}

// touch sets when it was changed last, always later than before, although clocks of instances differ: browsers keep the later of two
// pictures.
func (c *Conversation) touch(now time.Time) {
	if !now.After(c.UpdatedAt) {
		now = c.UpdatedAt.Add(time.Millisecond)
	}
	c.UpdatedAt = now
}

// addParticipant makes the user a participant.
func (c *Conversation) addParticipant(userID string) {
	if userID != "" && !slices.Contains(c.Participants, userID) {
		c.Participants = append(c.Participants, userID)
	}
}

// reopen is what something new does to a conversation that was put aside.
func (c *Conversation) reopen() {
	if c.Status != Open && c.Status != Pending {
		c.Status, c.SnoozedUntil = Open, nil
	}
}

// showLast makes the message, which has its place, the newest one where it is.
func (c *Conversation) showLast(m *Message) {
	c.Seq = max(c.Seq, m.Seq)
	if m.SentAt.After(c.LastMessageAt) || m.SentAt.Equal(c.LastMessageAt) && m.Seq > c.LastMessageSeq {
		c.LastMessageID, c.LastMessageAt, c.LastMessageSeq = m.ID, m.SentAt, m.Seq
	}
}

// Edit is a change of a conversation's own fields; nil fields stay.
type Edit struct {
	Assignment
	Status       *Status
	SnoozedUntil *time.Time
	// UntilAnswered goes with the status snoozed in the place of a time: until the customer writes.
	UntilAnswered bool
	Priority      *string
	Type          *string
	Sentiment     *string
	// Classification is what a classifier says; what the edit says itself goes before it.
	Classification *Classification
	Labels         *[]string
	// OfferedTo is who sees it from now on because it is offered to them; empty: nobody. It ends by itself when the conversation waits no
	// longer, or for another team.
	OfferedTo *string
	// ClosingNote goes with the status resolved: an internal note that says how it ended.
	ClosingNote string
	// Rating is what the customer says of how they were served.
	Rating *Rating
	// Told is for those who keep something beside the conversation (KeepBeside).
	Told any
}

// maxLabels is how many labels a conversation has.
const maxLabels = 50

// apply checks the edit against the time and carries it out.
func (c *Conversation) apply(e Edit, now time.Time) error {
	if e.Status != nil {
		switch {
		case *e.Status == Snoozed && e.UntilAnswered:
			c.SnoozedUntil = nil
		case *e.Status == Snoozed && (e.SnoozedUntil == nil || !e.SnoozedUntil.After(now)):
			return errs.InvalidField("snooze_in_the_past", "snoozed_until", "a time in the future is needed")
		case *e.Status == Snoozed:
			until := store.Millis(*e.SnoozedUntil)
			c.SnoozedUntil = &until
		default:
			c.SnoozedUntil = nil
		}
		if c.Status = *e.Status; c.Status == Resolved {
			c.WaitingSince = nil
		}
	} else if e.SnoozedUntil != nil {
		return errs.InvalidField("not_snoozed", "snoozed_until", "goes with the status snoozed")
	}
	if e.Priority != nil {
		c.Priority = *e.Priority
	}
	if e.Labels != nil {
		labels := slices.Clone(*e.Labels)
		slices.Sort(labels)
		if labels = slices.Compact(labels); len(labels) > maxLabels {
			return errs.InvalidField("too_many_labels", "labels", fmt.Sprintf("a conversation has at most %d labels", maxLabels))
		}
		c.Labels = labels
	}
	return nil
}
