package messaging

import (
	"strconv"
	"strings"

	"wasl/channels"
	"wasl/channels/meta"
)

// message reads what somebody wrote, on either side.
func (p *parser) message(h happening) {
	m := h.Message
	id := string(m.ID)
	switch {
	case m.Deleted:
		h.e.Key, h.e.Deletion = "deletion:"+id, &channels.Deletion{MessageProviderID: id, Echo: h.echo, Erase: true}
		p.add(h.e)
	case h.echo && strings.HasPrefix(string(m.Metadata), "msg_"): // what Wasl itself sent
		h.e.Key, h.e.Receipt = "echo:"+id, &channels.Receipt{ProviderID: id, MessageID: string(m.Metadata), Status: "sent"}
		p.add(h.e)
	default:
		p.say(h, m.ID, p.content(m))
	}
}

// content reads what a message says.
func (p *parser) content(m *message) channels.Content {
	c := channels.Content{Text: string(m.Text)}
	seen := map[string]bool{}
	strange := ""
	for _, a := range m.Attachments {
		if same := meta.First(a.Payload.StickerID, a.Payload.PostID, a.Payload.URL); same != "" {
			if seen[same] {
				continue // the platform names some things twice, in an old form and a new one
			}
			seen[same] = true
		}
		if !p.attach(&c, a) {
			strange = meta.First(text(a.Type), "unknown")
		}
	}
	if s := m.ReplyTo.Story; s != nil {
		c.Type, c.System = "story", "reply"
		p.file(&c, "image", s.URL)
	}
	if m.Referral != nil {
		m.Referral.tell(&c)
	}
	switch {
	case m.Unsupported || c.Type == "" && c.Text == "":
		return unsupported(p.Name, strange)
	case c.Type != "":
	case m.QuickReply != nil:
		return chosen(m.Text, m.QuickReply.Payload)
	default:
		c.Type = "text"
	}
	return c
}

// attach adds an attachment to the content; false if nothing of it can be shown.
func (p *parser) attach(c *channels.Content, a attachment) bool {
	sticker := a.Payload.StickerID != ""
	switch a.Type {
	case "image", "sticker":
		if thumbs(a.Payload.StickerID) {
			return write(c, "👍")
		}
		if sticker || a.Type == "sticker" {
			return p.media(c, "sticker", a.Payload.URL)
		}
		return p.media(c, "image", a.Payload.URL)
	case "video", "audio":
		return p.media(c, a.Type, a.Payload.URL)
	case "file":
		return p.media(c, "document", a.Payload.URL)
	case "like_heart":
		return write(c, "❤️")
	case "location":
		return location(c, a)
	case "story_mention":
		c.Type, c.System = "story", "mention"
		p.file(c, "image", a.Payload.URL)
		return true
	case "post", "ig_post", "share":
		return p.share(c, "post", "image", a)
	case "reel", "ig_reel":
		return p.share(c, "reel", "video", a)
	case "fallback":
		link := channels.Link{Kind: "page", Title: meta.First(a.Title, a.Payload.Title), URL: address(meta.First(a.URL, a.Payload.URL))}
		if link.Title == "" && link.URL == "" {
			return false
		}
		c.Link = &link
		return write(c, meta.First(link.Title, link.URL))
	case "template":
		return p.template(c, a)
	}
	return false
}

// write gives the content words where the person wrote none.
func write(c *channels.Content, words string) bool {
	if c.Text == "" {
		c.Text = words
	}
	return true
}

func (p *parser) media(c *channels.Content, kind string, address text) bool {
	if c.Type == "" && address != "" {
		c.Type = "media"
	}
	return p.file(c, kind, address)
}

// file adds something to fetch. Its address dies soon, and is that of a picture until the file says otherwise.
func (p *parser) file(c *channels.Content, kind string, address text) bool {
	if address == "" {
		return false
	}
	c.Attachments = append(c.Attachments, channels.Attachment{
		Kind: kind, Name: nameIn(string(address), kind), SourceURL: string(address),
		State: "pending",
	})
	return true
}

// share adds a post or a reel, as a page for people or as what it shows.
func (p *parser) share(c *channels.Content, what, kind string, a attachment) bool {
	link := channels.Link{Kind: what, Title: string(a.Payload.Title)}
	at := meta.First(a.Payload.URL, a.URL)
	if !p.SharesAreFiles {
		link.URL = address(at)
	} else if !p.media(c, kind, text(at)) {
		return false
	}
	if link.Title == "" && at == "" {
		return false
	}
	c.Link = &link
	if c.Type == "" {
		write(c, meta.First(link.Title, link.URL))
	}
	return true
}

// address completes what the platform gives of a link to itself; empty if people cannot follow it.
func address(s string) string {
	switch {
	case strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//"):
		return "https://www.facebook.com" + s
	case strings.HasPrefix(s, "https://"), strings.HasPrefix(s, "http://"):
		return s
	}
	return ""
}

// thumbs recognises the thumb in its three sizes.
func thumbs(sticker text) bool {
	return sticker == "369239263222822" || sticker == "369239343222814" || sticker == "369239383222810"
}

func location(c *channels.Content, a attachment) bool {
	at := a.Payload.Coordinates
	if at == nil || at.Lat == nil || at.Long == nil {
		return false
	}
	point := strconv.FormatFloat(*at.Lat, 'f', 6, 64) + ", " + strconv.FormatFloat(*at.Long, 'f', 6, 64)
	c.Type, c.Location = "location", &channels.Location{
		Latitude: *at.Lat, Longitude: *at.Long, Name: string(a.Title),
		URL: address(string(a.URL)),
	}
	return write(c, meta.First(string(a.Title), point))
}

// template reads a product that the person shares, or what our side sent; false if it says nothing.
func (p *parser) template(c *channels.Content, a attachment) bool {
	t := a.Payload
	if t.Product != nil && len(t.Product.Elements) > 0 {
		return p.products(c, t.Product.Elements)
	}
	words, buttons := t.words(), t.Buttons
	for _, e := range t.Elements {
		buttons = append(buttons, e.Buttons...)
	}
	out := &channels.Interactive{Kind: "buttons"}
	var titles []string
	for _, b := range buttons {
		out.Buttons = append(out.Buttons, channels.Choice{ID: string(b.Payload), Title: string(b.Title)})
		titles = append(titles, string(b.Title))
	}
	if words = meta.First(words, string(a.Title), strings.Join(titles, ", ")); words == "" {
		return false
	}
	c.Type, c.Interactive = "interactive", out
	return write(c, words)
}

// products adds products that the person shares. Of several, the titles and what stands below them are told together.
func (p *parser) products(c *channels.Content, shared []element) bool {
	var titles, details []string
	for _, e := range shared {
		titles = append(titles, meta.First(e.Title, e.RetailerID, e.ID))
		details = append(details, string(e.Subtitle))
		if address(string(e.Image)) != "" {
			p.media(c, "image", e.Image)
		}
	}
	c.Product = &channels.Product{
		ProductID: meta.First(shared[0].RetailerID, shared[0].ID), Title: strings.Join(titles, ", "),
		Detail: strings.Trim(strings.Join(details, ", "), ", "),
	}
	return write(c, c.Product.Title)
}

// words are what a template says, a line each. https://developers.facebook.com/docs/messenger-platform/reference/templates
func (t payload) words() string {
	lines := []text{t.Text, t.Intro, t.Title, t.Subtitle, t.CouponCode}
	if t.TemplateType == "receipt" {
		lines = append(lines, "Receipt "+t.Order, t.Summary.Total+" "+t.Currency)
	}
	for _, e := range t.Elements {
		lines = append(lines, e.Title, e.Subtitle)
		if e.Title == "" {
			lines = append(lines, e.URL)
		}
	}
	var said []string
	for _, line := range lines {
		if line := meta.First(line); line != "" {
			said = append(said, line)
		}
	}
	return strings.Join(said, "\n")
}

// chosen is an answer that was pressed.
func chosen(title, payload text) channels.Content {
	return channels.Content{Type: "interactive", Text: meta.First(title, payload, "Button"), Interactive: &channels.Interactive{
		Kind: "button_reply", Reply: &channels.Choice{ID: string(payload), Title: string(title)},
	}}
}

// unsupported is the visible placeholder for what the platform does not pass on or this program does not know.
func unsupported(platform, kind string) channels.Content {
	c := channels.Content{Type: "unsupported", System: kind, Text: "A message of a kind that " + platform + " does not pass on."}
	switch kind {
	case "":
		c.System = "unknown"
	case "ephemeral":
		c.Text = "A picture or film to be viewed once, which " + platform + " shows on phones only."
	case "fallback":
		c.Text = "Something was shared that " + platform + " does not pass on."
	}
	return c
}

func (r *referralPart) tell(c *channels.Content) {
	if id := meta.First(r.Product.ID, r.Context.ProductID); id != "" {
		c.Product = &channels.Product{ProductID: id}
	}
	out := channels.Referral{
		SourceID: string(r.AdID), Ref: string(r.Ref), URL: address(string(r.From)), Headline: string(r.Context.Title),
		MediaURL: meta.First(r.Context.Photo, r.Context.Video),
	}
	if r.Source == "ADS" {
		out.Source = "ad"
	} else {
		out.Source = strings.ToLower(string(r.Source))
	}
	if out != (channels.Referral{}) {
		c.Referral = &out
	}
}

// tell adds where an opt-in came from, and what it was asked with.
func (o *optInPart) tell(c *channels.Content) {
	if o.Ref != "" {
		c.Referral = &channels.Referral{Ref: string(o.Ref)}
	}
	if o.Payload != "" {
		c.Interactive = chosen(o.Title, o.Payload).Interactive
	}
}

func (p *parser) postback(h happening) {
	content := chosen(h.Postback.Title, h.Postback.Payload)
	if h.Postback.Referral != nil {
		h.Postback.Referral.tell(&content)
	}
	p.say(h, h.Postback.ID, content)
}

// reactions are the emoji of the names that come without one.
var reactions = map[text]string{"smile": "😆", "angry": "😠", "sad": "😢", "wow": "😮", "love": "❤️", "like": "👍", "dislike": "👎", "laugh": "😂"}

func (p *parser) reaction(h happening) {
	r := h.Reaction
	out := &channels.Reaction{MessageProviderID: string(r.ID), Echo: h.echo}
	if r.Action != "unreact" {
		out.OpensWindow = !h.echo
		out.Emoji = meta.First(string(r.Emoji), reactions[r.Reaction], "❔")
	}
	if out.Emoji == "❤" { // without the mark that makes it red
		out.Emoji = reactions["love"]
	}
	h.e.Key = meta.Key("reaction", string(r.ID), h.e.Contact.Identities[0].Value, meta.Millis(h.e.At))
	h.e.Reaction = out
	p.add(h.e)
}

// delivery is a report on some messages or, where it names none, on all up to a time.
func (p *parser) delivery(h happening) {
	for _, id := range h.Delivery.IDs {
		e := h.e
		e.Key, e.Receipt = "delivered:"+string(id), &channels.Receipt{ProviderID: string(id), Status: "delivered"}
		p.add(e)
	}
	switch {
	case len(h.Delivery.IDs) > 0:
	case h.Delivery.Watermark.At().IsZero():
		p.unknown(h.raw, "A delivery report that could not be read")
	default:
		p.receipt(h.e, "delivered", "", h.Delivery.Watermark)
	}
}

// receipt is a report on everything up to a message, or up to a time.
func (p *parser) receipt(e channels.Event, status channels.MessageStatus, id, watermark text) {
	e.Receipt = &channels.Receipt{ProviderID: string(id), Status: status, Watermark: true}
	if e.Key = meta.Key(string(status), string(id)); id == "" {
		e.At = watermark.At()
		e.Key = meta.Key(string(status), e.Contact.Identities[0].Value, meta.Millis(e.At))
	}
	p.add(e)
}

// optIn reads a choice about notification messages.
func (p *parser) optIn(h happening) {
	e := h.e
	e.Key = meta.Key("consent", e.Contact.Identities[0].Value, meta.Millis(e.At))
	switch o := h.OptIn; {
	case o.Status == "STOP_NOTIFICATIONS":
		e.Profile = &channels.Profile{Kind: "marketing_stopped"}
		p.add(e)
		p.system(h, "opted_out", "The customer stopped messages about", meta.Text(meta.First(o.Title, "the business")))
	case o.Type == "notification_messages":
		e.Profile = &channels.Profile{Kind: "marketing_resumed"}
		p.add(e)
		p.system(h, "opted_in", "The customer allows messages about", meta.Text(meta.First(o.Title, "the business")))
	default:
		p.system(h, "opted_in", "The customer allows messages", o.Title)
	}
}
