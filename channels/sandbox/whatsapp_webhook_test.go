package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wasl/channels"
)

// at is a clock that stands still.
type at struct{ time.Time }

func (a at) Now() time.Time { return a.Time }

var (
	ines = Phone{Customer: Customer{
		Key: "ines", Name: "Ines Valdoro", Phone: "12025550143", UserID: "US.7000000000000000001",
		Language: "en",
	}}
	hidden = Phone{Customer: Customer{
		Key: "hidden", Name: "Ines Valdoro", Username: "@ines.v", UserID: "US.7000000000000000001",
		Language: "en",
	}}
	shop = Account{
		Kind: "whatsapp", ID: "800000000000001", BusinessID: "900000000000001", Address: "+1 (202) 555-0100",
		AppSecret: "fixture-app-secret-0123456789abcdef",
	}
)

func mediaOf(id, mime, name string) *Media {
	return &Media{ID: id, MIME: mime, Name: name, SHA256: "deadbeef" + strings.Repeat("0", 56)}
}

func incoming(id string, c Content) happening {
	return happening{kind: "message", message: Message{ID: "wamid.HBgLFIXTUREIN00" + id + "AA==", Content: c}}
}

func replying(h happening, to string, quoted *Message) happening {
	h.message.ReplyTo, h.quoted = to, quoted
	return h
}

func report(status string, inside bool) happening {
	return happening{kind: "status", status: status, inside: inside, message: Message{ID: "wamid.HBgLFIXTUREOUT0100AA=="}}
}

// samples are the provider's bodies and what happens to cause them. Those that are not exact differ only in values
// that a sandbox cannot know.
var samples = map[string]struct {
	h     happening
	exact bool
}{
	"text":                 {incoming("01", Content{Type: "text", Text: "Hi, is order 1042 shipped yet?"}), true},
	"text-unicode-escaped": {incoming("03", Content{Type: "text", Text: "Grüße 👋🏽 / שלום <b> 100% @you"}), true},
	"bsuid-only-text": {happening{
		kind: "message", phone: hidden,
		message: Message{ID: "wamid.HBgLFIXTUREIN0048AA==", Content: Content{
			Type: "text",
			Text: "No phone number in this payload",
		}},
	}, true},
	"image": {incoming("05", Content{
		Type: "image", Text: "Broken corner",
		Media: mediaOf("700000000000011", "image/jpeg", ""),
	}), true},
	"audio": {incoming("08", Content{Type: "audio", Media: mediaOf("700000000000014", "audio/mpeg", "")}), true},
	"voice": {incoming("09", Content{Type: "voice", Media: mediaOf("700000000000015", voiceMIME, "")}), true},
	"document": {incoming("10", Content{
		Type: "document", Text: "Invoice",
		Media: mediaOf("700000000000016", "application/pdf", "Factura Nº 7 – mayo.pdf"),
	}), true},
	"sticker-animated": {incoming("13", Content{Type: "sticker", Media: mediaOf("700000000000019", "image/webp", "")}), false},
	"location-pin": {incoming("14", Content{
		Type:     "location",
		Location: &channels.Location{Latitude: 48.8583701, Longitude: 2.2944813},
	}), true},
	"contacts": {incoming("16", Content{
		Type: "contacts",
		Contacts: []channels.Card{{
			Name: "Bo Sample",
			Phones: []channels.CardPhone{{
				Phone: "+1 202-555-0177", WhatsAppID: "12025550177",
				Type: "CELL",
			}}, Emails: []string{"bo@example.com"}, Company: "Example Ltd", Title: "Buyer", URLs: []string{"https://example.com"},
			Addresses: []string{"1 Example St"}, Birthday: "1990-01-31",
		}},
	}), false},
	"contact-request-share": {happening{
		kind: "message", phone: hidden,
		message: Message{ID: "wamid.HBgLFIXTUREIN0017AA==", Content: Content{
			Type:     "contact_share",
			Contacts: []channels.Card{{Name: "Ines Valdoro", Phones: []channels.CardPhone{{Phone: "+12025550143"}}}},
		}},
	}, true},
	"reaction": {happening{
		kind: "reaction", id: "wamid.HBgLFIXTUREIN0018AA==", emoji: "👍🏽",
		message: Message{ID: "wamid.HBgLFIXTUREOUT0001AA=="},
	}, true},
	"reaction-removed-empty": {happening{
		kind: "reaction", id: "wamid.HBgLFIXTUREIN0019AA==",
		message: Message{ID: "wamid.HBgLFIXTUREOUT0001AA=="},
	}, true},
	"interactive-button-reply": {replying(incoming("21", Content{
		Type:   "answer",
		Answer: &Answer{Kind: "reply", ID: "confirm:1042", Title: "Confirm"},
	}), "wamid.HBgLFIXTUREOUT0002AA==", nil), true},
	"interactive-list-reply": {replying(incoming("22", Content{
		Type: "answer",
		Answer: &Answer{
			Kind: "row", ID: "slot:2026-12-01T10", Title: "10:00",
			Description: "Tuesday",
		},
	}), "wamid.HBgLFIXTUREOUT0002AA==", nil), true},
	"interactive-flow-reply": {replying(incoming("23", Content{
		Type: "answer",
		Answer: &Answer{Kind: "form", Form: map[string]string{
			"flow_token": "ft_fixture_1", "email": "ines@example.com",
			"rating": "5",
		}},
	}), "wamid.HBgLFIXTUREOUT0002AA==", nil), false},
	"template-quick-reply": {replying(incoming("28", Content{
		Type:   "answer",
		Answer: &Answer{Kind: "quick_reply", ID: "RESCHEDULE_1042", Title: "Reschedule"},
	}), "wamid.HBgLFIXTUREOUT0003AA==", nil), true},
	"order": {incoming("29", Content{
		Type: "order", Text: "Please gift wrap",
		Order: &channels.Order{
			CatalogID: "600000000000001",
			Items: []channels.OrderItem{
				{ProductID: "SKU-1", Quantity: 2, Price: "19.99", Currency: "EUR"},
				{ProductID: "SKU-2", Quantity: 1, Price: "5", Currency: "EUR"},
			},
		},
	}), true},
	"reply-context": {replying(incoming("31", Content{Type: "text", Text: "Yes, that one"}), "wamid.HBgLFIXTUREOUT0005AA==",
		&Message{From: FromBusiness}), true},
	"reply-context-to-own-message": {replying(incoming("32", Content{Type: "text", Text: "Correction to my message"}),
		"wamid.HBgLFIXTUREIN0001AA==", &Message{From: FromCustomer}), true},
	"edit-image-caption": {happening{
		kind: "edit", id: "wamid.HBgLFIXTUREIN0046AA==",
		message: Message{ID: "wamid.HBgLFIXTUREIN0005AA==", Content: Content{
			Type: "image", Text: "Both corners broken",
			Media: mediaOf("700000000000011", "image/jpeg", ""),
		}},
	}, false},
	"revoke": {happening{
		kind: "deletion", id: "wamid.HBgLFIXTUREIN0047AA==",
		message: Message{ID: "wamid.HBgLFIXTUREIN0001AA=="},
	}, true},
	"smb-echo-text": {happening{kind: "echo", message: Message{
		ID:      "wamid.HBgLFIXTUREECHO0079AA==",
		Content: Content{Type: "text", Text: "Reply typed on the phone app"},
	}}, true},
	"smb-echo-image": {happening{kind: "echo", message: Message{
		ID:      "wamid.HBgLFIXTUREECHO0080AA==",
		Content: Content{Type: "image", Media: mediaOf("700000000000030", "image/jpeg", "")},
	}}, true},
	"status-sent":      {report(StatusSent, true), true},
	"status-delivered": {report(StatusDelivered, true), true},
	"status-read":      {report(StatusRead, true), true},
	"status-played":    {report(StatusPlayed, true), true},
	"status-bsuid-only": {happening{
		kind: "status", phone: hidden, status: StatusDelivered,
		message: Message{ID: "wamid.HBgLFIXTUREOUT0100AA=="},
	}, false},
	"status-sent-template-opaque": {happening{
		kind: "status", status: StatusSent,
		message: Message{ID: "wamid.HBgLFIXTUREOUT0100AA==", Category: "utility", Opaque: "outbox:01HFIXTURE;tenant:7"},
	}, true},
	"status-failed-131026": {happening{
		kind: "status", status: StatusFailed, failure: 131026,
		message: Message{ID: "wamid.HBgLFIXTUREOUT0100AA=="},
	}, false},
	"status-failed-131047": {happening{
		kind: "status", status: StatusFailed, failure: 131047,
		message: Message{ID: "wamid.HBgLFIXTUREOUT0100AA=="},
	}, false},
}

// timestamp finds the time of a sample, so that the sandbox tells the same.
func timestamp(t *testing.T, body []byte) time.Time {
	t.Helper()
	_, rest, ok := strings.Cut(string(body), `"timestamp":"`)
	seconds, _, _ := strings.Cut(rest, `"`)
	n, err := strconv.ParseInt(seconds, 10, 64)
	if !ok || err != nil {
		t.Fatal("the sample has no time")
	}
	return time.Unix(n, 0)
}

func TestWebhooksAreWordedAsTheProviderDoes(t *testing.T) {
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile("testdata/whatsapp-" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			h := sample.h
			if h.phone.Key == "" {
				h.phone = ines
			}
			now := timestamp(t, want)
			h.message.At = now
			got, err := newWhatsApp(&graph{&Sandbox{clock: at{now}}}).webhook(shop, h)
			if err != nil {
				t.Fatal(err)
			}
			if sample.exact && string(got.Body) != string(want) {
				t.Fatalf("\n got %s\nwant %s", got.Body, want)
			}
			unknown := slices.DeleteFunc(keys(t, got.Body), func(key string) bool {
				return slices.Contains(keys(t, want), key) ||
					strings.Contains(key, ".pricing")
			})
			if len(unknown) > 0 {
				t.Fatalf("keys that the provider does not use there: %v\n%s", unknown, got.Body)
			}
		})
	}
}

// keys lists every key of a body with its path.
func keys(t *testing.T, body []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				found[path+"."+key] = true
				walk(path+"."+key, inner)
			}
		case []any:
			for _, inner := range v {
				walk(path, inner)
			}
		}
	}
	walk("", v)
	return slices.Sorted(maps.Keys(found))
}

func TestSignatureIsTheProvidersForTheSameBytes(t *testing.T) {
	raw, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Secret string            `json:"app_secret"`
		Values map[string]string `json:"values"`
	}
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors.Values) < 30 {
		t.Fatalf("%d vectors, %v", len(vectors.Values), err)
	}
	g := &graph{&Sandbox{}}
	for name, want := range vectors.Values {
		body, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got := g.headers(Account{AppSecret: vectors.Secret}, &wording{Body: body}, "").Get("X-Hub-Signature-256"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestOnlyThisMachineAndPrivateNetworksAreCalled(t *testing.T) {
	for address, allowed := range map[string]bool{
		"http://127.0.0.1:8080/webhooks/whatsapp/x": true, "http://[::1]:8080/": true, "http://localhost:8080/": true,
		"https://10.1.2.3/x":   true,
		"https://192.168.0.9/": true, "http://8.8.8.8/": false, "http://[2001:4860:4860::8888]/": false,
		"http://169.254.169.254/latest":               false,
		"https://graph.facebook.com/v26.0/1/messages": false, "https://GRAPH.Facebook.com./": false, "https://api.twilio.com/": false,
		"ftp://127.0.0.1/": false, "nonsense": false,
	} {
		if err := (guard{}).check(address); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
	if (guard{public: true}).check("https://graph.facebook.com/") == nil || (guard{public: true}).check("https://8.8.8.8/") != nil {
		t.Error("the option opens public addresses, never a provider's")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://8.8.8.8/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := (guard{}).client().Do(req); err == nil || !strings.Contains(err.Error(), errAddress.Error()) {
		if err == nil {
			_ = res.Body.Close()
		}
		t.Errorf("a public address was dialled: %v", err)
	}
}

// webmBytes builds what a browser records: parts of unknown length, blocks of sound.
func webmBytes(packets ...[]byte) []byte {
	unknown := []byte{0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	part := func(id []byte, body []byte) []byte {
		return append(append(append([]byte{}, id...), 0x40|byte(len(body)>>8), byte(len(body))), body...)
	}
	out := part([]byte{0x1a, 0x45, 0xdf, 0xa3}, []byte("header"))
	out = append(out, 0x18, 0x53, 0x80, 0x67)
	out = append(out, unknown...)
	out = append(out, part([]byte{0x16, 0x54, 0xae, 0x6b},
		part([]byte{0xae}, part([]byte{0x63, 0xa2}, []byte("OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"))))...)
	out = append(out, 0x1f, 0x43, 0xb6, 0x75)
	out = append(out, unknown...)
	for i, p := range packets {
		out = append(out, part([]byte{0xa3}, append([]byte{0x81, 0, byte(i), 0x80}, p...))...)
	}
	return out
}

func TestRecordingOfABrowserBecomesAPhonesVoiceMessage(t *testing.T) {
	var packets [][]byte
	for i := range 120 {
		packets = append(packets, append([]byte{0x78}, []byte(fmt.Sprintf("packet %d", i))...))
	}
	ogg, err := webmToOgg(webmBytes(packets...))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"OggS", "OpusHead\x01\x01", "OpusTags", "packet 0", "packet 119"} {
		if !strings.Contains(string(ogg), want) {
			t.Errorf("%q is missing", want)
		}
	}
	pages := strings.Split(string(ogg), "OggS")[1:]
	for i, page := range pages {
		whole := []byte("OggS" + page)
		sum := []byte(page)[18:22]
		copy(whole[22:26], []byte{0, 0, 0, 0})
		if n := oggChecksum(whole); byte(n) != sum[0] || byte(n>>24) != sum[3] {
			t.Errorf("page %d has a wrong checksum", i)
		}
	}
	if len(pages) != 5 { // head, tags, 50, 50, 20
		t.Errorf("%d pages", len(pages))
	}
	for _, junk := range [][]byte{nil, []byte("junk"), webmBytes()} {
		if _, err := webmToOgg(junk); err == nil {
			t.Errorf("%q was taken for sound", junk)
		}
	}
}

func FuzzRecording(f *testing.F) {
	f.Add(webmBytes([]byte{0x78, 1, 2}))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = webmToOgg(b) })
}
