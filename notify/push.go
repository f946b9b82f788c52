package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/internal/secret"
	"wasl/internal/text"
	"wasl/internal/webpush"
	"wasl/store"
)

// The kinds of jobs.
const (
	jobFan  = "push_notice" // for whose devices a notice is
	jobPush = "push_send"   // a notice to one device
)

const (
	// pushFor is how long a notice is worth pushing, and how long a push service keeps it for a device that is off.
	pushFor = 4 * time.Hour
	// fanPage is how many devices are looked at in one run.
	fanPage = 100
	// firstPause and longestPause bound the wait after a push service did not take a message, where it does not say how long.
	firstPause, longestPause = 30 * time.Second, 15 * time.Minute
	// longestName and longestText, in characters, of what a customer wrote, where the workspace shows it.
	longestName, longestText = 80, 300
)

// PushOptions are what pushing is made of.
type PushOptions struct {
	Jobs *jobs.Runner
	Log  zerolog.Logger
	// HTTP goes to public addresses only, unless private ones are allowed.
	HTTP         *http.Client
	AllowPrivate bool
	// Box seals the key by which push services know this installation; Subject is where they find who runs it: https: or mailto:.
	Box     *secret.Box
	Subject string
	// Viewer returns what a user may see now, or store.ErrNotFound for one who is no longer active.
	Viewer func(ctx context.Context, userID string) (access.Viewer, error)
	// Watches reports whether the user has Wasl on a screen, where it rings.
	Watches func(ctx context.Context, v access.Viewer) (bool, error)
	// Preview returns the customer's name and newest words, where the workspace shows them on devices and the viewer sees the conversation.
	Preview func(ctx context.Context, v access.Viewer, conversationID string) (name, words string, err error)
}

// pusher tells users of notices on devices on which Wasl is closed.
type pusher struct {
	PushOptions
	*Service
	keys          store.Collection[pushKey, *pushKey]
	subscriptions store.Collection[subscription, *subscription]
	key           *webpush.Key
	clock         clock.Clock
}

// Push has notices told of on devices on which Wasl is closed. It takes on its kinds of jobs, so it comes before they are served.
func (s *Service) Push(ctx context.Context, o PushOptions) error {
	p := &pusher{
		PushOptions: o, Service: s, clock: s.clock, keys: store.NewCollection[pushKey](s.engine, pushKeySchema),
		subscriptions: store.NewCollection[subscription](s.engine, subscriptionSchema),
	}
	if err := p.loadKey(ctx); err != nil {
		return err
	}
	o.Jobs.Handle(jobFan, jobs.React, jobs.Single(p.fan))
	o.Jobs.Handle(jobPush, jobs.Send, jobs.Single(p.deliver))
	s.push = p
	return nil
}

// follow adds to the write of a notice that it is pushed, where the workspace has devices.
func (p *pusher) follow(ctx context.Context, w *events.Write, workspaceID, noticeID string) error {
	n, err := p.subscriptions.Count(ctx, store.Query{Index: "user", Eq: []any{workspaceID}}, 1)
	if err != nil || n == 0 {
		return err
	}
	p.begin(w, fanSpec(workspaceID, noticeID, ""))
	return nil
}

func (p *pusher) begin(w *events.Write, spec jobs.Spec) {
	job, stored := p.Jobs.New(spec)
	w.Changes, w.Jobs = append(w.Changes, stored...), append(w.Jobs, job)
}

// fanSpec is the job that looks at the page of devices behind a cursor.
func fanSpec(workspaceID, noticeID, cursor string) jobs.Spec {
	return jobs.Spec{
		Kind: jobFan, WorkspaceID: workspaceID, Ref: noticeID, Share: workspaceID, Payload: []byte(cursor), Key: []string{noticeID, cursor},
	}
}

// fan adds a job for each device of those whom a notice is for, a page at a time, and each page's jobs in one write with its own end: a
// notice is pushed to no device twice.
func (p *pusher) fan(ctx context.Context, job *jobs.Job) error {
	notice, err := p.notices.Get(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	q := store.Query{Index: "user", Eq: []any{notice.WorkspaceID}, Limit: fanPage, Cursor: string(job.Payload)}
	if one := notice.Audience.Users; len(notice.To) == 1 && len(one) == 1 {
		q.Eq = append(q.Eq, one[0])
	}
	found, next, err := p.subscriptions.Find(ctx, q)
	if err != nil {
		return err
	}
	w := &events.Write{Changes: job.Done()}
	viewers := map[string]access.Viewer{}
	for _, s := range found {
		v, known := viewers[s.UserID]
		if !known {
			if v, err = p.Viewer(ctx, s.UserID); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			viewers[s.UserID] = v
		}
		if v.UserID != "" && v.In(notice.Audience) {
			p.begin(w, pushSpec(s, attempt{NoticeID: notice.Meta.ID}))
		}
	}
	if next != "" {
		p.begin(w, fanSpec(notice.WorkspaceID, notice.Meta.ID, next))
	}
	if err := p.engine.Write(ctx, w.Changes...); err != nil {
		return err
	}
	for _, started := range w.Jobs {
		p.Jobs.Start(started)
	}
	return nil
}

// attempt is the payload of the job that tells one device of a notice.
type attempt struct {
	NoticeID string `json:"notice_id"`
	// Before is how many times the push service did not take it.
	Before int `json:"before"`
}

func pushSpec(s *subscription, a attempt) jobs.Spec {
	payload, _ := json.Marshal(a) // plain values always encode
	return jobs.Spec{
		Kind: jobPush, WorkspaceID: s.WorkspaceID, Ref: s.ID, Share: "push", Payload: payload, Key: []string{a.NoticeID, s.ID},
	}
}

// deliver tells one device of a notice. The job ends before the message leaves, so that a crash between the two tells of it not at all
// instead of twice; only what the push service surely did not take goes again.
func (p *pusher) deliver(ctx context.Context, job *jobs.Job) error {
	var a attempt
	if err := json.Unmarshal(job.Payload, &a); err != nil {
		return errors.Join(jobs.ErrDead, err)
	}
	s, err := p.subscriptions.Get(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.Key != p.key.Public() {
		return p.remove(ctx, s)
	}
	notice, err := p.notices.Get(ctx, a.NoticeID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	v, wanted, err := p.wanted(ctx, s, notice)
	if err != nil || !wanted {
		return err
	}
	m, err := p.message(ctx, v, s, notice)
	if err != nil {
		return err
	}
	if err := p.engine.Write(ctx, job.Done()...); err != nil {
		return err
	}
	result := p.send(ctx, s, m)
	ctx = context.WithoutCancel(ctx)
	switch result.Outcome {
	case webpush.Gone:
		return p.remove(ctx, s)
	case webpush.Later:
		return p.again(ctx, s, a, notice, result.After)
	}
	return nil
}

// again has a message tried later that the push service did not take, as long as its notice is worth it.
func (p *pusher) again(ctx context.Context, s *subscription, a attempt, notice *kept, after time.Duration) error {
	pause := max(after, min(longestPause, firstPause<<min(a.Before, 10)))
	at := p.clock.Now().Add(pause)
	if !at.Before(notice.At.Add(pushFor)) {
		return nil
	}
	a.Before++
	return p.engine.Write(ctx, p.Jobs.At(at, pushSpec(s, a))...)
}

// wanted reports whether the device's user wants to be told of the notice there, now.
func (p *pusher) wanted(ctx context.Context, s *subscription, notice *kept) (v access.Viewer, wanted bool, err error) {
	now := p.clock.Now()
	if s.WorkspaceID != notice.WorkspaceID || !now.Before(notice.At.Add(pushFor)) {
		return v, false, nil
	}
	v, err = p.Viewer(ctx, s.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return v, false, nil
	}
	if err != nil || v.WorkspaceID != s.WorkspaceID || !v.In(notice.Audience) {
		return v, false, err
	}
	chosen, err := p.settingsOf(ctx, v.WorkspaceID, v.UserID)
	if err != nil || !*chosen.Choices.of(notice.Notice.Kind).Push || chosen.Quiet.holds(now) {
		return v, false, err
	}
	read, err := p.marksOf(ctx, v)
	if err != nil || read.readAt(notice) != nil {
		return v, false, err
	}
	watches, err := p.Watches(ctx, v)
	return v, !watches, err
}

// pushed is what a device is told. It words the kinds that it knows in its own language.
type pushed struct {
	ID             string   `json:"id"`
	Kind           Kind     `json:"kind"`
	Severity       Severity `json:"severity"`
	Metric         string   `json:"metric,omitempty"`
	ConversationID string   `json:"conversation_id,omitempty"`
	At             string   `json:"at"`
	Language       string   `json:"language"`
	// Name and Text are the customer's; empty unless the workspace shows them.
	Name string `json:"name,omitempty"`
	Text string `json:"text,omitempty"`
}

// message makes what a device is told of a notice. Titles and details are left out: they may name customers.
func (p *pusher) message(ctx context.Context, v access.Viewer, s *subscription, notice *kept) (webpush.Message, error) {
	n := &notice.Notice
	told := pushed{
		ID: notice.Meta.ID, Kind: n.Kind, Severity: n.Severity, Metric: n.Metric, ConversationID: n.ConversationID,
		At: notice.At.UTC().Format(time.RFC3339), Language: s.Language,
	}
	if n.ConversationID != "" {
		name, words, err := p.Preview(ctx, v, n.ConversationID)
		if err != nil {
			return webpush.Message{}, err
		}
		told.Name, told.Text = text.Preview(name, longestName), text.Preview(words, longestText)
	}
	payload, err := json.Marshal(told)
	return webpush.Message{
		Payload: payload, TTL: notice.At.Add(pushFor).Sub(p.clock.Now()), Urgency: webpush.High,
		Topic: ids.Derived("t", told.ID),
	}, err
}

// send hands a message to a device's push service and says in the log what did not go well.
func (p *pusher) send(ctx context.Context, s *subscription, m webpush.Message) webpush.Result {
	to, err := webpush.NewSubscription(s.Endpoint, s.Public, s.Auth)
	if err != nil {
		return webpush.Result{Outcome: webpush.Refused, Err: err}
	}
	result := webpush.Send(ctx, p.HTTP, p.key, to, m)
	if result.Outcome != webpush.Taken && result.Outcome != webpush.Gone {
		cause := "no answer"
		if result.Status != 0 {
			cause = "status " + strconv.Itoa(result.Status)
		}
		// The error itself names the address.
		p.Log.Warn().Str("subscription", s.ID).Str("cause", cause).Msg("a push service did not take a message")
	}
	return result
}

// kindTest is what a device is told when its user tries whether it is told.
const kindTest Kind = "test"

// try tells a device of the viewer's that it is told, and says how that went.
func (p *pusher) try(ctx context.Context, v access.Viewer, endpoint string) error {
	s, err := p.own(ctx, v, endpoint)
	if err != nil {
		return err
	}
	now := p.clock.Now()
	payload, err := json.Marshal(pushed{
		ID: ids.New("ntf", now), Kind: kindTest, Severity: Info, At: now.UTC().Format(time.RFC3339), Language: s.Language,
	})
	if err != nil {
		return err
	}
	result := p.send(ctx, s, webpush.Message{Payload: payload, TTL: time.Minute, Urgency: webpush.High})
	switch result.Outcome {
	case webpush.Taken:
		return nil
	case webpush.Gone:
		if err := p.remove(ctx, s); err != nil {
			return err
		}
		return errs.New(errs.Conflict, "push_gone", "This device takes no messages any more; switch them on again.")
	}
	return errs.New(errs.Unavailable, "push_refused", "The browser's push service does not take messages now.")
}
