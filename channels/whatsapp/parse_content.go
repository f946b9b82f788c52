package whatsapp

import (
	"slices"
	"strconv"
	"strings"

	"wasl/channels"
	"wasl/channels/meta"
)

// content reads what a message of the type says; false if the type is not known or its part is missing.
func (m message) content(kind string) (channels.Content, bool) {
	switch kind {
	case "text":
		return channels.Content{Type: "text", Text: string(m.Text.Body)}, m.Text.Body != ""
	case "image":
		return m.Image.content("image")
	case "video":
		return m.Video.content("video")
	case "document":
		return m.Document.content("document")
	case "sticker":
		return m.Sticker.content("sticker")
	case "audio":
		if m.Audio != nil && m.Audio.Voice {
			return m.Audio.content("voice")
		}
		return m.Audio.content("audio")
	case "voice": // of the platform before the Cloud API, which says audio with voice: true
		return m.Voice.content("voice")
	case "location":
		return m.Location.content()
	case "contacts":
		return cards(m.Contacts)
	case "interactive":
		return m.Interactive.content()
	case "button":
		return m.Button.content()
	case "order":
		return m.Order.content()
	case "system":
		return m.System.content()
	}
	return channels.Content{}, false
}

func (p *mediaPart) content(kind string) (channels.Content, bool) {
	if p == nil || p.ID == "" {
		return channels.Content{}, false
	}
	return channels.Content{Type: "media", Text: string(p.Caption), Attachments: []channels.Attachment{{
		Kind:       kind,
		MIME:       meta.MediaType(string(p.MIME)),
		Name:       meta.FileName(string(p.Filename)),
		ProviderID: string(p.ID),
		SourceURL:  string(p.URL),
		SHA256:     string(p.SHA256),
		Animated:   p.Animated,
		State:      "pending",
	}}}, true
}

func (p *locationPart) content() (channels.Content, bool) {
	if p == nil || p.Latitude == nil || p.Longitude == nil {
		return channels.Content{}, false
	}
	point := strconv.FormatFloat(*p.Latitude, 'f', 6, 64) + ", " + strconv.FormatFloat(*p.Longitude, 'f', 6, 64)
	return channels.Content{Type: "location", Text: meta.First(p.Name, p.Address, text(point)), Location: &channels.Location{
		Latitude: *p.Latitude, Longitude: *p.Longitude,
		Name: string(p.Name), Address: string(p.Address), URL: string(p.URL),
	}}, true
}

func cards(parts []cardPart) (channels.Content, bool) {
	if len(parts) == 0 {
		return channels.Content{}, false
	}
	c := channels.Content{Type: "contacts"}
	var names []string
	for _, part := range parts {
		card := part.card()
		c.Contacts = append(c.Contacts, card)
		names = append(names, card.Name)
	}
	c.Text = strings.Join(names, ", ")
	return c, true
}

func (p cardPart) card() channels.Card {
	card := channels.Card{Company: string(p.Org.Company), Title: string(p.Org.Title), Birthday: string(p.Birthday)}
	for _, phone := range p.Phones {
		card.Phones = append(card.Phones, channels.CardPhone{
			Phone: string(phone.Phone), Type: strings.ToLower(string(phone.Type)), WhatsAppID: string(phone.WaID),
		})
	}
	for _, e := range p.Emails {
		card.Emails = append(card.Emails, string(e.Email))
	}
	for _, u := range p.URLs {
		card.URLs = append(card.URLs, string(u.URL))
	}
	for _, a := range p.Addresses {
		lines := slices.DeleteFunc([]string{string(a.Street), string(a.City), string(a.State), string(a.Zip), string(a.Country)},
			func(s string) bool { return s == "" })
		card.Addresses = append(card.Addresses, strings.Join(lines, ", "))
	}
	card.Name = meta.First(p.Name.Formatted, text(strings.TrimSpace(string(p.Name.First+" "+p.Name.Last))),
		text(vCardName(string(p.VCard))))
	if card.Name == "" && len(card.Phones) > 0 {
		card.Name = card.Phones[0].Phone
	}
	if card.Name == "" {
		card.Name = "Contact"
	}
	return card
}

// vCardName finds the FN line of a vCard.
func vCardName(card string) string {
	for line := range strings.Lines(card) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if property, _, _ := strings.Cut(name, ";"); ok && strings.EqualFold(property, "FN") {
			return value
		}
	}
	return ""
}

func (p *interactivePart) content() (channels.Content, bool) {
	switch {
	case p == nil:
	case p.ButtonReply != nil:
		return p.ButtonReply.content("button_reply")
	case p.ListReply != nil:
		return p.ListReply.content("list_reply")
	case p.FormReply != nil:
		form := channels.FormFields(string(p.FormReply.Response))
		return channels.Content{
			Type:        "interactive",
			Text:        meta.First(p.FormReply.Body, text(channels.FormSummary(form)), p.FormReply.Name, "Form"),
			Interactive: &channels.Interactive{Kind: "form_reply", Form: form},
		}, true
	case p.CallPermission != nil:
		title := "Calls declined"
		if p.CallPermission.Response == "accept" {
			title = "Calls allowed"
		}
		return (&choicePart{ID: p.CallPermission.Response, Title: text(title)}).content("call_permission")
	}
	return channels.Content{}, false
}

func (p *choicePart) content(kind channels.InteractiveKind) (channels.Content, bool) {
	if p.ID == "" && p.Title == "" {
		return channels.Content{}, false
	}
	return channels.Content{
		Type: "interactive", Text: meta.First(p.Title, p.ID),
		Interactive: &channels.Interactive{Kind: kind, Reply: &channels.Choice{
			ID: string(p.ID), Title: string(p.Title), Description: string(p.Description),
		}},
	}, true
}

// content reads the quick-reply button of a template, which comes otherwise than that of an interactive message.
func (p *buttonPart) content() (channels.Content, bool) {
	if p == nil {
		return channels.Content{}, false
	}
	return (&choicePart{ID: p.Payload, Title: p.Text}).content("template_button")
}

func (p *orderPart) content() (channels.Content, bool) {
	if p == nil || len(p.Items) == 0 {
		return channels.Content{}, false
	}
	order := &channels.Order{CatalogID: string(p.CatalogID)}
	var lines []string
	for _, item := range p.Items {
		quantity, err := strconv.ParseInt(string(item.Quantity), 10, 64)
		if err != nil {
			quantity = 1
		}
		order.Items = append(order.Items, channels.OrderItem{
			ProductID: string(item.ProductID), Quantity: quantity, Price: string(item.Price), Currency: string(item.Currency),
		})
		lines = append(lines, strconv.FormatInt(quantity, 10)+" × "+string(item.ProductID))
	}
	summary := strings.Join(lines, ", ")
	if p.Text != "" {
		summary += "\n" + string(p.Text)
	}
	return channels.Content{Type: "order", Text: summary, Order: order}, true
}

// content keeps a system notice that changes nothing about the person.
func (p *systemPart) content() (channels.Content, bool) {
	if p == nil || (p.Type == "" && p.Body == "") {
		return channels.Content{}, false
	}
	return channels.Content{Type: "system", Text: meta.First(p.Body, p.Type), System: string(p.Type)}, true
}

func (p referralPart) referral() *channels.Referral {
	return &channels.Referral{
		Source: string(p.Type), SourceID: string(p.ID), URL: string(p.URL), Headline: string(p.Headline), Body: string(p.Body),
		MediaURL: meta.First(p.Image, p.Video, p.Thumbnail), ClickID: string(p.ClickID), Welcome: string(p.Welcome.Text),
	}
}

const (
	errUnknownType = 131051
	errUnavailable = 131060
)

// unsupported is the visible placeholder for what the platform does not pass on or this program does not know.
func (m message) unsupported() channels.Content {
	c := channels.Content{Type: "unsupported", System: meta.First(m.Unsupported.Type, text(m.Type))}
	if c.System == "" || c.System == "unsupported" {
		c.System = "unknown"
	}
	switch {
	case c.System == "media_placeholder" && len(m.Errors) == 0:
		c.Text = "A file from before the channel was connected"
	case len(m.Errors) > 0 && m.Errors[0].Code == errUnavailable:
		c.Text = "WhatsApp could not pass this message on. Ask the customer to send it again."
	case len(m.Errors) > 0 && m.Errors[0].Code != errUnknownType:
		c.Text = meta.First(m.Errors[0].Data.Details, m.Errors[0].Message, m.Errors[0].Title, "WhatsApp could not pass this message on.")
	default:
		c.Text = unsupportedText(c.System)
	}
	return c
}

// unsupportedText names what was sent; it may be the customer's or, as an echo, ours.
func unsupportedText(kind string) string {
	switch kind {
	case "poll_creation", "poll_update":
		return "A poll, which WhatsApp shows on phones only."
	case "pin":
		return "A message was pinned."
	case "keep_in_chat":
		return "A disappearing message was kept."
	case "edit":
		return "A message was edited. WhatsApp does not pass the new text on."
	case "revoke":
		return "A message was deleted."
	case "group_invite":
		return "An invitation to a group."
	case "request_welcome":
		return "The chat was opened for the first time."
	}
	return "A message of a kind that WhatsApp does not pass on."
}
