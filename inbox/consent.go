package inbox

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

// consent is what the owner of an address last asked a channel for. It belongs to the address: it holds in every conversation with it,
// also in later ones, whose own mark only shows it.
type consent struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	Value       string    `bson:"value"`   // of the address
	Stopped     bool      `bson:"stopped"` // else they may be written to again
	At          time.Time `bson:"at"`
}

var consentSchema = store.Schema{Name: "consents"}

// jobConsent marks the other conversations with an address.
const jobConsent = "consent"

func consentID(channelID string, of channels.Identity) string {
	return ids.Derived("cns", channelID, of.Kind, of.Scope, of.Value)
}

// optedOut is why nothing is sent to a customer who asked for that.
func optedOut() *SendError {
	return &SendError{
		Code: "opted_out", Title: "The customer has opted out of messages", Detail: "Nothing can be sent here until they write START.",
	}
}

// stoppedAt is when the messages ended; nil: they may be sent.
func (c *consent) stoppedAt() *time.Time {
	if c == nil || !c.Stopped {
		return nil
	}
	return &c.At
}

// consentOf returns what the owner of the address asked for; nil: nothing.
func (s *Service) consentOf(ctx context.Context, channelID string, of *channels.Identity) (*consent, error) {
	if of == nil {
		return nil, nil //nolint:nilnil // absence is an ordinary answer here
	}
	row, err := s.consents.Get(ctx, consentID(channelID, *of))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // likewise
	}
	return row, err
}

// ask is what the owner of an address asks for: to "stop", or to "start" again.
type consentRequest struct {
	address channels.Identity
	request channels.Consent
	at      time.Time
}

// applyConsent adds to the change of a conversation what somebody asks for. What they asked for later counts, whenever it comes.
func (s *Service) applyConsent(ctx context.Context, c *change, a consentRequest) error {
	row, err := s.consentOf(ctx, c.conv.ChannelID, &a.address)
	if err != nil || row != nil && a.at.Before(row.At) {
		return err
	}
	if row == nil && a.request == channels.Start {
		if c.conv.answersTo(consentID(c.conv.ChannelID, a.address)) {
			c.conv.OptedOutAt = nil
		}
		return nil
	}
	write, turned := s.consents.Replace, row == nil || row.Stopped != (a.request == channels.Stop)
	if row == nil {
		row, write = &consent{Meta: store.Meta{ID: consentID(c.conv.ChannelID, a.address)}, WorkspaceID: c.conv.WorkspaceID},
			s.consents.Insert
	}
	if !turned {
		return nil
	}
	row.Stopped, row.At, row.Value = a.request == channels.Stop, a.at, a.address.Value
	c.Changes = append(c.Changes, write(row))
	s.startLater(c, jobs.Spec{
		Kind: jobConsent, WorkspaceID: c.conv.WorkspaceID, Ref: c.conv.ID, Share: c.conv.ChannelID, Payload: []byte(row.ID),
		Key: []string{row.ID, a.at.String()},
	})
	if c.conv.answersTo(row.ID) {
		c.conv.OptedOutAt = row.stoppedAt()
	}
	return nil
}

// applyAddressConsent notes what the owner of an address asked the provider for, where that is about no message that is known here.
func (s *Service) applyAddressConsent(ctx context.Context, in *incoming) error {
	of := channels.Identity{Kind: "email", Value: strings.ToLower(in.Receipt.Recipient)}
	c := in.finish(&change{})
	if of.Value == "" {
		return s.commit(ctx, c)
	}
	found, _, err := s.conversations.Find(ctx, store.Query{
		Index: "address", Eq: []any{in.Channel.WorkspaceID, in.Channel.ID, of.Value},
		Limit: 1,
	})
	if err != nil {
		return err
	}
	if len(found) > 0 {
		c.conv = found[0]
		if err := s.applyConsent(ctx, c, consentRequest{address: of, request: in.Receipt.Consent, at: store.Millis(in.At)}); err != nil {
			return err
		}
		return s.commit(ctx, c)
	}
	row, err := s.consentOf(ctx, in.Channel.ID, &of)
	if err != nil {
		return err
	}
	if row == nil && in.Receipt.Consent == channels.Stop { // nobody was written to here yet: only that they want nothing is news
		row = &consent{
			Meta: store.Meta{ID: consentID(in.Channel.ID, of)}, WorkspaceID: in.Channel.WorkspaceID, Value: of.Value,
			Stopped: true, At: store.Millis(in.At),
		}
		c.Changes = append(c.Changes, s.consents.Insert(row))
	}
	return s.commit(ctx, c)
}

// answersTo reports whether answers go to the address that the consent is of.
func (c *Conversation) answersTo(id string) bool {
	return c.Address != nil && consentID(c.ChannelID, *c.Address) == id
}

// applyMessageConsent adds what the sender of a message asks for with it, or asked for before where the conversation did not know them. Of
// mail it may be known of somebody who never wrote: they were written to by another program.
func (s *Service) applyMessageConsent(ctx context.Context, c *change, in *incoming, before *channels.Identity, stranger bool) error {
	if in.Message.Consent != "" && !in.Message.Historic && !in.Message.Echo {
		from := cmp.Or(in.Message.AnswerTo, &in.Event.Contact.Identities[0])
		return s.applyConsent(ctx, c, consentRequest{address: *from, request: in.Message.Consent, at: store.Millis(in.At)})
	}
	if stranger && !in.Channel.Can.Mail || c.conv.Address == nil || before != nil && *before == *c.conv.Address {
		return nil
	}
	return s.showConsent(ctx, c.conv)
}

// showConsent marks a conversation whose address is new to it.
func (s *Service) showConsent(ctx context.Context, conv *Conversation) error {
	row, err := s.consentOf(ctx, conv.ChannelID, conv.Address)
	conv.OptedOutAt = row.stoppedAt()
	return err
}

// runConsent shows in the other conversations with an address what its owner asked for.
func (s *Service) runConsent(ctx context.Context, job *jobs.Job) error {
	first, err := s.getConversation(ctx, job.Ref)
	if err != nil {
		return err
	}
	row, err := s.consents.Get(ctx, string(job.Payload))
	if err != nil {
		return err
	}
	q := store.Query{Index: "address", Eq: []any{job.WorkspaceID, first.ChannelID, row.Value}, Limit: 200}
	err = s.conversations.Each(ctx, q, func(c *Conversation) error {
		return store.Retry(ctx, func() error { return s.markConversation(ctx, c.ID, row) })
	})
	if err != nil {
		return err
	}
	return s.commit(ctx, &change{Write: events.Write{Changes: job.Done()}})
}

func (s *Service) markConversation(ctx context.Context, conversationID string, row *consent) error {
	conv, err := s.getConversation(ctx, conversationID)
	if err != nil || !conv.answersTo(row.ID) || (conv.OptedOutAt != nil) == row.Stopped {
		return err
	}
	conv.OptedOutAt = row.stoppedAt()
	return s.commit(ctx, &change{conv: conv})
}
