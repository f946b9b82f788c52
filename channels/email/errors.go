package email

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wasl/channels"
	"wasl/channels/provider"
)

func refused(code, title, detail string) *channels.SendError {
	return &channels.SendError{Outcome: channels.Refused, Code: code, Title: title, Detail: detail}
}

// bounced says why a mail came back. https://www.rfc-editor.org/rfc/rfc3463
func bounced(status, kind string) *channels.SendError {
	e := refused("bounced", "The mail came back", "The other side did not take it. Check the address, or reach the customer another way.")
	switch {
	case strings.HasSuffix(status, ".1.1"), strings.HasSuffix(status, ".1.10"), strings.HasSuffix(status, ".1.2"), strings.HasSuffix(status,
		".1.3"):
		e = refused("recipient_unknown", "The address does not exist", "Check how it is written, or reach the customer another way.")
	case strings.HasSuffix(status, ".2.2"):
		e = refused("mailbox_full", "The customer's mailbox is full", "Try again later, or reach the customer another way.")
	case strings.HasSuffix(status, ".3.4"):
		e = refused("mail_too_large", "The mail is too large for the other side", "Send fewer or smaller files.")
	case strings.HasPrefix(status, "5.7"), kind == "blocked":
		e = refused("filtered", "The other side refused the mail",
			"It may take it for spam. An administrator should check SPF, DKIM and DMARC of the domain.")
	}
	e.Provider = status
	return e
}

// dropped says why SendGrid did not send a mail.
func dropped(reason string) *channels.SendError {
	var e *channels.SendError
	switch r := strings.ToLower(reason); {
	case strings.Contains(r, "unsubscribed"), strings.Contains(r, "spam reporting"):
		e = refused("opted_out", "The customer has opted out of mails",
			"SendGrid sends them nothing until they write again and an administrator takes the address off its list.")
	case strings.Contains(r, "bounced"):
		e = refused("recipient_unknown", "Mails to this address came back before",
			"Check the address; an administrator can take it off SendGrid's list of bounces.")
	case strings.Contains(r, "invalid"):
		e = refused("recipient_invalid", "This is no valid address", "Check how it is written.")
	case strings.Contains(r, "spam"):
		e = refused("filtered", "SendGrid takes the mail for spam", "Change the words, and look at the links in it.")
	default:
		e = refused("provider_refused", "SendGrid did not send the mail", "It gives no reason that is known here.")
	}
	e.Provider = "dropped"
	return e
}

// explain says what an answer that is not the acceptance means.
func explain(call *provider.Call, body string, header map[string][]string) *channels.SendError {
	var answer struct {
		Errors []struct {
			Message string `json:"message"`
			Field   string `json:"field"`
		} `json:"errors"`
	}
	status := call.Status()
	known := json.Unmarshal([]byte(body), &answer) == nil && len(answer.Errors) > 0
	e := call.Failure(errors.New(http.StatusText(status)))
	switch {
	case status == http.StatusRequestEntityTooLarge:
		e = refused("mail_too_large", "The mail is too large", "All of it may have 30 MB. Send fewer or smaller files.")
	case status == http.StatusTooManyRequests && call.RetryAfter() == 0:
		at, err := strconv.ParseInt(http.Header(header).Get("X-Ratelimit-Reset"), 10, 64)
		from, err2 := http.ParseTime(http.Header(header).Get("Date"))
		if err == nil && err2 == nil {
			e.RetryAfter = min(max(time.Unix(at, 0).Sub(from), time.Second), time.Hour)
		}
	case known && status == http.StatusForbidden && strings.Contains(strings.ToLower(answer.Errors[0].Message), "from address"):
		e = &channels.SendError{
			Outcome: channels.Dead, Code: "sender_invalid", Title: "SendGrid does not let this address send",
			Detail: "An administrator has to verify the sender or its domain at SendGrid. Waiting mails are sent after that.",
		}
	case known && status == http.StatusBadRequest && strings.HasPrefix(answer.Errors[0].Field, "personalizations"):
		e = refused("recipient_invalid", "SendGrid does not accept a recipient",
			"Check the addresses, also of the copies: each may stand there once.")
	case known && status == http.StatusBadRequest:
		e = refused("invalid_request", "SendGrid does not accept the mail", "Check its recipients and content, then send it again.")
	}
	if e.Provider == "" {
		e.Provider = "HTTP " + strconv.Itoa(status)
	}
	return e
}
