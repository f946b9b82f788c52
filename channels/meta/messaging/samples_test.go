package messaging_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/channeltest"
)

func TestSamplesMeanWhatTheyMean(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		want := channeltest.Meaning(t, p.dir("meaning.txt"))
		files, err := filepath.Glob(p.dir("in", "*.json"))
		if err != nil || len(files) != len(want) || len(files) < 25 {
			t.Errorf("%d samples, %d expectations: %v", len(files), len(want), err)
		}
		for _, f := range files {
			name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), p.name+"-"), ".json")
			if got := p.parse(t, string(file(f))); !slices.Equal(got, want[name]) {
				t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want[name], "\n"))
			}
		}
	})
}

// unsampled are things that no sample shows, with their meaning.
func unsampled() map[string][2]string {
	const at = " | Ines | at +0001"
	return map[string][2]string{
		`"message":{"mid":"m_1","attachments":[{"type":"image","payload":{"url":"https://cdn.example.com/v/t1/s.png","sticker_id":7}},{"type":"sticker","payload":{"url":"https://cdn.example.com/v/t1/s.png","sticker_id":7}}]}`: {
			`message m_1 media "" [sticker  cdn:s.png ""] opens` + at, "",
		},
		`"message":{"mid":"m_1","text":"look","attachments":[{"type":"fallback","title":"A shop","url":"https://shop.example.com/"}]}`: {
			`message m_1 text "look" link=page "A shop" https://shop.example.com/ opens` + at, "",
		},
		`"message":{"mid":"m_1","text":"and this","attachments":[{"type":"hologram"}]}`: {`message m_1 text "and this" opens` + at, ""},
		`"message":{"mid":"m_1","attachments":[{"type":"template","payload":{"product":{"elements":[{"id":"6","retailer_id":"SKU-1","title":"Lamp"}]}}}]}`: {
			`message m_1 text "Lamp" product=/SKU-1 "Lamp" "" opens` + at, "",
		},
		`"message":{"mid":"m_1","text":"In blue?","attachments":[{"type":"template","payload":{"product":{"elements":[{"id":"6","retailer_id":"SKU-1","title":"Lamp","subtitle":"€30","image_url":"https://cdn.example.com/v/t1/l.png"}]}}}]}`: {
			`message m_1 media "In blue?" [image  cdn:l.png ""] product=/SKU-1 "Lamp" "€30" opens` + at, "",
		},
		`"message":{"mid":"m_1","text":"Which?","attachments":[{"type":"template","payload":{"product":{"elements":[{"id":"6","title":"Lamp","subtitle":"€30"},{"id":"7","title":"Shade"}]}}}]}`: {
			`message m_1 text "Which?" product=/6 "Lamp, Shade" "€30" opens` + at, "",
		},
		`"message":{"mid":"m_1","text":"hi"},"prior_message":{"source":"checkbox_plugin","identifier":"u1"}`: {
			`message m_1 text "hi" referral=checkbox_plugin/ click= media= ref=u1 opens` + at, "",
		},
		`"optin":{"ref":"shop-page-3"}`: {`message wasl: system "The customer allows messages" referral=/ click= media= ref=shop-page-3 system=opted_in raw` + at, ""},
		`"optin":{"type":"notification_messages","title":"News","payload":"weekly","notification_messages_token":"1"}`: {
			`message wasl: system "The customer allows messages about: News" button_reply=weekly() system=opted_in raw` + at, "",
		},
		`"message":{"mid":"m_1","is_unsupported":true}`: {
			`message m_1 unsupported "A message of a kind that Messenger does not pass on." system=unknown opens raw` + at,
			`message m_1 unsupported "A message of a kind that Instagram does not pass on." system=unknown opens raw` + at,
		},
		`"message":{"mid":"m_1","attachments":[{"type":"audio","payload":{"url":"https://cdn.example.com/v/t1/a.mp4"}}]}`: {
			`message m_1 media "" [audio  cdn:a.mp4 ""] opens` + at, "",
		},
		`"postback":{"mid":"m_2","title":"Get Started","payload":"START","referral":{"ref":"x","source":"SHORTLINK"}}`: {
			`message m_2 interactive "Get Started" button_reply=START() referral=shortlink/ click= media= ref=x opens` + at, "",
		},
		`"reaction":{"mid":"m_1","action":"react","reaction":"wow"}`: {`reaction "😮" on m_1 opens` + at, ""},
		`"delivery":{"watermark":1790000003000}`: {
			`receipt delivered of  and all before | Ines | at +0003`,
			"",
		},
		`"policy_enforcement":{"action":"unblock"}`:                           {`notice restriction info "Meta has unblocked the account" | at +0002`, ""},
		`"policy_enforcement":{"action":"warning","reason":"spam"}`:           {`notice restriction warning "Meta warns of a violation of its policies" "spam" | at +0002`, ""},
		`"message":{"mid":"m_1","text":"hi","reply_to":{"story":{"id":"1"}}}`: {`message m_1 story "hi" system=reply opens` + at, ""},
	}
}

// madeID is an id of what has none of the provider's.
var madeID = regexp.MustCompile(`wasl:[0-9]+:[0-9]+:[0-9a-f]+`)

func TestWhatNoSampleShows(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		for inner, want := range unsampled() {
			expected := want[0]
			if p.name == "instagram" && want[1] != "" {
				expected = want[1]
			}
			got := p.parse(t, p.item(inner))
			last := "nothing"
			if len(got) > 0 {
				last = madeID.ReplaceAllString(got[len(got)-1], "wasl:")
			}
			if last != expected {
				t.Errorf("%s:\n got %q\nwant %q", inner, got, expected)
			}
		}
	})
}

func TestAnOptOutStopsMarketing(t *testing.T) {
	p := platforms()[0]
	got := p.parse(t, p.item(`"optin":{"type":"notification_messages","notification_messages_status":"STOP_NOTIFICATIONS","title":"News"}`))
	if len(got) != 2 || !strings.HasPrefix(got[0], "profile marketing_stopped") ||
		!strings.Contains(got[1], `system "The customer stopped messages about: News"`) {
		t.Errorf("%q", got)
	}
}

// Who ticks a box on a website is known only when they write; where the box stood is told at once.
func TestACheckboxTellsWhereItStood(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		box := p.parse(t,
			p.entry(`"messaging":[{"recipient":{"id":"`+p.own+`"},"timestamp":1790000001000,"optin":{"ref":"shop","user_ref":"u1"}}]`))
		if len(box) != 1 || !strings.HasPrefix(box[0], "notice account info") || !strings.Contains(box[0], "shop; until then they are u1") {
			t.Errorf("a checkbox: %q", box)
		}
	})
}

// What our side sends as a template from elsewhere is a bubble with words, never an empty one.
func TestTemplatesThatEchoHaveWords(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		for payload, want := range map[string]string{
			`{"template_type":"receipt","recipient_name":"N","order_number":"A-77","currency":"EUR","summary":{"total_cost":19.9},"elements":[]}`: `interactive "Receipt A-77\n19.9 EUR" buttons`,
			`{"template_type":"coupon","title":"10 % off","coupon_code":"SAVE10"}`:                                                                `interactive "10 % off\nSAVE10" buttons`,
			`{"template_type":"airline_boardingpass","intro_message":"You are checked in"}`:                                                       `interactive "You are checked in" buttons`,
			`{"template_type":"media","elements":[{"media_type":"image","url":"https://www.facebook.com/photo/1"}]}`:                              `interactive "https://www.facebook.com/photo/1" buttons`,
			`{"template_type":"generic","elements":[{"title":"Lamp","subtitle":"30","buttons":[{"title":"Buy","payload":"B"}]}]}`:                 `interactive "Lamp\n30" buttons <B>Buy`,
			`{"template_type":"button","buttons":[{"title":"Track","payload":"T"},{"title":"Stop"}]}`:                                             `interactive "Track, Stop" buttons <T>Track <>Stop`,
			`{"template_type":"hologram"}`: `unsupported "A message of a kind that ` + p.Name() + ` does not pass on." system=template`,
			`null`:                         `unsupported "A message of a kind that ` + p.Name() + ` does not pass on." system=template`,
		} {
			body := p.entry(`"messaging":[{"sender":{"id":"` + p.own + `"},"recipient":{"id":"` + p.customer.Value +
				`"},"timestamp":1790000001000,"message":{"mid":"m_1","is_echo":true,"attachments":[{"type":"template","title":"","payload":` + payload + `}]}}]`)
			if got := p.parse(t, body); len(got) != 1 || !strings.HasPrefix(got[0], "message m_1 "+want+" echo") {
				t.Errorf("%s:\n got %q\nwant %q", payload, got, want)
			}
		}
	})
}

// What Meta documents is no riddle: it is understood, or let go by name. What nobody knows, and what should say something and does not,
// stays visible.
func TestDocumentedFieldsAreNoRiddles(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		_, list, _ := strings.Cut(string(file(p.dir("fields.txt"))), "\n\n")
		for line := range strings.Lines(list) {
			field, becomes, _ := strings.Cut(strings.TrimSpace(line), ": ")
			for _, body := range []string{
				p.entry(`"changes":[{"field":"` + field + `","value":{"item":"x","verb":"add"}}]`), p.item(`"` + field + `":{"x":1}`),
			} {
				got := p.parse(t, body)
				if (becomes == "let go") != (len(got) == 0) {
					t.Errorf("%s, %s: %q of %s", field, becomes, got, body)
				}
			}
		}
		got := p.parse(t, p.item(`"game_play":{"x":1},"hologram":{"x":1}`))
		if len(got) != 1 || !strings.HasPrefix(got[0], "notice unknown") {
			t.Errorf("beside something new: %q", got)
		}
	})
}

func TestOurOwnEchoIsAReceiptAndOthersAreMessages(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		echo := func(metadata string) string {
			return p.entry(`"messaging":[{"sender":{"id":"` + p.own + `"},"recipient":{"id":"` + p.customer.Value +
				`"},"timestamp":1790000001000,"message":{"mid":"m_9","is_echo":true,"text":"hi"` + metadata + `}}]`)
		}
		for metadata, want := range map[string]string{
			`,"metadata":"msg_01ABC"`: `receipt sent of m_9 ours=msg_01ABC | Ines | at +0001`,
			`,"metadata":"theirs"`:    `message m_9 text "hi" echo | Ines | at +0001`,
			``:                        `message m_9 text "hi" echo | Ines | at +0001`,
		} {
			if got := p.parse(t, echo(metadata)); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %q", metadata, got)
			}
		}
	})
}

// An Instagram account behind a page may come under the page's id; who is meant stands in the event.
func TestTheAccountIsWhoWasWrittenTo(t *testing.T) {
	p := platforms()[1]
	body := strings.Replace(p.item(`"message":{"mid":"m_1","text":"hi"}`), `"entry":[{"id":"`+p.own+`"`, `"entry":[{"id":"555"`, 1)
	if got := p.parse(t, body); len(got) != 1 || got[0] != `message m_1 text "hi" opens | Ines | at +0001` {
		t.Errorf("%q", got)
	}
}

func TestRepeatedBodiesHaveTheSameKeysAndOthersDoNot(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		keys := map[string]string{}
		for _, inner := range []string{
			`"message":{"mid":"m_1","text":"a"}`, `"message_edit":{"mid":"m_1","text":"b","num_edit":"1"}`,
			`"message_edit":{"mid":"m_1","text":"c","num_edit":2}`,
			`"message":{"mid":"m_1","is_deleted":true}`, `"reaction":{"mid":"m_1","action":"react","emoji":"🦄"}`,
			`"delivery":{"mids":["m_1"]}`,
			`"delivery":{"watermark":1790000003000}`, `"read":{"mid":"m_1"}`, `"read":{"watermark":1790000003000}`,
			`"read":{"watermark":1790000004000}`,
			`"postback":{"title":"A","payload":"a"}`, `"postback":{"title":"B","payload":"b"}`, `"referral":{"ref":"x"}`,
		} {
			events, err := p.new(http.DefaultClient).Parse(p.account, channels.Webhook{Body: []byte(p.item(inner))})
			if err != nil || len(events) != 1 {
				t.Fatal(events, err)
			}
			if other, taken := keys[events[0].Key]; taken {
				t.Errorf("%s and %s share the key %s", inner, other, events[0].Key)
			}
			keys[events[0].Key] = inner
		}
	})
}

func TestWhatIsNoWebhookIsRefusedWhole(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		for _, body := range []string{"", "null", "[]", "7", "{", `{"object":"whatsapp_business_account","entry":[]}`, `{"object":"` +
			p.object + `"}`, `{"object":"` + p.object + `","entry":{}}`} {
			if _, err := p.new(http.DefaultClient).Parse(p.account, channels.Webhook{Body: []byte(body)}); !errors.Is(err,
				channels.ErrBody) {
				t.Errorf("%q: %v", body, err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, p := range platforms() {
		files, err := filepath.Glob(p.dir("in", "*.json"))
		if err != nil || len(files) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, name := range files {
			f.Add(file(name))
		}
		for _, body := range p.unknown() {
			f.Add([]byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, p := range platforms() {
			channeltest.Check(t, p.new(http.DefaultClient), p.account, channels.Webhook{Body: body})
		}
	})
}

func FuzzVerify(f *testing.F) {
	f.Add("sha256="+strings.Repeat("0", 64), []byte(`{"object":"page","entry":[]}`))
	f.Fuzz(func(t *testing.T, signature string, body []byte) {
		p := platforms()[0]
		hook := p.signed(body)
		right := hook.Header.Get("X-Hub-Signature-256")
		hook.Header.Set("X-Hub-Signature-256", signature)
		if err := p.new(http.DefaultClient).Verify(p.account, hook); (err == nil) != (signature == right) {
			t.Errorf("%q for %q: %v", signature, right, err)
		}
	})
}
