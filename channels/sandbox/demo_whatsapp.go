package sandbox

import "slices"

import "wasl/channels"

// DemoStories are the conversations of the demo.
func DemoStories() []Story {
	return slices.Concat(whatsAppStories(), moreWhatsAppStories(), otherStories())
}

func whatsAppStories() []Story {
	return []Story{
		{"noa-levi", "", "support", []Line{
			customer(2*day+3*hour, "היי, נרשמתי אתמול לקורס \"יסודות המסחר\" ועדיין לא קיבלתי קישור לשיעור הראשון 🙈"),
			business(2*day+2*hour+54*minute,
				"היי נועה, ברוכה הבאה! הקישור נשלח לדוא״ל, ובכל מקרה הנה הוא כאן: https://academy.example.com/live/foundations-1"),
			{
				Ago: 2*day + 2*hour + 50*minute, From: FromBusiness, Sample: "syllabus.pdf", Name: "syllabus",
				Content: Content{Type: "document", Text: "וזו תוכנית הקורס המלאה"},
			},
			{Ago: 2*day + 2*hour + 47*minute, From: FromCustomer, To: "syllabus", React: "🙏"},
			customer(2*day+2*hour+45*minute, "מעולה, תודה רבה!"),
			customer(52*minute, "שאלה על השיעור של אתמול: איך מחשבים את גודל הפוזיציה כשהסטופ רחוק?"),
			{
				Ago: 51 * minute, From: FromCustomer, Sample: "chart.png", Name: "chart",
				Content: Content{Type: "image", Text: "זה הגרף שעליו אני מתרגלת"},
			},
			{Ago: 50 * minute, From: FromCustomer, Sample: "voice.ogg", Content: Content{Type: "voice"}},
		}},
		{"david-miller", "", "sales", []Line{
			customer(1*day+5*hour, "Hi! I saw your webinar on risk management. Do you have a course that I can take in the evenings?"),
			business(1*day+4*hour+51*minute,
				"Hi David, glad that you liked it. *Trading Foundations* runs on Sundays at 19:00, live, and every lesson is recorded."),
			{
				Ago: 1*day + 4*hour + 50*minute, From: FromBusiness, Sample: "syllabus.pdf",
				Content: Content{Type: "document", Text: "The syllabus"},
			},
			customer(1*day+4*hour+30*minute, "Looks good. What does it cost, and can I pay in instalments?"),
			{
				Ago: 1*day + 4*hour + 12*minute, From: FromBusiness, Name: "price",
				Content: Content{Type: "text", Text: "It is $490, or three payments of $170. The book on risk is included until Friday."},
			},
			{Ago: 3 * hour, From: FromCustomer, Content: Content{
				Type: "order", Text: "Three payments please",
				Order: &channels.Order{
					CatalogID: "600000000000001",
					Items: []channels.OrderItem{
						{ProductID: "COURSE-FOUNDATIONS", Quantity: 1, Price: "490", Currency: "USD"},
						{ProductID: "BOOK-RISK", Quantity: 1, Price: "0", Currency: "USD"},
					},
				},
			}},
			{
				Ago: 2*hour + 58*minute, From: FromCustomer, To: "price",
				Content: Content{Type: "text", Text: "So the book is included, right?"},
			},
		}},
		{"sivan-avraham", "", "complaint", []Line{
			customer(6*hour, "שלום, חויבתי פעמיים על אותה חשבונית!! INV-2026-00871"),
			{Ago: 5*hour + 58*minute, From: FromCustomer, Sample: "transfer.png", Content: Content{Type: "image", Text: "צילום ההעברה"}},
			business(5*hour+40*minute, "שלום סיון, מצטערים מאוד. אני בודקת עכשיו מול הנהלת החשבונות."),
			customer(4*hour, "עברו כבר שעתיים. אני רוצה החזר של 1,249.90 ₪ עוד היום."),
			customer(25*minute, "מישהו עונה שם?"),
		}},
		{"sara-khalil", "", "sales", []Line{
			customer(3*day, "مرحبًا، هل تقدمون دورات باللغة العربية؟"),
			business(3*day-9*minute, "أهلًا سارة! نعم، دورة «أساسيات التداول» تبدأ يوم الأحد الساعة 19:00، مباشرة ومسجّلة."),
			customer(3*day-20*minute, "ممتاز. هل يوجد خصم للطلاب؟"),
			business(3*day-31*minute, "نعم، خصم 15% مع البطاقة الجامعية."),
			{Ago: 1*day + 1*hour, From: FromBusiness, Name: "reminder", Content: Content{
				Type:    "template",
				Text:    "مرحبًا سارة، الفاتورة INV-2026-00912 بمبلغ 350.50 AED مستحقة الدفع. يمكنك الدفع بأمان من الزر أدناه.",
				Choices: &Choices{Buttons: []Button{{Kind: "url", Title: "ادفع الآن", Value: "https://academy.example.com/i/912"}}},
			}},
			{Ago: 40 * minute, From: FromCustomer, To: "reminder", Content: Content{
				Type: "text",
				Text: "دفعت 350.50 درهم قبل قليل عبر Apple Pay، هل وصلت الدفعة؟",
			}},
		}},
	}
}

func moreWhatsAppStories() []Story {
	return []Story{
		{"emma-brown", "", "support", []Line{
			customer(9*hour, "Hello, the video of lesson 3 stops at 12:40 for me, on the phone and on the laptop."),
			business(8*hour+45*minute, "Hi Emma, thank you for telling us. We have uploaded it again, could you try once more?"),
			{
				Ago: 8*hour + 20*minute, From: FromCustomer, Name: "works",
				Content: Content{Type: "text", Text: "It works now. You are fast!"},
			},
			{Ago: 8*hour + 18*minute, From: FromBusiness, To: "works", React: "❤️"},
			{Ago: 8*hour + 10*minute, From: FromCustomer, Sample: "sticker.webp", Content: Content{Type: "sticker"}},
		}},
		{"ahmad-haddad", "", "other", []Line{
			customer(1*day+8*hour, "السلام عليكم، أريد زيارة مقر الأكاديمية يوم الثلاثاء. أين تقعون؟"),
			{Ago: 1*day + 7*hour + 50*minute, From: FromBusiness, Content: Content{
				Type: "location",
				Location: &channels.Location{
					Latitude: 32.0853, Longitude: 34.7818, Name: "Meridian Trading Academy",
					Address: "Rothschild Blvd 22, Tel Aviv",
				},
			}},
			business(1*day+7*hour+49*minute, "وعليكم السلام أحمد، نحن في الطابق الرابع. هل تناسبك الساعة 17:00؟"),
			customer(1*day+7*hour+30*minute, "نعم 👍 سأحضر مع أخي"),
			{Ago: 2 * hour, From: FromCustomer, Content: Content{
				Type:     "location",
				Location: &channels.Location{Latitude: 32.0731, Longitude: 34.7925, Name: "HaShalom Station", Address: "Tel Aviv"},
			}},
			customer(119*minute, "أنا الآن هنا، كم يستغرق الطريق مشيًا؟"),
		}},
		{"yossi-barak", "", "support", []Line{
			customer(5*day, "בוקר טוב, אפשר לקבל דף חשבון של כל התשלומים שלי השנה?"),
			{
				Ago: 5*day - 30*minute, From: FromBusiness, Sample: "statement.pdf",
				Content: Content{Type: "document", Text: "בוקר אור יוסי, מצורף דף החשבון"},
			},
			customer(5*day-44*minute, "תודה. החשבונית האחרונה שולמה ב-Bit, תעדכנו בבקשה"),
			business(5*day-55*minute, "עודכן ✅ יתרה לתשלום: 99.00 $"),
		}},
		{"rami-nasser", "", "sales", []Line{
			customer(95*minute, "Hi, is the options course open for beginners? بالعربي أيضًا إذا ممكن 🙂"),
			{Ago: 94 * minute, From: FromCustomer, Content: Content{
				Type: "contacts",
				Contacts: []channels.Card{{
					Name:   "Lina Nasser",
					Phones: []channels.CardPhone{{Phone: "+962 79 555 0177", Type: "CELL", WhatsAppID: "962795550177"}},
				}},
			}},
			customer(93*minute, "My sister wants to join too, please call her."),
		}},
	}
}
