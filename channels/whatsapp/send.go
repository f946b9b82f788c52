package whatsapp

import (
	"context"
	"net/http"
	"net/url"

	"wasl/channels"
	"wasl/channels/meta"
)

// Send sends one message. https://developers.facebook.com/docs/whatsapp/cloud-api/messages
func (a *Adapter) Send(ctx context.Context, account channels.Account, out channels.Outgoing) (channels.Sent, error) {
	if err := a.check(out.Content); err != nil {
		return channels.Sent{}, err
	}
	body, err := address(out.To)
	if err != nil {
		return channels.Sent{}, err
	}
	body["messaging_product"] = "whatsapp"
	body["recipient_type"] = "individual"
	if out.MessageID != "" {
		body["biz_opaque_callback_data"] = out.MessageID
	}
	if out.ReplyTo != "" && out.Content.Type != "template" && out.Content.Type != "reaction" {
		body["context"] = map[string]string{"message_id": out.ReplyTo}
	}
	kind, content, err := compose(out)
	if err != nil {
		return channels.Sent{}, err
	}
	body["type"], body[kind] = kind, content
	r := request(account, http.MethodPost, url.PathEscape(account.Credentials[credPhone])+"/messages")
	r.Body = body
	var answer struct {
		Contacts []struct {
			WaID   text `json:"wa_id"`
			UserID text `json:"user_id"`
		} `json:"contacts"`
		Messages []struct {
			ID text `json:"id"`
		} `json:"messages"`
	}
	if err := a.graph.Call(ctx, r, &answer); err != nil {
		return channels.Sent{}, explain(err, false)
	}
	if len(answer.Messages) == 0 || answer.Messages[0].ID == "" {
		return channels.Sent{}, explain(&meta.Error{Status: http.StatusOK, Written: true, Cause: errNoID}, false)
	}
	sent := channels.Sent{ProviderID: string(answer.Messages[0].ID)}
	if len(answer.Contacts) > 0 {
		sent.To = ids{phone: answer.Contacts[0].WaID, user: answer.Contacts[0].UserID}.identities(account.Credentials[credWABA])
	}
	return sent, nil
}

// address names the recipient: a phone in "to", exactly as it was received, a BSUID in "recipient".
func address(to []channels.Identity) (map[string]any, error) {
	for _, i := range to {
		switch i.Kind {
		case kindPhone:
			return map[string]any{"to": i.Value}, nil
		case kindBSUID, kindParent:
			return map[string]any{"recipient": i.Value}, nil
		}
	}
	return nil, refused("no_address", "The contact has no WhatsApp address", "Add a WhatsApp number to the contact.", nil)
}

func refused(code, title, detail string, cause error) *channels.SendError {
	return &channels.SendError{Outcome: channels.Refused, Code: code, Title: title, Detail: detail, Cause: cause}
}
