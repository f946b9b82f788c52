package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels/sandbox"
)

// to is the start of a message to Noa.
const to = `{"messaging_product":"whatsapp","recipient_type":"individual","to":"972501234567",`

func long(n int) string { return strings.Repeat("א", n) }

// uploads are files that the cases refer to by name.
var uploads = map[string]string{
	"PNG": "image/png", "PDF": "application/pdf", "OGG": "audio/ogg; codecs=opus", "MP3": "audio/mpeg",
	"MP4": "video/mp4", "WEBP": "image/webp", "ZIP": "application/zip",
}

type sendCase struct {
	body string
	code int // of the error; 0: taken
}

var sendCases = map[string]sendCase{
	"text":                    {to + `"type":"text","text":{"body":"hi","preview_url":true}}`, 0},
	"text as long as allowed": {to + `"type":"text","text":{"body":"` + long(4096) + `"}}`, 0},
	"text too long":           {to + `"type":"text","text":{"body":"` + long(4097) + `"}}`, 100},
	"text without a body":     {to + `"type":"text","text":{}}`, 131008},
	"text of a number":        {to + `"type":"text","text":{"body":5}}`, 100},
	"key that does not exist": {to + `"type":"text","text":{"body":"hi"},"nonsense":1}`, 100},
	"no JSON":                 {`{`, 100},
	"no product":              {`{"to":"972501234567","type":"text","text":{"body":"hi"}}`, 100},
	"no recipient":            {`{"messaging_product":"whatsapp","type":"text","text":{"body":"hi"}}`, 131008},
	"to a user id": {
		`{"messaging_product":"whatsapp","recipient":"JO.7000000000000000002","type":"text","text":{"body":"hi"}}`,
		0,
	},
	"user id as a number": {
		`{"messaging_product":"whatsapp","to":"JO.7000000000000000002","type":"text","text":{"body":"hi"}}`,
		131009,
	},
	"number as a user id": {
		`{"messaging_product":"whatsapp","recipient":"972501234567","type":"text","text":{"body":"hi"}}`,
		131009,
	},
	"unknown number":               {`{"messaging_product":"whatsapp","to":"15550000000","type":"text","text":{"body":"hi"}}`, 131026},
	"unknown user id":              {`{"messaging_product":"whatsapp","recipient":"US.1","type":"text","text":{"body":"hi"}}`, 131026},
	"to itself":                    {`{"messaging_product":"whatsapp","to":"12025550100","type":"text","text":{"body":"hi"}}`, 131021},
	"unknown type":                 {to + `"type":"poll"}`, 131051},
	"opaque data too long":         {to + `"type":"text","text":{"body":"hi"},"biz_opaque_callback_data":"` + long(513) + `"}`, 131009},
	"reply to a message elsewhere": {to + `"type":"text","text":{"body":"hi"},"context":{"message_id":"OTHER"}}`, 131009},
	"reply":                        {to + `"type":"text","text":{"body":"hi"},"context":{"message_id":"INBOUND"}}`, 0},

	"image":                     {to + `"type":"image","image":{"id":"PNG","caption":"look"}}`, 0},
	"image by link":             {to + `"type":"image","image":{"link":"https://example.com/a.png"}}`, 0},
	"image with both":           {to + `"type":"image","image":{"id":"PNG","link":"https://example.com/a.png"}}`, 100},
	"image with neither":        {to + `"type":"image","image":{}}`, 100},
	"image of an unknown id":    {to + `"type":"image","image":{"id":"999"}}`, 100},
	"image of a document":       {to + `"type":"image","image":{"id":"PDF"}}`, 131053},
	"caption too long":          {to + `"type":"image","image":{"id":"PNG","caption":"` + long(1025) + `"}}`, 100},
	"link that is none":         {to + `"type":"image","image":{"link":"file:///etc/passwd"}}`, 131009},
	"video":                     {to + `"type":"video","video":{"id":"MP4"}}`, 0},
	"audio":                     {to + `"type":"audio","audio":{"id":"MP3"}}`, 0},
	"audio with a caption":      {to + `"type":"audio","audio":{"id":"MP3","caption":"x"}}`, 100},
	"voice":                     {to + `"type":"audio","audio":{"id":"OGG","voice":true}}`, 0},
	"voice of an mp3":           {to + `"type":"audio","audio":{"id":"MP3","voice":true}}`, 131053},
	"document":                  {to + `"type":"document","document":{"id":"PDF","filename":"a.pdf","caption":"x"}}`, 0},
	"document of another type":  {to + `"type":"document","document":{"id":"ZIP","filename":"a.zip"}}`, 0},
	"sticker":                   {to + `"type":"sticker","sticker":{"id":"WEBP"}}`, 0},
	"location":                  {to + `"type":"location","location":{"latitude":32.1,"longitude":34.8,"name":"Here"}}`, 0},
	"location outside of Earth": {to + `"type":"location","location":{"latitude":95,"longitude":0}}`, 131009},
	"contacts": {to +
		`"type":"contacts","contacts":[{"name":{"formatted_name":"Bo Sample","first_name":"Bo"},"phones":[{"phone":"+1","type":"WORK","wa_id":"1"}]}]}`, 0},
	"contact without a name": {to + `"type":"contacts","contacts":[{"phones":[{"phone":"+1"}]}]}`, 131008},
	"reaction":               {to + `"type":"reaction","reaction":{"message_id":"INBOUND","emoji":"👍"}}`, 0},
	"reaction taken away":    {to + `"type":"reaction","reaction":{"message_id":"INBOUND","emoji":""}}`, 0},
	"reaction to nothing":    {to + `"type":"reaction","reaction":{"message_id":"nothing","emoji":"👍"}}`, 131009},
	"reaction of words":      {to + `"type":"reaction","reaction":{"message_id":"INBOUND","emoji":"yes"}}`, 131009},

	"buttons": {to +
		`"type":"interactive","interactive":{"type":"button","header":{"type":"image","image":{"id":"PNG"}},"body":{"text":"?"},"footer":{"text":"f"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}},{"type":"reply","reply":{"id":"2","title":"No"}}]}}}`, 0},
	"four buttons": {to +
		`"type":"interactive","interactive":{"type":"button","body":{"text":"?"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"1"}},{"type":"reply","reply":{"id":"2","title":"2"}},{"type":"reply","reply":{"id":"3","title":"3"}},{"type":"reply","reply":{"id":"4","title":"4"}}]}}}`, 131009},
	"buttons alike": {to +
		`"type":"interactive","interactive":{"type":"button","body":{"text":"?"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}},{"type":"reply","reply":{"id":"2","title":"Yes"}}]}}}`, 131009},
	"button title long": {to +
		`"type":"interactive","interactive":{"type":"button","body":{"text":"?"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"` + long(21) + `"}}]}}}`, 100},
	"body too long": {to + `"type":"interactive","interactive":{"type":"button","body":{"text":"` + long(1025) +
		`"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}}]}}}`, 100},
	"list": {to + `"type":"interactive","interactive":{"type":"list","body":{"text":"` + long(4096) +
		`"},"action":{"button":"Open","sections":[{"rows":[{"id":"1","title":"10:00","description":"d"}]}]}}}`, 0},
	"list without titles": {to +
		`"type":"interactive","interactive":{"type":"list","body":{"text":"?"},"action":{"button":"Open","sections":[{"rows":[{"id":"1","title":"a"}]},{"rows":[{"id":"2","title":"b"}]}]}}}`, 131008},
	"list with a picture": {to +
		`"type":"interactive","interactive":{"type":"list","header":{"type":"image","image":{"id":"PNG"}},"body":{"text":"?"},"action":{"button":"Open","sections":[{"rows":[{"id":"1","title":"a"}]}]}}}`, 131009},
	"link": {to +
		`"type":"interactive","interactive":{"type":"cta_url","body":{"text":"?"},"action":{"name":"cta_url","parameters":{"display_text":"Go","url":"https://example.com"}}}}`, 0},
	"link without address": {to +
		`"type":"interactive","interactive":{"type":"cta_url","body":{"text":"?"},"action":{"name":"cta_url","parameters":{"display_text":"Go"}}}}`, 131009},
	"location request": {to +
		`"type":"interactive","interactive":{"type":"location_request_message","body":{"text":"?"},"action":{"name":"send_location"}}}`, 0},
	"contact request": {
		to +
			`"type":"interactive","interactive":{"type":"request_contact_info","body":{"text":"?"},"action":{"name":"request_contact_info"}}}`,
		0,
	},
	"flow": {to +
		`"type":"interactive","interactive":{"type":"flow","body":{"text":"?"},"action":{"name":"flow","parameters":{"flow_message_version":"3","flow_id":"1","flow_cta":"Fill in","flow_token":"t","flow_action":"navigate","flow_action_payload":{"screen":"START"}}}}}`, 0},
	"product": {
		to +
			`"type":"interactive","interactive":{"type":"product","body":{"text":"?"},"action":{"catalog_id":"1","product_retailer_id":"A"}}}`,
		0,
	},
	"products": {to +
		`"type":"interactive","interactive":{"type":"product_list","header":{"type":"text","text":"h"},"body":{"text":"?"},"action":{"catalog_id":"1","sections":[{"title":"s","product_items":[{"product_retailer_id":"A"}]}]}}}`, 0},
	"call permission": {to +
		`"type":"interactive","interactive":{"type":"call_permission_request","body":{"text":"?"},"action":{"name":"call_permission_request"}}}`, 0},
	"unknown interactive": {to + `"type":"interactive","interactive":{"type":"game","body":{"text":"?"},"action":{}}}`, 131009},

	"template": {template("course_welcome", "en_US",
		`{"type":"header","parameters":[{"type":"text","text":"Noa"}]},{"type":"body","parameters":[{"type":"text","text":"A"},{"type":"date_time","date_time":{"fallback_value":"Sunday"}}]},{"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"LATER"}]}`), 0},
	"template with too few parameters": {template("course_welcome", "en_US",
		`{"type":"header","parameters":[{"type":"text","text":"Noa"}]},{"type":"body","parameters":[{"type":"text","text":"A"}]}`), 132000},
	"template unknown":             {template("nothing", "en_US", ""), 132001},
	"template in another language": {template("payment_receipt", "he", ""), 132001},
	"template rejected": {
		template("guaranteed_profit", "he", `{"type":"body","parameters":[{"type":"text","text":"x"}]}`),
		132001,
	},
	"template paused": {
		template("autumn_sale", "en_US", `{"type":"body","parameters":[{"type":"text","text":"x"}]}`),
		132015,
	},
	"template with a line break": {template("course_welcome", "en_US",
		`{"type":"header","parameters":[{"type":"text","text":"Noa"}]},{"type":"body","parameters":[{"type":"text","text":"A\nB"},{"type":"text","text":"c"}]}`), 132018},
	"template with names": {template("lesson_reminder", "he",
		`{"type":"body","parameters":[{"type":"text","parameter_name":"first_name","text":"נועה"},{"type":"text","parameter_name":"lesson","text":"x"},{"type":"text","parameter_name":"time","text":"19:00"}]},{"type":"button","sub_type":"url","index":0,"parameters":[{"type":"text","text":"risk-4"}]}`), 0},
	"template with a wrong name": {template("lesson_reminder", "he",
		`{"type":"body","parameters":[{"type":"text","parameter_name":"name","text":"נועה"},{"type":"text","parameter_name":"lesson","text":"x"},{"type":"text","parameter_name":"time","text":"19:00"}]},{"type":"button","sub_type":"url","index":0,"parameters":[{"type":"text","text":"risk-4"}]}`), 132000},
	"template without its link": {template("lesson_reminder", "he",
		`{"type":"body","parameters":[{"type":"text","parameter_name":"first_name","text":"נועה"},{"type":"text","parameter_name":"lesson","text":"x"},{"type":"text","parameter_name":"time","text":"19:00"}]}`), 131008},
	"template with a picture": {template("course_offer", "he",
		`{"type":"header","parameters":[{"type":"image","image":{"id":"PNG"}}]},{"type":"body","parameters":[{"type":"text","text":"נועה"},{"type":"text","text":"x"}]},{"type":"button","sub_type":"copy_code","index":"0","parameters":[{"type":"coupon_code","coupon_code":"OPTIONS15"}]}`), 0},
	"template without its picture": {template("course_offer", "he",
		`{"type":"body","parameters":[{"type":"text","text":"נועה"},{"type":"text","text":"x"}]},{"type":"button","sub_type":"copy_code","index":"0","parameters":[{"type":"coupon_code","coupon_code":"OPTIONS15"}]}`), 132012},
	"template with a document": {template("payment_receipt", "en_US",
		`{"type":"header","parameters":[{"type":"document","document":{"id":"PDF","filename":"receipt.pdf"}}]},{"type":"body","parameters":[{"type":"text","text":"David"},{"type":"currency","currency":{"fallback_value":"$490.00","code":"USD","amount_1000":490000}},{"type":"text","text":"INV-1"}]}`), 0},
	"template with a location": {template("campus_meeting", "ar",
		`{"type":"header","parameters":[{"type":"location","location":{"latitude":32,"longitude":34,"name":"a","address":"b"}}]},{"type":"body","parameters":[{"type":"text","parameter_name":"name","text":"سارة"},{"type":"text","parameter_name":"day","text":"x"}]}`), 0},
	"template with another button": {template("course_welcome", "en_US",
		`{"type":"header","parameters":[{"type":"text","text":"Noa"}]},{"type":"body","parameters":[{"type":"text","text":"A"},{"type":"text","text":"B"}]},{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"x"}]}`), 132012},
	"template as a reply": {strings.Replace(template("autumn_sale", "en_US", ""), `"type"`,
		`"context":{"message_id":"INBOUND"},"type"`, 1), 131009},
}

func template(name, language, components string) string {
	return fmt.Sprintf(`%s"type":"template","template":{"name":%q,"language":{"policy":"deterministic","code":%q},"components":[%s]}}`, to,
		name, language, components)
}

func TestAPITakesWhatTheProviderTakesAndRefusesTheRest(t *testing.T) {
	b := newBench(t, func(o *sandbox.Options) { o.Accounts[0].PerSecond = 1000; o.Clock = &ticking{} })
	inbound := b.say(t, "noa", "hello")
	other := b.say(t, "ghost", "hello")
	names := []string{"INBOUND", inbound.ID, "OTHER", other.ID}
	for name, mime := range uploads {
		a := b.upload(t, mime, name+".bin", []byte("content of "+name))
		if a.status != 200 || a.ID == "" {
			t.Fatalf("upload of %s: %s", mime, a.raw)
		}
		names = append(names, `"`+name+`"`, `"`+a.ID+`"`)
	}
	for name, c := range sendCases {
		t.Run(name, func(t *testing.T) {
			a := b.send(t, strings.NewReplacer(names...).Replace(c.body))
			if a.Error.Code != c.code {
				t.Fatalf("code %d, want %d: %s", a.Error.Code, c.code, a.raw)
			}
			if c.code == 0 && (a.status != 200 || !strings.HasPrefix(a.Messages[0].ID, "wamid.")) {
				t.Fatalf("not taken as the provider does: %d %s", a.status, a.raw)
			}
			if c.code != 0 && (a.status < 400 || a.status > 404 || a.Error.Message == "") {
				t.Fatalf("not refused as the provider does: %d %s", a.status, a.raw)
			}
		})
	}
}

// ticking is a clock on which ten seconds pass from each look to the next, so that no rate is too high.
type ticking struct{ looks atomic.Int64 }

func (c *ticking) Now() time.Time {
	return time.Unix(1_790_000_000, 0).Add(time.Duration(c.looks.Add(1)) * 10 * time.Second)
}

// upload posts a file as the provider's clients do.
func (b *bench) upload(t *testing.T, mime, name string, content []byte) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("messaging_product", "whatsapp")
	_ = w.WriteField("type", mime)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`},
		"Content-Type":        {mime},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.api.URL+"/v26.0/800000000000001/media", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := b.api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode}
	a.raw, _ = io.ReadAll(res.Body)
	_ = json.Unmarshal(a.raw, &a)
	return a
}

func TestErrorsHaveTheShapeOfTheProviders(t *testing.T) {
	b := newBench(t)
	a := b.send(t, text("outside the window"))
	var ours, theirs map[string]any
	sample, err := os.ReadFile("testdata/whatsapp-api-error-131056.json")
	if err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(a.raw, &ours) != nil || json.Unmarshal(sample, &theirs) != nil {
		t.Fatal("no JSON")
	}
	for key := range theirs["error"].(map[string]any) {
		if ours["error"].(map[string]any)[key] == nil {
			t.Errorf("%s is missing: %s", key, a.raw)
		}
	}
	if a.status != 400 || a.Error.Code != 131047 || !strings.HasPrefix(a.Error.Message, "(#131047)") {
		t.Errorf("not the error of a closed window: %s", a.raw)
	}
}

func TestEveryCallNeedsTheToken(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{
		"POST /v26.0/800000000000001/messages", "POST /v26.0/800000000000001/media", "GET /v26.0/800000000000001",
		"GET /v26.0/900000000000001/message_templates",
		"GET /v26.0/900000000000001/subscribed_apps", "POST /v26.0/900000000000001/subscribed_apps", "GET /v26.0/7001",
		"DELETE /v26.0/7001", "GET /whatsapp_business/attachments/?mid=1",
	} {
		method, path, _ := strings.Cut(path, " ")
		for _, header := range []string{"", "Bearer wrong", "Basic " + token} {
			req, err := http.NewRequestWithContext(t.Context(), method, b.api.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if header != "" {
				req.Header.Set("Authorization", header)
			}
			res, err := b.api.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusUnauthorized || !strings.Contains(string(raw), `"code":190`) {
				t.Errorf("%s %s with %q: %d %s", method, path, header, res.StatusCode, raw)
			}
		}
	}
	if a := b.call(t, http.MethodPost, "/v26.0/800000000000999/messages", text("x")); a.Error.Code != 100 || a.Error.Subcode != 33 {
		t.Errorf("another number: %s", a.raw)
	}
	if a := b.call(t, http.MethodGet, "/latest/800000000000001", ""); a.Error.Code != 2500 {
		t.Errorf("no version: %s", a.raw)
	}
}

func TestMediaLivesAsLongAsTheProvidersDoes(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	clock := &setClock{now: now}
	b := newBench(t, func(o *sandbox.Options) { o.Clock = clock })
	content := []byte("a picture")
	sum := sha256.Sum256(content)
	id := b.upload(t, "image/png", "a.png", content).ID
	var info struct {
		URL, SHA256, ID string
		MIME            string `json:"mime_type"`
		Size            int    `json:"file_size"`
	}
	if err := json.Unmarshal(b.call(t, http.MethodGet, "/v26.0/"+id, "").raw, &info); err != nil {
		t.Fatal(err)
	}
	if info.MIME != "image/png" || info.Size != len(content) || info.SHA256 != hex.EncodeToString(sum[:]) || info.ID != id {
		t.Fatalf("%+v", info)
	}
	link, err := url.Parse(info.URL)
	if err != nil {
		t.Fatal(err)
	}
	if a := b.call(t, http.MethodGet, link.RequestURI(), ""); a.status != 200 || !bytes.Equal(a.raw, content) {
		t.Fatalf("download: %d %s", a.status, a.raw)
	}
	if a := b.call(t, http.MethodGet, strings.Replace(link.RequestURI(), "hash=", "hash=0", 1), ""); a.status != 404 {
		t.Errorf("a made up address: %d", a.status)
	}
	clock.set(now.Add(5 * time.Minute))
	if a := b.call(t, http.MethodGet, link.RequestURI(), ""); a.status != 404 {
		t.Errorf("after five minutes: %d", a.status)
	}
	clock.set(now.Add(29 * 24 * time.Hour))
	if a := b.call(t, http.MethodGet, "/v26.0/"+id, ""); a.status != 200 {
		t.Errorf("an upload within 30 days: %d", a.status)
	}
	if a := b.call(t, http.MethodDelete, "/v26.0/"+id, ""); !a.Success {
		t.Errorf("delete: %s", a.raw)
	}
	if a := b.call(t, http.MethodGet, "/v26.0/"+id, ""); a.Error.Code != 100 || a.Error.Subcode != 33 {
		t.Errorf("after delete: %s", a.raw)
	}
	theirs, err := b.AddMedia(sandbox.FromCustomer, "image/png", "b.png", content)
	if err != nil {
		t.Fatal(err)
	}
	clock.set(now.Add(37 * 24 * time.Hour))
	if a := b.call(t, http.MethodGet, "/v26.0/"+theirs.ID, ""); a.Error.Code != 100 {
		t.Errorf("a customer's file after seven days: %s", a.raw)
	}
	if a := b.upload(t, "image/heic", "a.heic", content); a.Error.Code != 100 {
		t.Errorf("a type that is not taken: %s", a.raw)
	}
	if a := b.upload(t, "image/png", "a.png", make([]byte, 5<<20+1)); a.Error.Code != 131053 {
		t.Errorf("a picture above 5 MB: %s", a.raw)
	}
}

func TestTemplatesComePageByPage(t *testing.T) {
	b := newBench(t)
	path := "/v26.0/900000000000001/message_templates?fields=name,language,status,components&limit=4"
	seen, pages := map[string]string{}, 0
	for path != "" && pages < 10 {
		var page struct {
			Data []struct {
				ID, Name, Language, Status string
				Components                 []struct{ Type, Format string }
			}
			Paging struct {
				Cursors struct{ Before, After string }
				Next    string
			}
		}
		a := b.call(t, http.MethodGet, path, "")
		if err := json.Unmarshal(a.raw, &page); err != nil || len(page.Data) > 4 {
			t.Fatalf("%v: %s", err, a.raw)
		}
		for _, d := range page.Data {
			seen[d.Name+" "+d.Language] = d.Status
			for _, c := range d.Components {
				seen["component "+c.Type+" "+c.Format] = "yes"
			}
		}
		pages++
		next, err := url.Parse(page.Paging.Next)
		if err != nil {
			t.Fatal(err)
		}
		path = ""
		if page.Paging.Next != "" {
			path = next.RequestURI()
		}
	}
	for _, want := range []string{
		"course_welcome he", "course_welcome ar", "course_welcome en_US", "component HEADER TEXT",
		"component HEADER IMAGE", "component HEADER DOCUMENT", "component HEADER LOCATION", "component BUTTONS ", "component FOOTER ",
	} {
		if seen[want] == "" {
			t.Errorf("no %s", want)
		}
	}
	if pages != 3 || seen["autumn_sale en_US"] != "PAUSED" || seen["guaranteed_profit he"] != "REJECTED" {
		t.Errorf("%d pages: %v", pages, seen)
	}
	for _, bad := range []string{"limit=0", "limit=x", "after=%21", "fields=nonsense"} {
		if a := b.call(t, http.MethodGet, "/v26.0/900000000000001/message_templates?"+bad, ""); a.Error.Code != 100 {
			t.Errorf("%s: %s", bad, a.raw)
		}
	}
}

func TestNumberTellsWhatIsAskedFor(t *testing.T) {
	b := newBench(t)
	a := b.call(t, http.MethodGet,
		"/v26.0/800000000000001?fields=display_phone_number,verified_name,quality_rating,throughput,health_status", "")
	for _, want := range []string{
		`"id":"800000000000001"`, `"display_phone_number":"+1 202-555-0100"`, `"quality_rating":"GREEN"`,
		`"level":"STANDARD"`, `"can_send_message":"AVAILABLE"`,
	} {
		if !strings.Contains(string(a.raw), want) {
			t.Errorf("no %s in %s", want, a.raw)
		}
	}
	if a := b.call(t, http.MethodGet, "/v26.0/800000000000001?fields=shoe_size", ""); a.Error.Code != 100 {
		t.Errorf("%s", a.raw)
	}
}

func TestWebhookAddressIsAskedBeforeItIsUsed(t *testing.T) {
	b := newBench(t, func(o *sandbox.Options) { o.Accounts[0].Callback = "" })
	post := func(address, verify string) answer {
		return b.call(t, http.MethodPost, "/v26.0/900000000000001/subscribed_apps",
			fmt.Sprintf(`{"override_callback_uri":%q,"verify_token":%q}`, address, verify))
	}
	b.say(t, "noa", "nobody listens")
	if a := post(b.gate.URL, "wrong"); a.Error.Code != 2200 {
		t.Errorf("a wrong token: %s", a.raw)
	}
	for _, address := range []string{"https://graph.facebook.com/", "http://8.8.8.8/", "nonsense"} {
		if a := post(address, "verify-me"); a.Error.Code != 2200 {
			t.Errorf("%s: %s", address, a.raw)
		}
	}
	if a := post(b.gate.URL, "verify-me"); !a.Success {
		t.Fatalf("%s", a.raw)
	}
	if a := b.call(t, http.MethodGet, "/v26.0/900000000000001/subscribed_apps", ""); !strings.Contains(string(a.raw), b.gate.URL) {
		t.Errorf("not listed: %s", a.raw)
	}
	m := b.say(t, "noa", "somebody does")
	if got := b.gate.next(t).Entry[0].Changes[0].Value.Messages; len(got) != 1 || !strings.Contains(string(got[0]), "somebody does") {
		t.Fatalf("want %s first, got %s", m.ID, got)
	}
	if a := b.call(t, http.MethodDelete, "/v26.0/900000000000001/subscribed_apps", ""); !a.Success || b.Accounts()[0].Callback != "" {
		t.Errorf("not unsubscribed: %s", a.raw)
	}
}

func TestRatesAreThoseOfTheProvider(t *testing.T) {
	clock := &setClock{now: time.Unix(1_790_000_000, 0)}
	b := newBench(t, func(o *sandbox.Options) { o.Clock = clock; o.Accounts[0].PerSecond = 50 })
	b.say(t, "noa", "hello")
	b.say(t, "ghost", "hello")
	for n := range 45 {
		if a := b.send(t, text("x")); a.status != 200 {
			t.Fatalf("message %d: %s", n, a.raw)
		}
	}
	if a := b.send(t, text("x")); a.Error.Code != 131056 {
		t.Fatalf("the 46th to the same customer: %s", a.raw)
	}
	ghost := `{"messaging_product":"whatsapp","recipient":"JO.7000000000000000002","type":"text","text":{"body":"x"}}`
	for n := range 4 {
		if a := b.send(t, ghost); a.status != 200 {
			t.Fatalf("another customer, message %d: %s", n, a.raw)
		}
	}
	if a := b.send(t, ghost); a.Error.Code != 130429 {
		t.Fatalf("the 51st in a second: %s", a.raw)
	}
	clock.set(clock.Now().Add(6 * time.Second))
	if a := b.send(t, text("x")); a.status != 200 {
		t.Fatalf("six seconds later: %s", a.raw)
	}
	if a := b.send(t, text("x")); a.Error.Code != 131056 {
		t.Fatalf("two in six seconds: %s", a.raw)
	}
}

func TestWindowIsOpenForADay(t *testing.T) {
	clock := &setClock{now: time.Unix(1_790_000_000, 0)}
	b := newBench(t, func(o *sandbox.Options) { o.Clock = clock })
	if a := b.send(t, text("x")); a.Error.Code != 131047 {
		t.Fatalf("before any message: %s", a.raw)
	}
	welcome := sendCases["template"].body
	a := b.send(t, welcome)
	if a.status != 200 || a.Messages[0].Status != "accepted" {
		t.Fatalf("a template needs no window: %s", a.raw)
	}
	if err := b.React("noa", a.Messages[0].ID, "👍"); err != nil {
		t.Fatal(err)
	}
	if a := b.send(t, text("x")); a.Error.Code != 131047 {
		t.Fatalf("a reaction opens nothing: %s", a.raw)
	}
	b.say(t, "noa", "hello")
	clock.set(clock.Now().Add(24*time.Hour - time.Second))
	if a := b.send(t, text("x")); a.status != 200 {
		t.Fatalf("within a day: %s", a.raw)
	}
	clock.set(clock.Now().Add(time.Second))
	if a := b.send(t, text("x")); a.Error.Code != 131047 {
		t.Fatalf("after a day: %s", a.raw)
	}
}

func TestBusinessReadsAndTypes(t *testing.T) {
	b := newBench(t)
	first, second := b.say(t, "noa", "one"), b.say(t, "noa", "two")
	third := b.say(t, "noa", "three")
	for range 3 {
		b.gate.next(t)
	}
	a := b.send(t, `{"messaging_product":"whatsapp","status":"read","message_id":"`+second.ID+`","typing_indicator":{"type":"text"}}`)
	if !a.Success {
		t.Fatalf("%s", a.raw)
	}
	want := map[string]bool{first.ID: true, second.ID: true, third.ID: false}
	for _, m := range b.Chat("noa") {
		if !m.At.Equal(third.At) && (m.Status == sandbox.StatusRead) != want[m.ID] {
			t.Errorf("%s is %s", m.Content.Text, m.Status)
		}
	}
	for _, bad := range []string{
		`"status":"delivered","message_id":"` + first.ID + `"`, `"status":"read"`,
		`"status":"read","message_id":"nothing"`, `"status":"read","message_id":"` + first.ID + `","typing_indicator":{"type":"dance"}`,
	} {
		if a := b.send(t, `{"messaging_product":"whatsapp",`+bad+`}`); a.Error.Code == 0 {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestReportsWaitForThePhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &memoryGate{}
		s := newMemoryBench(t, gate)
		if _, err := s.Switch("noa", true, false); err != nil {
			t.Fatal(err)
		}
		say(t, s, "noa", "hello")
		send(t, s, text("are you there?"))
		time.Sleep(time.Hour)
		if got := gate.statuses(); strings.Join(got, " ") != "sent" {
			t.Fatalf("a phone that is off received: %v", got)
		}
		if _, err := s.Switch("noa", false, true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if got := gate.statuses(); strings.Join(got, " ") != "sent delivered" {
			t.Fatalf("a phone whose owner does not read: %v", got)
		}
		if _, err := s.Switch("noa", false, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if got := gate.statuses(); strings.Join(got, " ") != "sent delivered read" {
			t.Fatalf("at last: %v", got)
		}
	})
}
