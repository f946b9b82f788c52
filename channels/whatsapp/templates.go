package whatsapp

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"wasl/channels"
)

// template builds the template with its components. Parameters go by name where they have names, else by place.
// https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
func template(out channels.Outgoing) (object, error) {
	use := out.Content.Template
	var components []object
	if header := templateHeader(out); len(header) > 0 {
		components = append(components, object{"type": "header", "parameters": header})
	}
	if len(use.Body) > 0 {
		components = append(components, object{"type": "body", "parameters": textParameters(use.Body)})
	}
	for _, b := range use.Buttons {
		parameter, err := buttonParameter(b)
		if err != nil {
			return nil, err
		}
		components = append(components, object{
			"type": "button", "sub_type": b.Type, "index": strconv.Itoa(b.Index), "parameters": []object{parameter},
		})
	}
	content := object{"name": use.Name, "language": object{"policy": "deterministic", "code": use.Language}}
	put(content, "components", components)
	return content, nil
}

func templateHeader(out channels.Outgoing) []object {
	use := out.Content.Template
	switch {
	case len(out.Content.Attachments) > 0:
		file := out.Content.Attachments[0]
		media := object{"id": file.ProviderID}
		if file.Kind == "document" && file.Name != "" {
			media["filename"] = file.Name
		}
		return []object{{"type": file.Kind, file.Kind: media}}
	case use.Location != nil:
		return []object{{"type": "location", "location": location(*use.Location)}}
	}
	return textParameters(use.Header)
}

func textParameters(params []channels.TemplateParam) []object {
	var out []object
	for _, p := range params {
		parameter := object{"type": "text", "text": p.Value}
		if p.Name != "" {
			parameter["parameter_name"] = p.Name
		}
		out = append(out, parameter)
	}
	return out
}

func buttonParameter(b channels.TemplateParam) (object, error) {
	switch b.Type {
	case "url":
		return object{"type": "text", "text": b.Value}, nil
	case "quick_reply":
		return object{"type": "payload", "payload": b.Value}, nil
	case "copy_code":
		return object{"type": "coupon_code", "coupon_code": b.Value}, nil
	case "flow":
		return object{"type": "action", "action": object{"flow_token": b.Value}}, nil
	}
	return nil, refused("template_parameter_invalid", "A button of the template takes no value",
		"Choose the template again and fill in its fields.", nil)
}

// wireTemplate is a template as Graph lists it.
type wireTemplate struct {
	ID         text   `json:"id"`
	Name       string `json:"name"`
	Language   string `json:"language"`
	Category   text   `json:"category"`
	Status     text   `json:"status"`
	Rejected   text   `json:"rejected_reason"`
	Components []struct {
		Type    text   `json:"type"`
		Format  text   `json:"format"`
		Text    string `json:"text"`
		Buttons []struct {
			Type  text   `json:"type"`
			Text  string `json:"text"`
			URL   string `json:"url"`
			Phone text   `json:"phone_number"`
		} `json:"buttons"`
		Example struct {
			Header      []string   `json:"header_text"`
			Body        [][]string `json:"body_text"`
			HeaderNamed []named    `json:"header_text_named_params"`
			BodyNamed   []named    `json:"body_text_named_params"`
		} `json:"example"`
	} `json:"components"`
	Quality struct {
		Score text `json:"score"`
	} `json:"quality_score"`
}

type named struct {
	Example string `json:"example"`
}

// maxTemplatePages bounds the listing: an account may have 6,000 templates.
const maxTemplatePages = 100

// Templates lists the templates of the business account, in every state.
// https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates
func (a *Adapter) Templates(ctx context.Context, account channels.Account) ([]channels.Template, error) {
	r := request(account, http.MethodGet, url.PathEscape(account.Credentials[credWABA])+"/message_templates")
	r.Query = url.Values{"fields": {"id,name,status,category,language,components,quality_score,rejected_reason"}, "limit": {"100"}}
	out := []channels.Template{}
	for range maxTemplatePages {
		var page struct {
			Data   []wireTemplate `json:"data"`
			Paging struct {
				Next    string `json:"next"`
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
			} `json:"paging"`
		}
		if err := a.graph.Call(ctx, r, &page); err != nil {
			return nil, explain(err, true)
		}
		for _, t := range page.Data {
			out = append(out, t.template())
		}
		after := page.Paging.Cursors.After
		if page.Paging.Next == "" || after == "" || after == r.Query.Get("after") {
			break
		}
		r.Query.Set("after", after)
	}
	return out, nil
}

func (t wireTemplate) template() channels.Template {
	out := channels.Template{
		ID: string(t.ID), Name: t.Name, Language: t.Language,
		Category: lower(t.Category), Status: lower(t.Status), Quality: lower(t.Quality.Score), Reason: notNone(t.Rejected),
	}
	for _, c := range t.Components {
		component := channels.TemplateComponent{Type: lower(c.Type), Format: lower(c.Format), Text: c.Text, Example: c.Example.Header}
		for _, n := range append(c.Example.HeaderNamed, c.Example.BodyNamed...) {
			component.Example = append(component.Example, n.Example)
		}
		if len(c.Example.Body) > 0 {
			component.Example = c.Example.Body[0]
		}
		for _, b := range c.Buttons {
			component.Buttons = append(component.Buttons, channels.TemplateButton{
				Type: lower(b.Type), Text: b.Text, URL: b.URL,
				Phone: string(b.Phone),
			})
		}
		out.Components = append(out.Components, component)
	}
	return out
}
