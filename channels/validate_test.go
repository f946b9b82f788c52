package channels_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/internal/errs"
)

var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func caps() channels.Capabilities {
	return channels.Capabilities{
		Window: 24 * time.Hour, TextMax: 10, CaptionMax: 5,
		Media: []channels.MediaRule{
			{Kind: "image", MIME: []string{"image/png"}, MaxBytes: 100},
			{Kind: "voice", MIME: []string{"audio/*"}, MaxBytes: 100, NoCaption: true},
			{Kind: "document", MIME: []string{"*/*"}, MaxBytes: 1000},
		},
		Templates: true, Location: true, Contacts: true, Reactions: true,
		Interactive: channels.InteractiveRules{
			Buttons: 2, ButtonTitleMax: 5, Rows: 2, RowTitleMax: 5, RowTextMax: 5, SectionTitleMax: 5, BodyMax: 10, HeaderMax: 5,
			FooterMax: 5,
			Link:      true, LocationRequest: true, ContactRequest: true,
		},
	}
}

func file(kind, mime string, size int64) channels.Attachment {
	return channels.Attachment{Kind: kind, MIME: mime, Size: size}
}

func media(text string, files ...channels.Attachment) channels.Content {
	return channels.Content{Type: "media", Text: text, Attachments: files}
}

func choose(i channels.Interactive) channels.Content {
	return channels.Content{Type: "interactive", Text: "Choose", Interactive: &i}
}

var yes, no = channels.Choice{ID: "y", Title: "Yes"}, channels.Choice{ID: "n", Title: "No"}

var allowed = map[string]struct {
	content     channels.Content
	code, field string
}{
	"text":                 {channels.Content{Type: "text", Text: "שלום👋🏽"}, "", ""},
	"empty text":           {channels.Content{Type: "text", Text: " "}, "text_empty", "text"},
	"long text":            {channels.Content{Type: "text", Text: strings.Repeat("ש", 11)}, "text_too_long", "text"},
	"image":                {media("hi", file("image", "image/png", 100)), "", ""},
	"any document":         {media("", file("document", "application/x-odd", 1)), "", ""},
	"a family of types":    {media("", file("voice", "audio/ogg", 1)), "", ""},
	"no file":              {media("hi"), "media_missing", "attachments"},
	"two files":            {media("", file("image", "image/png", 1), file("image", "image/png", 1)), "media_too_many", "attachments"},
	"large file":           {media("", file("image", "image/png", 101)), "media_too_large", "attachments[0]"},
	"wrong type":           {media("", file("image", "image/heic", 1)), "media_type_not_allowed", "attachments[0]"},
	"unknown kind":         {media("", file("hologram", "image/png", 1)), "media_type_not_allowed", "attachments[0]"},
	"long caption":         {media("123456", file("image", "image/png", 1)), "caption_too_long", "text"},
	"caption beside voice": {media("hi", file("voice", "audio/ogg", 1)), "caption_not_allowed", "text"},
	"location":             {channels.Content{Type: "location", Location: &channels.Location{Latitude: 1}}, "", ""},
	"no location":          {channels.Content{Type: "location"}, "location_missing", "location"},
	"location off the earth": {
		channels.Content{Type: "location", Location: &channels.Location{Latitude: 91}},
		"location_invalid",
		"location",
	},
	"location nowhere": {
		channels.Content{Type: "location", Location: &channels.Location{Longitude: math.NaN()}},
		"location_invalid", "location",
	},
	"contacts":    {channels.Content{Type: "contacts", Contacts: []channels.Card{{Name: "Bo"}}}, "", ""},
	"no contacts": {channels.Content{Type: "contacts"}, "contacts_missing", "contacts"},
	"nameless contact": {
		channels.Content{Type: "contacts", Contacts: []channels.Card{{}}},
		"contact_name_missing",
		"contacts[0].name",
	},
	"reaction": {channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{ProviderID: "1"}}, "", ""},
	"reaction to nothing": {
		channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{}},
		"reaction_target_missing",
		"reaction",
	},
	"no reaction": {channels.Content{Type: "reaction"}, "reaction_missing", "reaction"},
	"order":       {channels.Content{Type: "order"}, "type_not_supported", "type"},
	"buttons":     {choose(channels.Interactive{Kind: "buttons", Buttons: []channels.Choice{yes, no}}), "", ""},
	"no buttons":  {choose(channels.Interactive{Kind: "buttons"}), "buttons_missing", "interactive.buttons"},
	"many buttons": {choose(channels.Interactive{
		Kind:    "buttons",
		Buttons: []channels.Choice{yes, no, {ID: "m", Title: "May"}},
	}), "buttons_too_many", "interactive.buttons"},
	"long button": {
		choose(channels.Interactive{Kind: "buttons", Buttons: []channels.Choice{{ID: "a", Title: "123456"}}}),
		"title_too_long", "interactive.buttons[0].title",
	},
	"nameless button": {
		choose(channels.Interactive{Kind: "buttons", Buttons: []channels.Choice{{ID: "a"}}}), "title_missing",
		"interactive.buttons[0].title",
	},
	"the same id twice": {
		choose(channels.Interactive{Kind: "buttons", Buttons: []channels.Choice{yes, {ID: "y", Title: "No"}}}),
		"choice_id_invalid", "interactive.buttons[1].id",
	},
	"the same title twice": {
		choose(channels.Interactive{Kind: "buttons", Buttons: []channels.Choice{yes, {ID: "z", Title: "Yes"}}}),
		"choice_title_repeated", "interactive.buttons[1].title",
	},
	"list": {choose(channels.Interactive{
		Kind: "list", Button: "Open",
		Sections: []channels.Section{{Rows: []channels.Choice{yes}}},
	}), "", ""},
	"many rows": {choose(channels.Interactive{
		Kind: "list", Button: "Open",
		Sections: []channels.Section{
			{Title: "A", Rows: []channels.Choice{yes, no}},
			{Title: "B", Rows: []channels.Choice{{ID: "m", Title: "May"}}},
		},
	}), "rows_too_many", "interactive.sections"},
	"nameless section": {choose(channels.Interactive{
		Kind: "list", Button: "Open",
		Sections: []channels.Section{{Rows: []channels.Choice{yes}}, {
			Title: "B",
			Rows:  []channels.Choice{no},
		}},
	}), "title_missing", "interactive.sections[0].title"},
	"long description": {choose(channels.Interactive{
		Kind: "list", Button: "Open",
		Sections: []channels.Section{{Rows: []channels.Choice{{
			ID: "a", Title: "A",
			Description: "123456",
		}}}},
	}), "description_too_long", "interactive.sections[0].description"},
	"list without a button": {
		choose(channels.Interactive{Kind: "list", Sections: []channels.Section{{Rows: []channels.Choice{yes}}}}),
		"title_missing", "interactive.button",
	},
	"link": {choose(channels.Interactive{Kind: "link", Button: "Pay", URL: "https://x"}), "", ""},
	"link to a script": {
		choose(channels.Interactive{Kind: "link", Button: "Pay", URL: "javascript:x"}), "url_invalid",
		"interactive.url",
	},
	"location request":      {choose(channels.Interactive{Kind: "location_request"}), "", ""},
	"an answer is not sent": {choose(channels.Interactive{Kind: "button_reply"}), "interactive_not_supported", "interactive.kind"},
	"long header": {
		choose(channels.Interactive{Kind: "location_request", Header: "123456"}), "header_too_long",
		"interactive.header",
	},
	"choices without a text": {
		channels.Content{Type: "interactive", Interactive: &channels.Interactive{Kind: "location_request"}},
		"text_empty", "text",
	},
	"interactive without any":  {channels.Content{Type: "interactive", Text: "x"}, "interactive_missing", "interactive"},
	"template without its use": {channels.Content{Type: "template"}, "template_missing", "template"},
}

func TestWhatAChannelAllows(t *testing.T) {
	for name, c := range allowed {
		expect(t, name, channels.Validate(caps(), c.content, now, now.Add(time.Hour), nil), c.code, c.field)
	}
}

// expect checks the code and the first field of an errs.Invalid; no code: no error.
func expect(t *testing.T, name string, err error, code, field string) {
	t.Helper()
	var e *errs.Error
	switch {
	case code == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case code == "":
	case !errors.As(err, &e) || e.Kind != errs.Invalid || e.Code != code || e.Fields[0].Field != field || e.Text == "":
		t.Errorf("%s: %+v, want %s at %s", name, err, code, field)
	}
}

func TestTheWindow(t *testing.T) {
	text := channels.Content{Type: "text", Text: "hi"}
	for name, c := range map[string]struct {
		window time.Duration
		closes time.Time
		code   string
	}{
		"open":                         {24 * time.Hour, now.Add(time.Millisecond), ""},
		"closing this moment":          {24 * time.Hour, now, "window_closed"},
		"never opened":                 {24 * time.Hour, time.Time{}, "window_closed"},
		"a channel that knows of none": {0, time.Time{}, ""},
	} {
		rules := caps()
		rules.Window = c.window
		expect(t, name, channels.Validate(rules, text, now, c.closes, nil), c.code, "type")
	}
	note := channels.Content{Type: "note", Text: strings.Repeat("x", 99)}
	expect(t, "a note never leaves", channels.Validate(caps(), note, now, time.Time{}, nil), "", "")
	template, stored := use(), stored()
	expect(t, "a template needs no window", channels.Validate(caps(), template, now, time.Time{}, &stored), "", "")
}

func TestEveryProblemIsNamed(t *testing.T) {
	err := channels.Validate(caps(), channels.Content{Type: "text", Text: strings.Repeat("x", 11)}, now, time.Time{}, nil)
	var e *errs.Error
	if !errors.As(err, &e) || len(e.Fields) != 2 || e.Code != "window_closed" {
		t.Errorf("%+v", e)
	}
}

func stored() channels.Template {
	return channels.Template{Name: "order_update", Language: "en_US", Status: "approved", Components: []channels.TemplateComponent{
		{Type: "header", Format: "text", Text: "Order {{1}}"},
		{Type: "body", Text: "Hi {{1}}, your order comes {{2}}. Yours, {{1}}"},
		{Type: "footer", Text: "Example Shop"},
		{Type: "buttons", Buttons: []channels.TemplateButton{
			{Type: "url", Text: "Track", URL: "https://example.com/{{1}}"},
			{Type: "quick_reply", Text: "Stop"},
			{Type: "url", Text: "Home", URL: "https://example.com"},
			{Type: "copy_code", Text: "Copy"},
		}},
	}}
}

func use() channels.Content {
	return channels.Content{Type: "template", Template: &channels.TemplateUse{
		Name: "order_update", Language: "en_US",
		Header:  []channels.TemplateParam{{Value: "1042"}},
		Body:    []channels.TemplateParam{{Value: "Ines"}, {Value: "today"}},
		Buttons: []channels.TemplateParam{{Index: 0, Value: "1042"}, {Index: 3, Value: "SAVE5"}},
	}}
}

func TestTemplatesMatchTheStoredOne(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*channels.Content, *channels.Template)
		code, field string
	}{
		"right": {func(*channels.Content, *channels.Template) {}, "", ""},
		"another name": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Name = "x" }, "template_unknown",
			"template.name",
		},
		"another language": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Language = "he" }, "template_unknown",
			"template.name",
		},
		"paused": {
			func(_ *channels.Content, t *channels.Template) { t.Status = "paused" }, "template_not_approved",
			"template.name",
		},
		"a value too few": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Body = c.Template.Body[:1] },
			"template_parameter_missing", "template.body[1]",
		},
		"a value too many": {func(c *channels.Content, _ *channels.Template) {
			c.Template.Header = append(c.Template.Header, channels.TemplateParam{Value: "x"})
		}, "template_parameter_unknown", "template.header"},
		"an empty value": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Body[0].Value = " " },
			"template_parameter_missing", "template.body[0]",
		},
		"a line break": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Body[0].Value = "a\nb" },
			"template_parameter_invalid", "template.body[0]",
		},
		"a tab": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Body[0].Value = "a\tb" },
			"template_parameter_invalid", "template.body[0]",
		},
		"four spaces": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Body[0].Value = "a    b" },
			"template_parameter_invalid", "template.body[0]",
		},
		"a link without end": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Buttons = c.Template.Buttons[1:] },
			"template_parameter_missing", "template.buttons[0]",
		},
		"a code without one": {
			func(c *channels.Content, _ *channels.Template) { c.Template.Buttons[1].Value = "" },
			"template_parameter_missing", "template.buttons[3]",
		},
		"a button too many": {func(c *channels.Content, _ *channels.Template) {
			c.Template.Buttons = append(c.Template.Buttons, channels.TemplateParam{Index: 9, Value: "x"})
		}, "template_parameter_unknown", "template.buttons[9]"},
		"a file for no place": {func(c *channels.Content, _ *channels.Template) {
			c.Attachments = []channels.Attachment{file("image", "image/png", 1)}
		}, "template_media_wrong", "attachments"},
	} {
		content, template := use(), stored()
		c.change(&content, &template)
		expect(t, name, channels.Validate(caps(), content, now, now, &template), c.code, c.field)
	}
	expect(t, "none stored", channels.Validate(caps(), use(), now, now, nil), "template_unknown", "template.name")
}

func TestTemplateHeaders(t *testing.T) {
	point := &channels.Location{Latitude: 1, Longitude: 2}
	for name, c := range map[string]struct {
		format      string
		files       []channels.Attachment
		location    *channels.Location
		code, field string
	}{
		"image":    {"image", []channels.Attachment{file("image", "image/png", 1)}, nil, "", ""},
		"no image": {"image", nil, nil, "template_media_missing", "attachments"},
		"another kind": {
			"image",
			[]channels.Attachment{file("document", "application/pdf", 1)},
			nil, "template_media_wrong",
			"attachments[0]",
		},
		"too large":        {"image", []channels.Attachment{file("image", "image/png", 101)}, nil, "media_too_large", "attachments[0]"},
		"location":         {"location", nil, point, "", ""},
		"no location":      {"location", nil, nil, "template_location_missing", "template.location"},
		"location nowhere": {"location", nil, &channels.Location{Latitude: 200}, "location_invalid", "template.location"},
	} {
		template := channels.Template{
			Name: "t", Language: "en", Status: "approved",
			Components: []channels.TemplateComponent{{Type: "header", Format: c.format}, {Type: "body", Text: "Hi"}},
		}
		content := channels.Content{
			Type: "template", Attachments: c.files,
			Template: &channels.TemplateUse{Name: "t", Language: "en", Location: c.location},
		}
		expect(t, name, channels.Validate(caps(), content, now, now, &template), c.code, c.field)
	}
}

func TestNamedParameters(t *testing.T) {
	template := channels.Template{
		Name: "t", Language: "en", Status: "approved",
		Components: []channels.TemplateComponent{{Type: "body", Text: "Hi {{first_name}}, {{ day }}"}},
	}
	content := channels.Content{Type: "template", Template: &channels.TemplateUse{
		Name: "t", Language: "en",
		Body: []channels.TemplateParam{{Name: "day", Value: "Monday"}, {Name: "first_name", Value: "Ines"}},
	}}
	expect(t, "in any order", channels.Validate(caps(), content, now, now, &template), "", "")
	if got := channels.RenderTemplate(template, *content.Template); got != "Hi Ines, Monday" {
		t.Error(got)
	}
	content.Template.Body[0].Name = "week"
	expect(t, "another name", channels.Validate(caps(), content, now, now, &template), "template_parameter_missing", "template.body[1]")
}

func TestRenderAndComplete(t *testing.T) {
	got := channels.RenderTemplate(stored(), *use().Template)
	if want := "Order 1042\n\nHi Ines, your order comes today. Yours, Ines\n\nExample Shop"; got != want {
		t.Errorf("%q", got)
	}
	if got := channels.RenderTemplate(stored(), channels.TemplateUse{}); !strings.Contains(got, "Order {{1}}") {
		t.Errorf("what is missing must stay visible: %q", got)
	}
	many := channels.Template{Components: []channels.TemplateComponent{{
		Type: "body",
		Text: "{{10}} {{2}} {{1}}{{3}}{{4}}{{5}}{{6}}{{7}}{{8}}{{9}}",
	}}}
	var values []channels.TemplateParam
	for _, v := range strings.Split("abcdefghij", "") {
		values = append(values, channels.TemplateParam{Value: v})
	}
	if got := channels.RenderTemplate(many, channels.TemplateUse{Body: values}); got != "j b acdefghi" {
		t.Errorf("%q", got)
	}
	plain := use()
	done := stored().Complete(*plain.Template)
	if done.Buttons[0].Type != "url" || done.Buttons[1].Type != "copy_code" || plain.Template.Buttons[0].Type != "" {
		t.Errorf("%+v from %+v", done.Buttons, plain.Template.Buttons)
	}
}

func TestWhatANarrowChannelRefuses(t *testing.T) {
	narrow := channels.Capabilities{
		TextBytes: 8, Reactions: true, ReactionSet: []string{"❤️"},
		Interactive: channels.InteractiveRules{Buttons: 2, ButtonTitleMax: 5, BodyMax: 10},
	}
	heart := func(emoji string) channels.Content {
		return channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{ProviderID: "1", Emoji: emoji}}
	}
	for name, c := range map[string]struct {
		content     channels.Content
		code, field string
	}{
		"as many bytes as fit": {channels.Content{Type: "text", Text: "שלום"}, "", ""},
		"one byte more":        {channels.Content{Type: "text", Text: "שלום!"}, "text_too_long", "text"},
		"its reaction":         {heart("❤️"), "", ""},
		"removing it":          {heart(""), "", ""},
		"another reaction":     {heart("🦄"), "reaction_not_allowed", "reaction.emoji"},
		"a header": {
			choose(channels.Interactive{Kind: "buttons", Header: "Hi", Buttons: []channels.Choice{yes}}),
			"header_not_supported", "interactive.header",
		},
		"a link": {
			choose(channels.Interactive{Kind: "link", Button: "Pay", URL: "https://x"}), "interactive_not_supported",
			"interactive.kind",
		},
		"a request for a place": {choose(channels.Interactive{Kind: "location_request"}), "interactive_not_supported", "interactive.kind"},
	} {
		expect(t, name, channels.Validate(narrow, c.content, now, now, nil), c.code, c.field)
	}
}

func TestPeopleHaveMoreTimeThanPrograms(t *testing.T) {
	both := channels.Capabilities{Window: 24 * time.Hour, HumanWindow: 7 * 24 * time.Hour}
	if got := both.WindowCloses(now, true).Sub(both.WindowCloses(now, false)); got != 6*24*time.Hour {
		t.Errorf("people have %s more", got)
	}
	if same := (channels.Capabilities{Window: 24 * time.Hour}); same.WindowCloses(now, true) != same.WindowCloses(now, false) {
		t.Error("people have more time on a channel that does not know the difference")
	}
}
