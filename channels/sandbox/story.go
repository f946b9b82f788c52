package sandbox

import (
	"fmt"
	"slices"
	"time"

	"wasl/channels"
	"wasl/internal/errs"
)

// Story is a conversation to be told again.
type Story struct {
	Customer string // the key of the customer
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

// Told is a line as it was told.
type Told struct {
	Line    Line
	Story   Story
	Message Message // with the provider's id; of a reaction, the message that it is on
}

// Tell tells stories: every line appears on its phone at its own time. What customers said is reported to the
// business with that time. What the business said is reported as written in its own app if echo is set; else it
// only appears on the phones, and the caller brings it into the business' own books by the ids in the answer.
func (s *Sandbox) Tell(accountID string, stories []Story, echo bool) ([]Told, error) {
	a, ok := s.account(accountID)
	if !ok {
		return nil, errs.New(errs.NotFound, "account_not_found", "There is no such account.")
	}
	var all []Told
	for _, story := range stories {
		for _, line := range story.Lines {
			all = append(all, Told{Line: line, Story: story})
		}
	}
	slices.SortStableFunc(all, func(x, y Told) int { return int(y.Line.Ago - x.Line.Ago) })
	now, named := s.clock.Now(), map[string]string{}
	for i := range all {
		t := &all[i]
		p, ok := s.book.phone(t.Story.Customer)
		if !ok {
			return nil, noPhone(t.Story.Customer)
		}
		if err := s.tellLine(a, p, t, named, now.Add(-t.Line.Ago), echo); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// tellLine puts one line on its phone. named holds the ids of the lines with a name.
func (s *Sandbox) tellLine(a Account, p Phone, t *Told, named map[string]string, at time.Time, echo bool) error {
	line, to := t.Line, named[t.Story.Customer+" "+t.Line.To]
	if line.To != "" && to == "" {
		return fmt.Errorf("sandbox: story of %s: no line %q before", t.Story.Customer, line.To)
	}
	if line.React != "" {
		t.Message, _ = s.book.change(to, func(m *Message) bool { return setReaction(m, line.From, line.React) })
		if line.From == FromCustomer {
			s.out.send(a, happening{kind: "reaction", phone: p, message: t.Message, emoji: line.React, id: s.dialects[a.Kind].newID(p, Content{}), at: at})
		}
		return nil
	}
	content := line.Content
	if line.Sample != "" {
		media, err := s.sampleMedia(line.From, line.Sample)
		if err != nil {
			return err
		}
		content.Media = media
	}
	m := Message{ID: s.dialects[a.Kind].newID(p, content), Account: a.ID, Phone: p.Key, From: line.From, At: at, ReplyTo: to, Content: content, Status: StatusSent}
	if line.From == FromBusiness {
		m.Status = StatusRead
	}
	s.book.add(m)
	t.Message = m
	if line.Name != "" {
		named[t.Story.Customer+" "+line.Name] = m.ID
	}
	switch {
	case line.From == FromCustomer:
		s.out.send(a, s.about("message", p, m))
	case echo:
		s.out.send(a, s.about("echo", p, m))
	}
	return nil
}

// DemoAccount is the business of the demo: a school for traders.
func DemoAccount() Account {
	return Account{ID: "800000000000001", BusinessID: "900000000000001", Name: "Meridian Trading Academy", Address: "+972 3-555-0100",
		AccessToken: "sandbox-access-token", AppSecret: "sandbox-app-secret", VerifyToken: "sandbox-verify-token"}
}

// DemoCustomers are the people of the demo.
func DemoCustomers() []Customer {
	return []Customer{
		{Key: "noa-levi", Name: "Noa Levi", Phone: "972501234567", Language: "he"},
		{Key: "david-miller", Name: "David Miller", Phone: "12025550143", Language: "en"},
		{Key: "sivan-avraham", Name: "סיון אברהם", Phone: "972525550134", Language: "he"},
		{Key: "sara-khalil", Name: "سارة خليل", Phone: "971505550162", Language: "ar"},
		{Key: "emma-brown", Name: "Emma Brown", Phone: "447700900123", Language: "en"},
		{Key: "ahmad-haddad", Name: "أحمد حداد", Phone: "962795550118", Language: "ar"},
		{Key: "yossi-barak", Name: "יוסי ברק", Phone: "972545550181", Language: "he"},
		{Key: "rami-nasser", Name: "Rami Nasser", Username: "@rami.trades", Language: "ar"},
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

// DemoStories are the conversations of the demo.
func DemoStories() []Story {
	return []Story{
		{"noa-levi", "support", []Line{
			customer(2*day+3*hour, "היי, נרשמתי אתמול לקורס \"יסודות המסחר\" ועדיין לא קיבלתי קישור לשיעור הראשון 🙈"),
			business(2*day+2*hour+54*minute, "היי נועה, ברוכה הבאה! הקישור נשלח לדוא״ל, ובכל מקרה הנה הוא כאן: https://academy.example.com/live/foundations-1"),
			{Ago: 2*day + 2*hour + 50*minute, From: FromBusiness, Sample: "syllabus.pdf", Name: "syllabus", Content: Content{Type: "document", Text: "וזו תוכנית הקורס המלאה"}},
			{Ago: 2*day + 2*hour + 47*minute, From: FromCustomer, To: "syllabus", React: "🙏"},
			customer(2*day+2*hour+45*minute, "מעולה, תודה רבה!"),
			customer(52*minute, "שאלה על השיעור של אתמול: איך מחשבים את גודל הפוזיציה כשהסטופ רחוק?"),
			{Ago: 51 * minute, From: FromCustomer, Sample: "chart.png", Name: "chart", Content: Content{Type: "image", Text: "זה הגרף שעליו אני מתרגלת"}},
			{Ago: 50 * minute, From: FromCustomer, Sample: "voice.ogg", Content: Content{Type: "voice"}},
		}},
		{"david-miller", "sales", []Line{
			customer(1*day+5*hour, "Hi! I saw your webinar on risk management. Do you have a course that I can take in the evenings?"),
			business(1*day+4*hour+51*minute, "Hi David, glad that you liked it. *Trading Foundations* runs on Sundays at 19:00, live, and every lesson is recorded."),
			{Ago: 1*day + 4*hour + 50*minute, From: FromBusiness, Sample: "syllabus.pdf", Content: Content{Type: "document", Text: "The syllabus"}},
			customer(1*day+4*hour+30*minute, "Looks good. What does it cost, and can I pay in instalments?"),
			{Ago: 1*day + 4*hour + 12*minute, From: FromBusiness, Name: "price", Content: Content{Type: "text", Text: "It is $490, or three payments of $170. The book on risk is included until Friday."}},
			{Ago: 3 * hour, From: FromCustomer, Content: Content{Type: "order", Text: "Three payments please", Order: &channels.Order{CatalogID: "600000000000001", Items: []channels.OrderItem{{ProductID: "COURSE-FOUNDATIONS", Quantity: 1, Price: "490", Currency: "USD"}, {ProductID: "BOOK-RISK", Quantity: 1, Price: "0", Currency: "USD"}}}}},
			{Ago: 2*hour + 58*minute, From: FromCustomer, To: "price", Content: Content{Type: "text", Text: "So the book is included, right?"}},
		}},
		{"sivan-avraham", "complaint", []Line{
			customer(6*hour, "שלום, חויבתי פעמיים על אותה חשבונית!! INV-2026-00871"),
			{Ago: 5*hour + 58*minute, From: FromCustomer, Sample: "transfer.png", Content: Content{Type: "image", Text: "צילום ההעברה"}},
			business(5*hour+40*minute, "שלום סיון, מצטערים מאוד. אני בודקת עכשיו מול הנהלת החשבונות."),
			customer(4*hour, "עברו כבר שעתיים. אני רוצה החזר של 1,249.90 ₪ עוד היום."),
			customer(25*minute, "מישהו עונה שם?"),
		}},
		{"sara-khalil", "sales", []Line{
			customer(3*day, "مرحبًا، هل تقدمون دورات باللغة العربية؟"),
			business(3*day-9*minute, "أهلًا سارة! نعم، دورة «أساسيات التداول» تبدأ يوم الأحد الساعة 19:00، مباشرة ومسجّلة."),
			customer(3*day-20*minute, "ممتاز. هل يوجد خصم للطلاب؟"),
			business(3*day-31*minute, "نعم، خصم 15% مع البطاقة الجامعية."),
			{Ago: 1*day + 1*hour, From: FromBusiness, Name: "reminder", Content: Content{Type: "template", Text: "مرحبًا سارة، الفاتورة INV-2026-00912 بمبلغ 350.50 AED مستحقة الدفع. يمكنك الدفع بأمان من الزر أدناه.",
				Choices: &Choices{Buttons: []Button{{Kind: "url", Title: "ادفع الآن", Value: "https://academy.example.com/i/912"}}}}},
			{Ago: 40 * minute, From: FromCustomer, To: "reminder", Content: Content{Type: "text", Text: "دفعت 350.50 درهم قبل قليل عبر Apple Pay، هل وصلت الدفعة؟"}},
		}},
		{"emma-brown", "support", []Line{
			customer(9*hour, "Hello, the video of lesson 3 stops at 12:40 for me, on the phone and on the laptop."),
			business(8*hour+45*minute, "Hi Emma, thank you for telling us. We have uploaded it again, could you try once more?"),
			{Ago: 8*hour + 20*minute, From: FromCustomer, Name: "works", Content: Content{Type: "text", Text: "It works now. You are fast!"}},
			{Ago: 8*hour + 18*minute, From: FromBusiness, To: "works", React: "❤️"},
			{Ago: 8*hour + 10*minute, From: FromCustomer, Sample: "sticker.webp", Content: Content{Type: "sticker"}},
		}},
		{"ahmad-haddad", "other", []Line{
			customer(1*day+8*hour, "السلام عليكم، أريد زيارة مقر الأكاديمية يوم الثلاثاء. أين تقعون؟"),
			{Ago: 1*day + 7*hour + 50*minute, From: FromBusiness, Content: Content{Type: "location", Location: &channels.Location{Latitude: 32.0853, Longitude: 34.7818, Name: "Meridian Trading Academy", Address: "Rothschild Blvd 22, Tel Aviv"}}},
			business(1*day+7*hour+49*minute, "وعليكم السلام أحمد، نحن في الطابق الرابع. هل تناسبك الساعة 17:00؟"),
			customer(1*day+7*hour+30*minute, "نعم 👍 سأحضر مع أخي"),
			{Ago: 2 * hour, From: FromCustomer, Content: Content{Type: "location", Location: &channels.Location{Latitude: 32.0731, Longitude: 34.7925, Name: "HaShalom Station", Address: "Tel Aviv"}}},
			customer(119*minute, "أنا الآن هنا، كم يستغرق الطريق مشيًا؟"),
		}},
		{"yossi-barak", "support", []Line{
			customer(5*day, "בוקר טוב, אפשר לקבל דף חשבון של כל התשלומים שלי השנה?"),
			{Ago: 5*day - 30*minute, From: FromBusiness, Sample: "statement.pdf", Content: Content{Type: "document", Text: "בוקר אור יוסי, מצורף דף החשבון"}},
			customer(5*day-44*minute, "תודה. החשבונית האחרונה שולמה ב-Bit, תעדכנו בבקשה"),
			business(5*day-55*minute, "עודכן ✅ יתרה לתשלום: 99.00 $"),
		}},
		{"rami-nasser", "sales", []Line{
			customer(95*minute, "Hi, is the options course open for beginners? بالعربي أيضًا إذا ممكن 🙂"),
			{Ago: 94 * minute, From: FromCustomer, Content: Content{Type: "contacts", Contacts: []channels.Card{{Name: "Lina Nasser", Phones: []channels.CardPhone{{Phone: "+962 79 555 0177", Type: "CELL", WhatsAppID: "962795550177"}}}}}},
			customer(93*minute, "My sister wants to join too, please call her."),
		}},
	}
}
