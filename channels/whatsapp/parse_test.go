package whatsapp_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/channeltest"
)

// from begins a message of the usual customer.
const from = `"from":"12025550143","from_user_id":"US.7000000000000000001","id":"wamid.X","timestamp":"1790000001",`

func one(inner string) string { return messages(`"messages":[{` + from + inner + `}]`) }

// alone is a message without contacts.
func alone(inner string) string {
	return change("messages", `{"metadata":{"phone_number_id":"800000000000001"},"messages":[{"id":"wamid.X","timestamp":"1790000001",`+
		inner+`}]}`)
}

func status(inner string) string {
	return messages(`"statuses":[{"id":"wamid.OUT","timestamp":"1790000001",` + inner + `}]`)
}

// unsampled are bodies that no sample shows, with their meaning.
var unsampled = map[string]struct {
	body string
	want []string
}{
	"number changed": {
		one(`"type":"system","system":{"type":"user_changed_number","body":"Ines changed from A to B","wa_id":"12025550199","user_id":"US.8","parent_user_id":"US.ENT.8","previous_user_id":"US.7000000000000000001"}`),
		[]string{`profile number_changed "Ines changed from A to B" was phone:12025550143 bsuid:US.7000000000000000001 | Ines Valdoro phone:12025550199 bsuid:US.8 parent:US.ENT.8 | at +00001`},
	},
	"number changed, old form": {
		messages(`"messages":[{"id":"wamid.X","timestamp":"1790000001","from":"12025550143","type":"system","system":{"type":"customer_changed_number","body":"b","new_wa_id":"12025550199"}}]`),
		[]string{`profile number_changed "b" was phone:12025550143 | Ines Valdoro phone:12025550199 | at +00001`},
	},
	"user id changed": {
		messages(`"messages":[{"id":"wamid.X","timestamp":"1790000001","from_user_id":"US.8","type":"system","system":{"type":"user_changed_user_id","body":"b","user_id":"US.8","previous_user_id":"US.7"}}]`),
		[]string{`profile id_changed "b" was bsuid:US.7 | bsuid:US.8 | at +00001`},
	},
	"user id changed, of somebody who shows no number": {
		alone(`"type":"system","system":{"type":"user_changed_user_id","body":"b","user_id":"US.8","previous_user_id":"US.7"}`),
		[]string{`profile id_changed "b" was bsuid:US.7 | bsuid:US.8 | at +00001`},
	},
	"number changed, of somebody who shows no number": {
		alone(`"type":"system","system":{"type":"user_changed_number","body":"b","wa_id":"12025550199","user_id":"US.8","previous_user_id":"US.7"}`),
		[]string{`profile number_changed "b" was bsuid:US.7 | phone:12025550199 bsuid:US.8 | at +00001`},
	},
	"parent id changed": {
		alone(`"type":"system","system":{"type":"user_changed_user_id","body":"b","parent_user_id":"US.ENT.8","previous_parent_user_id":"US.ENT.7"}`),
		[]string{`profile id_changed "b" was parent:US.ENT.7 | parent:US.ENT.8 | at +00001`},
	},
	"identity changed, of somebody who shows no number": {
		alone(`"type":"system","system":{"type":"customer_identity_changed","body":"Security code changed","user_id":"US.8"}`),
		[]string{`profile identity_changed "Security code changed" was | bsuid:US.8 | at +00001`},
	},
	"a new system notice of somebody who shows no number": {
		alone(`"type":"system","system":{"type":"user_moved_house","body":"Moved","user_id":"US.8"}`),
		[]string{`message wamid.X system "Moved" system=user_moved_house | bsuid:US.8 | at +00001`},
	},
	"one contact beside one message is its sender, however the number is written": {
		messages(`"messages":[{"from":"1202555143","id":"wamid.X","timestamp":"1790000001","type":"text","text":{"body":"x"}}]`),
		[]string{`message wamid.X text "x" opens | Ines Valdoro phone:1202555143 | at +00001`},
	},
	"one contact beside two messages is the sender of its own": {
		messages(`"messages":[{"from":"1202555143","id":"wamid.X","timestamp":"1790000001","type":"text","text":{"body":"x"}},` +
			`{"from":"1202555144","id":"wamid.Y","timestamp":"1790000001","type":"text","text":{"body":"y"}}]`),
		[]string{
			`message wamid.X text "x" opens | phone:1202555143 | at +00001`,
			`message wamid.Y text "y" opens | phone:1202555144 | at +00001`,
		},
	},
	"a voice note in the form of before": {
		one(`"type":"voice","voice":{"id":"7","mime_type":"audio/ogg; codecs=opus"}`),
		[]string{`message wamid.X media "" [voice audio/ogg 7 ""] opens | Ines | at +00001`},
	},
	"NUL": {
		one(`"type":"text","text":{"body":"a\u0000b"}`),
		[]string{`message wamid.X text "ab" opens | Ines | at +00001`},
	},
	"identity changed": {
		one(`"type":"system","system":{"type":"customer_identity_changed","body":"Security code changed"},"identity":{"hash":"h"}`),
		[]string{`profile identity_changed "Security code changed" was | Ines | at +00001`},
	},
	"a new system notice opens no window": {
		one(`"type":"system","system":{"type":"user_moved_house","body":"Moved"}`),
		[]string{`message wamid.X system "Moved" system=user_moved_house | Ines | at +00001`},
	},
	"reaction removed by leaving the emoji out": {
		one(`"type":"reaction","reaction":{"message_id":"wamid.OUT"}`),
		[]string{`reaction "" on wamid.OUT | Ines | at +00001`},
	},
	"milliseconds": {
		messages(`"messages":[{"from":"12025550143","id":"wamid.X","timestamp":"1790000001000","type":"text","text":{"body":"x"}}]`),
		[]string{`message wamid.X text "x" opens | Ines | at +00001`},
	},
	"numbers where strings belong": {
		messages(`"messages":[{"from":12025550143,"id":"wamid.X","timestamp":1790000001,"type":"text","text":{"body":"x"}}]`),
		[]string{`message wamid.X text "x" opens | Ines | at +00001`},
	},
	"a time that cannot be": {
		messages(`"messages":[{"from":"12025550143","id":"wamid.X","timestamp":"999999999999","type":"text","text":{"body":"x"}}]`),
		[]string{`message wamid.X text "x" opens | Ines | at ?`},
	},
	"a BSUID in the place of the phone": {
		messages(`"messages":[{"from":"US.7000000000000000001","id":"wamid.X","timestamp":"1790000001","type":"text","text":{"body":"x"}}]`),
		[]string{`message wamid.X text "x" opens | Ines | at +00001`},
	},
	"parent id of a message": {
		one(`"from_parent_user_id":"US.71","type":"text","text":{"body":"x"}`),
		[]string{`message wamid.X text "x" opens | Ines parent:US.71 | at +00001`},
	},
	"an odd field costs nothing else": {
		one(`"referral":7,"context":[],"type":"text","text":{"body":"x"}`),
		[]string{`message wamid.X text "x" opens | Ines | at +00001`},
	},
	"a malformed message and its siblings": {
		messages(`"messages":[{` + from + `"type":"text","text":{"body":"a"}},17,{"type":"text"},{` + from + `"type":"text","text":7}]`),
		[]string{
			`message wamid.X text "a" opens | Ines | at +00001`,
			`notice unknown info "A message that could not be read" | at ?`,
			`notice unknown info "A message that could not be read" | at ?`,
			`message wamid.X unsupported "A message of a kind that WhatsApp does not pass on." system=text opens raw | Ines | at +00001`,
		},
	},
	"location by name": {
		one(`"type":"location","location":{"latitude":1,"longitude":2,"name":"Shop","address":"1 Example St"}`),
		[]string{`message wamid.X location "Shop" point=1,2 opens | Ines | at +00001`},
	},
	"an unsafe file name": {
		one(`"type":"document","document":{"id":"7","mime_type":"application/pdf","filename":"..\\..\u202e/etc/\u0000passwd.exe"}`),
		[]string{`message wamid.X media "" [document application/pdf 7 "passwd.exe"] opens | Ines | at +00001`},
	},
	"a form that is no object": {
		one(`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","response_json":"[1,2]"}}`),
		[]string{`message wamid.X interactive "response: [1,2]" form_reply response=[1,2] opens | Ines | at +00001`},
	},
	"a form of many kinds": {
		one(`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"response_json":"{\"a.b\":3,\"c\":[\"x\",\"y\"],\"d\":{\"e\":true},\"flow_token\":\"t\"}"}}`),
		[]string{`message wamid.X interactive "a_b: 3\nc: x, y\nd: {\"e\":true}" form_reply a_b=3 c=x, y d={"e":true} flow_token=t opens | Ines | at +00001`},
	},
	"calls allowed": {
		one(`"type":"interactive","interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"accept","response_source":"user_action"}}`),
		[]string{`message wamid.X interactive "Calls allowed" call_permission=accept() opens | Ines | at +00001`},
	},
	"a card that was forwarded by hand proves nothing": {
		messages(`"messages":[{"from_user_id":"US.7","id":"wamid.X","timestamp":"1790000001","type":"contacts","contacts":[{"vcard":"BEGIN:VCARD\r\nfn;CHARSET=UTF-8:Bo\r\n","phones":[{"phone":"+1 202 555 0177"}]}]}]`),
		[]string{`message wamid.X contacts "Bo" card=Bo<+1 202 555 0177 > opens | bsuid:US.7 | at +00001`},
	},
	"an edit that cannot be read stays visible": {
		one(`"type":"edit","edit":{"original_message_id":"wamid.O","message":{"type":"hologram"}}`),
		[]string{`message wamid.X unsupported "A message was edited. WhatsApp does not pass the new text on." system=edit opens raw | Ines | at +00001`},
	},
	"echoes of edits, deletions and reactions": {
		change("smb_message_echoes", `{"metadata":{"phone_number_id":"800000000000001"},"message_echoes":[`+
			`{"from":"12025550100","to":"12025550143","id":"wamid.1","timestamp":"1790000001","type":"edit","edit":{"original_message_id":"wamid.O","message":{"type":"text","text":{"body":"new"}}}},`+
			`{"from":"12025550100","to_user_id":"US.7","id":"wamid.2","timestamp":"1790000001","type":"revoke","revoke":{"original_message_id":"wamid.O"}},`+
			`{"from":"12025550100","to":"12025550143","id":"wamid.3","timestamp":"1790000001","type":"reaction","reaction":{"message_id":"wamid.O","emoji":"x"}}]}`),
		[]string{
			`edit of wamid.O: text "new" echo | phone:12025550143 | at +00001`,
			`deletion of wamid.O echo | bsuid:US.7 | at +00001`,
			`reaction "x" on wamid.O echo | phone:12025550143 | at +00001`,
		},
	},
	"a file of the history that we sent": {
		change("history",
			`{"metadata":{"display_phone_number":"+1 202-555-0100","phone_number_id":"800000000000001"},"messages":[{"from":"12025550100","to":"12025550143","id":"wamid.1","timestamp":"1790000001","type":"image","image":{"id":"7","mime_type":"image/png"},"history_context":{"status":"ERROR"}}]}`),
		[]string{`message wamid.1 media "" [image image/png 7 ""] echo historic status=failed | phone:12025550143 | at +00001`},
	},
	"the phone's address book": {
		change("smb_app_state_sync",
			`{"metadata":{"phone_number_id":"800000000000001"},"state_sync":[{"type":"contact","action":"add","contact":{"full_name":"Ines V","first_name":"Ines","phone_number":"+1 202 555 0143"},"metadata":{"timestamp":"1790000001"}},{"type":"contact","action":"remove","contact":{"phone_number":"12025550143"},"metadata":{"timestamp":"1790000002"}}]}`),
		[]string{
			`profile contact_saved "" was | Ines V phone:12025550143 | at +00001`,
			`profile contact_removed "" was | phone:12025550143 | at +00002`,
		},
	},
	"calls": {
		change("calls",
			`{"metadata":{"phone_number_id":"800000000000001"},"calls":[{"id":"wacid.1","from":"12025550143","to":"12025550100","event":"connect","direction":"USER_INITIATED","timestamp":"1790000001"},{"id":"wacid.2","from":"12025550100","to":"12025550143","event":"connect","direction":"BUSINESS_INITIATED","timestamp":"1790000001"}]}`),
		[]string{
			`message wacid.1 system "Voice call" system=call opens | phone:12025550143 | at +00001`,
			`message wacid.2 system "Voice call" system=call echo | phone:12025550143 | at +00001`,
		},
	},
	"the third spelling of the parent id": {
		status(`"status":"delivered","recipient_id":"12025550143","parent_user_id":"US.ENT.9"`),
		[]string{`receipt delivered of wamid.OUT | Ines parent:US.ENT.9 | at +00001`},
	},
	"each participant of a group": {
		status(`"status":"read","recipient_type":"group","recipient_id":"GROUP","recipient_participant_id":"12025550177","recipient_participant_user_id":"US.9"`),
		[]string{`receipt read of wamid.OUT | phone:12025550177 bsuid:US.9 | at +00001`},
	},
	"a failure without a reason": {
		status(`"status":"failed","recipient_id":"12025550143"`),
		[]string{`receipt failed of wamid.OUT error=not_delivered/ | Ines | at +00001`},
	},
	"a failure with a new code": {
		status(`"status":"failed","recipient_id":"12025550143","errors":[{"code":139999,"title":"New"}]`),
		[]string{`receipt failed of wamid.OUT error=provider_refused/139999 | Ines | at +00001`},
	},
	"no entries": {`{"object":"whatsapp_business_account","entry":[]}`, []string{}},
}

func TestWhatNoSampleShows(t *testing.T) {
	for name, c := range unsampled {
		if got := parse(t, []byte(c.body)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func TestNoticesAboutTheAccount(t *testing.T) {
	for _, c := range []struct{ field, value, want string }{
		{
			"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE"}}`,
			`notice restriction critical "Meta has disabled the account" pauses`,
		},
		{
			"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"REINSTATE"}}`,
			`notice restriction info "Meta has enabled the account again"`,
		},
		{"account_update", `{"event":"ACCOUNT_DELETED"}`, `notice account critical "The WhatsApp Business account was deleted" pauses`},
		{"account_update", `{"event":"ACCOUNT_RECONNECTED"}`, `notice account info "The number is connected to this app again"`},
		{
			"account_update",
			`{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING"},{"restriction_type":"RESTRICTED_CUSTOMER_INITIATED_MESSAGING"}]}`, `notice restriction critical "Meta has restricted the account" "no templates can be sent; customers cannot be answered"`,
		},
		{"account_update", `{"event":"MM_LITE_TERMS_SIGNED"}`, `notice account info "Meta changed the account: mm lite terms signed"`},
		{
			"message_template_status_update",
			`{"event":"REINSTATED","message_template_id":9007199254740993,"message_template_name":"a","message_template_language":"en"}`,
			`notice template_status info "The template a is reinstated" template=9007199254740993/a/en status=approved category= quality=`,
		},
		{
			"message_template_status_update",
			`{"event":"FLAGGED","message_template_id":"1","message_template_name":"a","message_template_language":"en"}`,
			`notice template_status warning "The template a is about to be disabled because of its rating" template=1/a/en status= category= quality=`,
		},
		{
			"template_category_update",
			`{"message_template_id":1,"message_template_name":"a","message_template_language":"en","previous_category":"UTILITY","new_category":"MARKETING"}`, `notice template_category warning "The template a is now of the category marketing" "Its price may be another." template=1/a/en status= category=marketing quality=`,
		},
		{
			"template_category_update",
			`{"message_template_id":1,"message_template_name":"a","message_template_language":"en","correct_category":"MARKETING"}`,
			`notice template_category warning "Meta will move the template a to the category marketing" template=1/a/en status= category= quality=`,
		},
		{
			"phone_number_quality_update", `{"event":"FLAGGED","current_limit":"TIER_1K"}`,
			`notice quality warning "Customers rate the number's messages badly: its limit may go down" "1K customers in 24 hours"`,
		},
		{
			"phone_number_quality_update", `{"event":"UPGRADE","current_limit":"TIER_UNLIMITED"}`,
			`notice limit info "The number's messaging limit went up" "Without limit"`,
		},
		{
			"phone_number_name_update",
			`{"decision":"REJECTED","requested_verified_name":"Shop","rejection_reason":"NAME_EMPLOYEE_ACCOUNT"}`,
			`notice account warning "Display name Shop: rejected" "NAME_EMPLOYEE_ACCOUNT"`,
		},
		{"account_review_update", `{"decision":"APPROVED"}`, `notice account info "Meta's review of the account: approved"`},
		{"account_alerts", `{"alert_severity":"CRITICAL","alert_description":"Pay"}`, `notice account critical "Pay"`},
		{"weather", `{}`, `notice unknown info "WhatsApp sent an update that Wasl does not use" "Field weather"`},
	} {
		if got := parse(t, []byte(change(c.field, c.value))); len(got) != 1 || got[0] != c.want+" | at ?" {
			t.Errorf("%s %s:\n got %q\nwant %q", c.field, c.value, got, c.want)
		}
	}
}

func TestNewsOfAnotherBusinessAccountIsNotOurs(t *testing.T) {
	body := strings.Replace(change("account_update", `{"event":"ACCOUNT_DELETED"}`), "900000000000001", "900000000000002", 1)
	if got := parse(t, []byte(body)); !strings.Contains(got[0], "account 900000000000002") {
		t.Error(got)
	}
}

func TestKeysFollowTheirDocumentation(t *testing.T) {
	body := messages(`"messages":[{` + from +
		`"type":"text","text":{"body":"x"}}],"statuses":[{"id":"wamid.OUT","status":"read","timestamp":"1790000001","recipient_id":"12025550143"}]`)
	events, err := adapter().Parse(account, channels.Webhook{Body: []byte(body)})
	if err != nil || len(events) != 2 {
		t.Fatal(events, err)
	}
	if events[0].Key != "message:wamid.X" || events[1].Key != "status:wamid.OUT:read:12025550143:1790000001000" {
		t.Errorf("%s, %s", events[0].Key, events[1].Key)
	}
	if want := time.UnixMilli(1790000001000).UTC(); !events[0].At.Equal(want) || events[0].At.Location() != time.UTC {
		t.Errorf("at %s, want %s", events[0].At, want)
	}
}

func TestPhonesAreShownForPeopleAndKeptForSending(t *testing.T) {
	for waID, display := range map[string]string{
		"12025550143": "+1 202-555-0143", "972541234567": "+972 54-123-4567", "5491100000001": "+54 9 11 0000-0001",
		"999999999": "+999999999", "12025550143999999999": "12025550143999999999", "CPT": "CPT",
	} {
		body := messages(`"messages":[{"from":"` + waID + `","id":"wamid.X","type":"text","text":{"body":"x"}}]`)
		events, err := adapter().Parse(account, channels.Webhook{Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		if got := events[0].Contact.Identities[0]; got.Value != waID || got.Display != display || got.Scope != "" {
			t.Errorf("%s: %+v", waID, got)
		}
	}
}

func TestWhatIsNoWebhookIsRefusedWhole(t *testing.T) {
	for _, body := range []string{
		"", "null", "[]", "7", "{", `{"object":"page","entry":[]}`, `{"object":"whatsapp_business_account"}`,
		`{"object":"whatsapp_business_account","entry":{}}`, `{"object":"whatsapp_business_account","entry":[]}x`,
	} {
		if _, err := adapter().Parse(account, channels.Webhook{Body: []byte(body)}); !errors.Is(err, channels.ErrBody) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestAValueThatIsNoneIsSeenOnce(t *testing.T) {
	const body = `{"object":"whatsapp_business_account","entry":[{"id":"900000000000001","changes":[{"field":"message_template_status_update"%s}]}]}`
	for _, value := range []string{``, `,"value":null`, `,"value":7`, `,"value":[]`} {
		events, err := adapter().Parse(account, channels.Webhook{Body: fmt.Appendf(nil, body, value)})
		if err != nil || len(events) != 1 || events[0].Notice == nil || events[0].Notice.Kind != "unknown" {
			t.Errorf("%q: %v, %+v", value, err, events)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, body := range seeds(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Check(t, adapter(), account, channels.Webhook{Body: body})
	})
}

func FuzzVerify(f *testing.F) {
	for _, body := range seeds(f) {
		f.Add(signed(body).Header.Get("X-Hub-Signature-256"), body)
		f.Add("sha256="+strings.Repeat("0", 64), body)
	}
	f.Fuzz(func(t *testing.T, signature string, body []byte) {
		hook := signed(body)
		right := hook.Header.Get("X-Hub-Signature-256")
		hook.Header.Set("X-Hub-Signature-256", signature)
		if err := adapter().Verify(account, hook); (err == nil) != (signature == right) {
			t.Errorf("%q for %q: %v", signature, right, err)
		}
	})
}

func seeds(f *testing.F) (out [][]byte) {
	files, err := filepath.Glob("testdata/in/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, body)
	}
	for _, body := range unknown() {
		out = append(out, []byte(body))
	}
	return out
}
