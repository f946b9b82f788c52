package sandbox

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// check refuses what WhatsApp would refuse, in the order in which it looks.
func (g *whatsApp) check(a Account, p Phone, m *waSend) *graphError {
	if utf8.RuneCountInString(m.Opaque) > 512 {
		return fail(131009, "biz_opaque_callback_data may have 512 characters.")
	}
	if m.Context != nil {
		if m.Type == "template" || m.Type == "reaction" {
			return fail(131009, "context cannot be used with type %s.", m.Type)
		}
		if quoted, ok := g.s.book.message(m.Context.MessageID); m.Context.MessageID == "" || (ok && quoted.Phone != p.Key) {
			return fail(131009, "context.message_id is no message of this conversation.")
		}
	}
	if err := g.checkContent(m); err != nil {
		return err
	}
	if m.Type == "reaction" {
		if target, ok := g.s.book.message(m.Reaction.MessageID); !ok || target.Phone != p.Key {
			return fail(131009, "reaction.message_id is no message of this conversation.")
		}
	}
	if m.Type != "template" && !g.s.windowOpen(p, a) {
		return fail(131047, "Message failed to send because more than 24 hours have passed since the customer last replied to this number.")
	}
	if !g.s.limit("account "+a.ID, float64(a.PerSecond), time.Second/time.Duration(a.PerSecond)) {
		return fail(130429, "Cloud API message throughput has been reached.")
	}
	if !g.s.limit("pair "+a.ID+" "+p.Key, pairBurst, pairEvery) {
		return fail(131056, "Too many messages sent from this phone number to the same recipient in a short period.")
	}
	return nil
}

// checkContent checks the part that the type names.
func (g *whatsApp) checkContent(m *waSend) *graphError {
	switch m.Type {
	case "text", "":
		if m.Text == nil || m.Text.Body == "" {
			return fail(131008, "text.body is required.")
		}
		return atMost("text.body", m.Text.Body, 4096)
	case "image", "video", "audio", "document", "sticker":
		media := map[string]*waSendMedia{
			"image": m.Image, "video": m.Video, "audio": m.Audio, "document": m.Document,
			"sticker": m.Sticker,
		}[m.Type]
		return g.checkMedia(m.Type, m.Type, media)
	case "location":
		if m.Location == nil {
			return fail(131008, "location is required.")
		}
		return checkLocation(m.Location)
	case "contacts":
		if len(m.Contacts) == 0 || len(m.Contacts) > 257 {
			return fail(131008, "contacts must have 1 to 257 entries.")
		}
		for _, c := range m.Contacts {
			if c.Name == nil || c.Name.Formatted == "" {
				return fail(131008, "contacts[].name.formatted_name is required.")
			}
			if *c.Name == (waCardName{Formatted: c.Name.Formatted}) {
				return fail(131008, "contacts[].name needs first_name or another part beside formatted_name.")
			}
		}
		return nil
	case "reaction":
		if m.Reaction == nil || m.Reaction.MessageID == "" {
			return fail(131008, "reaction.message_id is required.")
		}
		if utf8.RuneCountInString(m.Reaction.Emoji) > 16 || strings.ContainsAny(m.Reaction.Emoji, "abcdefghijklmnopqrstuvwxyz ") {
			return fail(131009, "reaction.emoji must be one emoji.")
		}
		return nil
	case "interactive":
		if m.Interactive == nil {
			return fail(131008, "interactive is required.")
		}
		return g.checkInteractive(m.Interactive)
	case "template":
		if m.Template == nil {
			return fail(131008, "template is required.")
		}
		return g.checkTemplate(m.Template)
	}
	return fail(131051, "Message type %s is not supported.", m.Type)
}

func checkLocation(l *waLocation) *graphError {
	if l.Latitude < -90 || l.Latitude > 90 || l.Longitude < -180 || l.Longitude > 180 {
		return fail(131009, "latitude or longitude is out of range.")
	}
	return nil
}

// checkMedia checks one file: given once, known, of the right type and size.
func (g *whatsApp) checkMedia(kind, param string, m *waSendMedia) *graphError {
	if m == nil {
		return fail(131008, "%s is required.", param)
	}
	if (m.ID == "") == (m.Link == "") {
		return fail(100, "%s needs either id or link.", param)
	}
	if m.Caption != "" && (kind == "audio" || kind == "sticker") {
		return fail(100, "%s cannot have a caption.", param)
	}
	if m.Filename != "" && kind != "document" {
		return fail(100, "%s cannot have a filename.", param)
	}
	if err := atMost(param+".caption", m.Caption, 1024); err != nil {
		return err
	}
	if m.Link != "" {
		if u, err := url.Parse(m.Link); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
			return fail(131009, "%s.link is no web address.", param)
		}
		return nil
	}
	file, ok := g.media(m.ID)
	if !ok || file.From != FromBusiness {
		return fail(100, "Param %s['id'] is not a valid whatsapp business account media attachment ID.", param)
	}
	rule := waMediaRules[kind]
	if bare := bareType(file.MIME); kind != "document" && !slices.Contains(rule.types, bare) {
		return fail(131053, "A file of type %s cannot be sent as %s.", bare, kind)
	}
	if file.Size > rule.max {
		return fail(131053, "The file has %d bytes; %s may have %d.", file.Size, kind, rule.max)
	}
	if m.Voice && bareType(file.MIME) != "audio/ogg" {
		return fail(131053, "A voice message must be audio/ogg with the opus codec.")
	}
	return nil
}

// checkInteractive checks lengths and counts of an interactive message.
func (g *whatsApp) checkInteractive(i *waSendChoices) *graphError {
	bodyMax := 1024
	if i.Type == "list" {
		bodyMax = 4096
	}
	if i.Type != "product" && (i.Body == nil || i.Body.Text == "") {
		return fail(131008, "interactive.body.text is required.")
	}
	if i.Body != nil {
		if err := atMost("interactive.body.text", i.Body.Text, bodyMax); err != nil {
			return err
		}
	}
	if i.Footer != nil {
		if err := atMost("interactive.footer.text", i.Footer.Text, 60); err != nil {
			return err
		}
	}
	if err := g.checkHeader(i); err != nil {
		return err
	}
	switch i.Type {
	case "button":
		return checkButtons(i.Action.Buttons)
	case "list":
		return checkList(i.Action)
	case "product_list":
		if i.Header == nil || i.Action.CatalogID == "" || len(i.Action.Sections) == 0 {
			return fail(131008, "a product list needs a header, a catalog_id and sections.")
		}
		return nil
	case "product":
		if i.Action.CatalogID == "" || i.Action.ProductID == "" {
			return fail(131008, "catalog_id and product_retailer_id are required.")
		}
		return nil
	case "cta_url", "flow":
		return checkAction(i)
	case "location_request_message", "request_contact_info", "call_permission_request":
		want := map[string]string{
			"location_request_message": "send_location", "request_contact_info": "request_contact_info",
			"call_permission_request": "call_permission_request",
		}[i.Type]
		if i.Action.Name != want {
			return fail(131009, "interactive.action.name must be %s.", want)
		}
		return nil
	}
	return fail(131009, "interactive.type %s is not supported.", i.Type)
}

func (g *whatsApp) checkHeader(i *waSendChoices) *graphError {
	h := i.Header
	if h == nil {
		return nil
	}
	if h.Type == "text" {
		if h.Text == "" {
			return fail(131008, "interactive.header.text is required.")
		}
		return atMost("interactive.header.text", h.Text, 60)
	}
	if i.Type != "button" && i.Type != "cta_url" && i.Type != "flow" {
		return fail(131009, "interactive.type %s takes a text header only.", i.Type)
	}
	if !slices.Contains([]string{"image", "video", "document"}, h.Type) {
		return fail(131009, "interactive.header.type %s is not supported.", h.Type)
	}
	return g.checkMedia(h.Type, "interactive.header."+h.Type, h.media())
}

func checkButtons(buttons []waSendButton) *graphError {
	if len(buttons) < 1 || len(buttons) > 3 {
		return fail(131009, "1 to 3 buttons are allowed, %d were given.", len(buttons))
	}
	seen := map[string]bool{}
	for _, b := range buttons {
		if b.Type != "reply" || b.Reply.ID == "" || b.Reply.Title == "" {
			return fail(131008, "a button is of type reply and needs an id and a title.")
		}
		if err := atMost("button title", b.Reply.Title, 20); err != nil {
			return err
		}
		if err := atMost("button id", b.Reply.ID, 256); err != nil {
			return err
		}
		if seen["id "+b.Reply.ID] || seen["title "+b.Reply.Title] {
			return fail(131009, "ids and titles of buttons must differ.")
		}
		seen["id "+b.Reply.ID], seen["title "+b.Reply.Title] = true, true
	}
	return nil
}

func checkList(a waSendAction) *graphError {
	if a.Button == "" {
		return fail(131008, "interactive.action.button is required.")
	}
	if err := atMost("interactive.action.button", a.Button, 20); err != nil {
		return err
	}
	if len(a.Sections) == 0 || len(a.Sections) > 10 {
		return fail(131009, "1 to 10 sections are allowed.")
	}
	seen, count := map[string]bool{}, 0
	for _, s := range a.Sections {
		if s.Title == "" && len(a.Sections) > 1 {
			return fail(131008, "sections[].title is required when there are several.")
		}
		if err := atMost("section title", s.Title, 24); err != nil {
			return err
		}
		for _, r := range s.Rows {
			count++
			if r.ID == "" || r.Title == "" || seen[r.ID] {
				return fail(131009, "a row needs an id of its own and a title.")
			}
			seen[r.ID] = true
			for name, v := range map[string]struct {
				text string
				max  int
			}{"row id": {r.ID, 200}, "row title": {r.Title, 24}, "row description": {r.Description, 72}} {
				if err := atMost(name, v.text, v.max); err != nil {
					return err
				}
			}
		}
	}
	if count < 1 || count > 10 {
		return fail(131009, "1 to 10 rows are allowed in all, %d were given.", count)
	}
	return nil
}

// checkAction checks a link or a form behind one button.
func checkAction(i *waSendChoices) *graphError {
	p := i.Action.Params
	if i.Action.Name != i.Type || p == nil {
		return fail(131008, "interactive.action needs name %s and parameters.", i.Type)
	}
	if i.Type == "flow" {
		if (p.FlowID == "" && p.FlowName == "") || p.FlowCTA == "" || p.FlowVersion == "" {
			return fail(131008, "flow_message_version, flow_id and flow_cta are required.")
		}
		return atMost("flow_cta", p.FlowCTA, 30)
	}
	if u, err := url.Parse(p.URL); p.Display == "" || err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fail(131009, "display_text and a web address are required.")
	}
	return atMost("display_text", p.Display, 20)
}

// atMost limits a text in code points.
func atMost(param, text string, limit int) *graphError {
	if n := utf8.RuneCountInString(text); n > limit {
		return fail(100, "Param %s must be at most %d characters long, it has %d.", param, limit, n)
	}
	return nil
}
