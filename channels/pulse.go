package channels

import (
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

const (
	week = 7 * 24
	// learnt is how long a channel is watched before its silence means anything, busy how many messages a week it must get.
	learnt = 14 * 24 * time.Hour
	busy   = 20
	// quietAtLeast is the shortest silence that is worth a word.
	quietAtLeast = 15 * time.Minute
	// usualGaps is how many usual gaps make a silence, where messages come evenly.
	usualGaps = 3
	// learn is how much an hour of this week changes the usual number, learnUneven likewise the unevenness.
	learn, learnUneven = 0.3, 0.05
)

// pulse is what is known of a channel's traffic. It is kept apart from the channel, because it changes by itself.
type pulse struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	ChannelID   string    `bson:"channel_id"`
	LastIn      time.Time `bson:"last_in,omitempty"`   // a customer's message
	LastOut     time.Time `bson:"last_out,omitempty"`  // a message that the provider took
	LastHook    time.Time `bson:"last_hook,omitempty"` // any webhook
	Mishap      *Mishap   `bson:"mishap,omitempty"`
	Outage      *Outage   `bson:"outage,omitempty"`  // nil: what is fetched from can be reached
	Refused     int64     `bson:"refused,omitempty"` // webhooks with a wrong signature: anybody who knows the address can send them
	LastRefused time.Time `bson:"last_refused,omitempty"`
	// What a silence is measured by: since when, the hour under way and how much came in it, the usual number of messages in each
	// hour of the week (negative: not known), and how far an hour strays from it (0: never; 1: as chance has it).
	Since       time.Time  `bson:"since,omitempty"`
	Hour        int64      `bson:"hour,omitempty"`
	Count       float64    `bson:"count,omitempty"`
	Usual       []float64  `bson:"usual,omitempty"`
	Uneven      float64    `bson:"uneven,omitempty"`
	SilentSince *time.Time `bson:"silent_since,omitempty"`
}

// Mishap is the last thing that went wrong on a channel.
type Mishap struct {
	Trouble `bson:",inline"`
	At      time.Time `bson:"at" json:"at"`
}

// Outage is why a channel whose provider does not come by itself cannot be fetched at the moment.
type Outage struct {
	Trouble `bson:",inline"`
	Since   time.Time `bson:"since"`
	Told    bool      `bson:"told,omitempty"` // people were told
	Over    bool      `bson:"over,omitempty"` // and are to be told that it is over
}

// next returns the outage after what was seen last; nil: there is none.
func (o *Outage) next(seen *Outage) *Outage {
	switch {
	case seen == nil && (o == nil || !o.Told):
		return nil
	case seen == nil:
		over := *o
		over.Over = true
		return &over
	case o == nil:
		return &Outage{Trouble: seen.Trouble, Since: seen.Since}
	}
	return &Outage{Trouble: seen.Trouble, Since: o.Since, Told: o.Told}
}

func pulseID(channelID string) string { return ids.Derived("pls", channelID) }

var pulseSchema = store.Schema{Name: "channel_pulses"}

// beat is what this process has seen of a channel and not saved yet.
type beat struct {
	in                        int
	lastIn, lastOut, lastHook time.Time
	mishap                    *Mishap
	outage                    *Outage // the latest; over: there is none any more
	over                      bool
	refused                   int64
	lastRefused               time.Time
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// add takes in what a process has seen.
func (p *pulse) add(b beat) {
	if b.in > 0 {
		if p.Usual == nil {
			p.Since, p.Hour, p.Usual = b.lastIn, hourOf(b.lastIn), make([]float64, week)
			for n := range p.Usual {
				p.Usual[n] = -1
			}
		}
		p.endHours(hourOf(b.lastIn))
		p.Count += float64(b.in)
	}
	p.LastIn, p.LastOut, p.LastHook = later(p.LastIn, b.lastIn), later(p.LastOut, b.lastOut), later(p.LastHook, b.lastHook)
	p.Refused, p.LastRefused = p.Refused+b.refused, later(p.LastRefused, b.lastRefused)
	if b.mishap != nil && (p.Mishap == nil || b.mishap.At.After(p.Mishap.At)) {
		p.Mishap = b.mishap
	}
	if b.over || b.outage != nil {
		p.Outage = p.Outage.next(b.outage)
	}
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// endHours ends the hours before the given one. Of a longer pause than a week only the week is learnt.
func (p *pulse) endHours(hour int64) {
	p.Hour = max(p.Hour, hour-week)
	for ; p.Hour < hour; p.Hour++ {
		usual := &p.Usual[p.Hour%week]
		off := p.Count - *usual
		switch {
		case *usual < 0:
			*usual = p.Count
		default:
			if *usual >= 1 {
				p.Uneven += learnUneven * (off*off / *usual - p.Uneven)
			}
			*usual += learn * off
		}
		p.Count = 0
	}
}

// gap is the usual time between two messages at this hour; 0: not known, or hardly any come.
func (p *pulse) gap(now time.Time) time.Duration {
	if p.Usual == nil || now.Sub(p.Since) < learnt {
		return 0
	}
	if usual := p.Usual[hourOf(now)%week]; usual >= 0.1 {
		return time.Duration(float64(time.Hour) / usual)
	}
	return 0
}

// silentAt reports whether no message came for three times the usual gap. Over several hours each counts with its own gap, so
// that a quiet night is not a silence; where messages come in bursts more must be missing. Too little history is no ground.
func (p *pulse) silentAt(now time.Time) bool {
	if p.Usual == nil || now.Sub(p.Since) < learnt || now.Sub(p.LastIn) < quietAtLeast {
		return false
	}
	total := 0.0
	for _, usual := range p.Usual {
		total += max(0, usual)
	}
	missing := 0.0 // the messages that would usually have come since the last one
	from := later(p.LastIn, now.Add(-week*time.Hour))
	for from.Before(now) {
		end := from.Truncate(time.Hour).Add(time.Hour)
		if end.After(now) {
			end = now
		}
		missing += max(0, p.Usual[hourOf(from)%week]) * end.Sub(from).Hours()
		from = end
	}
	return total >= busy && missing >= usualGaps*(1+min(max(p.Uneven, 0), 2))
}
