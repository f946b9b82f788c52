package messaging

import (
	"time"

	"wasl/channels"
	"wasl/channels/meta"
)

// explain returns what a failed call means; repeatable calls do no harm when they are made again.
func (a *Adapter) explain(err error, repeatable bool) *channels.SendError {
	return meta.SendError(err, a.dialect.meanings, repeatable)
}

// meanings gives the platform's own codes; the same code means other things with other subcodes.
// https://developers.facebook.com/docs/messenger-platform/error-codes
func (d *Dialect) meanings(code, subcode int) (meta.Meaning, bool) {
	refused := func(code, title, detail string) (meta.Meaning, bool) {
		return meta.Meaning{Outcome: channels.Refused, Code: code, Title: title, Detail: detail}, true
	}
	switch subcode {
	case 2018278, 2018065, 2534022:
		return refused("window_closed", "The time for answers is over",
			"Programs may answer for 24 hours, people for 7 days, which needs Meta's approval of the feature Human Agent. It opens again when the customer writes.")
	case 2018108, 1545041:
		return refused("not_reachable", "The customer cannot receive messages",
			"They may have blocked the account or left "+d.Name+". Try another channel.")
	case 2018001, 2534014:
		return refused("unknown_recipient", d.Name+" does not know this customer at this account",
			"They have to write to this account first. An account that was connected in another way knows them by another id.")
	case 2018047, 2018048, 2018109:
		return refused("media_rejected", d.Name+" did not accept the file", "Check its type and size, or send it in another form.")
	case 2018218:
		return consent(d.Name), true
	case 1893063:
		return meta.Meaning{
			Outcome: channels.Dead, Code: "account_restricted", Title: "Meta has restricted the page for a time",
			Detail: "An administrator has to look into the page's quality in Meta Business Suite.",
		}, true
	case 2018344, 1545133:
		return down(d.Name), true
	}
	switch code {
	case 551:
		return refused("not_reachable", "The customer cannot receive messages",
			"They may have blocked the account or left "+d.Name+". Try another channel.")
	case 230:
		return consent(d.Name), true
	case 1200:
		return down(d.Name), true
	case 80006:
		return meta.Meaning{
			Outcome: channels.Throttled, Code: "api_limit", Title: "The provider's limit of calls for the account is reached",
			Detail: "It is sent as soon as the provider allows.", Wait: 5 * time.Minute,
		}, true
	}
	return meta.Shared(code, subcode)
}

// down is passing, but with a 5xx nobody knows whether the message was taken.
func down(platform string) meta.Meaning {
	return meta.Meaning{
		Outcome: channels.Down, Code: "provider_down", Title: platform + " has a passing problem",
		Detail: "It is tried again by itself.", Ambiguous: true,
	}
}

func consent(platform string) meta.Meaning {
	return meta.Meaning{Outcome: channels.Refused, Code: "consent_missing", Title: "The customer has not allowed this", Detail: platform +
		" tells who they are and takes answers once they have written to the account."}
}
