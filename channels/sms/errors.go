package sms

import (
	"strconv"
	"time"

	"wasl/channels"
)

// meaning is what one of Twilio's error codes means.
type meaning struct {
	outcome       channels.Outcome
	code          string
	title, detail string
}

// explained says what an error code means, of a call or of a report. https://www.twilio.com/docs/api/errors
func explained(code int) *channels.SendError {
	m, known := ofAccount(code)
	if !known {
		m, known = ofMessage(code)
	}
	if !known {
		m, known = ofDelivery(code)
	}
	if !known {
		m = says(channels.Refused, "provider_refused", "Twilio did not deliver the message", "It gives no reason that is known here.")
		if code != 0 {
			m.detail = "Twilio's error is " + strconv.Itoa(code) + "; its page of errors says more."
		}
	}
	e := &channels.SendError{Outcome: m.outcome, Code: m.code, Title: m.title, Detail: m.detail, Provider: strconv.Itoa(code)}
	if m.outcome == channels.Throttled {
		e.RetryAfter = 5 * time.Second
	}
	return e
}

func says(outcome channels.Outcome, code, title, detail string) meaning {
	return meaning{outcome: outcome, code: code, title: title, detail: detail}
}

const mend = "An administrator has to mend this in the Twilio console. Waiting messages are sent after that."

// ofAccount: nothing goes out until somebody mends it, or not so fast.
func ofAccount(code int) (meaning, bool) {
	switch code {
	case 20003, 20403:
		return says(channels.Dead, "token_invalid", "Twilio no longer accepts the channel's credentials",
			"An administrator has to enter a fresh auth token. Waiting messages are sent after that."), true
	case 20404:
		return says(channels.Dead, "account_mismatch", "Twilio does not know the account",
			"An administrator has to compare the account SID with the one in the console."), true
	case 20005, 30002:
		return says(channels.Dead, "account_restricted", "Twilio has suspended the account", mend), true
	case 21601, 21603, 21606, 21659, 21660, 21661, 21701, 21703:
		return says(channels.Dead, "sender_invalid", "The channel's number cannot send SMS",
			"An administrator has to check the number or messaging service of the channel."), true
	case 20429, 14107, 63018, 63017, 63038:
		return says(channels.Throttled, "rate_limited", "Sending is too fast for Twilio", "It is sent as soon as Twilio allows."), true
	case 21611:
		return says(channels.Throttled, "rate_limited", "Too many messages wait at Twilio", "It is sent as soon as Twilio allows."), true
	}
	return meaning{}, false
}

// ofMessage: the message or its address is not accepted.
func ofMessage(code int) (meaning, bool) {
	switch code {
	case 21610:
		return says(channels.Refused, "opted_out", "The customer has opted out of messages",
			"They wrote STOP. Nothing can be sent until they write START."), true
	case 21211, 21214, 21217, 21604, 63003:
		return says(channels.Refused, "recipient_invalid", "This is no valid phone number", "Check the number of the contact."), true
	case 21612, 21614, 30006:
		return says(channels.Refused, "not_mobile", "The number cannot receive SMS",
			"It may be a landline. Reach the customer another way."), true
	case 21408:
		return says(channels.Refused, "country_not_allowed", "SMS to this country is not allowed for the account",
			"An administrator can allow it under Messaging, Geo permissions in the Twilio console."), true
	case 21608:
		return says(channels.Refused, "trial_account", "A trial account sends only to numbers that were verified",
			"An administrator has to verify the number or upgrade the Twilio account."), true
	case 21602, 21619:
		return says(channels.Refused, "text_empty", "The message is empty", "Write something, then send it again."), true
	case 21617, 21605:
		return says(channels.Refused, "text_too_long", "The message is too long", "At most 1,600 characters are allowed."), true
	case 21620, 21623, 30019, 11751, 12300, 12400, 63019, 63021:
		return says(channels.Refused, "media_rejected", "The file was not accepted",
			"It may be too large or of a kind that phones do not show. Send another file, or a link."), true
	case 30011:
		return says(channels.Refused, "media_not_supported", "The phone company takes no pictures or files", "Send text, or a link."), true
	case 21654, 21655, 21656, 63005:
		return says(channels.Refused, "template_invalid", "The content template or its values are not accepted",
			"Choose another template."), true
	case 63016:
		return says(channels.Refused, "window_closed", "The time for free answers is over",
			"Only a template can be sent until the customer writes again."), true
	}
	return meaning{}, false
}

// ofDelivery: it was sent and did not arrive.
func ofDelivery(code int) (meaning, bool) {
	switch code {
	case 30003, 63024:
		return says(channels.Refused, "not_reachable", "The phone cannot be reached", "It is off or has no service. Try again later."), true
	case 30004, 63032, 63033:
		return says(channels.Refused, "blocked", "The phone or its company blocks messages", "Reach the customer another way."), true
	case 30005:
		return says(channels.Refused, "recipient_unknown", "The number is not in service", "Check the number of the contact."), true
	case 30007, 63013:
		return says(channels.Refused, "filtered", "The phone company took the message for spam",
				"Change the words, and avoid short links. If it happens again, an administrator should look at the number's registration."),
			true
	case 30008, 30009:
		return says(channels.Refused, "delivery_failed", "The phone company did not deliver the message",
			"It gives no reason. Try again later."), true
	case 30001, 30017:
		return says(channels.Refused, "congested", "Too many messages were waiting", "Send it again later."), true
	case 30010:
		return says(channels.Refused, "price_limit", "The message costs more than the account allows",
			"An administrator can raise the limit at Twilio."), true
	case 30018, 30022, 30023, 30027, 30032, 30034, 30035:
		return says(channels.Refused, "sender_not_registered", "The number is not registered with the phone companies",
			"An administrator has to register it (A2P 10DLC or toll-free verification) in the Twilio console."), true
	case 63001, 63002, 63007:
		return says(channels.Dead, "sender_invalid", "The sender is not set up at Twilio", mend), true
	}
	return meaning{}, false
}
