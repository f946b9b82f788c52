package whatsapp

import (
	"strconv"
	"time"

	"wasl/channels"
	"wasl/channels/meta"
)

// codeMarketingStopped is the refusal that is also a customer's choice.
const codeMarketingStopped = "marketing_stopped"

// explain returns what a failed call means; repeatable calls do no harm when they are made again.
func explain(err error, repeatable bool) *channels.SendError {
	return meta.SendError(err, meanings, repeatable)
}

// failure returns why a message that was taken was not delivered.
func failure(errs []apiError) *channels.SendError {
	if len(errs) == 0 {
		return &channels.SendError{
			Outcome: channels.Refused, Code: "not_delivered", Title: "WhatsApp did not deliver the message", Detail: "It gives no reason.",
		}
	}
	e := errs[0]
	m, ok := meanings(e.Code, 0)
	if !ok {
		m = meta.Unknown(string(e.Title), string(e.Message), string(e.Data.Details))
	}
	return &channels.SendError{
		Outcome: m.Outcome, Code: m.Code, Title: m.Title, Detail: m.Detail, Recipient: m.Recipient,
		RetryAfter: m.Wait, Provider: strconv.Itoa(e.Code),
	}
}

// meanings gives the platform's own codes; the texts of Meta change, the codes do not.
// https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
func meanings(code, _ int) (meta.Meaning, bool) {
	for _, table := range []func(int) (meta.Meaning, bool){
		accountMeaning, speedMeaning, recipientMeaning, contentMeaning,
		templateMeaning,
	} {
		if m, ok := table(code); ok {
			return m, true
		}
	}
	return meta.Shared(code, 0)
}

func accountMeaning(code int) (meta.Meaning, bool) {
	dead := func(code, title, detail string) (meta.Meaning, bool) {
		return meta.Meaning{Outcome: channels.Dead, Code: code, Title: title, Detail: detail}, true
	}
	switch {
	case code == 131005:
		return dead("permission_missing", "The channel may not do this",
			"An administrator has to give the app and its token the permission whatsapp_business_messaging.")
	case code == 131031:
		return dead("account_restricted", "Meta has locked the account", "An administrator has to look into Meta's account quality page.")
	case code == 131042 || code == 131044:
		return dead("payment_problem", "WhatsApp cannot charge the account",
			"An administrator has to mend the payment method in Meta Business Suite.")
	case code == 133004:
		return meta.Meaning{
			Outcome: channels.Down, Code: "provider_down", Title: "WhatsApp has a passing problem",
			Detail: "It is tried again by itself.",
		}, true
	case code == 131045 || (code >= 133000 && code <= 133016):
		return dead("number_not_registered", "The number is not registered with WhatsApp",
			"An administrator has to register the number again, with its PIN.")
	case code == 131063:
		return meta.Meaning{
			Outcome: channels.Refused, Code: "marketing_not_allowed",
			Title:  "This account may not send marketing messages here",
			Detail: "Send it as another kind of template, or ask an administrator.",
		}, true
	case code == 131037:
		return meta.Meaning{
			Outcome: channels.Refused, Code: "display_name_not_approved",
			Title:  "The number's display name is not approved yet",
			Detail: "An administrator has to have the display name approved; then send it again.",
		}, true
	}
	return meta.Meaning{}, false
}

func speedMeaning(code int) (meta.Meaning, bool) {
	down := meta.Meaning{
		Outcome: channels.Down, Code: "provider_down", Title: "WhatsApp has a passing problem",
		Detail: "It is tried again by itself.",
	}
	throttled := meta.Meaning{
		Outcome: channels.Throttled, Code: "rate_limited", Title: "Sending is too fast for WhatsApp",
		Detail: "It is sent as soon as WhatsApp allows.",
	}
	switch code {
	case 131000, 135000:
		down.Ambiguous = true
		return down, true
	case 131016:
		return down, true
	case 131057:
		down.Code, down.Title, down.Wait = "number_in_maintenance", "WhatsApp is working on the number", time.Minute
		return down, true
	case 130429:
		throttled.Wait = 2 * time.Second
		return throttled, true
	case 80007:
		throttled.Code, throttled.Title, throttled.Wait = "api_limit", "WhatsApp's limit of calls for the account is reached", 5*time.Minute
		return throttled, true
	case 131056:
		throttled.Code, throttled.Title, throttled.Recipient = "recipient_rate_limited",
			"Too many messages to this customer in a short time", true
		return throttled, true
	case 132069:
		throttled.Code, throttled.Title, throttled.Wait = "form_limited", "The form was sent too often within an hour", 10*time.Minute
		return throttled, true
	}
	return meta.Meaning{}, false
}

func recipientMeaning(code int) (meta.Meaning, bool) {
	refused := func(code, title, detail string) (meta.Meaning, bool) {
		return meta.Meaning{Outcome: channels.Refused, Code: code, Title: title, Detail: detail}, true
	}
	switch code {
	case 131026:
		return refused("not_reachable", "The message cannot be delivered to this customer",
			"They may have no WhatsApp, an old version, or have blocked you. Try another channel.")
	case 131047:
		return refused("window_closed", "More than 24 hours have passed since the customer's last message",
			"Send a template; the customer's answer opens the conversation again.")
	case 131021:
		return refused("recipient_is_sender", "A number cannot write to itself", "Choose another recipient.")
	case 131030:
		return refused("not_on_test_list", "The test number may not write to this customer",
			"Add the customer's number to the list of the test number in Meta's app dashboard.")
	case 130497:
		return refused("country_not_allowed", "WhatsApp does not allow this business to write to this country", "Try another channel.")
	case 131048:
		return refused("spam_limited", "WhatsApp has limited the number because customers reported its messages",
			"Stop campaigns. Answers to customers who write still go through later.")
	case 131049, 130472, 131064:
		return refused("marketing_limited", "WhatsApp does not deliver this marketing message",
			"The customer got many of them lately. Do not send it again within 24 hours.")
	case 131050:
		return refused(codeMarketingStopped, "The customer has stopped marketing messages",
			"Do not send marketing to this customer until they allow it again.")
	case 131062:
		return refused("phone_required", "This template needs the customer's phone number",
			"Ask the customer to share the number, or send another template.")
	case 137000:
		return refused("identity_changed", "The customer's WhatsApp identity has changed",
			"Make sure that you are speaking to the same person, then send it again.")
	}
	return meta.Meaning{}, false
}

func contentMeaning(code int) (meta.Meaning, bool) {
	refused := func(code, title, detail string) (meta.Meaning, bool) {
		return meta.Meaning{Outcome: channels.Refused, Code: code, Title: title, Detail: detail}, true
	}
	switch code {
	case 131008, 131009:
		return refused("invalid_request", "WhatsApp does not accept the message or its address",
			"Check the recipient and the content, then send it again.")
	case 131051:
		return refused("type_not_supported", "WhatsApp does not support this kind of message", "Send it in another form.")
	case 131052:
		return refused("media_unavailable", "WhatsApp could not get the file", "Ask the customer to send it again.")
	case 131053:
		return refused("media_rejected", "WhatsApp did not accept the file", "Check its type and size, or send it as a document.")
	case 131060:
		return refused("content_unavailable", "The content is not available", "Ask the customer to send it again.")
	case 132068:
		return refused("form_blocked", "WhatsApp has blocked the form of this message", "An administrator has to mend the form.")
	}
	return meta.Meaning{}, false
}

func templateMeaning(code int) (meta.Meaning, bool) {
	refused := func(code, title, detail string) (meta.Meaning, bool) {
		return meta.Meaning{Outcome: channels.Refused, Code: code, Title: title, Detail: detail}, true
	}
	switch code {
	case 132000, 132008, 132012, 132018:
		return refused("template_parameter_invalid", "The values do not fit the template",
			"Fill in every field, without line breaks, and send it again.")
	case 132001:
		return refused("template_unknown", "WhatsApp does not know this template in this language",
			"Reload the templates and choose again.")
	case 132005:
		return refused("template_too_long", "With these values the template is too long", "Use shorter values.")
	case 132007:
		return refused("template_policy", "The template is against WhatsApp's rules", "Choose another template.")
	case 132015:
		return refused("template_paused", "WhatsApp has paused the template because of its rating", "Choose another template, or wait.")
	case 132016:
		return refused("template_disabled", "WhatsApp has disabled the template", "Choose another template.")
	}
	return meta.Meaning{}, false
}
