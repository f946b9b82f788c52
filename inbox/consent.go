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

// consentRequest is what the owner of an address on a channel asks for.
type consentRequest struct {
	workspaceID, channelID string
	address                channels.Identity
	request                channels.Consent
	at                     time.Time
}

// consentRequest is what the owner of an address asks for on the conversation's channel.
func (c *Conversation) consentRequest(address channels.Identity, request channels.Consent, at time.Time) consentRequest {
	return consentRequest{c.WorkspaceID, c.ChannelID, address, request, store.Millis(at)}
}

// applyConsent adds to a change what somebody asks for, and shows it in its conversation, if it has one. What they asked for later counts,
// whenever it comes, so a repetition moves the time too. Of two wishes of one moment the one for silence counts.
func (s *Service) applyConsent(ctx context.Context, c *change, a consentRequest) error {
	row, err := s.consentOf(ctx, a.channelID, &a.address)
	if err != nil {
		return err
	}
	stop, before := a.request == channels.Stop, row.stoppedAt()
	write := s.consents.Replace
	if row == nil {
		row, write = &consent{Meta: store.Meta{ID: consentID(a.channelID, a.address)}, WorkspaceID: a.workspaceID}, s.consents.Insert
	}
	news := a.at.After(row.At) || a.at.Equal(row.At) && stop && !row.Stopped
	if news {
		row.Stopped, row.At, row.Value = stop, a.at, a.address.Value
		c.Changes = append(c.Changes, write(row))
	}
	if c.conv == nil {
		return nil
	}
	if c.conv.answersTo(row.ID) {
		c.conv.OptedOutAt = row.stoppedAt()
	}
	if news && (before != nil || stop) { // else the others show it already
		s.startLater(c, jobs.Spec{
			Kind: jobConsent, WorkspaceID: a.workspaceID, Ref: c.conv.ID, Share: a.channelID, Payload: []byte(row.ID),
			Key: []string{row.ID, a.at.String()},
		})
	}
	return nil
}

// applyAddressConsent notes what the owner of an address asked the provider for, where that is about no message that is known here.
func (s *Service) applyAddressConsent(ctx context.Context, in *incoming) error {
	of, c := channels.Identity{Kind: channels.IdentityEmail, Value: strings.ToLower(in.Receipt.Recipient)}, in.finish(&change{})
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
		if c.conv, err = s.getConversation(ctx, found[0].ID); err != nil {
			return err
		}
	}
	err = s.applyConsent(ctx, c, consentRequest{in.Channel.WorkspaceID, in.Channel.ID, of, in.Receipt.Consent, store.Millis(in.At)})
	if err != nil {
		return err
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
		return s.applyConsent(ctx, c, c.conv.consentRequest(*from, in.Message.Consent, in.At))
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
		return store.Retry(ctx, func() error { return s.markConversation(ctx, c.ID, row.ID) })
	})
	if err != nil {
		return err
	}
	return s.commit(ctx, &change{Write: events.Write{Changes: job.Done()}})
}

// markConversation shows in a conversation what the owner of its address asked for last. The wish is read after the conversation: a newer
// one is shown by a job of its own, whose write this one then loses against.
func (s *Service) markConversation(ctx context.Context, conversationID, rowID string) error {
	conv, err := s.getConversation(ctx, conversationID)
	if err != nil || !conv.answersTo(rowID) {
		return err
	}
	row, err := s.consents.Get(ctx, rowID)
	if err != nil || same(conv.OptedOutAt, row.stoppedAt()) {
		return err
	}
	conv.OptedOutAt = row.stoppedAt()
	return s.commit(ctx, &change{conv: conv})
}

// same compares two times that may be missing.
func same(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}
