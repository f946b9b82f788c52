package inbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/contacts"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// runMoved shows the conversations of a contact, and of all that was merged into it, with the person that they belong to now: one
// small write for each, so that a merge itself is small whatever there is.
func (s *Service) runMoved(ctx context.Context, job *jobs.Job) error {
	origins, err := s.Contacts.Descendants(ctx, job.WorkspaceID, job.Ref)
	if err != nil {
		return err
	}
	q := store.Query{Index: "contact", Eq: []any{job.WorkspaceID, anyOf(origins)}, Limit: 200}
	err = s.conversations.Each(ctx, q, func(c *Conversation) error {
		return store.Retry(ctx, func() error { return s.moveConversation(ctx, c.ID) })
	})
	if err != nil {
		return err
	}
	return s.commit(ctx, &change{Write: events.Write{Changes: job.Done()}})
}

func (s *Service) moveConversation(ctx context.Context, conversationID string) error {
	conv, err := s.stored(ctx, conversationID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	person, err := s.Contacts.Contact(ctx, conv.WorkspaceID, conv.Origin)
	if err != nil || conv.ContactID == person.ID {
		return err
	}
	conv.ContactID = person.ID
	return s.commit(ctx, &change{conv: conv, contact: person})
}

// maxThreads bounds how many conversations of one person are looked at, those with the newest activity.
const maxThreads = 500

// conversationsWith returns all conversations with the person that the contact belongs to, the latest activity first, without those that
// were merged.
func (s *Service) conversationsWith(ctx context.Context, workspaceID, contactID string) ([]*Conversation, error) {
	origins, err := s.Contacts.Family(ctx, workspaceID, contactID)
	if err != nil {
		return nil, err
	}
	found, _, err := s.conversations.Find(ctx, store.Query{Index: "contact", Eq: []any{workspaceID, anyOf(origins)}, Limit: maxThreads})
	return slices.DeleteFunc(found, func(c *Conversation) bool { return c.Status == Merged }), err
}

// moment is a place in the order of everything said with a person.
type moment struct {
	At  int64  `json:"a"`
	Seq int64  `json:"s"`
	ID  string `json:"i"`
}

// momentOf is the cursor of what was said before the message.
func momentOf(m *Message) string {
	data, _ := json.Marshal(moment{At: m.SentAt.UnixMilli(), Seq: m.Seq, ID: m.ID}) // strings and numbers always encode
	return base64.RawURLEncoding.EncodeToString(data)
}

// Timeline returns what was said with a person on all channels, in the conversations that the viewer may see, newest first.
func (s *Service) Timeline(ctx context.Context, v access.Viewer, contactID, cursor string, limit int) ([]*Message, string, error) {
	person, err := s.Contacts.Seen(ctx, v, contactID)
	if err != nil {
		return nil, "", err
	}
	convs, err := s.conversationsWith(ctx, v.WorkspaceID, person.ID)
	if err != nil {
		return nil, "", err
	}
	threads := store.In{}
	for _, c := range convs {
		if c.seenBy(v) {
			threads = append(threads, c.ID)
		}
	}
	found, err := s.personMessages(ctx, v.WorkspaceID, threads, cursor, limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = momentOf(found[limit-1])
	}
	for _, m := range found {
		m.person = person.ID
	}
	return found, next, nil
}

// personMessages returns messages of several conversations in one order. The place is one of that order, not of the store's, so that it
// holds when a conversation comes or goes in between.
func (s *Service) personMessages(ctx context.Context, workspaceID string, threads store.In, cursor string, limit int) ([]*Message, error) {
	q := store.Query{Index: "thread", Eq: []any{workspaceID, threads}, Limit: limit}
	if cursor == "" {
		found, _, err := s.messages.Find(ctx, q)
		return found, err
	}
	var from moment
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(data, &from) != nil || from.ID == "" {
		return nil, store.ErrBadCursor
	}
	at := time.UnixMilli(from.At).UTC()
	tie := store.Query{
		Index: q.Index, Eq: append(slices.Clone(q.Eq), at), Limit: min(1000, limit+len(threads)), Range: &store.Range{To: from.Seq},
	}
	found, _, err := s.messages.Find(ctx, tie)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(m *Message) bool { return m.Seq == from.Seq && m.ID >= from.ID })
	if len(found) >= limit {
		return found[:limit], nil
	}
	q.Range, q.Limit = &store.Range{To: at, ExcludeTo: true}, limit-len(found)
	rest, _, err := s.messages.Find(ctx, q)
	return append(found, rest...), err
}

// ContactAudience is who may see one of the conversations with a person; known is false where there are none.
func (s *Service) ContactAudience(ctx context.Context, workspaceID, contactID string) (a access.Audience, known bool, err error) {
	convs, err := s.conversationsWith(ctx, workspaceID, contactID)
	if errors.Is(err, store.ErrNotFound) { // the contact is being made
		return a, false, nil
	}
	for _, c := range convs {
		a = a.And(c.audience())
	}
	a.Guest = ""
	return a, len(convs) > 0, err
}

// mayMerge refuses, as if there were no such contact, a viewer who may not see one of them.
func (s *Service) mayMerge(ctx context.Context, v access.Viewer, contactIDs ...string) error {
	for _, id := range contactIDs {
		if _, err := s.Contacts.Seen(ctx, v, id); err != nil {
			return err
		}
	}
	return nil
}

var (
	phoneForm = regexp.MustCompile(`\+?\d[\d ().\-]{6,18}\d`)
	emailForm = regexp.MustCompile(`[\w.+\-]+@[\w\-]+(\.[\w\-]+)+`)
)

// lookedAt is how many of a person's latest messages are searched for numbers and addresses.
const scannedMessages = 100

// writtenIdentities returns the phone numbers and mail addresses that the person wrote of late, in what the viewer may see.
func (s *Service) writtenIdentities(ctx context.Context, v access.Viewer, contactID string) ([]channels.Identity, error) {
	found, _, err := s.Timeline(ctx, v, contactID, "", scannedMessages)
	if err != nil {
		return nil, err
	}
	country, err := s.Users.Country(ctx, v.WorkspaceID)
	if err != nil {
		return nil, err
	}
	var out []channels.Identity
	for _, m := range found {
		if m.Direction != In {
			continue
		}
		for _, number := range phoneForm.FindAllString(m.Text, 5) {
			if i, err := contacts.ParsePhone(number, country); err == nil {
				out = append(out, channels.Identity{Kind: i.Kind, Value: i.Value})
			}
		}
		for _, address := range emailForm.FindAllString(m.Text, 5) {
			out = append(out, channels.Identity{Kind: "email", Value: address})
		}
	}
	return out, nil
}

// Begin returns the person's conversation on a channel, or begins one with an identity that the channel can address. It reports whether
// it is new. By mail a subject makes a conversation of its own.
func (s *Service) Begin(ctx context.Context, v access.Viewer, contactID, channelID, subject string) (conv *Conversation, created bool,
	err error,
) {
	err = store.Retry(ctx, func() error {
		conv, created, err = s.begin(ctx, v, contactID, channelID, subject)
		return err
	})
	return conv, created, err
}

func (s *Service) begin(ctx context.Context, v access.Viewer, contactID, channelID, subject string) (*Conversation, bool, error) {
	person, err := s.Contacts.Seen(ctx, v, contactID)
	if err != nil {
		return nil, false, err
	}
	ch, err := s.Channels.Of(ctx, v.WorkspaceID, channelID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, false, errs.InvalidField("channel_not_found", "channel_id", "there is no such channel")
	}
	if err != nil {
		return nil, false, err
	}
	if !ch.Can.Mail {
		subject = ""
	}
	if subject == "" {
		conv, err := s.latestConversation(ctx, person, ch)
		if conv != nil || err != nil {
			return conv, false, checkSeen(conv, v, err)
		}
	}
	address, origin, err := s.addressOn(ctx, ch, person, v.Actor())
	if err != nil {
		return nil, false, err
	}
	conv, created, err := s.newThread(ctx, ch, &contacts.Resolution{Contact: person, Origins: []string{origin}}, subject)
	if err != nil || !created {
		return conv, false, checkSeen(conv, v, err)
	}
	conv.Address, conv.LastActivityAt = &address, s.Clock.Now()
	conv.addParticipant(v.UserID)
	if err := s.showConsent(ctx, conv); err != nil {
		return nil, false, err
	}
	return conv, true, s.commit(ctx, &change{conv: conv, actor: v.Actor(), created: true, contact: person})
}

// checkSeen refuses a conversation that the viewer may not see.
func checkSeen(c *Conversation, v access.Viewer, err error) error {
	if err == nil && !c.seenBy(v) {
		return errs.New(errs.Forbidden, "contact_not_yours", "Somebody else has the conversation with this contact on that channel.")
	}
	return err
}

// latestConversation returns the person's latest conversation on the channel; nil: there is none.
func (s *Service) latestConversation(ctx context.Context, person *contacts.Contact, ch *channels.Connected) (*Conversation, error) {
	convs, err := s.conversationsWith(ctx, person.WorkspaceID, person.ID)
	n := slices.IndexFunc(convs, func(c *Conversation) bool { return c.ChannelID == ch.ID && c.Group == "" })
	if err != nil || n < 0 {
		return nil, err
	}
	return convs[n], nil
}

// newThread returns a conversation that has not begun. By mail it is the one of its subject: asking twice is asking once.
func (s *Service) newThread(ctx context.Context, ch *channels.Connected, who *contacts.Resolution, subject string) (*Conversation, bool,
	error,
) {
	if subject == "" {
		return s.conversationOf(ctx, ch, who, "")
	}
	conv, created, err := s.conversationOf(ctx, ch, who, "begun "+subject)
	if created {
		conv.Group, conv.Mail = "", &MailThread{Subject: subject, Key: strings.ToLower(subject)}
	}
	return conv, created, err
}

// addressOn finds where the channel reaches the person, and keeps it as an identity of the contact it was known for.
func (s *Service) addressOn(ctx context.Context, ch *channels.Connected, person *contacts.Contact, by access.Actor) (channels.Identity,
	string, error,
) {
	rows, err := s.Contacts.Addresses(ctx, person)
	if err != nil {
		return channels.Identity{}, "", err
	}
	for _, row := range rows {
		if address, ok := row.On(ch.Kind, ch.Channel.Account); ok {
			if address != row.Identity || row.Alias {
				err = s.Contacts.Add(ctx, person.WorkspaceID, by, row.Origin, ch.ID, address)
			}
			return address, row.Origin, err
		}
	}
	if ch.Kind == channels.KindEmail && len(person.Emails) > 0 {
		address := channels.Identity{Kind: "email", Value: person.Emails[0], Display: person.Emails[0]}
		return address, person.ID, s.Contacts.Add(ctx, person.WorkspaceID, by, person.ID, ch.ID, address)
	}
	return channels.Identity{}, "", errs.New(errs.Conflict, "no_address", "Nothing is known under which this channel reaches the contact.")
}
