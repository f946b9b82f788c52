package whatsapp_test

import (
	"testing"

	"wasl/channels"
)

// BenchmarkReceive is what one text message costs before it is stored: signature and events.
func BenchmarkReceive(b *testing.B) {
	hook := signed(file("testdata/in/whatsapp-text.json"))
	a := adapter()
	b.ReportAllocs()
	for b.Loop() {
		if a.Verify(account, hook) != nil {
			b.Fatal("refused")
		}
		if events, err := a.Parse(account, hook); err != nil || len(events) != 1 {
			b.Fatal(err)
		}
	}
}

// BenchmarkReceiveLarge is a body of 3 MB with 3,000 messages, the most that the platform documents.
func BenchmarkReceiveLarge(b *testing.B) {
	hook := channels.Webhook{Body: many(3000)}
	b.SetBytes(int64(len(hook.Body)))
	for b.Loop() {
		if events, err := adapter().Parse(account, hook); err != nil || len(events) != 3000 {
			b.Fatal(err)
		}
	}
}
