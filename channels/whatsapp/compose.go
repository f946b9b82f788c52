package whatsapp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wasl/channels"
	"wasl/channels/meta"
	"wasl/internal/errs"
)

var errNoID = errors.New("the answer names no message")

// object is a JSON object of a request.
type object = map[string]any

// check refuses what WhatsApp would refuse, before anything is uploaded.
func (a *Adapter) check(content channels.Content) error {
	err := channels.CheckContent(a.Capabilities(), content)
	if err == nil {
		return nil
	}
	var e *errs.Error
	errors.As(err, &e)
	return refused(e.Code, "WhatsApp would not take this message", e.Text, err)
}

// compose returns the message's type and the object that stands under its name.
func compose(out channels.Outgoing) (string, any, error) {
	c := out.Content
	switch c.Type {
	case "text":
		return "text", object{"body": c.Text, "preview_url": strings.Contains(c.Text, "https://") ||
			strings.Contains(c.Text, "http://")}, nil
	case "media":
		kind, content := media(out)
		return kind, content, nil
	case "template":
		content, err := template(out)
		return "template", content, err
	case "interactive":
		return "interactive", interactive(c), nil
	case "location":
		return "location", location(*c.Location), nil
	case "contacts":
		return "contacts", outgoingCards(c.Contacts), nil
	default: // reaction: check lets nothing else pass
		return "reaction", object{"message_id": c.Reaction.ProviderID, "emoji": c.Reaction.Emoji}, nil
	}
}

func media(out channels.Outgoing) (string, any) {
	file := out.Content.Attachments[0]
	content := object{"id": file.ProviderID}
	if out.Content.Text != "" {
		content["caption"] = out.Content.Text
	}
	switch file.Kind {
	case "document":
		if file.Name != "" {
			content["filename"] = file.Name
		}
	case "voice":
		content["voice"] = true
		return "audio", content
	}
	return file.Kind, content
}

// uploadsLast is a day less than the platform keeps files for a number.
const uploadsLast = 29 * 24 * time.Hour

// Upload gives the file to the platform. https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#upload-media
func (a *Adapter) Upload(ctx context.Context, account channels.Account, file channels.Attachment, content io.Reader) (string, error) {
	name := file.Name
	if name == "" {
		name = file.Kind
	}
	r := request(account, http.MethodPost, url.PathEscape(account.Credentials[credPhone])+"/media")
	fields := map[string]string{"messaging_product": "whatsapp", "type": file.MIME}
	var answer struct {
		ID text `json:"id"`
	}
	err := a.graph.Upload(ctx, r, fields, meta.File{Field: "file", Name: name, MIME: file.MIME, Size: file.Size, Content: content}, &answer)
	if err == nil && answer.ID == "" {
		err = &meta.Error{Status: http.StatusOK, Written: true, Cause: errors.New("the answer names no file")}
	}
	if err != nil {
		return "", explain(err, true)
	}
	return string(answer.ID), nil
}

// interactive builds buttons, a list, a link or a request.
// https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages#interactive-messages
func interactive(c channels.Content) object {
	in := c.Interactive
	out := object{"body": object{"text": c.Text}}
	if in.Header != "" {
		out["header"] = object{"type": "text", "text": in.Header}
	}
	if in.Footer != "" {
		out["footer"] = object{"text": in.Footer}
	}
	switch in.Kind {
	case "buttons":
		var buttons []object
		for _, b := range in.Buttons {
			buttons = append(buttons, object{"type": "reply", "reply": object{"id": b.ID, "title": b.Title}})
		}
		out["type"], out["action"] = "button", object{"buttons": buttons}
	case "list":
		out["type"], out["action"] = "list", object{"button": in.Button, "sections": sections(in.Sections)}
	case "link":
		out["type"], out["action"] = "cta_url", object{"name": "cta_url", "parameters": object{"display_text": in.Button, "url": in.URL}}
	case "location_request":
		out["type"], out["action"] = "location_request_message", object{"name": "send_location"}
	case "contact_request":
		out["type"], out["action"] = "request_contact_info", object{"name": "request_contact_info"}
	}
	return out
}

func sections(in []channels.Section) []object {
	var out []object
	for _, s := range in {
		var rows []object
		for _, r := range s.Rows {
			row := object{"id": r.ID, "title": r.Title}
			if r.Description != "" {
				row["description"] = r.Description
			}
			rows = append(rows, row)
		}
		section := object{"rows": rows}
		if s.Title != "" {
			section["title"] = s.Title
		}
		out = append(out, section)
	}
	return out
}

func location(l channels.Location) object {
	out := object{"latitude": l.Latitude, "longitude": l.Longitude}
	if l.Name != "" {
		out["name"] = l.Name
	}
	if l.Address != "" {
		out["address"] = l.Address
	}
	return out
}

// outgoingCards builds contact cards; a name needs one part beside the formatted one.
// https://developers.facebook.com/docs/whatsapp/cloud-api/messages/contacts-messages
func outgoingCards(cards []channels.Card) []object {
	var out []object
	for _, c := range cards {
		given, family, _ := strings.Cut(strings.TrimSpace(c.Name), " ")
		name := object{"formatted_name": c.Name, "first_name": given}
		if family != "" {
			name["last_name"] = family
		}
		card := object{"name": name}
		var phones []object
		for _, p := range c.Phones {
			phone := object{"phone": p.Phone, "type": strings.ToUpper(p.Type)}
			if p.Type == "" {
				phone["type"] = "CELL"
			}
			if p.WhatsAppID != "" {
				phone["wa_id"] = p.WhatsAppID
			}
			phones = append(phones, phone)
		}
		put(card, "phones", phones)
		put(card, "emails", labelled("email", c.Emails))
		put(card, "urls", labelled("url", c.URLs))
		put(card, "addresses", labelled("street", c.Addresses))
		if c.Company != "" || c.Title != "" {
			card["org"] = object{"company": c.Company, "title": c.Title}
		}
		if c.Birthday != "" {
			card["birthday"] = c.Birthday
		}
		out = append(out, card)
	}
	return out
}

func put(card object, name string, items []object) {
	if len(items) > 0 {
		card[name] = items
	}
}

func labelled(name string, values []string) []object {
	var out []object
	for _, v := range values {
		out = append(out, object{name: v, "type": "WORK"})
	}
	return out
}
