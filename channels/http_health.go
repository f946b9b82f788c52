package channels

import (
	"context"
	"errors"
	"time"

	"wasl/auth"
	"wasl/internal/web"
	"wasl/store"
)

// HealthView says at a glance whether a channel works.
type HealthView struct {
	State          string      `json:"state" enum:"ok,new,silent,lagging,ending,disconnected,paused,stopped" doc:"new: no message has come yet; disconnected: the mailbox cannot be read at the moment, which is tried again by itself; silent: none for three times the usual gap of the hour; ending: the access token could not be renewed; stopped: see problem"`
	Problem        *Trouble    `json:"problem" doc:"What is wrong now, and what mends it"`
	LastInboundAt  *web.Time   `json:"last_inbound_at" doc:"The last message of a customer; exact on the instance that took it, within a minute on others"`
	LastOutboundAt *web.Time   `json:"last_outbound_at" doc:"The last message that the provider took"`
	LastWebhookAt  *web.Time   `json:"last_webhook_at" doc:"The last webhook of any kind, or sign of life of what is fetched from"`
	LastError      *MishapView `json:"last_error" doc:"The last thing that went wrong, also if it is over"`
	Refused        int64       `json:"refused_webhooks" doc:"Webhooks with a wrong signature, ever. Harmless, unless messages are missing: then a secret is wrong"`
	LastRefusedAt  *web.Time   `json:"last_refused_at"`
	LagSeconds     float64     `json:"lag_seconds" doc:"The age of the oldest webhook that is not worked off; 0: none"`
	Waiting        int         `json:"waiting" doc:"How many are not; at most 500"`
	UsualGap       *float64    `json:"usual_gap_seconds" doc:"The usual time between two messages at this hour of the week; null: not known yet, or hardly any come"`
	SilentSince    *web.Time   `json:"silent_since"`
	Import         *ImportView `json:"import" doc:"How far the import has come of what was there before the connection; only of one channel alone; null: there is none"`
	TokenEndsAt    *web.Time   `json:"token_ends_at" doc:"When the access token ends unless it is renewed, which happens by itself every week; null: never, or not known"`
}

// MishapView is something that went wrong.
type MishapView struct {
	Trouble
	At web.Time `json:"at"`
}

// ImportView is how far an import has come.
type ImportView struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

// stateLagging is the state of health of a channel whose messages come in late.
const stateLagging = "lagging"

const silentDetail = "Send a test message to it. If that does not appear, look at the provider's side: is the webhook still subscribed, the account in order?"

// health tells what is known here, without asking the store.
func (s *Service) health(ch *Channel) HealthView {
	now := s.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var p pulse
	if kept := s.pulses[ch.ID]; kept != nil {
		p = *kept
	}
	for _, b := range s.unsaved(ch.ID) {
		b := *b
		b.in = 0 // the count is for the next save
		p.add(b)
	}
	v := HealthView{
		State: "ok", LastInboundAt: known(p.LastIn), LastOutboundAt: known(p.LastOut), LastWebhookAt: known(p.LastHook),
		Refused: p.Refused, LastRefusedAt: known(p.LastRefused),
	}
	if ch.Renewal != nil {
		v.TokenEndsAt = known(ch.Renewal.Ends)
	}
	if p.Mishap != nil {
		v.LastError = &MishapView{p.Mishap.Trouble, web.At(p.Mishap.At)}
	}
	if gap := p.gap(now).Seconds(); gap > 0 {
		v.UsualGap = &gap
	}
	if b, ok := s.lag[ch.ID]; ok {
		v.Waiting, v.LagSeconds = b.Count, max(0, now.Sub(b.Oldest).Seconds())
	}
	v.judge(ch, &p, now)
	return v
}

// judge chooses the worst of what is true.
func (v *HealthView) judge(ch *Channel, p *pulse, now time.Time) {
	if p.SilentSince != nil && p.silentAt(now) {
		v.SilentSince = web.AtOrNull(p.SilentSince)
	}
	switch {
	case ch.Status == Failed:
		v.State, v.Problem = "stopped", ch.Problem
	case p.Outage != nil && !p.Outage.Over:
		v.State, v.Problem = "disconnected", &p.Outage.Trouble
	case v.LagSeconds >= lagging.Seconds():
		v.State = stateLagging
		v.Problem = &Trouble{
			Code: "lagging", Title: "Messages come in late",
			Detail: "They are safe and follow by themselves. If it lasts, look at the log and the load of the gateway.",
		}
	case ch.Status == Paused:
		v.State, v.Problem = "paused", ch.ending()
	case ch.ending() != nil:
		v.State, v.Problem = "ending", ch.ending()
	case v.SilentSince != nil:
		v.State = "silent"
		v.Problem = &Trouble{Code: "silent", Title: "No message for an unusually long time", Detail: silentDetail}
	case p.LastIn.IsZero():
		v.State = "new"
	}
}

func known(t time.Time) *web.Time {
	if t.IsZero() {
		return nil
	}
	return web.AtOrNull(&t)
}

func (s *Service) getHealth(ctx context.Context, in *idInput) (*web.Body[HealthView], error) {
	v, err := s.Health(ctx, auth.From(ctx).WorkspaceID, in.ID)
	return web.Answer(v), err
}

// Health says whether the workspace's channel works, with what other instances know.
func (s *Service) Health(ctx context.Context, workspaceID, id string) (HealthView, error) {
	c, err := s.Of(ctx, workspaceID, id)
	if err == nil {
		err = s.refresh(ctx, id)
	}
	if err != nil {
		return HealthView{}, err
	}
	v := s.health(&c.Channel)
	importer, can := c.Adapter.(Importer)
	if !can || c.SourceID == "" {
		return v, nil
	}
	src, err := s.sources.Get(ctx, c.SourceID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return HealthView{}, err
	}
	if err == nil {
		if done, total, is := importer.Progress(src.State); is {
			v.Import = &ImportView{Done: done, Total: total}
		}
	}
	return v, nil
}
