package inbox

import (
	"slices"
	"time"

	"wasl/channels"
)

// The kinds of steps that are kept with a message. Others are known from its own times.
const (
	stepQueued   = "queued"
	stepSending  = "sending"
	stepWaiting  = "waiting"  // put off: the provider throttles, is down, or refuses the account
	stepAccepted = "accepted" // the provider took it
	stepResumed  = "resumed"  // taken up again after an interruption, or replayed by a person
)

// trailMost bounds the steps of a message that goes astray for a day.
const trailMost = 60

// Step is one thing that happened to a message on its way. Its keys are short because many messages have some.
type Step struct {
	Kind string    `bson:"k"`           // one of the above, or the status that was reached
	At   time.Time `bson:"t"`           // of a report: by the provider's clock
	Came time.Time `bson:"c,omitempty"` // of a report: when it came; of what was repeated: the last time
	By   string    `bson:"b,omitempty"` // the user who did it
	Code string    `bson:"e,omitempty"`
	Text string    `bson:"d,omitempty"` // why, in plain words
	More int       `bson:"n,omitempty"` // how often it was repeated
}

// addStep keeps a step. Attempts that end in the same way are one step with their number.
func (m *Message) addStep(step Step) {
	n := len(m.Trail)
	if step.Kind == stepWaiting {
		before := n - 1
		if n > 0 && m.Trail[before].Kind == stepSending {
			before--
		}
		if before >= 0 && m.Trail[before].Kind == stepWaiting && m.Trail[before].Code == step.Code {
			m.Trail[before].More, m.Trail[before].Came = m.Trail[before].More+1, step.At
			m.Trail = m.Trail[:before+1]
			return
		}
	}
	if n >= trailMost {
		m.Trail = slices.Delete(m.Trail, 1, 2)
	}
	m.Trail = append(m.Trail, step)
}

// addOutcome keeps what became of a send, with the reason where it did not go well.
func (m *Message) addOutcome(kind channels.MessageStatus, at time.Time, why *SendError) {
	step := Step{Kind: string(kind), At: at}
	if why != nil {
		step.Code, step.Text = why.Code, why.Title
	}
	m.addStep(step)
}

// requeued keeps that somebody sends the message again, and when it was first written.
func (m *Message) requeued(at time.Time, by string) {
	if len(m.Trail) == 0 || m.Trail[0].Kind != stepQueued {
		m.Trail = slices.Insert(m.Trail, 0, Step{Kind: stepQueued, At: m.CreatedAt, By: m.Author.ID})
	}
	m.addStep(Step{Kind: stepQueued, At: at, By: by})
}
