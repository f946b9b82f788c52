package messaging

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"wasl/channels"
	"wasl/channels/meta"
	"wasl/internal/errs"
)

// object is a JSON object of a request.
type object = map[string]any

var errNoID = errors.New("the answer names no message")

// Send sends one message. https://developers.facebook.com/docs/messenger-platform/reference/send-api
func (a *Adapter) Send(ctx context.Context, account channels.Account, out channels.Outgoing) (channels.Sent, error) {
	if err := a.check(out.Content); err != nil {
		return channels.Sent{}, err
	}
	to, ok := a.address(account, out.To)
	if !ok {
		return channels.Sent{}, refused("no_address", "The contact cannot be reached on this account",
			"Only people who wrote to this account can be answered.", nil)
	}
	if out.Content.Type == "reaction" {
		return a.react(ctx, account, to, *out.Content.Reaction)
	}
	message := a.compose(out)
	if a.dialect.OwnID && out.MessageID != "" {
		message["metadata"] = out.MessageID
	}
	body := object{"recipient": object{"id": to.Value}, "messaging_type": "RESPONSE", "message": message}
	if out.Human {
		body["messaging_type"], body["tag"] = "MESSAGE_TAG", "HUMAN_AGENT"
	}
	if out.ReplyTo != "" && !strings.HasPrefix(out.ReplyTo, local) {
		body["reply_to"] = object{"mid": out.ReplyTo}
	}
	r := a.request(account, http.MethodPost, a.dialect.Route(account).Node+"/messages")
	r.Body = body
	var answer struct {
		ID meta.Text `json:"message_id"`
	}
	err := a.graph.Call(ctx, r, &answer)
	if err == nil && answer.ID == "" {
		err = &meta.Error{Status: http.StatusOK, Written: true, Cause: errNoID}
	}
	if err != nil {
		return channels.Sent{}, a.explain(err, false)
	}
	return channels.Sent{ProviderID: string(answer.ID), To: []channels.Identity{to}}, nil
}

// check refuses what the platform would refuse, before anything is uploaded.
func (a *Adapter) check(content channels.Content) error {
	err := channels.CheckContent(a.dialect.Capabilities, content)
	if err == nil {
		return nil
	}
	var e *errs.Error
	errors.As(err, &e)
	return refused(e.Code, a.dialect.Name+" would not take this message", e.Text, err)
}

// address finds the person's id at this account: at another one they have another.
func (a *Adapter) address(account channels.Account, to []channels.Identity) (channels.Identity, bool) {
	for _, i := range to {
		if i.Kind == a.dialect.Identity && i.Scope == account.Credentials[a.dialect.Account] {
			return i, true
		}
	}
	return channels.Identity{}, false
}

func (a *Adapter) react(ctx context.Context, account channels.Account, to channels.Identity, r channels.ReactionOut) (channels.Sent,
	error,
) {
	if strings.HasPrefix(r.ProviderID, local) {
		return channels.Sent{}, refused("not_reactable", "Nobody can react to this message", "Write an answer instead.", nil)
	}
	action, content := "unreact", object{"message_id": r.ProviderID}
	if r.Emoji != "" {
		action, content["reaction"] = "react", a.dialect.Reactions[r.Emoji]
	}
	err := a.act(ctx, account, to, object{"sender_action": action, "payload": content})
	if err != nil {
		return channels.Sent{}, err
	}
	return channels.Sent{To: []channels.Identity{to}}, nil
}

// compose makes the message object.
func (a *Adapter) compose(out channels.Outgoing) object {
	c := out.Content
	switch c.Type {
	case "text":
		return object{"text": c.Text}
	case "interactive":
		return interactive(c)
	default: // media: check lets nothing else pass
		return a.media(out)
	}
}

// fileTypes are the platform's names of what it does not call as we do.
var fileTypes = map[string]string{"voice": "audio", "document": "file", "sticker": "image"}

func fileType(file channels.Attachment) string { return meta.First(fileTypes[file.Kind], file.Kind) }

func (a *Adapter) media(out channels.Outgoing) object {
	file := out.Content.Attachments[0]
	kind := fileType(file)
	content := object{}
	if a.dialect.Capabilities.Uploads > 0 {
		content["attachment_id"] = file.ProviderID
	} else {
		content["url"] = out.Link(file)
	}
	return object{"attachment": object{"type": kind, "payload": content}}
}

// maxTemplateButtons is how many buttons stay under a message; more are shown as answers that vanish with the choice.
const maxTemplateButtons = 3

// interactive makes buttons, a link or a request for contact details.
// https://developers.facebook.com/docs/messenger-platform/send-messages/buttons
// https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies
func interactive(c channels.Content) object {
	in := c.Interactive
	var buttons, answers []object
	switch {
	case in.Kind == "link":
		buttons = append(buttons, object{"type": "web_url", "title": in.Button, "url": in.URL})
	case in.Kind == "contact_request":
		answers = append(answers, object{"content_type": "user_phone_number"}, object{"content_type": "user_email"})
	case len(in.Buttons) <= maxTemplateButtons:
		for _, b := range in.Buttons {
			buttons = append(buttons, object{"type": "postback", "title": b.Title, "payload": b.ID})
		}
	default:
		for _, b := range in.Buttons {
			answers = append(answers, object{"content_type": "text", "title": b.Title, "payload": b.ID})
		}
	}
	if answers != nil {
		return object{"text": c.Text, "quick_replies": answers}
	}
	return object{"attachment": object{"type": "template", "payload": object{
		"template_type": "button", "text": c.Text,
		"buttons": buttons,
	}}}
}

func refused(code, title, detail string, cause error) *channels.SendError {
	return &channels.SendError{Outcome: channels.Refused, Code: code, Title: title, Detail: detail, Cause: cause}
}
