package sms

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"wasl/channels"
	"wasl/internal/filetype"
)

// maxFiles is more than a message can carry.
const maxFiles = 20

// message reads what somebody wrote, by SMS, MMS or RCS, or by WhatsApp by way of Twilio.
func message(sid string, p params) *channels.Incoming {
	m := &channels.Incoming{ProviderID: sid, OpensWindow: true, Content: content(p), ReplyTo: p.get("OriginalRepliedMessageSid")}
	m.Consent = consent(p.get("Body"), p.get("OptOutType"))
	if m.Content.Type == channels.TypeUnsupported {
		m.Raw = p.raw()
	}
	return m
}

// content reads what the message says. https://www.twilio.com/docs/messaging/guides/webhook-request
func content(p params) channels.Content {
	c := channels.Content{Type: channels.TypeText, Text: p.get("Body"), Attachments: files(p), Referral: referral(p)}
	switch {
	case p.get("FrequentlyForwarded") == "true":
		c.Forwarded = "often"
	case p.get("Forwarded") == "true":
		c.Forwarded = "once"
	}
	switch {
	case len(c.Attachments) > 0:
		c.Type = channels.TypeMedia
	case p.location(&c), p.choice(&c):
	case strings.TrimSpace(c.Text) == "":
		c.Type, c.System, c.Text = channels.TypeUnsupported, "empty", "An empty message."
		if kind := strings.ToLower(p.get("MessageType")); kind != "" && kind != "text" {
			c.System, c.Text = kind, "A message of a kind that Twilio does not pass on."
		}
	}
	return c
}

// location reads a point on the map; false: there is none.
func (p params) location(c *channels.Content) bool {
	latitude, north := strconv.ParseFloat(p.get("Latitude"), 64)
	longitude, east := strconv.ParseFloat(p.get("Longitude"), 64)
	// written so that NaN is none
	if north != nil || east != nil || !(math.Abs(latitude) <= 90) || !(math.Abs(longitude) <= 180) {
		return false
	}
	c.Type, c.Location = channels.TypeLocation, &channels.Location{
		Latitude: latitude, Longitude: longitude, Name: p.get("Label"), Address: p.get("Address"),
	}
	c.Text = cmp.Or(c.Text, p.get("Label"), p.get("Address"), p.get("Latitude")+", "+p.get("Longitude"))
	return true
}

// choice reads the button or the row of a list that was pressed, or the answers of a form; false: it is none of these.
func (p params) choice(c *channels.Content) bool {
	button := channels.Choice{ID: p.get("ButtonPayload"), Title: p.get("ButtonText")}
	row := channels.Choice{ID: p.get("ListId"), Title: p.get("ListTitle"), Description: p.get("ListDescription")}
	choose := func(kind channels.InteractiveKind, of channels.Choice) {
		of.Title = cmp.Or(of.Title, c.Text, of.ID)
		c.Type, c.Text, c.Interactive = channels.TypeInteractive, of.Title, &channels.Interactive{Kind: kind, Reply: &of}
	}
	switch data := p.get("InteractiveData"); {
	case button.ID != "" || button.Title != "":
		choose(channels.ButtonReply, button)
	case row.ID != "" || row.Title != "":
		choose(channels.ListReply, row)
	case data != "":
		form := channels.FormFields(data)
		c.Type, c.Interactive = channels.TypeInteractive, &channels.Interactive{Kind: channels.FormReply, Form: form}
		c.Text = cmp.Or(strings.TrimSpace(c.Text), channels.FormSummary(form), "Form")
	default:
		return false
	}
	return true
}

// referral says which advertisement or post the customer came from; nil: none.
func referral(p params) *channels.Referral {
	r := channels.Referral{
		Source: strings.ToLower(p.get("ReferralSourceType")), SourceID: p.get("ReferralSourceId"), URL: p.get("ReferralSourceUrl"),
		Headline: p.get("ReferralHeadline"), Body: p.get("ReferralBody"), MediaURL: p.get("ReferralMediaUrl"),
		ClickID: p.get("ReferralCtwaClid"),
	}
	if r == (channels.Referral{}) {
		return nil
	}
	return &r
}

func files(p params) []channels.Attachment {
	var out []channels.Attachment
	count, _ := strconv.Atoi(p.get("NumMedia"))
	for n := range min(count, maxFiles) {
		index := strconv.Itoa(n)
		address := p.get("MediaUrl" + index)
		if address == "" {
			continue
		}
		mime := filetype.Claimed(p.get("MediaContentType" + index))
		out = append(out, channels.Attachment{
			Kind: filetype.Kind(mime), MIME: mime, SourceURL: address, ProviderID: address[strings.LastIndex(address, "/")+1:],
		})
	}
	return out
}
