package sms_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/sms"
)

// parsed reads one message with these parameters.
func parsed(t *testing.T, more url.Values) channels.Event {
	t.Helper()
	form := url.Values{"MessageSid": {"SM1"}, "AccountSid": {"AC1"}, "SmsStatus": {"received"}, "NumMedia": {"0"}}
	maps.Copy(form, more)
	events, err := sms.New(nil).Parse(account, signed([]byte(form.Encode())))
	if err != nil || len(events) != 1 || events[0].Message == nil {
		t.Fatal(events, err)
	}
	return events[0]
}

// What WhatsApp adds by way of Twilio: what is answered, and places.
func TestAnAnswerAndAPlace(t *testing.T) {
	from := url.Values{"From": {"whatsapp:+12025550143"}}
	with := func(more url.Values) *channels.Incoming {
		maps.Copy(more, from)
		return parsed(t, more).Message
	}
	if m := with(url.Values{"Body": {"this one"}, "OriginalRepliedMessageSid": {"SM0"}}); m.ReplyTo != "SM0" || m.Content.Type != "text" {
		t.Errorf("%+v", m)
	}
	m := with(url.Values{"Latitude": {"32.0853"}, "Longitude": {"34.7818"}, "Label": {"Office"}, "Address": {"12 Canal Street"}})
	if m.Content.Type != "location" || m.Content.Text != "Office" ||
		*m.Content.Location != (channels.Location{Latitude: 32.0853, Longitude: 34.7818, Name: "Office", Address: "12 Canal Street"}) {
		t.Errorf("%+v", m.Content)
	}
	for _, wrong := range []url.Values{
		{"Latitude": {"NaN"}, "Longitude": {"1"}},
		{"Latitude": {"91"}, "Longitude": {"1"}},
		{"Latitude": {"1"}},
	} {
		if m := with(wrong); m.Content.Location != nil {
			t.Errorf("%v is a place: %+v", wrong, m.Content.Location)
		}
	}
}

// Everything that one signed webhook says about who wrote is one sender, in whatever form the address comes.
func TestAddressesOfAllForms(t *testing.T) {
	const user = "US.7000000000000000001"
	for _, c := range []struct {
		with url.Values
		want string
	}{
		{url.Values{"From": {"+12025550143"}}, "phone +12025550143"},
		{url.Values{"From": {"12345"}}, "sms_sender 12345"},
		{url.Values{"From": {"EXAMPLECO"}}, "sms_sender EXAMPLECO"},
		{url.Values{"From": {"rcs:+12025550143"}}, "phone +12025550143"},
		{url.Values{"From": {"RCS: 12025550143"}}, "phone +12025550143"},
		{url.Values{"From": {"rcs:shop_agent"}}, "sms_sender rcs:shop_agent"},
		{url.Values{"From": {"whatsapp:+12025550143"}}, "whatsapp_phone 12025550143"},
		{url.Values{"From": {"whatsapp: 12025550143"}}, "whatsapp_phone 12025550143"},
		{url.Values{"From": {"whatsapp:12025550143"}}, "whatsapp_phone 12025550143"},
		{url.Values{"From": {"whatsapp:" + user}}, "whatsapp_bsuid " + user},
		{url.Values{"From": {"whatsapp:" + user}, "ExternalUserId": {"whatsapp:" + user}}, "whatsapp_bsuid " + user},
		{
			url.Values{"From": {"whatsapp:+12025550143"}, "WaId": {"12025550143"}, "ExternalUserId": {"whatsapp:" + user}},
			"whatsapp_phone 12025550143, whatsapp_bsuid " + user,
		},
		{url.Values{"From": {"whatsapp:" + user}, "WaId": {"12025550143"}}, "whatsapp_bsuid " + user + ", whatsapp_phone 12025550143"},
		{url.Values{"ExternalUserId": {"whatsapp:" + user}}, "whatsapp_bsuid " + user},
		{url.Values{"From": {"+12025550143"}, "ExternalUserId": {"something else"}}, "phone +12025550143"},
		{url.Values{"From": {"messenger:100000000000011"}}, "sms_sender messenger:100000000000011"},
	} {
		var got []string
		for _, i := range parsed(t, c.with).Contact.Identities {
			got = append(got, i.Kind+" "+i.Value)
			if (i.Kind == "whatsapp_bsuid") != (i.Scope != "") || i.Display == "" {
				t.Errorf("%v: %+v", c.with, i)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%v: %s, want %s", c.with, strings.Join(got, ", "), c.want)
		}
	}
}

// What a customer pressed, chose, filled in or came from is there, and nothing is an empty bubble.
func TestWhatAMessageSays(t *testing.T) {
	for _, c := range []struct {
		name string
		with url.Values
		want string
	}{
		{
			"a button",
			url.Values{"Body": {"Yes"}, "ButtonText": {"Yes"}, "ButtonPayload": {"confirm-7"}, "MessageType": {"button"}},
			`interactive "Yes" button_reply=confirm-7()`,
		},
		{"a button by its payload", url.Values{"ButtonPayload": {"confirm-7"}}, `interactive "confirm-7" button_reply=confirm-7()`},
		{"a button with the words in the body", url.Values{"Body": {"Yes"}, "ButtonPayload": {"y"}}, `interactive "Yes" button_reply=y()`},
		{
			"a row",
			url.Values{"ListId": {"row-2"}, "ListTitle": {"Tuesday"}, "ListDescription": {"9 to 12"}},
			`interactive "Tuesday" list_reply=row-2(9 to 12)`,
		},
		{"a row by the body", url.Values{"Body": {"Tuesday"}, "ListId": {"row-2"}}, `interactive "Tuesday" list_reply=row-2()`},
		{"a form", url.Values{"InteractiveData": {`{"size":"M"}`}}, `interactive "size: M" form_reply size=M`},
		{"an advertisement", url.Values{
			"Body": {"hi"}, "ReferralSourceType": {"ad"}, "ReferralSourceId": {"120"}, "ReferralCtwaClid": {"clid"},
		}, `text "hi" referral=ad/120 click=clid media=`},
		{"forwarded", url.Values{"Body": {"hi"}, "Forwarded": {"true"}}, `text "hi" forwarded=once`},
		{"forwarded often", url.Values{"Body": {"hi"}, "FrequentlyForwarded": {"true"}}, `text "hi" forwarded=often`},
		{"NUL", url.Values{"Body": {"price\x00 list\x00"}}, `text "price list"`},
		{"nothing", url.Values{"Body": {""}}, `unsupported "An empty message." system=empty raw`},
		{"blanks", url.Values{"Body": {" \n\u00a0"}}, `unsupported "An empty message." system=empty raw`},
		{"only NUL", url.Values{"Body": {"\x00"}}, `unsupported "An empty message." system=empty raw`},
		{"a kind that nobody knows", url.Values{"MessageType": {"hologram"}}, `unsupported "A message of a kind that Twilio does not pass on." system=hologram raw`},
		{"a picture by another name", url.Values{
			"NumMedia": {"2"}, "MediaUrl0": {"https://api.twilio.com/ME0"}, "MediaContentType0": {"image/JPG; q=1"},
			"MediaUrl1": {"https://api.twilio.com/ME1"}, "MediaContentType1": {"image/x-png"},
		}, `media "" [image image/jpeg ME0https://api.twilio.com/ME0 ""] [image image/png ME1https://api.twilio.com/ME1 ""]`},
	} {
		c.with.Set("From", "+12025550143")
		e := parsed(t, c.with)
		e.Contact = nil
		got := strings.TrimSuffix(channeltest.Describe(e, e.Account), " | at ?")
		if got = strings.Replace(strings.TrimPrefix(got, "message SM1 "), " opens", "", 1); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A customer who asks for it is left alone; nobody is cut off by an ordinary answer that stops something in another language.
func TestOnlyWhatMeansNothingElseOptsOut(t *testing.T) {
	for text, want := range map[string]channels.Consent{
		"STOP": "stop", " stop. ": "stop", "Stop!": "stop", "stopall": "stop", "Stop all": "stop", "'STOP'": "stop",
		"\u200fSTOP\u200f": "stop",
		"ＳＴＯＰ":             "stop", "STOP\x00": "stop",
		"OPTOUT": "stop", "Opt out": "stop", "opt-out": "stop", "OPT  OUT.": "stop", "Cancel": "stop", "End": "stop", "Quit": "stop",
		"Revoke": "stop", "Unsubscribe": "stop", "unsubscribe me": "stop",
		"הסר": "stop", "הָסֵר": "stop", "הסר.": "stop", "הסר אותי": "stop", "הסירו": "stop",
		"إلغاء": "stop", "الغاء": "stop", "إلغاء الاشتراك": "stop", "أَوْقِف": "stop",
		"СТОП": "stop", "Отписаться": "stop", "Arrêt": "stop", "Se désabonner": "", "Désabonner": "stop", "Darme de baja": "stop",
		"START": "start", "Yes": "start", "unstop": "start", "ابدأ": "start", "التحق": "", "התחל": "start", "Старт": "start",
		// ordinary answers
		"Fine.": "", "fine": "", "alto": "", "Alto!": "", "pare": "", "parar": "", "baja": "", "Alta": "", "sair": "", "cancelar": "",
		"cancella": "", "Ende": "", "fin": "", "no": "", "off": "", "توقف": "", "לא": "", "חדש": "", "הסרה": "",
		"نعم": "", "si": "", "oui": "",
		"stop please": "", "Stop. Thank you": "", "please don't stop": "", "": "", "HELP": "", "info": "", "I said STOP": "", "the end": "",
		strings.Repeat("stop ", 40): "",
	} {
		events, err := sms.New(nil).Parse(account,
			signed([]byte(url.Values{"MessageSid": {"SM1"}, "From": {"+12025550143"}, "Body": {text}, "SmsStatus": {"received"}}.Encode())))
		if err != nil || events[0].Message.Consent != want {
			t.Errorf("%q: %q, want %q (%v)", text, events[0].Message.Consent, want, err)
		}
	}
}

// Twilio's own handling counts before the words, in both directions.
func TestTheProvidersOwnOptOutCountsBeforeTheWords(t *testing.T) {
	for _, c := range [][3]string{
		{"alto", "STOP", "stop"}, {"Fine.", " stop ", "stop"}, {"avanti", "START", "start"}, {"STOP", "HELP", ""},
	} {
		m := parsed(t, url.Values{"From": {"+12025550143"}, "Body": {c[0]}, "OptOutType": {c[1]}})
		if string(m.Message.Consent) != c[2] {
			t.Errorf("%q with %s: %q, want %q", c[0], c[1], m.Message.Consent, c[2])
		}
	}
}
