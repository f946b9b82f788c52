package channels

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// placeholder is a parameter inside a template's text: {{1}} or {{first_name}}.
var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`)

// placeholders returns the names of a text's parameters in the order in which values are given: numbers by their value,
// names as they appear, each once.
func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		x, errX := strconv.Atoi(a)
		y, errY := strconv.Atoi(b)
		if errX != nil || errY != nil {
			return 0
		}
		return x - y
	})
	return names
}

// lookup finds the value of a parameter: by its name, else by its place.
func lookup(params []TemplateParam, name string, place int) (string, bool) {
	for _, p := range params {
		if p.Name == name {
			return p.Value, true
		}
	}
	if place < len(params) && params[place].Name == "" {
		return params[place].Value, true
	}
	return "", false
}

// Component returns the part of the type; nil if the template has none.
func (t Template) Component(kind string) *TemplateComponent {
	i := slices.IndexFunc(t.Components, func(c TemplateComponent) bool { return c.Type == kind })
	if i < 0 {
		return nil
	}
	return &t.Components[i]
}

// Parameters returns the names of the parameters in the component's text, in the order in which values are given.
func (c TemplateComponent) Parameters() []string { return placeholders(c.Text) }

// Complete returns the use with what the stored template knows and the provider wants to hear: each button's type.
func (t Template) Complete(use TemplateUse) TemplateUse {
	c := t.Component("buttons")
	if c == nil {
		return use
	}
	use.Buttons = slices.Clone(use.Buttons)
	for i, b := range use.Buttons {
		if b.Index >= 0 && b.Index < len(c.Buttons) {
			use.Buttons[i].Type = c.Buttons[b.Index].Type
		}
	}
	return use
}

// RenderTemplate returns what the customer will read: header, body and footer with the values in their places. A
// parameter without a value stays visible as it is written in the template.
func RenderTemplate(t Template, use TemplateUse) string {
	var parts []string
	for _, kind := range []string{"header", "body", "footer"} {
		c := t.Component(kind)
		if c == nil || c.Text == "" {
			continue
		}
		params := use.Body
		if kind == "header" {
			params = use.Header
		}
		parts = append(parts, fill(c.Text, params))
	}
	return strings.Join(parts, "\n\n")
}

func fill(text string, params []TemplateParam) string {
	names := placeholders(text)
	return placeholder.ReplaceAllStringFunc(text, func(match string) string {
		name := placeholder.FindStringSubmatch(match)[1]
		if value, ok := lookup(params, name, slices.Index(names, name)); ok {
			return value
		}
		return match
	})
}

// template checks the use against the stored template.
func (p *problems) template(out Content, t *Template) {
	use := *out.Template
	if t == nil || t.Name != use.Name || t.Language != use.Language {
		p.add("template_unknown", "template.name", "There is no template %q in the language %q.", use.Name, use.Language)
		return
	}
	if t.Status != "approved" {
		p.add("template_not_approved", "template.name", "The template is %s; only approved templates can be sent.",
			strings.ReplaceAll(t.Status, "_", " "))
	}
	header := TemplateComponent{}
	if c := t.Component("header"); c != nil {
		header = *c
	}
	p.header(header, out)
	body := ""
	if c := t.Component("body"); c != nil {
		body = c.Text
	}
	p.params("template.body", placeholders(body), use.Body)
	var buttons []TemplateButton
	if c := t.Component("buttons"); c != nil {
		buttons = c.Buttons
	}
	p.buttons(buttons, use.Buttons)
}

func (p *problems) header(c TemplateComponent, out Content) {
	names := []string{}
	if c.Format == "" || c.Format == "text" {
		names = placeholders(c.Text)
	}
	p.params("template.header", names, out.Template.Header)
	media := c.Format == "image" || c.Format == "video" || c.Format == "document"
	switch {
	case media && len(out.Attachments) == 0:
		p.add("template_media_missing", "attachments", "The template begins with a file of the kind %s.", c.Format)
	case media && out.Attachments[0].Kind != c.Format:
		p.add("template_media_wrong", "attachments[0]", "The template begins with a file of the kind %s, not %s.", c.Format,
			out.Attachments[0].Kind)
	case !media && len(out.Attachments) > 0:
		p.add("template_media_wrong", "attachments", "The template takes no file.")
	}
	switch {
	case c.Format == "location" && out.Template.Location == nil:
		p.add("template_location_missing", "template.location", "The template begins with a location.")
	case c.Format == "location":
		p.point("template.location", *out.Template.Location)
	}
}

// params checks that every parameter has a value that the provider takes, and that there are no others.
func (p *problems) params(field string, names []string, given []TemplateParam) {
	for i, name := range names {
		value, ok := lookup(given, name, i)
		p.value(fmt.Sprintf("%s[%d]", field, i), name, value, ok)
	}
	if len(given) > len(names) {
		p.add("template_parameter_unknown", field, "There are %d values; the template takes %d.", len(given), len(names))
	}
}

func (p *problems) value(field, name, value string, given bool) {
	switch {
	case !given || strings.TrimSpace(value) == "":
		p.add("template_parameter_missing", field, "The value of {{%s}} is missing.", name)
	case strings.ContainsAny(value, "\n\r\t") || strings.Contains(value, "    "):
		p.add("template_parameter_invalid", field, "The value of {{%s}} has a line break, a tab or four spaces in a row.", name)
	}
}

// buttons checks the values of buttons: an address that ends in a parameter and a code to copy must have one, a quick
// reply and a form may.
func (p *problems) buttons(buttons []TemplateButton, given []TemplateParam) {
	for i, b := range buttons {
		at := slices.IndexFunc(given, func(g TemplateParam) bool { return g.Index == i })
		needed := b.Type == "copy_code" || b.Type == "url" && placeholder.MatchString(b.URL)
		if needed && at < 0 {
			p.add("template_parameter_missing", fmt.Sprintf("template.buttons[%d]", i), "The button %q needs a value.", b.Text)
		}
		if needed && at >= 0 {
			p.value(fmt.Sprintf("template.buttons[%d]", i), b.Text, given[at].Value, true)
		}
	}
	for _, g := range given {
		if g.Index < 0 || g.Index >= len(buttons) {
			p.add("template_parameter_unknown", fmt.Sprintf("template.buttons[%d]", g.Index), "The template has no such button.")
		}
	}
}
