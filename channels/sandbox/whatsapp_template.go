package sandbox

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wasl/channels"
)

//go:embed whatsapp_templates.json
var seededTemplates []byte

// waTemplate is a template as the API lists it.
type waTemplate struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Language   string            `json:"language"`
	Category   string            `json:"category"`
	Status     string            `json:"status"`
	Reason     string            `json:"rejected_reason,omitempty"`
	Format     string            `json:"parameter_format"`
	Quality    map[string]string `json:"quality_score,omitempty"`
	Components []waComponent     `json:"components"`
}

type waComponent struct {
	Type    string          `json:"type"`
	Format  string          `json:"format,omitempty"`
	Text    string          `json:"text,omitempty"`
	Example json.RawMessage `json:"example,omitempty"`
	Buttons []waTplButton   `json:"buttons,omitempty"`
}

type waTplButton struct {
	Type    string   `json:"type"`
	Text    string   `json:"text"`
	URL     string   `json:"url,omitempty"`
	Phone   string   `json:"phone_number,omitempty"`
	Example []string `json:"example,omitempty"`
}

// waSendTemplate is a template with its parameters, on its way.
type waSendTemplate struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Language  struct {
		Policy string `json:"policy"`
		Code   string `json:"code"`
	} `json:"language"`
	Components []waSendComponent `json:"components"`
}

type waSendComponent struct {
	Type    string        `json:"type"`
	SubType string        `json:"sub_type"`
	Index   waIndex       `json:"index"`
	Params  []waSendParam `json:"parameters"`
}

type waSendParam struct {
	Type     string       `json:"type"`
	Name     string       `json:"parameter_name"`
	Text     string       `json:"text"`
	Payload  string       `json:"payload"`
	Coupon   string       `json:"coupon_code"`
	Image    *waSendMedia `json:"image"`
	Video    *waSendMedia `json:"video"`
	Document *waSendMedia `json:"document"`
	Location *waLocation  `json:"location"`
	Currency *struct {
		Fallback string `json:"fallback_value"`
		Code     string `json:"code"`
		Amount   int64  `json:"amount_1000"`
	} `json:"currency"`
	DateTime *struct {
		Fallback string `json:"fallback_value"`
	} `json:"date_time"`
	Action json.RawMessage `json:"action"`
}

// waIndex is a number that may be written as text.
type waIndex int

// UnmarshalJSON reads both forms.
func (i *waIndex) UnmarshalJSON(b []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(b), `"`))
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	*i = waIndex(n)
	return nil
}

var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`)

func seedTemplates() []waTemplate {
	var all []waTemplate
	if err := json.Unmarshal(seededTemplates, &all); err != nil {
		panic(err) // it is part of the program
	}
	return all
}

func (g *whatsApp) template(name, language string) *waTemplate {
	i := slices.IndexFunc(g.templates, func(t waTemplate) bool { return t.Name == name && t.Language == language })
	if i < 0 {
		return nil
	}
	return &g.templates[i]
}

// part is the first component of a type.
func (t *waTemplate) part(kind string) *waComponent {
	for i := range t.Components {
		if t.Components[i].Type == kind {
			return &t.Components[i]
		}
	}
	return nil
}

// part is the first component of a type that was sent; without one it has no parameters.
func (t *waSendTemplate) part(kind string) waSendComponent {
	for _, c := range t.Components {
		if strings.EqualFold(c.Type, kind) {
			return c
		}
	}
	return waSendComponent{}
}

// button is the component of the button at the index.
func (t *waSendTemplate) button(index int) (waSendComponent, bool) {
	for _, c := range t.Components {
		if strings.EqualFold(c.Type, "button") && int(c.Index) == index {
			return c, true
		}
	}
	return waSendComponent{}, false
}

// listTemplates lists page by page.
func (g *whatsApp) listTemplates(c graphCall) (any, *graphError) {
	if c.id != c.account.BusinessID {
		return nil, noObject(c.id)
	}
	q := c.r.URL.Query()
	limit := 25
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fail(100, "limit must be a positive number.")
		}
		limit = min(n, 250)
	}
	var found []waTemplate
	for _, t := range g.templates {
		if (q.Get("name") == "" || strings.Contains(t.Name, q.Get("name"))) &&
			(q.Get("status") == "" || strings.EqualFold(t.Status, q.Get("status"))) &&
			(q.Get("language") == "" || t.Language == q.Get("language")) {
			found = append(found, t)
		}
	}
	start := 0
	if after := q.Get("after"); after != "" {
		cursor, err := base64.RawURLEncoding.DecodeString(after)
		n, numErr := strconv.Atoi(string(cursor))
		if err != nil || numErr != nil || n < 0 || n > len(found) {
			return nil, fail(100, "Invalid cursors values")
		}
		start = n
	}
	end := min(start+limit, len(found))
	data := []any{}
	for _, t := range found[start:end] {
		item, err := selectFields(templateFields(t), q.Get("fields"), []string{
			"name", "parameter_format", "components", "language",
			"status", "category",
		})
		if err != nil {
			return nil, err
		}
		data = append(data, item)
	}
	cursor := func(n int) string { return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(n))) }
	paging := map[string]any{"cursors": map[string]string{"before": cursor(start), "after": cursor(end)}}
	if end < len(found) {
		q.Set("after", cursor(end))
		q.Del("access_token")
		paging["next"] = "http://" + c.r.Host + c.r.URL.Path + "?" + q.Encode()
	}
	return map[string]any{"data": data, "paging": paging}, nil
}

func templateFields(t waTemplate) map[string]any {
	reason := t.Reason
	if reason == "" {
		reason = "NONE"
	}
	quality := t.Quality
	if quality == nil {
		quality = map[string]string{"score": "UNKNOWN"}
	}
	return map[string]any{
		"id": t.ID, "name": t.Name, "language": t.Language, "category": t.Category, "status": t.Status, "components": t.Components,
		"parameter_format": t.Format, "quality_score": quality, "rejected_reason": reason, "previous_category": t.Category,
	}
}

// checkTemplate checks a template that is to be sent against the one that was approved.
func (g *whatsApp) checkTemplate(m *waSendTemplate) *graphError {
	if m.Name == "" || m.Language.Code == "" {
		return fail(131008, "template.name and template.language.code are required.")
	}
	t := g.template(m.Name, m.Language.Code)
	if t == nil || (t.Status != "APPROVED" && t.Status != "PAUSED" && t.Status != "DISABLED") {
		err := fail(132001, "template name (%s) does not exist in %s", m.Name, m.Language.Code)
		err.status = 404
		return err
	}
	switch t.Status {
	case "PAUSED":
		return fail(132015, "The template is paused because of its low quality.")
	case "DISABLED":
		return fail(132016, "The template is disabled.")
	}
	if header := t.part("HEADER"); header != nil {
		if err := g.checkTemplateHeader(t, header, m.part("header").Params); err != nil {
			return err
		}
	} else if len(m.part("header").Params) > 0 {
		return fail(132000, "header: number of localizable_params (%d) does not match the expected number of params (0)",
			len(m.part("header").Params))
	}
	if err := checkTexts(t, "body", t.part("BODY").Text, m.part("body").Params); err != nil {
		return err
	}
	if text := g.render(m).Text; len([]rune(text)) > 1024 {
		return fail(132018, "The text with its parameters is longer than 1024 characters.")
	}
	return checkTemplateButtons(t, m)
}

func (g *whatsApp) checkTemplateHeader(t *waTemplate, header *waComponent, params []waSendParam) *graphError {
	if header.Format == "TEXT" {
		return checkTexts(t, "header", header.Text, params)
	}
	format := strings.ToLower(header.Format)
	if len(params) != 1 || params[0].Type != format {
		given := "UNKNOWN"
		if len(params) == 1 {
			given = strings.ToUpper(params[0].Type)
		}
		return fail(132012, "header: Format mismatch, expected %s, received %s", header.Format, given)
	}
	if format == "location" {
		if params[0].Location == nil {
			return fail(131008, "header: location is required.")
		}
		return checkLocation(params[0].Location)
	}
	media := map[string]*waSendMedia{"image": params[0].Image, "video": params[0].Video, "document": params[0].Document}[format]
	return g.checkMedia(format, "template.header."+format, media)
}

// checkTexts checks that a text gets exactly the parameters that it has places for.
func checkTexts(t *waTemplate, part, text string, params []waSendParam) *graphError {
	want := map[string]bool{}
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		want[match[1]] = true
	}
	if len(params) != len(want) {
		return fail(132000, "%s: number of localizable_params (%d) does not match the expected number of params (%d)", part, len(params),
			len(want))
	}
	for _, p := range params {
		if t.Format == "NAMED" {
			if p.Name == "" {
				return fail(100, "%s: Parameter name is missing or empty", part)
			}
			if !want[p.Name] {
				return fail(132000, "%s: the template has no parameter %s, or it was given twice", part, p.Name)
			}
			delete(want, p.Name)
		} else if p.Name != "" {
			return fail(100, "%s: the template has positional parameters, parameter_name is not allowed", part)
		}
		switch {
		case p.Type != "text" && p.Type != "currency" && p.Type != "date_time":
			return fail(132012, "%s: a parameter of type %s is not allowed", part, p.Type)
		case p.value() == "":
			return fail(131008, "%s: a parameter has no text", part)
		case strings.ContainsAny(p.value(), "\n\r\t") || strings.Contains(p.value(), "    "):
			return fail(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
		}
	}
	return nil
}

// value is the text of a parameter.
func (p waSendParam) value() string {
	switch {
	case p.Currency != nil:
		return p.Currency.Fallback
	case p.DateTime != nil:
		return p.DateTime.Fallback
	}
	return p.Text
}

// checkTemplateButtons checks that every button that needs a value gets one, and no other component names a button that is not there.
func checkTemplateButtons(t *waTemplate, m *waSendTemplate) *graphError {
	var buttons []waTplButton
	if part := t.part("BUTTONS"); part != nil {
		buttons = part.Buttons
	}
	for _, c := range m.Components {
		if !strings.EqualFold(c.Type, "button") {
			continue
		}
		if int(c.Index) < 0 || int(c.Index) >= len(buttons) {
			return fail(132000, "buttons: there is no button at index %d", c.Index)
		}
		if b := buttons[c.Index]; !strings.EqualFold(c.SubType, b.Type) {
			return fail(132012, "buttons: button at index %d is of type %s, not %s", c.Index, b.Type, c.SubType)
		}
	}
	for i, b := range buttons {
		c, given := m.button(i)
		needs := b.Type == "COPY_CODE" || (b.Type == "URL" && placeholder.MatchString(b.URL))
		if needs && (!given || len(c.Params) != 1 || c.Params[0].Text+c.Params[0].Coupon == "") {
			return fail(131008, "buttons: Button at index %d of type %s requires a parameter", i, b.Type)
		}
		if !needs && b.Type == "URL" && given && len(c.Params) > 0 {
			return fail(132000, "buttons: Button at index %d of type Url does not take a parameter", i)
		}
		if given && len(c.Params) == 1 && len(c.Params[0].Coupon) > 20 {
			return fail(131009, "buttons: a coupon code may have 20 characters")
		}
	}
	return nil
}

// render fills a template in, as the phone shows it.
func (g *whatsApp) render(m *waSendTemplate) Content {
	t := g.template(m.Name, m.Language.Code)
	c := Content{Type: "template", Choices: &Choices{}}
	for _, part := range t.Components {
		switch part.Type {
		case "HEADER":
			g.renderHeader(&c, part, m.part("header").Params)
		case "BODY":
			c.Text = fillIn(part.Text, m.part("body").Params)
		case "FOOTER":
			c.Choices.Footer = part.Text
		case "BUTTONS":
			for i, b := range part.Buttons {
				use, _ := m.button(i)
				c.Choices.Buttons = append(c.Choices.Buttons, renderButton(b, use.Params))
			}
		}
	}
	return c
}

func (g *whatsApp) renderHeader(c *Content, part waComponent, params []waSendParam) {
	if part.Format == "TEXT" {
		c.Choices.Header = fillIn(part.Text, params)
		return
	}
	if len(params) == 0 {
		return
	}
	p := params[0]
	switch {
	case p.Image != nil:
		c.Media = g.file("image", p.Image).Media
	case p.Video != nil:
		c.Media = g.file("video", p.Video).Media
	case p.Document != nil:
		c.Media = g.file("document", p.Document).Media
	case p.Location != nil:
		c.Location = &channels.Location{
			Latitude: p.Location.Latitude, Longitude: p.Location.Longitude, Name: p.Location.Name,
			Address: p.Location.Address,
		}
	}
}

func renderButton(b waTplButton, params []waSendParam) Button {
	out := Button{Kind: map[string]string{
		"QUICK_REPLY": "quick_reply", "URL": "url", "PHONE_NUMBER": "phone", "COPY_CODE": "copy",
		"FLOW": "form",
	}[b.Type], Title: b.Text, ID: b.Text}
	var given waSendParam
	if len(params) > 0 {
		given = params[0]
	}
	switch b.Type {
	case "QUICK_REPLY":
		if given.Payload != "" {
			out.ID = given.Payload
		}
	case "URL":
		out.Value = placeholder.ReplaceAllLiteralString(b.URL, given.Text)
	case "PHONE_NUMBER":
		out.Value = b.Phone
	case "COPY_CODE":
		out.Value = given.Coupon + given.Text
	}
	return out
}

// fillIn puts parameters into their places: by name where they have one, else in order.
func fillIn(text string, params []waSendParam) string {
	return placeholder.ReplaceAllStringFunc(text, func(place string) string {
		name := placeholder.FindStringSubmatch(place)[1]
		for i, p := range params {
			if p.Name == name || (p.Name == "" && strconv.Itoa(i+1) == name) {
				return p.value()
			}
		}
		return place
	})
}
