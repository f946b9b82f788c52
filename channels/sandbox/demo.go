package sandbox

import (
	"time"
)

// Story is a conversation to be told again.
type Story struct {
	Customer string // the key of the customer
	Kind     string // of the channel; empty: whatsapp
	Topic    string // sales support complaint other
	Lines    []Line
}

// Line is one thing that was said, so long before the telling.
type Line struct {
	Ago     time.Duration
	From    string // FromCustomer or FromBusiness
	Name    string // by which later lines refer to it
	To      string // the name of the line that this answers or reacts to
	Content Content
	Sample  string // the file of Content, as Sample has it
	React   string // instead of Content: an emoji
}

// DemoAccounts are the accounts of the demo's business with every provider.
func DemoAccounts() []Account {
	name := DemoAccount().Name
	return []Account{
		DemoAccount(),
		{
			Kind: "messenger", ID: "100000000000077", Name: name, Address: "Meridian Trading Academy", AccessToken: "sandbox-page-token",
			AppSecret: "sandbox-app-secret", VerifyToken: "sandbox-verify-token",
		},
		{
			Kind: "instagram", ID: "17841400000000077", Name: name, Address: "@meridian.academy", AccessToken: "sandbox-instagram-token",
			AppSecret: "sandbox-instagram-secret", VerifyToken: "sandbox-verify-token",
		},
		{Kind: "sms", ID: "AC00000000000000000000000000000077", Name: name, Address: "+1 202-555-0177", AccessToken: "sandbox-auth-token"},
		{
			Kind: "email", ID: "support@meridian.example", Name: name, Address: "support@meridian.example",
			AccessToken: "SG.sandbox-api-key",
			AppSecret:   "sandbox-event-seed",
		},
	}
}

// DemoMailbox is another address of theirs, at a host with IMAP and SMTP.
func DemoMailbox() Account {
	return Account{
		Kind: "email", Mailbox: true, ID: "desk@meridian.example", Name: "Meridian Desk", Address: "desk@meridian.example",
		AccessToken: "sandbox-mailbox-password",
	}
}

// DemoAccount is the business of the demo on WhatsApp: a school for traders.
func DemoAccount() Account {
	return Account{
		ID: "800000000000001", BusinessID: "900000000000001", Name: "Meridian Trading Academy", Address: "+972 3-555-0100",
		AccessToken: "sandbox-access-token", AppSecret: "sandbox-app-secret", VerifyToken: "sandbox-verify-token",
	}
}

// DemoCustomers are the people of the demo.
func DemoCustomers() []Customer {
	return []Customer{
		{
			Key: "noa-levi", Name: "Noa Levi", Phone: "972501234567", Email: "noa.levi@example.com", Language: "he",
			Apps: []string{"whatsapp", "instagram", "email"},
		},
		{Key: "david-miller", Name: "David Miller", Phone: "12025550143", Email: "david.miller@example.com", Language: "en"},
		{
			Key: "sivan-avraham", Name: "סיון אברהם", Phone: "972525550134", Email: "sivan@example.co.il", Language: "he",
			Apps: []string{"whatsapp", "email"},
		},
		{Key: "sara-khalil", Name: "سارة خليل", Phone: "971505550162", Language: "ar", Apps: []string{"whatsapp", "instagram"}},
		{
			Key: "emma-brown", Name: "Emma Brown", Phone: "447700900123", Email: "emma.brown@example.co.uk", Language: "en",
			Apps: []string{"whatsapp", "sms", "email"},
		},
		{Key: "ahmad-haddad", Name: "أحمد حداد", Phone: "962795550118", Language: "ar", Apps: []string{"whatsapp", "messenger"}},
		{
			Key: "yossi-barak", Name: "יוסי ברק", Phone: "972545550181", Email: "yossi@example.co.il", Language: "he",
			Apps: []string{"whatsapp", "sms", "email"},
		},
		{Key: "rami-nasser", Name: "Rami Nasser", Username: "@rami.trades", Language: "ar", Apps: []string{"whatsapp", "instagram"}},
		{
			Key: "olivia-grant", Name: "Olivia Grant", Phone: "14155550126", Email: "olivia.grant@example.com", Username: "@olivia.charts",
			Language: "en",
		},
		{
			Key: "karim-saleh", Name: "كريم صالح", Phone: "201005550154", Email: "karim.saleh@example.com", Language: "ar",
			Apps: []string{"messenger", "sms", "email"},
		},
		{
			Key: "tamar-golan", Name: "תמר גולן", Phone: "972535550172", Email: "tamar@example.co.il", Username: "@tamar.golan",
			Language: "he", Apps: []string{"instagram", "sms", "email"},
		},
	}
}

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

func said(ago time.Duration, from, text string) Line {
	return Line{Ago: ago, From: from, Content: Content{Type: "text", Text: text}}
}

func customer(ago time.Duration, text string) Line { return said(ago, FromCustomer, text) }
func business(ago time.Duration, text string) Line { return said(ago, FromBusiness, text) }
