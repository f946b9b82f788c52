package sandbox

import "time"

func mailed(ago time.Duration, from, subject, text string) Line {
	return Line{Ago: ago, From: from, Content: Content{Type: "mail", Text: text, Mail: &Mail{Subject: subject}}}
}

// otherStories are those that were not told on WhatsApp.
func otherStories() []Story {
	return []Story{
		{"olivia-grant", "messenger", "sales", []Line{
			customer(1*day+2*hour, "Hi! A friend sent me your page. Is there a trial lesson?"),
			business(1*day+1*hour+50*minute, "Hi Olivia! Yes, the first lesson of Trading Foundations is free: this Sunday at 19:00."),
			{Ago: 1*day + 1*hour + 45*minute, From: FromCustomer, Name: "chart", Sample: "chart.png", Content: Content{Type: "image"}},
			customer(1*day+1*hour+44*minute, "Great. Will we look at charts like this one?"),
			{Ago: 1*day + 1*hour + 40*minute, From: FromBusiness, To: "chart", React: "❤️"},
			customer(70*minute, "I registered! My e-mail is olivia.grant@example.com"),
		}},
		{"karim-saleh", "messenger", "support", []Line{
			customer(5*hour, "مساء الخير، لم أستلم رابط البث لدرس اليوم"),
			business(4*hour+52*minute, "مساء النور كريم، أرسلناه الآن إلى بريدك. هل وصلك؟"),
			customer(4*hour+48*minute, "نعم وصل، شكرًا جزيلًا 🙏"),
		}},
		{"tamar-golan", "instagram", "sales", []Line{
			{Ago: 8 * hour, From: FromCustomer, Sample: "chart.png", Content: Content{
				Type: "story_reply",
				Text: "וואו, זה מהשיעור האחרון? 😍",
			}},
			business(7*hour+55*minute, "כן! ניתוח של אירו־דולר מאתמול. רוצה להצטרף לשיעור הבא?"),
			customer(7*hour+50*minute, "בטח. כמה זה עולה ומתי?"),
			customer(35*minute, "עוד רלוונטי?"),
		}},
		{"olivia-grant", "instagram", "other", []Line{
			{Ago: 2*day + 1*hour, From: FromCustomer, Sample: "transfer.png", Content: Content{Type: "story_mention"}},
			business(2*day+55*minute, "Thank you for mentioning us, Olivia!"),
			{Ago: 2*day + 50*minute, From: FromCustomer, Content: Content{Type: "like"}},
		}},
		{"yossi-barak", "sms", "support", []Line{
			customer(1*day+3*hour, "שלום, מה הכתובת של הסניף בתל אביב?"),
			business(1*day+2*hour+57*minute, "שלום יוסי, רוטשילד 22, קומה 4."),
			customer(1*day+2*hour+55*minute, "תודה"),
		}},
		{"emma-brown", "sms", "other", []Line{
			customer(150*minute, "Hi, I am running ten minutes late for the workshop. Emma"),
			business(148*minute, "No problem, Emma. We will start with the introductions."),
		}},
		{"david-miller", "email", "sales", []Line{
			mailed(3*day+2*hour, FromCustomer, "Company account for four people",
				"Hello,\n\nwe are four colleagues and would like to take Trading Foundations together.\nIs there a price for teams, and can you send one invoice?\n\nBest regards,\nDavid Miller"),
			business(3*day+1*hour,
				"Hello David,\n\nyes: from three people it is 15 % less, and one invoice is no problem. Whom shall we address it to?"),
			mailed(4*hour, FromCustomer, "", "Thank you. Please address it to Miller & Hart LLP, 12 Canal Street."),
		}},
		{"sivan-avraham", "email", "complaint", []Line{
			mailed(1*day+6*hour, FromCustomer, "בקשת החזר INV-2026-00871",
				"שלום רב,\n\nבהמשך לשיחה שלנו, מצורף אישור ההעברה.\nאודה להחזר בהקדם.\n\nסיון אברהם"),
			business(1*day+5*hour, "שלום סיון,\n\nתודה על האישור. ההחזר הועבר לטיפול הנהלת החשבונות."),
		}},
		{"karim-saleh", "email", "support", []Line{
			mailed(9*hour, FromCustomer, "شهادة إتمام الدورة",
				"السلام عليكم،\n\nأنهيت دورة «أساسيات التداول» وأحتاج إلى شهادة الإتمام بصيغة PDF.\n\nمع الشكر،\nكريم صالح"),
		}},
	}
}
