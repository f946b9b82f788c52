package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"wasl/channels"
	"wasl/files"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// Messages move between conversations when these are merged or split, and when that is taken back: all of them, and both conversations, in
// one write. A conversation that was merged stays as it was, with the status Merged, so that it can come back; its id leads to the one that
// goes on with it (getConversation), where its customer's next messages go too.

// maxMoved is how many messages move at once.
const maxMoved = 900

// movement is what a merge or a split moved, so that it can be taken back. Its id is the undo's token.
type movement struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string         `bson:"workspace_id"`
	From        string         `bson:"from"`
	Into        string         `bson:"into"`
	Messages    []movedMessage `bson:"messages"`
	// Status and Levels are what the merged conversation had.
	Status Status  `bson:"status,omitempty"`
	Levels *Levels `bson:"levels,omitempty"`
	// Before and After are of the conversation that stays: Into of a merge, From of a split.
	Before    fields    `bson:"before"`
	After     fields    `bson:"after"`
	LineFrom  line      `bson:"line_before"`
	LineTo    line      `bson:"line_after"`
	Reads     *reads    `bson:"reads,omitempty"` // what was read of a merge's Into as it left it
	At        time.Time `bson:"at"`
	ExpiresAt time.Time `bson:"expires_at"`
}

var movementSchema = store.Schema{Name: "movements", Expire: "expires_at"}

// movedMessage is a message that moved, with what it was in the order of its conversation.
type movedMessage struct {
	ID      string `bson:"id"`
	Number  int64  `bson:"number,omitempty"`
	Arrived int64  `bson:"arrived,omitempty"`
	Left    int64  `bson:"left,omitempty"`
	Home    string `bson:"home,omitempty"`
}

// elsewhere is the number of a message that counts among what came in, at a place that is not known since it moved.
const elsewhere = -1

// line is what a conversation knows of where its customer is.
type line struct {
	WindowFrom     time.Time          `bson:"window_from,omitempty"`
	LastInbound    string             `bson:"last_inbound,omitempty"`
	LastInboundAt  time.Time          `bson:"last_inbound_at,omitempty"`
	Address        *channels.Identity `bson:"address,omitempty"`
	AddressAt      time.Time          `bson:"address_at,omitempty"`
	OptedOutAt     *time.Time         `bson:"opted_out_at,omitempty"`
	Mail           *MailThread        `bson:"mail,omitempty"`
	LastActivityAt time.Time          `bson:"last_activity_at"`
}

func (c *Conversation) line() line {
	l := line{c.WindowFrom, c.LastInbound, c.LastInboundAt, c.Address, c.AddressAt, c.OptedOutAt, nil, c.LastActivityAt}
	if c.Mail != nil {
		mail := *c.Mail
		mail.References = slices.Clone(mail.References)
		l.Mail = &mail
	}
	return l
}

func (c *Conversation) setLine(l line) {
	c.WindowFrom, c.LastInbound, c.LastInboundAt = l.WindowFrom, l.LastInbound, l.LastInboundAt
	c.Address, c.AddressAt = l.Address, l.AddressAt
	c.OptedOutAt, c.Mail, c.LastActivityAt = l.OptedOutAt, l.Mail, l.LastActivityAt
}

// ahead returns the conversation that goes on with one, as next names it, with the one that was asked for.
func (s *Service) ahead(ctx context.Context, c *Conversation, next func(*Conversation) string) (*Conversation, error) {
	via, seen := c.ID, map[string]bool{}
	for id := next(c); id != "" && !seen[id]; id = next(c) {
		seen[id] = true
		var err error
		if c, err = s.stored(ctx, id); err != nil {
			return nil, err
		}
	}
	c.via = via
	return c, nil
}

// forInbound returns the conversation in which the next message goes that comes for one.
func (s *Service) forInbound(ctx context.Context, c *Conversation) (*Conversation, error) {
	next := func(c *Conversation) string {
		if c.MergedInto != "" {
			return c.MergedInto
		}
		return c.Continued
	}
	if next(c) == "" {
		return c, nil
	}
	via := c.via
	c, err := s.ahead(ctx, c, next)
	if err == nil && via != "" {
		c.via = via
	}
	return c, err
}

// transfer is messages that move from one conversation to another.
type transfer struct {
	s        *Service
	by       access.Actor
	now      time.Time
	from, to *change
	moved    []*Message
	row      *movement
}

func (s *Service) newTransfer(by access.Actor, from, to *Conversation) *transfer {
	now := store.Millis(s.Clock.Now())
	return &transfer{
		s: s, by: by, now: now, from: &change{conv: from, actor: by, moved: true}, to: &change{conv: to, actor: by, moved: true},
		row: &movement{WorkspaceID: from.WorkspaceID, From: from.ID, Into: to.ID, At: now, ExpiresAt: now.Add(undoKept)},
	}
}

// errTooMany refuses what would move more messages than go at once.
func errTooMany() error {
	return errs.New(errs.Conflict, "too_many_messages",
		fmt.Sprintf("More than %d messages would move: merge the shorter conversation into the longer one, or split further down.", maxMoved))
}

// errStillSending refuses to move what is on its way to the customer.
func errStillSending() error {
	return errs.New(errs.Conflict, "still_sending", "A message of this conversation is on its way. Try again in a moment.")
}

// all are the messages of a conversation.
func (s *Service) all(ctx context.Context, conv *Conversation) ([]*Message, error) {
	found, next, err := s.messages.Find(ctx, store.Query{Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Limit: maxMoved})
	if err == nil && next != "" {
		err = errTooMany()
	}
	return found, err
}

// take moves a message, which is there what as says.
func (t *transfer) take(ctx context.Context, m *Message, as movedMessage) error {
	from, to := t.from.conv, t.to.conv
	if slices.Contains(from.Outbox, m.ID) {
		return errStillSending()
	}
	t.row.Messages = append(t.row.Messages, movedMessage{m.ID, m.Number, m.Arrived, m.Left, m.Home})
	t.moved = append(t.moved, m)
	m.ConversationID, m.Thread = to.ID, to.ID
	m.Number, m.Arrived, m.Left, m.Home = as.Number, as.Arrived, as.Left, as.Home
	if m.Status == Scheduled && slices.Contains(from.Scheduled, m.ID) {
		from.unschedule(m.ID)
		to.Scheduled = append(to.Scheduled, m.ID)
	}
	to.Seq = max(to.Seq, m.Seq)
	if !m.unsaid() {
		to.showLast(m)
	}
	for _, a := range m.Attachments {
		if a.State != channels.FileReady {
			continue
		}
		f, err := t.s.Files.Get(ctx, a.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		t.to.Changes = append(t.to.Changes, t.s.Files.Give(f, files.Owner{Kind: files.Conversation, ID: to.ID})...)
	}
	t.to.Changes = append(t.to.Changes, t.s.replaced(m)...)
	return nil
}

// showRest makes the newest message that stays the last one of a conversation.
func (t *transfer) showRest(ctx context.Context, conv *Conversation) error {
	found, _, err := t.s.messages.Find(ctx, store.Query{
		Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Limit: len(t.moved) + 2*maxScheduled + 1,
	})
	conv.LastMessageID, conv.LastMessageAt, conv.LastMessageSeq = "", time.Time{}, 0
	for _, m := range found {
		if !m.unsaid() && !slices.ContainsFunc(t.moved, func(moved *Message) bool { return moved.ID == m.ID }) {
			conv.showLast(m)
			break
		}
	}
	return err
}

// addTo adds the transfer to a write: both conversations, and the job that brings up to date what is kept beside the one that was merged or
// came back (late); nil: none is.
func (t *transfer) addTo(ctx context.Context, w *events.Write, late *change, was Status) error {
	t.from.conv.MovedAt, t.to.conv.MovedAt = t.now, t.now
	for _, c := range []*change{t.from, t.to} {
		if c == late {
			c.late = true
			if err := t.s.besideLater(c, was); err != nil {
				return err
			}
		}
		if err := t.s.prepare(ctx, c); err != nil {
			return err
		}
		w.Add(&c.Write)
	}
	return nil
}

// jobBeside brings up to date what others keep beside a conversation that was merged, or came back: no write does that for two.
const jobBeside = "conversation_beside"

// besideJob is what such a job carries.
type besideJob struct {
	Was Status       `json:"was"`
	By  access.Actor `json:"by"`
}

func (s *Service) besideLater(c *change, was Status) error {
	data, err := json.Marshal(besideJob{was, c.actor})
	if err == nil {
		s.startLater(c, jobs.Spec{
			Kind: jobBeside, WorkspaceID: c.conv.WorkspaceID, Ref: c.conv.ID, Payload: data,
			Key: []string{c.conv.ID, fmt.Sprint(c.conv.Version)},
		})
	}
	return err
}

func (s *Service) runBeside(ctx context.Context, job *jobs.Job) error {
	var in besideJob
	if err := json.Unmarshal(job.Payload, &in); err != nil {
		return fmt.Errorf("%w: %w", jobs.ErrDead, err)
	}
	return store.Retry(ctx, func() error {
		conv, err := s.stored(ctx, job.Ref)
		if err != nil || conv.Status == in.Was {
			return err
		}
		conv.before.status = string(in.Was)
		c := &change{conv: conv, actor: in.By}
		if err := s.keepBeside(ctx, c); err != nil {
			return err
		}
		c.Changes = append(append(c.Changes, s.conversations.Replace(conv)), job.Done()...)
		return s.Bus.Commit(ctx, &c.Write)
	})
}

// setUnread has so many messages count as unread for a user.
func (r *reads) setUnread(conv *Conversation, userID string, unread int64) {
	unread = min(unread, conv.InboundCount)
	if unread > conv.InboundCount-conv.AnsweredUpTo {
		r.UpTo[userID] = -(conv.InboundCount - unread + 1)
		return
	}
	r.UpTo[userID] = conv.InboundCount - unread
}

// keepReads adds to a change what was read of its conversation.
func (s *Service) keepReads(c *change, r *reads) {
	c.reads = r
	if r.Version == 0 {
		c.Changes = append(c.Changes, s.reads.Insert(r))
	} else {
		c.Changes = append(c.Changes, s.reads.Replace(r))
	}
}

// readers are the users who have read something of either.
func readers(a, b *reads) []string {
	var users []string
	for _, r := range []*reads{a, b} {
		for user := range r.UpTo {
			if !slices.Contains(users, user) {
				users = append(users, user)
			}
		}
	}
	return users
}

// countedIn is how many of the messages count among what came in.
func countedIn(messages []movedMessage) (n int64) {
	for _, m := range messages {
		if m.Number != 0 {
			n++
		}
	}
	return n
}
