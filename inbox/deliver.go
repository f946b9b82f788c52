package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sony/gobreaker/v2"

	"wasl/channels"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/limit"
	"wasl/store"
)

const (
	jobSend = "send"
	// sendTime is the provider's time to answer, shorter than a job's, so that the outcome can still be written.
	sendTime = 15 * time.Second
	// jobSendLarge sends mails with large files, which take minutes over a slow line. While a conversation has this job it has no jobSend.
	jobSendLarge = "send_large"
	// sendTimeLarge is the time for one of those, shorter than a job of its class has; largeFiles is from how many bytes of files on it is.
	sendTimeLarge, largeFiles = 4 * time.Minute, 1 << 20
	// unmarkFor is how long it is tried to take back a mark that perhaps was written, with such pauses.
	unmarkFor, unmarkPause = 10 * time.Second, 200 * time.Millisecond
	// giveUp is how long a message waits for a provider that is down or throttles.
	giveUpAfter = 24 * time.Hour
	// pausedRetry is how often a conversation looks whether its channel works again, and its provider answers.
	pausedRetry = 15 * time.Second
	// downRetry is the longest pause between two tries to reach a provider that is down.
	downRetry = time.Minute
	// reportPoll is how often it is looked whether a report has come about a message whose send was cut off.
	reportPoll = time.Second
)

// sendSpec is the job that empties a conversation's outbox; key tells it from the ones before.
func sendSpec(conv *Conversation, key string) jobs.Spec {
	return jobs.Spec{Kind: jobSend, WorkspaceID: conv.WorkspaceID, Ref: conv.ID, Share: conv.ChannelID, Key: []string{conv.ID, key}}
}

// runSend hands the messages of one conversation to the provider, one at a time and in order, until its outbox is empty.
func (s *Service) runSend(ctx context.Context, job *jobs.Job) error {
	return s.repeatStep(ctx, job, sendTime, s.sendNext)
}

// step takes a conversation's outbox one step further.
type step func(context.Context, *jobs.Job) (more bool, err error)

// repeatStep repeats a step that may last so long while there is more to do. Whatever fails, the messages are not left behind.
func (s *Service) repeatStep(ctx context.Context, job *jobs.Job, lasts time.Duration, next step) error {
	for {
		more, err := next(ctx, job)
		var later *jobs.Later
		switch {
		case err == nil && more:
			if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < lasts+5*time.Second {
				return &jobs.Later{At: s.Clock.Now(), Reason: "more to send"}
			}
		case err == nil:
			return nil
		case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrExists):
			if held, err := job.Held(ctx); err != nil || !held {
				return err // another instance goes on with it
			}
		case errors.As(err, &later):
			return later
		default:
			return &jobs.Later{At: s.Clock.Now().Add(pausedRetry), Reason: err.Error()}
		}
	}
}

// sendNext takes the first message of the outbox one step further.
func (s *Service) sendNext(ctx context.Context, job *jobs.Job) (more bool, err error) {
	conv, err := s.stored(ctx, job.Ref) // of one that was merged nothing is to be sent
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if len(conv.Outbox) == 0 {
		return false, s.commit(ctx, &change{Write: events.Write{Changes: job.Done()}})
	}
	m, err := s.messages.Get(ctx, conv.Outbox[0])
	if errors.Is(err, store.ErrNotFound) {
		return s.popOutbox(ctx, job, conv, nil)
	}
	if err != nil {
		return false, err
	}
	switch m.Status {
	case Queued:
		if !m.SendAt.IsZero() {
			return s.afterUndo(ctx, job, conv, m)
		}
	case Sending, Unknown: // it was cut off, and perhaps the provider takes it yet
		return s.awaitReport(ctx, job, conv, m)
	default:
		return s.popOutbox(ctx, job, conv, nil)
	}
	if conv.OptedOutAt != nil { // since it was written
		m.Status, m.Error = FailedMsg, optedOut()
		return s.popOutbox(ctx, job, conv, m)
	}
	ch, err := s.Channels.Of(ctx, conv.WorkspaceID, conv.ChannelID)
	if errors.Is(err, store.ErrNotFound) {
		m.Status = FailedMsg
		m.Error = &SendError{
			Code: "channel_removed", Title: "The channel is no longer connected",
			Detail: "Connect it again under Settings, then retry.",
		}
		m.addOutcome(FailedMsg, s.Clock.Now(), m.Error)
		return s.popOutbox(ctx, job, conv, m)
	}
	if err != nil {
		return false, err
	}
	if ch.Status != channels.Active {
		return false, &jobs.Later{At: s.Clock.Now().Add(pausedRetry), Reason: "the channel is " + ch.Status}
	}
	if m.large() != (job.Kind == jobSendLarge) {
		return false, s.handOver(ctx, job, conv, m)
	}
	if s.toUpload(m, ch) >= 0 {
		return false, s.uploadFirst(ctx, job, conv, m)
	}
	out, err := s.outgoing(ctx, conv, m, ch)
	if err != nil {
		return false, err
	}
	return s.send(ctx, &sendAttempt{job: job, conv: conv, ch: ch, m: m}, out)
}

// large reports whether sending the message may take minutes.
func (m *Message) large() bool {
	size := int64(0)
	for _, a := range m.Attachments {
		size += a.Size
	}
	return m.Mail != nil && size >= largeFiles
}

// sendTime is the provider's time to answer.
func (m *Message) sendTime() time.Duration {
	if m.large() {
		return sendTimeLarge
	}
	return sendTime
}

// handOver gives the outbox to the kind of job that its first message wants.
func (s *Service) handOver(ctx context.Context, job *jobs.Job, conv *Conversation, m *Message) error {
	c, spec := &change{Write: events.Write{Changes: job.Done()}}, sendSpec(conv, job.ID)
	if m.large() {
		spec.Kind = jobSendLarge
	}
	s.startLater(c, spec)
	return s.commit(ctx, c)
}

// runSendLarge is runSend for mails with large files.
func (s *Service) runSendLarge(ctx context.Context, job *jobs.Job) error {
	return s.repeatStep(ctx, job, sendTimeLarge, s.sendNext)
}

// awaitReport lets what stands behind a message wait while the provider may still take it: until its report, or the end of the time
// that a send has.
func (s *Service) awaitReport(ctx context.Context, job *jobs.Job, conv *Conversation, m *Message) (more bool, err error) {
	if now, until := s.Clock.Now(), m.sendEnds(); now.Before(until) {
		next := now.Add(reportPoll)
		if until.Before(next) {
			next = until
		}
		return false, &jobs.Later{At: next, Reason: "the provider may still take the message before"}
	}
	if m.Status == Unknown {
		return s.popOutbox(ctx, job, conv, nil)
	}
	m.Status, m.Error = Unknown, failureOf(channels.AsSendError(nil))
	m.addOutcome(Unknown, s.Clock.Now(), m.Error)
	return s.popOutbox(ctx, job, conv, m)
}

// sendEnds is when the latest send of the message is over, whatever became of it.
func (m *Message) sendEnds() time.Time {
	for _, step := range slices.Backward(m.Trail) {
		if step.Kind == stepSending {
			return step.At.Add(m.sendTime())
		}
	}
	return time.Time{}
}

// popOutbox takes the message off the outbox, together with its new state where m is given.
func (s *Service) popOutbox(ctx context.Context, job *jobs.Job, conv *Conversation, m *Message) (more bool, err error) {
	return s.popOutboxWith(ctx, job, &change{conv: conv}, m)
}

// popOutboxWith takes the message off the outbox together with a change of its conversation.
func (s *Service) popOutboxWith(ctx context.Context, job *jobs.Job, c *change, m *Message) (more bool, err error) {
	conv := c.conv
	conv.Outbox = conv.Outbox[1:]
	if m != nil {
		if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
			return false, err
		}
		if m.Status == FailedMsg {
			conv.comeBack(m)
			if err := s.failureNotice(ctx, &c.Write, m); err != nil {
				return false, err
			}
		}
	}
	if len(conv.Outbox) == 0 {
		c.Changes = append(c.Changes, job.Done()...)
	}
	return len(conv.Outbox) > 0, s.commit(ctx, c)
}

// outgoing completes the message with where it goes.
func (s *Service) outgoing(ctx context.Context, conv *Conversation, m *Message, ch *channels.Connected) (channels.Outgoing, error) {
	rows, err := s.Contacts.Identities(ctx, conv.WorkspaceID, conv.Origin)
	if err != nil {
		return channels.Outgoing{}, err
	}
	out := channels.Outgoing{
		MessageID: m.ID, Content: m.Content, ReplyTo: m.QuoteID, Human: conv.afterWindow(m, ch.Can, s.Clock.Now()),
		Open: func(ctx context.Context, a channels.Attachment) (io.ReadCloser, error) {
			return s.Files.Open(ctx, a.ID)
		},
		Link: func(a channels.Attachment) string { return s.Files.Link(a.ID) },
	}
	if err := s.address(ctx, conv, m, &out); err != nil {
		return channels.Outgoing{}, err
	}
	if conv.Address != nil {
		out.To = append(out.To, *conv.Address)
	}
	for _, row := range slices.Backward(rows) {
		out.To = append(out.To, row.Identity)
	}
	return out, nil
}

// afterWindow reports that a person writes when a program no longer may.
func (c *Conversation) afterWindow(m *Message, caps channels.Capabilities, now time.Time) bool {
	return m.Author.Type == ByAgent && caps.HumanWindow > 0 && !now.Before(c.windowCloses(caps, false))
}

// throttle reserves the message's time by the rates of the recipient and of the channel. Where that is not now, the job comes back then.
func (s *Service) throttle(ctx context.Context, job *jobs.Job, ch *channels.Connected, conv *Conversation) error {
	now, rates := s.Clock.Now(), ch.Can.Rate
	for _, limited := range []struct {
		key  string
		rate limit.Rate
	}{
		{"send-to:" + conv.ID, limit.Rate{Every: rates.PairEvery, Burst: rates.PairBurst}},
		{"send:" + ch.ID, limit.Rate{Every: every(rates.PerSecond), Burst: max(1, int(rates.PerSecond))}},
	} {
		if limited.rate.Every <= 0 {
			continue
		}
		at, err := job.Reserve(limited.key, now, func() (time.Time, error) { return s.Limiter.Reserve(ctx, limited.key, limited.rate) })
		if err != nil {
			return err
		}
		if at.After(now) {
			return &jobs.Later{At: at, Reason: "the provider's rate limit"}
		}
	}
	return nil
}

// every is the time between two happenings; zero: they are not limited.
func every(perSecond float64) time.Duration {
	if perSecond <= 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / perSecond)
}

// sendAttempt is one message on its way to the provider.
type sendAttempt struct {
	job       *jobs.Job
	conv      *Conversation
	ch        *channels.Connected
	m         *Message
	leaseLost bool // another instance took the job over
}

// notAsked is why the provider was not asked to send a message, which says nothing about the provider.
type notAsked struct{ error }

// Unwrap returns the reason.
func (n notAsked) Unwrap() error { return n.error }

// attempt reserves the message's time, marks the message as being sent, and sends it.
func (s *Service) attempt(ctx context.Context, a *sendAttempt, out channels.Outgoing) (channels.Sent, error) {
	if err := s.throttle(ctx, a.job, a.ch, a.conv); err != nil {
		return channels.Sent{}, notAsked{err}
	}
	a.job.Spend()
	a.m.Status = Sending
	a.m.addStep(Step{Kind: stepSending, At: s.Clock.Now()})
	if err := s.writeMessage(ctx, a.conv, a.m); err != nil {
		if errors.Is(err, store.ErrUnavailable) {
			s.unmark(ctx, a)
		}
		return channels.Sent{}, notAsked{err}
	}
	ctx, cancel := context.WithTimeout(ctx, a.m.sendTime())
	defer cancel()
	return a.ch.Adapter.Send(ctx, a.ch.Account, out)
}

// unmark takes the mark back that a message is being sent, where nobody knows whether that was written: the provider was not asked, and
// whoever found the mark would have to say that it perhaps was.
func (s *Service) unmark(ctx context.Context, a *sendAttempt) {
	ctx, cancel := context.WithTimeout(ctx, unmarkFor)
	defer cancel()
	marked := store.Millis(a.m.Trail[len(a.m.Trail)-1].At)
	for {
		m, err := s.messages.Get(ctx, a.m.ID)
		if err == nil {
			last := len(m.Trail) - 1
			if m.Status != Sending || last < 0 || !m.Trail[last].At.Equal(marked) {
				return
			}
			m.Status, m.Trail = Queued, m.Trail[:last]
			err = s.writeMessage(ctx, a.conv, m)
		}
		if !errors.Is(err, store.ErrUnavailable) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(unmarkPause):
		}
	}
}

// send sends a message, where the breaker lets it, and writes the outcome. The breaker comes first: what it holds back reserves nothing.
func (s *Service) send(ctx context.Context, a *sendAttempt, out channels.Outgoing) (more bool, err error) {
	sent, sendErr := s.breaker(a.ch.ID).Execute(func() (channels.Sent, error) { return s.attempt(ctx, a, out) })
	var not notAsked
	switch {
	case errors.Is(sendErr, gobreaker.ErrOpenState), errors.Is(sendErr, gobreaker.ErrTooManyRequests):
		return false, &jobs.Later{At: s.Clock.Now().Add(pausedRetry), Reason: "the provider does not answer"}
	case errors.As(sendErr, &not):
		return false, not.error
	}
	// The outcome must be written even if the time for sending is over.
	ctx, cancelWrite := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancelWrite()
	err = store.Retry(ctx, func() (err error) {
		more, err = s.settle(ctx, a, sent, sendErr)
		if errors.Is(err, store.ErrConflict) {
			held, heldErr := a.job.Held(ctx)
			a.leaseLost = heldErr == nil && !held
		}
		return err
	})
	return more && !a.leaseLost, err
}

// writeMessage stores the message alone, with its event.
func (s *Service) writeMessage(ctx context.Context, conv *Conversation, m *Message) error {
	c := &change{}
	if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
		return err
	}
	return s.commit(ctx, c)
}

// settle writes what became of a send. A report of the provider may have been faster.
func (s *Service) settle(ctx context.Context, a *sendAttempt, sent channels.Sent, sendErr error) (more bool, err error) {
	m, err := s.messages.Get(ctx, a.m.ID)
	if err != nil {
		return false, err
	}
	conv, err := s.getConversation(ctx, m.ConversationID)
	if err != nil {
		return false, err
	}
	c := &change{conv: conv}
	if sendErr == nil {
		if err := s.afterSend(ctx, &c.Write, a.ch, sent); err != nil {
			return false, err
		}
		conv.Mail.sent(sent.ProviderID)
		m.ProviderID = sent.ProviderID
		m.advance(Sent, nil)
		m.addStep(Step{Kind: stepAccepted, At: s.Clock.Now()})
		s.Channels.NoteOutbound(a.ch.ID)
	}
	if a.leaseLost || len(conv.Outbox) == 0 || conv.Outbox[0] != m.ID { // the outbox is another instance's
		if sendErr != nil {
			return false, nil //nolint:nilerr // what became of it is decided there
		}
		c.conv = nil
		if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
			return false, err
		}
		return false, s.commit(ctx, c)
	}
	if sendErr == nil || m.Status != Sending { // the report says that it went out
		return s.popOutboxWith(ctx, a.job, c, m)
	}
	a.conv, a.m = conv, m
	return s.notTaken(ctx, a, channels.AsSendError(sendErr))
}

// afterSend adds what is to be done, where messages are fetched from, with one that was sent.
func (s *Service) afterSend(ctx context.Context, w *events.Write, ch *channels.Connected, sent channels.Sent) error {
	if sent.Copy != nil {
		if err := s.Channels.AtSource(ctx, w, ch, channels.KeepCopy, sent.Copy, sent.ProviderID); err != nil {
			return err
		}
	}
	if sent.Answered == "" {
		return nil
	}
	return s.Channels.AtSource(ctx, w, ch, channels.MarkAnswered, nil, sent.Answered)
}

// notTaken writes that the provider did not take the message, or perhaps did not.
func (s *Service) notTaken(ctx context.Context, a *sendAttempt, e *channels.SendError) (more bool, err error) {
	m, conv, ch := a.m, a.conv, a.ch
	s.Log.Info().Str("message", m.ID).Str("channel", ch.ID).Str("code", e.Code).Str("provider_code", e.Provider).Int("outcome",
		int(e.Outcome)).Msg("send not taken")
	if e.Outcome != channels.Refused { // what is wrong with one message says nothing about the channel
		s.Channels.NoteTrouble(ch.ID, channels.Trouble{Code: e.Code, Title: e.Title, Detail: e.Detail})
	}
	c := &change{conv: conv}
	switch e.Outcome {
	case channels.Throttled, channels.Down:
		if s.Clock.Now().Sub(m.CreatedAt) < giveUpAfter {
			return false, s.postpone(ctx, conv, m, e)
		}
		m.Status, m.Error = FailedMsg, failureOf(e)
	case channels.Dead:
		if err := s.Channels.Fail(ctx, ch, channels.Trouble{Code: e.Code, Title: e.Title, Detail: e.Detail}); err != nil {
			return false, err
		}
		return false, s.postpone(ctx, conv, m, e)
	case channels.Refused:
		m.Status, m.Error = FailedMsg, failureOf(e)
		if e.Code == optedOut().Code && conv.Address != nil {
			if err := s.applyConsent(ctx, c, conv.consentRequest(*conv.Address, channels.Stop, s.Clock.Now())); err != nil {
				return false, err
			}
		}
	default:
		m.Status, m.Error = Unknown, failureOf(e)
		m.addOutcome(m.Status, s.Clock.Now(), m.Error)
		if s.Clock.Now().Before(m.sendEnds()) { // what stands behind it waits
			return true, s.writeMessage(ctx, conv, m)
		}
		return s.popOutboxWith(ctx, a.job, c, m)
	}
	m.addOutcome(m.Status, s.Clock.Now(), m.Error)
	return s.popOutboxWith(ctx, a.job, c, m)
}

// postpone leaves the message first in its outbox for later.
func (s *Service) postpone(ctx context.Context, conv *Conversation, m *Message, e *channels.SendError) error {
	m.Status = Queued
	m.addOutcome(stepWaiting, s.Clock.Now(), failureOf(e))
	wait := e.RetryAfter
	if wait <= 0 {
		wait = time.Second << min(2*m.Attempts, 10) // 1, 4, 16 … seconds, as WhatsApp asks for its pair rate
	}
	if e.Outcome != channels.Throttled {
		wait = min(wait, downRetry)
	}
	m.Attempts++
	if err := s.writeMessage(ctx, conv, m); err != nil {
		return err
	}
	return &jobs.Later{At: s.Clock.Now().Add(wait), Reason: fmt.Sprintf("%s: %s", e.Code, e.Title)}
}

func failureOf(e *channels.SendError) *SendError {
	return &SendError{Code: e.Code, Title: e.Title, Detail: e.Detail}
}

// breaker spares a provider that is down: five failures in a row, then one try every ten seconds.
func (s *Service) breaker(channelID string) *gobreaker.CircuitBreaker[channels.Sent] {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.breakers[channelID]
	if b == nil {
		b = gobreaker.NewCircuitBreaker[channels.Sent](gobreaker.Settings{
			Name: channelID, Timeout: 10 * time.Second,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 5 },
			IsExcluded:  func(err error) bool { return errors.As(err, new(notAsked)) },
			IsSuccessful: func(err error) bool {
				return err == nil || (channels.AsSendError(err).Outcome != channels.Down &&
					channels.AsSendError(err).Outcome != channels.Uncertain)
			},
		})
		s.breakers[channelID] = b
	}
	return b
}
