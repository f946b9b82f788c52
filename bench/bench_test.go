package main

import (
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/whatsapp"
	"wasl/internal/httpclient"
)

// What the bench sends is what WhatsApp sends: signed, understood, and every message found again by its number.
func TestWebhooksAreWhatsApps(t *testing.T) {
	at := time.Unix(1_790_000_000, 0)
	body := webhook(message{7, 1, at, sentence(7)}, message{8, 2, at, `"quoted" שלום`})
	adapter := whatsapp.New(whatsapp.Options{HTTP: httpclient.New(httpclient.Options{})})
	account := channels.Account{ChannelID: "chn", Credentials: map[string]string{"app_secret": appSecret, "phone_number_id": phoneNumberID}}
	hook := channels.Webhook{Method: "POST", Header: map[string][]string{"X-Hub-Signature-256": {sign(body)}}, Body: body}
	if err := adapter.Verify(account, hook); err != nil {
		t.Fatal(err)
	}
	events, err := adapter.Parse(account, hook)
	if err != nil || len(events) != 2 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for n, ev := range events {
		if ev.Message == nil || numberOf([]byte(ev.Message.ProviderID)) != 7+n || !ev.At.Equal(at) {
			t.Errorf("event %d is %+v", n, ev)
		}
	}
	if got := events[1].Message.Content.Text; got != `"quoted" שלום` {
		t.Errorf("the text became %q", got)
	}
}

// A figure is void as soon as one frame is missing, comes twice, or was never sent.
func TestALoadIsVoid(t *testing.T) {
	first, second := &socket{}, &socket{}
	for name, test := range map[string]struct {
		on   map[*socket][]int
		want string
	}{
		"all came once":       {map[*socket][]int{first: {10, 11}, second: {11, 10}}, ""},
		"one came twice":      {map[*socket][]int{first: {10, 11, 11}, second: {10, 11}}, "1 frames came twice"},
		"one was not sent":    {map[*socket][]int{first: {10, 11, 12}, second: {10, 11}}, "1 were not asked for"},
		"one has no number":   {map[*socket][]int{first: {10, 11, -1}, second: {10, 11}}, "1 were not asked for"},
		"a socket missed one": {map[*socket][]int{first: {10, 11}, second: {10}}, "1 of 4 frames never came"},
	} {
		l := newLoad(nil, []*socket{first, second}, 10, 2, oneOf(1))
		l.patience = time.Millisecond
		for s, numbers := range test.on {
			for _, n := range numbers {
				l.arrive(s, n)
			}
		}
		err := l.wait()
		if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFramesAreReadCheaply(t *testing.T) {
	frame := []byte(`{"type":"message.created","seq":42,"epoch":"e1","at":"2026-01-01T00:00:00.000Z","data":{"provider_id":"` +
		messageID(123) + `"}}`)
	if n := numberOf(frame); n != 123 {
		t.Errorf("number %d", n)
	}
	if seq := string(field(frame, `"seq":`, ',')); seq != "42" {
		t.Errorf("seq %q", seq)
	}
	if epoch := string(field(frame, `"epoch":"`, '"')); epoch != "e1" {
		t.Errorf("epoch %q", epoch)
	}
	if n := numberOf([]byte(`{"data":"wamid.BENCH00"}`)); n != -1 {
		t.Errorf("a cut number is %d", n)
	}
}

func TestTheTableSaysWhatIsMissed(t *testing.T) {
	wasl, floor := &subject{name: "wasl"}, &subject{name: "floor", bare: true}
	table := newTable([]*subject{wasl, floor}, []int{1000})
	for _, ms := range []float64{30, 10, 21} {
		table.add(wasl, "POST to socket p99, 100/s", ms)
	}
	table.add(floor, "POST to socket p99, 100/s", 7)
	table.add(wasl, "sustained, stored and shown", 2500)
	table.add(wasl, sized("list p99", 1000), 3)
	var out strings.Builder
	table.print(&out)
	for _, want := range []string{
		"≤ 20.0", "21.0 (10.0–30.0) MISSED", "7 ", "3.00\n", "≥ 2200", "≥ 4500", "3 reached",
		"list p99, 1000 conversations, ms",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Count(out.String(), "MISSED") != 1 || table.verdict() != nil {
		t.Errorf("one aim is missed and nothing is void:\n%s", out.String())
	}
}

func TestGaugesAreRead(t *testing.T) {
	if n, err := gauge("# HELP x y\n# TYPE wasl_jobs_active gauge\nwasl_jobs_active 17\nother 1\n", "wasl_jobs_active"); n != 17 ||
		err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := gauge("other 1\n", "wasl_jobs_active"); err == nil {
		t.Error("an absent gauge is no zero")
	}
}

// Over MongoDB the gateway has a database for each folder, and the same one when it is started there again.
func TestAFolderIsADatabase(t *testing.T) {
	s := &subject{name: "wasl", mongodb: "mongodb://a:1,b:2/x?replicaSet=rs0"}
	first, again, other := s.overMongoDB("/one"), s.overMongoDB("/one"), s.overMongoDB("/other")
	if first[0] != again[0] || first[0] == other[0] || len(s.databases) != 2 {
		t.Errorf("%v, %v, %v: %v", first, again, other, s.databases)
	}
	if want := "WASL_MONGODB_URI=mongodb://a:1,b:2/" + s.databases[0] + "?replicaSet=rs0"; first[0] != want {
		t.Errorf("%s, want %s", first[0], want)
	}
}
