package channels

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wasl/internal/errs"
)

// Validate says whether a channel with these capabilities takes the content now: the composer and the sender follow
// the same rules. windowClosesAt is when free-form messages end (zero: no customer's message opened a window), template
// the stored form of the template that the content uses, nil if there is none. The error is an errs.Invalid that names
// every unusable field; its code is that of the first.
func Validate(caps Capabilities, out Content, now, windowClosesAt time.Time, template *Template) error {
	if out.Type == TypeNote {
		return nil
	}
	var p problems
	if caps.Window > 0 && out.Type != TypeTemplate && !now.Before(windowClosesAt) {
		detail := "The time for free answers is over; it opens with the customer's next message."
		if caps.Templates {
			detail = "The time for free answers is over; only a template can be sent until the customer writes again."
		}
		p.add("window_closed", "type", "%s", detail)
	}
	p.content(caps, out)
	if out.Type == TypeTemplate && out.Template != nil && caps.Templates {
		p.template(out, template)
	}
	return p.err()
}

// CheckContent is the part of Validate that needs neither the time nor the stored template.
func CheckContent(caps Capabilities, out Content) error {
	var p problems
	p.content(caps, out)
	return p.err()
}

// problems collects what is unusable.
type problems struct {
	code   string
	fields []errs.Field
}

func (p *problems) add(code, field, detail string, args ...any) {
	if p.code == "" {
		p.code = code
	}
	p.fields = append(p.fields, errs.Field{Field: field, Detail: fmt.Sprintf(detail, args...)})
}

func (p *problems) err() error {
	if p.code == "" {
		return nil
	}
	return &errs.Error{Kind: errs.Invalid, Code: p.code, Text: p.fields[0].Detail, Fields: p.fields}
}

func (p *problems) content(caps Capabilities, out Content) {
	switch out.Type {
	case TypeText:
		p.text(out.Text, caps)
	case TypeMedia:
		if len(out.Attachments) == 0 {
			p.add("media_missing", "attachments", "A media message needs a file.")
		}
		p.media(caps, out)
	case TypeTemplate:
		p.supported(caps.Templates && out.Template != nil, "template_missing", "template", "templates")
		p.media(caps, Content{Attachments: out.Attachments})
	case TypeInteractive:
		supported := caps.Interactive != InteractiveRules{}
		if p.supported(supported && out.Interactive != nil, "interactive_missing", "interactive", "messages with choices") {
			p.text(out.Text, Capabilities{TextMax: caps.Interactive.BodyMax, TextBytes: caps.TextBytes})
			p.interactive(caps.Interactive, *out.Interactive)
		}
	case TypeLocation:
		if p.supported(caps.Location && out.Location != nil, "location_missing", "location", "locations") {
			p.point("location", *out.Location)
		}
	case TypeContacts:
		p.supported(caps.Contacts && len(out.Contacts) > 0, "contacts_missing", "contacts", "contact cards")
		for i, card := range out.Contacts {
			if strings.TrimSpace(card.Name) == "" {
				p.add("contact_name_missing", fmt.Sprintf("contacts[%d].name", i), "A contact card needs a name.")
			}
		}
	case TypeReaction:
		if p.supported(caps.Reactions && out.Reaction != nil, "reaction_missing", "reaction", "reactions") {
			p.reaction(caps, *out.Reaction)
		}
	default:
		p.add("type_not_supported", "type", "Messages of the type %q cannot be sent.", out.Type)
	}
}

// supported reports that the channel cannot do something, or that what it needs is not there.
func (p *problems) supported(ok bool, code, field, what string) bool {
	if !ok {
		p.add(code, field, "This needs %s, which the message does not have or the channel cannot send.", what)
	}
	return ok
}

func (p *problems) reaction(caps Capabilities, r ReactionOut) {
	if r.ProviderID == "" {
		p.add("reaction_target_missing", "reaction", "The message to react to is not known to the provider.")
	}
	if r.Emoji != "" && len(caps.ReactionSet) > 0 && !slices.Contains(caps.ReactionSet, r.Emoji) {
		p.add("reaction_not_allowed", "reaction.emoji", "This channel knows only these reactions: %s.", strings.Join(caps.ReactionSet, " "))
	}
}

func (p *problems) text(text string, caps Capabilities) {
	if strings.TrimSpace(text) == "" {
		p.add("text_empty", "text", "The message is empty.")
	}
	p.length("text_too_long", "text", text, caps.TextMax)
	if caps.TextBytes > 0 && len(text) > caps.TextBytes {
		p.add("text_too_long", "text", "It has %d bytes; %d are allowed. A Hebrew or Arabic letter has 2, an emoji 4 and more.", len(text),
			caps.TextBytes)
	}
}

func (p *problems) length(code, field, text string, limit int) {
	if n := utf8.RuneCountInString(text); limit > 0 && n > limit {
		p.add(code, field, "It has %d characters; %d are allowed.", n, limit)
	}
}

func (p *problems) media(caps Capabilities, out Content) {
	if most := max(1, caps.FilesMax); len(out.Attachments) > most {
		p.add("media_too_many", "attachments", "One message carries at most %d files; send the others by themselves.", most)
	}
	for i, a := range out.Attachments {
		field := fmt.Sprintf("attachments[%d]", i)
		rule, ok := mediaRule(caps.Media, a)
		if !ok {
			p.add("media_type_not_allowed", field, "A file of the type %s cannot be sent as %s; try it as a document.", a.MIME, a.Kind)
			continue
		}
		if rule.MaxBytes > 0 && a.Size > rule.MaxBytes {
			p.add("media_too_large", field, "The file has %s; as %s %s are allowed.", megabytes(a.Size), a.Kind, megabytes(rule.MaxBytes))
		}
		if rule.NoCaption && out.Text != "" {
			p.add("caption_not_allowed", "text", "No text can stand beside %s; send it as a message of its own.", a.Kind)
		}
	}
	p.length("caption_too_long", "text", out.Text, caps.CaptionMax)
}

// mediaRule finds the rule for an attachment of this kind and type.
func mediaRule(rules []MediaRule, a Attachment) (MediaRule, bool) {
	i := slices.IndexFunc(rules, func(r MediaRule) bool {
		return r.Kind == a.Kind && slices.ContainsFunc(r.MIME, func(m string) bool {
			family, any := strings.CutSuffix(m, "*")
			return m == "*/*" || m == a.MIME || any && strings.HasPrefix(a.MIME, family)
		})
	})
	if i < 0 {
		return MediaRule{}, false
	}
	return rules[i], true
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

func (p *problems) point(field string, l Location) {
	// Written so that NaN fails too.
	if !(l.Latitude >= -90 && l.Latitude <= 90) || !(l.Longitude >= -180 && l.Longitude <= 180) {
		p.add("location_invalid", field, "Latitude is between -90 and 90, longitude between -180 and 180.")
	}
}

func (p *problems) interactive(rules InteractiveRules, in Interactive) {
	p.shown("header_not_supported", "interactive.header", in.Header, rules.HeaderMax)
	p.length("header_too_long", "interactive.header", in.Header, rules.HeaderMax)
	p.shown("footer_not_supported", "interactive.footer", in.Footer, rules.FooterMax)
	p.length("footer_too_long", "interactive.footer", in.Footer, rules.FooterMax)
	switch in.Kind {
	case Buttons:
		p.count("buttons", "interactive.buttons", len(in.Buttons), rules.Buttons)
		p.choices("interactive.buttons", in.Buttons, rules.ButtonTitleMax, 0)
	case List:
		p.label("interactive.button", in.Button, rules.ButtonTitleMax)
		var rows []Choice
		for i, s := range in.Sections {
			if s.Title == "" && len(in.Sections) > 1 {
				p.add("title_missing", fmt.Sprintf("interactive.sections[%d].title", i), "Several sections need titles.")
			}
			p.length("title_too_long", fmt.Sprintf("interactive.sections[%d].title", i), s.Title, rules.SectionTitleMax)
			rows = append(rows, s.Rows...)
		}
		p.count("rows", "interactive.sections", len(rows), rules.Rows)
		p.choices("interactive.sections", rows, rules.RowTitleMax, rules.RowTextMax)
	case LinkButton:
		p.supported(rules.Link, "interactive_not_supported", "interactive.kind", "link buttons")
		p.label("interactive.button", in.Button, rules.ButtonTitleMax)
		if !strings.HasPrefix(in.URL, "https://") && !strings.HasPrefix(in.URL, "http://") {
			p.add("url_invalid", "interactive.url", "The link needs an address that begins with https://.")
		}
	case LocationRequest:
		p.supported(rules.LocationRequest, "interactive_not_supported", "interactive.kind", "requests for the location")
	case ContactRequest:
		p.supported(rules.ContactRequest, "interactive_not_supported", "interactive.kind", "requests for contact details")
	default:
		p.add("interactive_not_supported", "interactive.kind", "Choices of the kind %q cannot be sent.", in.Kind)
	}
}

// shown checks a header or footer, which a channel without a limit for it does not have.
func (p *problems) shown(code, field, text string, limit int) {
	if text != "" && limit == 0 {
		p.add(code, field, "This channel shows neither header nor footer.")
	}
}

func (p *problems) count(what, field string, n, limit int) {
	if n == 0 {
		p.add(what+"_missing", field, "At least one is needed.")
	}
	if n > limit {
		p.add(what+"_too_many", field, "There are %d; %d are allowed.", n, limit)
	}
}

func (p *problems) label(field, text string, limit int) {
	if strings.TrimSpace(text) == "" {
		p.add("title_missing", field, "It needs a title.")
	}
	p.length("title_too_long", field, text, limit)
}

// choices checks titles and that ids and titles tell the choices apart.
func (p *problems) choices(field string, choices []Choice, titleMax, textMax int) {
	ids, titles := map[string]bool{}, map[string]bool{}
	for i, c := range choices {
		at := fmt.Sprintf("%s[%d]", field, i)
		p.label(at+".title", c.Title, titleMax)
		p.length("description_too_long", at+".description", c.Description, textMax)
		if c.ID == "" || ids[c.ID] {
			p.add("choice_id_invalid", at+".id", "Every choice needs an id of its own.")
		}
		if c.Title != "" && titles[c.Title] {
			p.add("choice_title_repeated", at+".title", "Two choices have the same title.")
		}
		ids[c.ID], titles[c.Title] = true, true
	}
}
