package sms

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"wasl/channels"
	"wasl/channels/provider"
)

// messageParam carries our id of the message in the address of its reports: Twilio has no other place for it.
const messageParam = "message"

// Send sends one message. https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
func (a *Adapter) Send(ctx context.Context, account channels.Account, out channels.Outgoing) (channels.Sent, error) {
	to, err := address(out.To)
	if err != nil {
		return channels.Sent{}, err
	}
	if out.Content.Type != "text" && out.Content.Type != "media" {
		return channels.Sent{}, refused("type_not_supported", "This kind of message cannot go out by SMS", "Write it as text.")
	}
	params := (&api.CreateMessageParams{}).SetTo(to).SetStatusCallback(account.WebhookURL + "/status?" + messageParam + "=" + out.MessageID)
	if service := account.Credentials[credService]; service != "" {
		params.SetMessagingServiceSid(service)
	} else {
		params.SetFrom(account.Credentials[credFrom])
	}
	if out.Content.Text != "" {
		params.SetBody(out.Content.Text)
	}
	var media []string
	for _, file := range out.Content.Attachments {
		media = append(media, out.Link(file))
	}
	if media != nil {
		params.SetMediaUrl(media)
	}
	call := a.call(account)
	// it takes no tokens but of letters and digits: the call adds them
	twilio := &client.Client{Credentials: client.NewCredentials("", ""), HTTPClient: call.Client(ctx)}
	twilio.SetAccountSid(account.Credentials[credSID])
	message, err := api.NewApiService(&client.RequestHandler{Client: twilio}).CreateMessage(params)
	if err != nil {
		return channels.Sent{}, explain(call, err)
	}
	if call.Status() >= http.StatusMultipleChoices || message.Sid == nil || *message.Sid == "" {
		return channels.Sent{}, call.Failure(errors.New("an answer without a message"))
	}
	return channels.Sent{ProviderID: *message.Sid}, nil
}

// address is where the message goes.
func address(to []channels.Identity) (string, error) {
	for n, i := range to {
		switch {
		case i.Kind == kindPhone:
			return "+" + strings.TrimPrefix(i.Value, "+"), nil
		case i.Kind == kindSender && strings.Trim(i.Value, "0123456789") == "":
			return i.Value, nil
		case i.Kind == kindSender:
			return "", refused("not_repliable", "This sender takes no answers",
				"A name instead of a number cannot be answered. Reach them another way.")
		case (i.Kind == kindWhatsApp || i.Kind == kindBSUID) && n == 0:
			return "", refused("not_repliable", "This came over WhatsApp through Twilio",
				"Connect the number as a WhatsApp channel and answer there.")
		}
	}
	return "", refused("no_address", "The contact has no phone number", "Add a phone number to the contact.")
}

func refused(code, title, detail string) *channels.SendError {
	return &channels.SendError{Outcome: channels.Refused, Code: code, Title: title, Detail: detail}
}

// explain says what a failed call means: by Twilio's own code where it gives one.
func explain(call *provider.Call, err error) *channels.SendError {
	var e *client.TwilioRestError
	if !errors.As(err, &e) || e.Code == 0 || call.Status() >= http.StatusInternalServerError {
		return call.Failure(err)
	}
	out := explained(e.Code)
	out.Cause = errors.New(http.StatusText(call.Status())) // its own text may repeat the address
	if out.Outcome == channels.Throttled {
		out.RetryAfter = max(call.RetryAfter(), out.RetryAfter)
	}
	return out
}
