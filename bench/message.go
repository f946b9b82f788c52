package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"wasl/channels/meta"
)

const (
	appSecret     = "bench-app-secret"
	phoneNumberID = "800000000000001"
	accountID     = "900000000000001"
	idMark        = "wamid.BENCH"
	idDigits      = 9
)

// messageID is the provider's id of message n; numberOf reads it back from a frame.
func messageID(n int) string { return fmt.Sprintf("%s%0*d", idMark, idDigits, n) }

// webhook words messages as WhatsApp does, several in one body where the provider batches them.
func webhook(messages ...message) []byte {
	var people, said strings.Builder
	for i, m := range messages {
		if i > 0 {
			people.WriteByte(',')
			said.WriteByte(',')
		}
		fmt.Fprintf(&people, `{"profile":{"name":"Contact %d"},"wa_id":"%s"}`, m.sender, phone(m.sender))
		fmt.Fprintf(&said, `{"from":"%s","id":"%s","timestamp":"%d","type":"text","text":{"body":%q}}`, phone(m.sender),
			messageID(m.number), m.at.Unix(), m.text)
	}
	return fmt.Appendf(nil,
		`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"messaging_product":"whatsapp",`+
			`"metadata":{"display_phone_number":"12025550100","phone_number_id":"%s"},"contacts":[%s],"messages":[%s]},"field":"messages"}]}]}`,
		accountID, phoneNumberID, people.String(), said.String())
}

type message struct {
	number, sender int
	at             time.Time
	text           string
}

func phone(sender int) string { return strconv.Itoa(972500000000 + sender) }

func sign(body []byte) string { return meta.Sign(appSecret, body) }

// words are drawn with the frequencies of language: the first is in a fifth of all messages, the last ones are rare.
var words = func() []string {
	list := strings.Fields("order hello thanks please when delivery invoice price time today שלום הזמנה תודה מתי חשבונית مرحبا طلب شكرا متى فاتورة")
	for n := len(list); n < 4000; n++ {
		list = append(list, "w"+strconv.FormatInt(int64(n)*7919%1_000_003, 36))
	}
	return list
}()

// sentence is the text of message n, always the same one. Its reference is in no other.
func sentence(n int) string {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	zipf := rand.NewZipf(r, 1.3, 8, uint64(len(words)-1))
	var b strings.Builder
	for range 6 + r.IntN(6) {
		b.WriteString(words[zipf.Uint64()])
		b.WriteByte(' ')
	}
	return b.String() + reference(n)
}

func reference(n int) string { return fmt.Sprintf("ref%07d", n) }
