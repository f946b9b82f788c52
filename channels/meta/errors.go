package meta

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"wasl/channels"
	"wasl/internal/httpclient"
)

// GraphError is the error object of Graph. Code decides; texts change.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
type GraphError struct {
	Code        int    `json:"code"`
	Subcode     int    `json:"error_subcode"`
	Message     string `json:"message"`
	UserMessage string `json:"error_user_msg"`
	TraceID     string `json:"fbtrace_id"`
	Data        struct {
		Details string `json:"details"`
	} `json:"error_data"`
}

// Error is a call that did not succeed.
type Error struct {
	Status     int         // of the answer; 0: there was none
	Graph      *GraphError // nil: the answer was none of Graph's errors
	RetryAfter time.Duration
	Written    bool // the request had left: without an answer nobody knows whether it was taken
	Cause      error
}

// Error returns the text for logs.
func (e *Error) Error() string {
	switch {
	case e.Graph != nil:
		return fmt.Sprintf("graph %d, code %d/%d, trace %s", e.Status, e.Graph.Code, e.Graph.Subcode, e.Graph.TraceID)
	case e.Status != 0:
		return fmt.Sprintf("graph %d: %v", e.Status, e.Cause)
	default:
		return fmt.Sprintf("graph: %v", e.Cause)
	}
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Meaning is what an error code means for the message and the account.
type Meaning struct {
	Outcome   channels.Outcome
	Code      string
	Title     string
	Detail    string
	Recipient bool
	// Ambiguous: the provider does not know itself, so with a 5xx the message may have been taken.
	Ambiguous bool
	// Wait is how long to wait where the answer does not say.
	Wait time.Duration
}

// SendError returns what a failed call means. known gives the meanings of codes and subcodes. Where nothing comes
// of doing the call twice, repeatable says so, and what would be uncertain is down.
func SendError(err error, known func(code, subcode int) (Meaning, bool), repeatable bool) *channels.SendError {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Cause: err}
	}
	m := meaning(e, known)
	if m.Outcome == channels.Uncertain && repeatable {
		m = passing()
	}
	out := &channels.SendError{
		Outcome: m.Outcome, Code: m.Code, Title: m.Title, Detail: m.Detail,
		RetryAfter: max(e.RetryAfter, 0), Recipient: m.Recipient, Cause: err,
	}
	if out.RetryAfter == 0 {
		out.RetryAfter = m.Wait
	}
	switch {
	case e.Graph != nil && e.Graph.Subcode != 0:
		out.Provider = fmt.Sprintf("%d/%d", e.Graph.Code, e.Graph.Subcode)
	case e.Graph != nil:
		out.Provider = strconv.Itoa(e.Graph.Code)
	case e.Status != 0:
		out.Provider = fmt.Sprintf("HTTP %d", e.Status)
	}
	return out
}

func meaning(e *Error, known func(int, int) (Meaning, bool)) Meaning {
	if e.Graph == nil {
		return unexplained(e)
	}
	m, ok := known(e.Graph.Code, e.Graph.Subcode)
	switch {
	case !ok && e.Status == http.StatusTooManyRequests:
		return unexplained(e)
	case !ok && e.Status >= 500, ok && m.Ambiguous && e.Status >= 500:
		return uncertain()
	case !ok:
		return Unknown(e.Graph.Message, e.Graph.UserMessage, e.Graph.Data.Details)
	}
	return m
}

// Unknown is the meaning of a code that is in no table: refused, in the best of the provider's own words.
func Unknown(words ...string) Meaning {
	m := Meaning{
		Outcome: channels.Refused, Code: "provider_refused", Title: "The provider refused the message",
		Detail: "It gives no reason that is known here.",
	}
	for _, w := range words {
		if w != "" {
			m.Detail = w
		}
	}
	return m
}

func passing() Meaning {
	return Meaning{
		Outcome: channels.Down, Code: "provider_down", Title: "The provider has a passing problem",
		Detail: "It is tried again by itself.",
	}
}

func uncertain() Meaning {
	return Meaning{
		Outcome: channels.Uncertain, Code: "delivery_unknown", Title: "It is not certain that the message was sent",
		Detail: "The connection broke before the provider answered. Its report will settle this; if none comes, ask the customer before sending it again.",
	}
}

// unexplained classifies what failed without an error of Graph.
func unexplained(e *Error) Meaning {
	switch {
	case errors.Is(e.Cause, httpclient.ErrForbidden):
		return Meaning{
			Outcome: channels.Dead, Code: "address_not_allowed", Title: "The channel's API address lies in a private network",
			Detail: "An administrator has to change it, or to allow private networks.",
		}
	case !e.Written:
		return Meaning{
			Outcome: channels.Down, Code: "provider_unreachable", Title: "The provider cannot be reached",
			Detail: "It is tried again by itself.",
		}
	case e.Status == http.StatusTooManyRequests:
		return Meaning{
			Outcome: channels.Throttled, Code: "rate_limited", Title: "Sending is too fast for the provider",
			Detail: "It is sent as soon as the provider allows.", Wait: 5 * time.Second,
		}
	case e.Status == http.StatusUnauthorized:
		return tokenDead()
	case e.Status >= 300 && e.Status < 500 && e.Status != http.StatusRequestTimeout:
		return Meaning{
			Outcome: channels.Refused, Code: "unexpected_answer", Title: "The provider's address answered in an unknown way",
			Detail: "Ask an administrator to check the channel's API address.",
		}
	default: // no answer, a 5xx of a gateway, or a success that cannot be read
		return uncertain()
	}
}

func tokenDead() Meaning {
	return Meaning{
		Outcome: channels.Dead, Code: "token_invalid", Title: "The channel's access token is no longer valid",
		Detail: "An administrator has to connect the channel again with a fresh token. Waiting messages are sent after that.",
	}
}

// Shared gives the codes that mean the same on every Graph channel.
// https://developers.facebook.com/docs/graph-api/guides/error-handling#errorcodes
func Shared(code, _ int) (Meaning, bool) {
	switch {
	case code == 0 || code == 190 || code == 102:
		m := tokenDead()
		m.Ambiguous = code == 0
		return m, true
	case code == 3 || code == 10 || (code >= 200 && code <= 299):
		return Meaning{
			Outcome: channels.Dead, Code: "permission_missing", Title: "The channel may not do this",
			Detail: "An administrator has to give the app and its token the missing permission, then connect the channel again.",
		}, true
	case code == 1 || code == 2:
		m := passing()
		m.Ambiguous = true
		return m, true
	case code == 4 || code == 17 || code == 32 || code == 613:
		return Meaning{
			Outcome: channels.Throttled, Code: "api_limit", Title: "The provider's hourly limit of calls is reached",
			Detail: "It is sent as soon as the provider allows.", Wait: 5 * time.Minute,
		}, true
	case code == 368:
		return Meaning{
			Outcome: channels.Dead, Code: "account_restricted", Title: "Meta has blocked the account for a policy violation",
			Detail: "An administrator has to look into Meta's account quality page.",
		}, true
	case code == 33 || code == 100:
		return Meaning{
			Outcome: channels.Refused, Code: "invalid_request", Title: "The provider does not accept the message or its address",
			Detail: "Check the recipient and the content, then send it again.",
		}, true
	}
	return Meaning{}, false
}
