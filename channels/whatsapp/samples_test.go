package whatsapp_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/whatsapp"
)

// expected says what each sample means: the golden files only show that it stays so. The words are those of describe.
func expected() map[string][]string {
	return map[string][]string{
		"account-disabled": {
			`notice restriction critical "Meta is going to disable the account" "September 22, 2026" | at +00000`,
		},
		"account-partner-removed": {
			`notice account critical "The number was disconnected from this app" "primary inactivity. Connect it again to go on" pauses | at +00000`,
		},
		"account-violation": {
			`notice restriction warning "Meta found a violation of its policies" "spam" | at +00000`,
		},
		"argentina-549": {
			`message IN0054 text "oi" opens | Ar Ejemplo phone:5491100000001 bsuid:AR.7200000000000000001 | at +00378`,
		},
		"audio": {
			`message IN0008 media "" [audio audio/mpeg 700000000000014 ""] opens | Ines | at +00056`,
		},
		"batch-duplicate-message": {
			`message IN0076 text "first" opens | Ines | at +00532`,
			`message IN0076 text "first" opens | Ines | at +00532`,
		},
		"batch-two-wabas": {
			`message IN0076 text "first" opens | Ines | at +00532`,
			`message IN0077 text "second" opens | Second phone:12025550150 bsuid:US.7000000000000000009 | at +00539`,
			`receipt read of OUT0100 | phone:12025550143 | at +00539`,
			`receipt delivered of OUT0100 | phone:12025550143 | at +00539`,
			`message IN0078 text "for another number" opens | Other tenant phone:447700900456 | account 800000000000002 | at +00546`,
		},
		"brazil-no-ninth-digit": {
			`message IN0052 text "oi" opens | Bia Exemplo phone:553100000001 bsuid:BR.7200000000000000001 | at +00364`,
		},
		"bsuid-only-text": {
			`message IN0048 text "No phone number in this payload" opens | Ines Valdoro bsuid:US.7000000000000000001 @ines.v | at +00336`,
		},
		"business-capability": {
			`notice limit info "The account's messaging limits changed" "2K customers in 24 hours" | at +00000`,
		},
		"business-username": {
			`notice account info "Username example.shop: approved" | at +00000`,
		},
		"contact-request-share": {
			`message IN0017 contacts "Ines Valdoro" card=Ines Valdoro<+12025550143 > opens | Ines Valdoro bsuid:US.7000000000000000001 phone:12025550143 @ines.v | at +00119`,
		},
		"contacts": {
			`message IN0016 contacts "Bo Sample, No Phone" card=Bo Sample<+1 202-555-0177 12025550177> card=No Phone opens | Ines | at +00112`,
		},
		"dashboard-test": {
			`notice test info "Meta's dashboard sent its test: the webhook address works" | at ?`,
		},
		"document-no-filename": {
			`message IN0011 media "" [document application/octet-stream 700000000000017 ""] opens | Ines | at +00077`,
		},
		"document": {
			`message IN0010 media "Invoice" [document application/pdf 700000000000016 "Factura Nº 7 – mayo.pdf"] opens | Ines | at +00070`,
		},
		"edit-image-caption": {
			`edit of IN0005: media "Both corners broken" [image image/jpeg 700000000000011 ""] | Ines | at +00322`,
		},
		"forwarded": {
			`message IN0033 text "Forwarded text" forwarded=once opens | Ines | at +00231`,
		},
		"frequently-forwarded": {
			`message IN0034 text "Chain letter" forwarded=often opens | Ines | at +00238`,
		},
		"group-text": {
			`message IN0050 text "Hello group" group=Y2FwaV9ncm91cDpGSVhUVVJF | Ines | at +00350`,
		},
		"history-chunk": {
			`message HIST0083 text "old inbound" historic | phone:12025550143 bsuid:US.7000000000000000001 | at 1789910000`,
			`message HIST0084 text "old outbound" echo historic status=delivered | phone:12025550143 bsuid:US.7000000000000000001 | at 1789911000`,
			`message HIST0085 unsupported "A file from before the channel was connected" system=media_placeholder historic raw | phone:12025550143 bsuid:US.7000000000000000001 | at 1789912000`,
		},
		"history-declined": {
			`notice account info "History sync is turned off by the business from the WhatsApp Business App" "History sharing is turned off by the business" | at ?`,
		},
		"history-media": {
			`message HIST0086 media "" [image image/jpeg 700000000000031 ""] historic | Ines | at 1789912000`,
		},
		"image": {
			`message IN0005 media "Broken corner" [image image/jpeg 700000000000011 ""] opens | Ines | at +00035`,
		},
		"interactive-address-reply": {
			`message IN0025 interactive "1 Example St\nExampleton" form_reply address=1 Example St building_name= city=Exampleton house_number=1 in_pin_code=000000 name=Ines phone_number=12025550143 saved_address_id=address1 opens re=OUT0002 | Ines | at +00175`,
		},
		"interactive-button-reply": {
			`message IN0021 interactive "Confirm" button_reply=confirm:1042() opens re=OUT0002 | Ines | at +00147`,
		},
		"interactive-empty-with-value-error": {
			`message IN0044 unsupported "A message of a kind that WhatsApp does not pass on." system=interactive opens re=OUT0002 raw | Ines | at +00308`,
			`notice error warning "Something went wrong" "Unsupported webhook payload" | at ?`,
		},
		"interactive-flow-reply": {
			`message IN0023 interactive "Sent" form_reply email=ines@example.com flow_token=ft_fixture_1 rating=5 opens re=OUT0002 | Ines | at +00161`,
		},
		"interactive-list-reply": {
			`message IN0022 interactive "10:00" list_reply=slot:2026-12-01T10(Tuesday) opens re=OUT0002 | Ines | at +00154`,
		},
		"location-pin": {
			`message IN0014 location "48.858370, 2.294481" point=48.8583701,2.2944813 opens | Ines | at +00098`,
		},
		"mexico-521": {
			`message IN0053 text "oi" opens | Mx Ejemplo phone:5215500000001 bsuid:MX.7200000000000000001 | at +00371`,
		},
		"order": {
			`message IN0029 order "2 × SKU-1, 1 × SKU-2\nPlease gift wrap" 2*SKU-1@19.99EUR 1*SKU-2@5EUR opens | Ines | at +00203`,
		},
		"product-inquiry": {
			`message IN0030 text "Do you have this in blue?" product=600000000000001/SKU-1 opens re=OUT0004 | Ines | at +00210`,
		},
		"reaction-removed-empty": {
			`reaction "" on OUT0001 | Ines | at +00133`,
		},
		"reaction": {
			`reaction "👍🏽" on OUT0001 | Ines | at +00126`,
		},
		"referral-ctwa-ad": {
			`message IN0035 text "I saw your ad" referral=ad/500000000000001 click=ARFIXTURECLICKID media=https://cdn.example.com/a.jpg opens | Ines | at +00245`,
		},
		"referral-post-no-clid": {
			`message IN0036 text "From a post" referral=post/500000000000001 click= media=https://cdn.example.com/v.mp4 opens | Ines | at +00252`,
		},
		"reply-context-to-own-message": {
			`message IN0032 text "Correction to my message" opens re=IN0001 | Ines | at +00224`,
		},
		"reply-context": {
			`message IN0031 text "Yes, that one" opens re=OUT0005 | Ines | at +00217`,
		},
		"revoke": {
			`deletion of IN0001 | Ines | at +00329`,
		},
		"security-pin": {
			`notice security warning "The number's PIN was switched off" "If nobody here did this, secure the account in Meta Business Suite now." | at +00000`,
		},
		"smb-echo-image": {
			`message ECHO0080 media "" [image image/jpeg 700000000000030 ""] echo | Ines | at +00560`,
		},
		"smb-echo-text": {
			`message ECHO0079 text "Reply typed on the phone app" echo | Ines | at +00553`,
		},
		"status-bsuid-only": {
			`receipt delivered of OUT0100 | Ines Valdoro bsuid:US.7000000000000000001 | at +00427`,
		},
		"status-deleted-legacy": {},
		"status-delivered": {
			`receipt delivered of OUT0100 | Ines | at +00385`,
		},
		"status-failed-131026": {
			`receipt failed of OUT0100 error=not_reachable/131026 | phone:12025550143 bsuid:US.7000000000000000001 | at +00462`,
		},
		"status-failed-131047": {
			`receipt failed of OUT0100 error=window_closed/131047 | phone:12025550143 bsuid:US.7000000000000000001 | at +00469`,
		},
		"status-failed-131049": {
			`receipt failed of OUT0100 error=marketing_limited/131049 | phone:12025550143 bsuid:US.7000000000000000001 | at +00476`,
		},
		"status-failed-131050": {
			`receipt failed of OUT0100 error=marketing_stopped/131050 | phone:12025550143 bsuid:US.7000000000000000001 | at +00483`,
			`profile marketing_stopped "" was | phone:12025550143 bsuid:US.7000000000000000001 | at +00483`,
		},
		"status-failed-131053": {
			`receipt failed of OUT0100 error=media_rejected/131053 | phone:12025550143 bsuid:US.7000000000000000001 | at +00490`,
		},
		"status-legacy-cbp-conversation": {
			`receipt sent of OUT0100 | phone:12025550143 | at +00413`,
		},
		"status-parent-bsuid-spelling-a": {
			`receipt delivered of OUT0100 | Ines parent:US.ENT.7100000000000000001 | at +00434`,
		},
		"status-parent-bsuid-spelling-b": {
			`receipt delivered of OUT0100 | Ines parent:US.ENT.7100000000000000001 | at +00441`,
		},
		"status-played": {
			`receipt read of OUT0100 | Ines | at +00399`,
		},
		"status-read": {
			`receipt read of OUT0100 | Ines | at +00392`,
		},
		"status-sent-template-opaque": {
			`receipt sent of OUT0100 ours=outbox:01HFIXTURE;tenant:7 | Ines | at +00406`,
		},
		"status-sent": {
			`receipt sent of OUT0100 | Ines | at +00378`,
		},
		"sticker-animated": {
			`message IN0013 media "" [sticker image/webp 700000000000019 ""] animated opens | Ines | at +00091`,
		},
		"template-quality": {
			`notice template_quality warning "Customers' rating of the template order_update is now yellow" template=400000000000001/order_update/en_US status= category= quality=yellow | at +00000`,
		},
		"template-quick-reply": {
			`message IN0028 interactive "Reschedule" template_button=RESCHEDULE_1042() opens re=OUT0003 | Ines | at +00196`,
		},
		"template-status-approved": {
			`notice template_status info "The template order_update is approved" template=400000000000001/order_update/en_US status=approved category=utility quality= | at +00000`,
		},
		"template-status-paused": {
			`notice template_status warning "The template promo is paused" "Paused for 3 hours because of low quality" template=400000000000002/promo/es status=paused category= quality= | at +00000`,
		},
		"template-status-rejected": {
			`notice template_status warning "The template promo is rejected" "INVALID_FORMAT. Variables are adjacent. Put text between variables" template=400000000000002/promo/es status=rejected category=marketing quality= | at +00000`,
		},
		"text-legacy-no-bsuid": {
			`message IN0002 text "Plain pre-April-2026 shape" opens | Ines Valdoro phone:12025550143 | at +00014`,
		},
		"text-unicode-escaped": {
			`message IN0003 text "Grüße 👋🏽 / שלום <b> 100% @you" opens | Ines | at +00021`,
		},
		"text-url": {
			`message IN0004 text "See https://shop.example.com/p/42?a=1&b=2" opens | Ines | at +00028`,
		},
		"text": {
			`message IN0001 text "Hi, is order 1042 shipped yet?" opens | Ines | at +00007`,
		},
		"unsupported-no-subtype": {
			`message IN0042 unsupported "A message of a kind that WhatsApp does not pass on." system=unknown opens raw | Ines | at +00294`,
		},
		"unsupported-placeholder-131060": {
			`message IN0043 unsupported "WhatsApp could not pass this message on. Ask the customer to send it again." system=media_placeholder opens raw | Ines | at +00301`,
		},
		"unsupported": {
			`message IN0041 unsupported "A poll, which WhatsApp shows on phones only." system=poll_creation opens raw | Ines | at +00287`,
		},
		"user-preferences-resume": {
			`profile marketing_resumed "User requested to resume marketing messages" was | Ines | at +00000`,
		},
		"user-preferences-stop": {
			`profile marketing_stopped "User requested to stop marketing messages" was | Ines | at +00000`,
		},
		"value-errors-only": {
			`notice error warning "Rate limit hit" "Message failed to send because there were too many messages sent from this phone number in a short period of time" | at ?`,
		},
		"video": {
			`message IN0007 media "Demo" [video video/mp4 700000000000013 ""] forwarded=once opens | Ines | at +00049`,
		},
		"voice": {
			`message IN0009 media "" [voice audio/ogg 700000000000015 ""] opens | Ines | at +00063`,
		},
	}
}

var account = channels.Account{ChannelID: "chn_1", Credentials: map[string]string{
	"phone_number_id": "800000000000001", "business_account_id": "900000000000001", "access_token": "fixture-token",
	"app_secret": "fixture-app-secret-0123456789abcdef", "verify_token": "fixture-verify-token",
}}

func adapter() *whatsapp.Adapter { return whatsapp.New(whatsapp.Options{HTTP: http.DefaultClient}) }

func parse(t *testing.T, body []byte) []string {
	t.Helper()
	events, err := adapter().Parse(account, channels.Webhook{Body: body})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range events {
		out = append(out, describe(e))
	}
	return out
}

func TestSamplesMeanWhatTheyMean(t *testing.T) {
	want := expected()
	files, err := filepath.Glob("testdata/in/whatsapp-*.json")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d samples, %d expectations: %v", len(files), len(want), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "whatsapp-"), ".json")
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if got := parse(t, body); !slices.Equal(got, want[name]) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want[name])
		}
	}
}
