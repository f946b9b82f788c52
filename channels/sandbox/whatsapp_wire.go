package sandbox

import (
	"encoding/json"
	"strings"

	"wasl/channels"
)

// The bodies of WhatsApp's webhooks, with their keys in the order in which they come on the wire.
type (
	waBody struct {
		Object string    `json:"object"`
		Entry  []waEntry `json:"entry"`
	}
	waEntry struct {
		ID      string     `json:"id"`
		Changes []waChange `json:"changes"`
	}
	waChange struct {
		Value waValue `json:"value"`
		Field string  `json:"field"`
	}
	waValue struct {
		Product  string       `json:"messaging_product"`
		Metadata waMetadata   `json:"metadata"`
		Contacts []waContact  `json:"contacts,omitempty"`
		Messages []*waMessage `json:"messages,omitempty"`
		Statuses []waStatus   `json:"statuses,omitempty"`
		Echoes   []*waMessage `json:"message_echoes,omitempty"`
	}
	waMetadata struct {
		Display string `json:"display_phone_number"`
		PhoneID string `json:"phone_number_id"`
	}
	waContact struct {
		Profile waProfile `json:"profile"`
		WaID    string    `json:"wa_id,omitempty"`
		UserID  string    `json:"user_id,omitempty"`
	}
	waProfile struct {
		Name     string `json:"name"`
		Username string `json:"username,omitempty"`
	}
	waMessage struct {
		Context     *waContext     `json:"context,omitempty"`
		From        string         `json:"from,omitempty"`
		To          string         `json:"to,omitempty"`
		FromUserID  string         `json:"from_user_id,omitempty"`
		ToUserID    string         `json:"to_user_id,omitempty"`
		ID          string         `json:"id,omitempty"`
		Timestamp   string         `json:"timestamp,omitempty"`
		Type        string         `json:"type"`
		Origin      string         `json:"origin,omitempty"`
		Text        *waText        `json:"text,omitempty"`
		Image       *waMedia       `json:"image,omitempty"`
		Video       *waMedia       `json:"video,omitempty"`
		Audio       *waMedia       `json:"audio,omitempty"`
		Document    *waMedia       `json:"document,omitempty"`
		Sticker     *waMedia       `json:"sticker,omitempty"`
		Location    *waLocation    `json:"location,omitempty"`
		Contacts    []waCard       `json:"contacts,omitempty"`
		Reaction    *waReaction    `json:"reaction,omitempty"`
		Interactive *waInteractive `json:"interactive,omitempty"`
		Button      *waButton      `json:"button,omitempty"`
		Order       *waOrder       `json:"order,omitempty"`
		Edit        *waEdit        `json:"edit,omitempty"`
		Revoke      *waRevoke      `json:"revoke,omitempty"`
	}
	waContext struct {
		From       string `json:"from,omitempty"`
		FromUserID string `json:"from_user_id,omitempty"`
		ID         string `json:"id,omitempty"`
	}
	waText struct {
		Body string `json:"body"`
	}
	waMedia struct {
		MIME     string `json:"mime_type"`
		SHA256   string `json:"sha256"`
		ID       string `json:"id"`
		Filename string `json:"filename,omitempty"`
		Caption  string `json:"caption,omitempty"`
		Voice    *bool  `json:"voice,omitempty"`
		Animated *bool  `json:"animated,omitempty"`
		URL      string `json:"url,omitempty"`
	}
	waLocation struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
		Name      string  `json:"name,omitempty"`
		Address   string  `json:"address,omitempty"`
		URL       string  `json:"url,omitempty"`
	}
	waReaction struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"`
	}
	waInteractive struct {
		Type       string            `json:"type"`
		Button     *waChoice         `json:"button_reply,omitempty"`
		List       *waChoice         `json:"list_reply,omitempty"`
		Form       *waForm           `json:"nfm_reply,omitempty"`
		Permission *waCallPermission `json:"call_permission_reply,omitempty"`
	}
	waChoice struct {
		ID          string `json:"id"`
		Title       string `json:"title"`
		Description string `json:"description,omitempty"`
	}
	waForm struct {
		Name     string `json:"name"`
		Body     string `json:"body"`
		Response string `json:"response_json"`
	}
	waCallPermission struct {
		Response string `json:"response"`
		Source   string `json:"response_source"`
		Expires  int64  `json:"expiration_timestamp,omitempty"`
	}
	waButton struct {
		Payload string `json:"payload"`
		Text    string `json:"text"`
	}
	waOrder struct {
		CatalogID string        `json:"catalog_id"`
		Text      string        `json:"text,omitempty"`
		Items     []waOrderItem `json:"product_items"`
	}
	waOrderItem struct {
		ProductID string      `json:"product_retailer_id"`
		Quantity  int64       `json:"quantity"`
		Price     json.Number `json:"item_price"`
		Currency  string      `json:"currency"`
	}
	waEdit struct {
		Original string     `json:"original_message_id"`
		Message  *waMessage `json:"message"`
	}
	waRevoke struct {
		Original string `json:"original_message_id"`
	}
	waStatus struct {
		ID              string          `json:"id"`
		Status          string          `json:"status"`
		Timestamp       string          `json:"timestamp"`
		RecipientID     string          `json:"recipient_id,omitempty"`
		RecipientUserID string          `json:"recipient_user_id,omitempty"`
		Pricing         *waPricing      `json:"pricing,omitempty"`
		Opaque          string          `json:"biz_opaque_callback_data,omitempty"`
		Errors          []waStatusError `json:"errors,omitempty"`
	}
	waPricing struct {
		Billable bool   `json:"billable"`
		Model    string `json:"pricing_model"`
		Type     string `json:"type"`
		Category string `json:"category"`
	}
	waStatusError struct {
		Code    int               `json:"code"`
		Title   string            `json:"title"`
		Message string            `json:"message"`
		Data    map[string]string `json:"error_data,omitempty"`
		Href    string            `json:"href"`
	}
)

// waCard is a contact card, in webhooks and in what is sent.
type waCard struct {
	VCard     string       `json:"vcard,omitempty"`
	Name      *waCardName  `json:"name,omitempty"`
	Phones    []waCardItem `json:"phones,omitempty"`
	Emails    []waCardItem `json:"emails,omitempty"`
	Org       *waCardOrg   `json:"org,omitempty"`
	URLs      []waCardItem `json:"urls,omitempty"`
	Addresses []waAddress  `json:"addresses,omitempty"`
	Birthday  string       `json:"birthday,omitempty"`
}

type waCardName struct {
	Formatted string `json:"formatted_name"`
	First     string `json:"first_name,omitempty"`
	Last      string `json:"last_name,omitempty"`
	Middle    string `json:"middle_name,omitempty"`
	Prefix    string `json:"prefix,omitempty"`
	Suffix    string `json:"suffix,omitempty"`
}

// waCardItem is one of a card's phones, mails or links, each of which has a field of its own.
type waCardItem struct {
	Phone string `json:"phone,omitempty"`
	WaID  string `json:"wa_id,omitempty"`
	Email string `json:"email,omitempty"`
	URL   string `json:"url,omitempty"`
	Type  string `json:"type,omitempty"`
}

type waCardOrg struct {
	Company    string `json:"company,omitempty"`
	Department string `json:"department,omitempty"`
	Title      string `json:"title,omitempty"`
}

type waAddress struct {
	Street      string `json:"street,omitempty"`
	City        string `json:"city,omitempty"`
	State       string `json:"state,omitempty"`
	Zip         string `json:"zip,omitempty"`
	Country     string `json:"country,omitempty"`
	CountryCode string `json:"country_code,omitempty"`
	Type        string `json:"type,omitempty"`
}

// toWhatsApp makes contact cards WhatsApp's. Ours have no kind for mails, links and addresses: any will do.
func toWhatsApp(all []channels.Card) []waCard {
	out := make([]waCard, 0, len(all))
	for _, c := range all {
		w := waCard{Name: &waCardName{Formatted: c.Name}, Birthday: c.Birthday}
		// it wants a part of the name beside the whole
		w.Name.First, w.Name.Last, _ = strings.Cut(c.Name, " ")
		for _, p := range c.Phones {
			w.Phones = append(w.Phones, waCardItem{Phone: p.Phone, WaID: p.WhatsAppID, Type: p.Type})
		}
		for _, e := range c.Emails {
			w.Emails = append(w.Emails, waCardItem{Email: e, Type: "WORK"})
		}
		if c.Company != "" || c.Title != "" {
			w.Org = &waCardOrg{Company: c.Company, Title: c.Title}
		}
		for _, u := range c.URLs {
			w.URLs = append(w.URLs, waCardItem{URL: u, Type: "WORK"})
		}
		for _, a := range c.Addresses {
			w.Addresses = append(w.Addresses, waAddress{Street: a, Type: "HOME"})
		}
		out = append(out, w)
	}
	return out
}

// fromWhatsApp makes WhatsApp's contact cards ours. What is sent was checked before: each has a name.
func fromWhatsApp(all []waCard) []channels.Card {
	out := make([]channels.Card, 0, len(all))
	for _, w := range all {
		c := channels.Card{Name: w.Name.Formatted, Birthday: w.Birthday}
		for _, p := range w.Phones {
			c.Phones = append(c.Phones, channels.CardPhone{Phone: p.Phone, Type: p.Type, WhatsAppID: p.WaID})
		}
		for _, e := range w.Emails {
			c.Emails = append(c.Emails, e.Email)
		}
		if w.Org != nil {
			c.Company, c.Title = w.Org.Company, w.Org.Title
		}
		for _, u := range w.URLs {
			c.URLs = append(c.URLs, u.URL)
		}
		for _, a := range w.Addresses {
			c.Addresses = append(c.Addresses, a.Street)
		}
		out = append(out, c)
	}
	return out
}
