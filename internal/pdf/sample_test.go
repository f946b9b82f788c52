package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// words are what the samples say in a language.
type words struct {
	title, number, issued, due, from, to, note string
	business, customer                         []string
	header                                     [4]string
	items                                      [][]string
	totals                                     Totals
	page                                       string
	talk                                       []Entry
	transcript                                 string
}

var samples = map[string]words{
	"en": {
		title: "Invoice", number: "Invoice number", issued: "Date of issue", due: "Date due", from: "Wasl Coffee Ltd", to: "Bill to",
		note:     "Pay by bank transfer to IBAN GB33 BUKB 2020 1555 5555 55, and name the number INV-2026-1042. Questions: billing@coffee.example or +44 20 7946 0958.",
		business: []string{"14 Harbour Street", "London E1 6AN", "VAT GB123456789"},
		customer: []string{"Noa Levi (נועה לוי)", "12 Dizengoff St, Tel Aviv", "noa@example.com"},
		header:   [4]string{"Description", "Quantity", "Unit price", "Amount"},
		items: [][]string{
			{"Espresso beans, Huehuetenango, medium roast, in bags of 250 g that are sealed on the day\n1–30 November 2026", "12", "£9.50", "£114.00"},
			{"קפה שחור טחון, 1 ק\"ג", "2", "£18.00", "£36.00"},
			{"Delivery", "1", "£4.90", "£4.90"},
			{"Returned: grinder M-40", "−1", "£25.00", "−£25.00"},
		},
		totals:     Totals{{"Subtotal", "£129.90", false}, {"VAT 20%", "£25.98", false}, {"Amount due", "£155.88", true}},
		page:       "Page %d of %d",
		transcript: "Conversation with Noa Levi",
		talk: []Entry{
			{Title: "Noa Levi", Aside: "30 Nov 2026, 09:14", Text: "Hi! Is order #A-1042 on its way? I paid on 12/11/2026."},
			{Title: "Dana, Wasl Coffee", Aside: "30 Nov 2026, 09:16",
				Text:  "Good morning Noa. Yes: it left yesterday, and the courier calls you at +972 50-123-4567.\n\nThe invoice is attached.",
				Notes: []string{"invoice-1042.pdf, 84 KB"}},
			{Title: "Noa Levi", Aside: "30 Nov 2026, 09:20", Text: "תודה רבה! אפשר גם להוסיף 2 ק\"ג? 😊"},
			{Title: "Noa Levi", Aside: "30 Nov 2026, 09:21", Text: "وشكرا لكم على السرعة 🙏🏽 👍 ❤️ 🎉"},
		},
	},
	"he": {
		title: "חשבונית מס", number: "מספר חשבונית", issued: "תאריך", due: "לתשלום עד", from: "קפה וואסל בע״מ", to: "לכבוד",
		note:     "אפשר לשלם בהעברה בנקאית ולציין את המספר INV-2026-1042. שאלות: billing@coffee.example או בטלפון +972 50-123-4567, בימים א׳–ה׳ בין 9:00 ל-17:00.",
		business: []string{"רחוב הנמל 14", "תל אביב-יפו 6350671", "עוסק מורשה 514000009"},
		customer: []string{"David Cohen", "שדרות רוטשילד 1, תל אביב", "david@example.com"},
		header:   [4]string{"תיאור", "כמות", "מחיר יחידה", "סה״כ"},
		items: [][]string{
			{"פולי אספרסו Huehuetenango, קלייה בינונית, בשקיות של 250 גרם הנסגרות ביום הקלייה\n1–30 בנובמבר 2026", "12", "₪45.00", "₪540.00"},
			{"קפה שחור טחון, 1 ק\"ג (קלייה כהה)", "2", "₪82.50", "₪165.00"},
			{"משלוח", "1", "₪29.90", "₪29.90"},
			{"החזרה: מטחנה דגם M-40", "−1", "₪100.00", "−₪100.00"},
		},
		totals:     Totals{{"סה\"כ לפני מע\"מ", "₪634.90", false}, {"מע\"מ 18%", "₪114.28", false}, {"סה\"כ לתשלום", "₪749.18", true}},
		page:       "עמוד %d מתוך %d",
		transcript: "שיחה עם דוד כהן",
		talk: []Entry{
			{Title: "דוד כהן", Aside: "30 בנוב׳ 2026, 09:14", Text: "שלום! מה קורה עם הזמנה #A-1042? שילמתי ב-12/11/2026."},
			{Title: "דנה, קפה וואסל", Aside: "30 בנוב׳ 2026, 09:16",
				Text:  "בוקר טוב דוד. היא יצאה אתמול, והשליח יתקשר אליך מ-+972 50-123-4567.\n\nהחשבונית מצורפת.",
				Notes: []string{"invoice-1042.pdf, 84 KB"}},
			{Title: "דוד כהן", Aside: "30 בנוב׳ 2026, 09:20", Text: "Thanks a lot! Can I add 2 kg more? 😊"},
			{Title: "דוד כהן", Aside: "30 בנוב׳ 2026, 09:21", Text: "שָׁלוֹם וּבְרָכָה"},
		},
	},
	"ar": {
		title: "فاتورة ضريبية", number: "رقم الفاتورة", issued: "تاريخ الإصدار", due: "تاريخ الاستحقاق", from: "شركة وصل للقهوة", to: "إلى",
		note:     "يمكن الدفع بتحويل بنكي مع ذكر الرقم INV-2026-1042. للأسئلة: billing@coffee.example أو على الهاتف +966 55 123 4567 من الأحد إلى الخميس.",
		business: []string{"١٤ شارع الميناء", "الرياض 11564", "الرقم الضريبي 310122393500003"},
		customer: []string{"محمد العبدالله", "حي العليا، الرياض", "m.abdullah@example.com"},
		header:   [4]string{"الوصف", "الكمية", "سعر الوحدة", "المجموع"},
		items: [][]string{
			{"حبوب إسبريسو Huehuetenango، تحميص متوسط، في أكياس 250 غراما تغلق يوم التحميص\n1–30 نوفمبر 2026", "12", "45.00 ر.س", "540.00 ر.س"},
			{"قهوة عربية مطحونة بالهيل، 1 كغ", "2", "82.50 ر.س", "165.00 ر.س"},
			{"التوصيل", "1", "29.90 ر.س", "29.90 ر.س"},
			{"مرتجع: مطحنة طراز M-40", "−1", "100.00 ر.س", "−100.00 ر.س"},
		},
		totals: Totals{{"المجموع غير شامل الضريبة", "634.90 ر.س", false}, {"ضريبة القيمة المضافة 15%", "95.24 ر.س", false},
			{"الإجمالي شامل الضريبة", "730.14 ر.س", true}},
		page:       "صفحة %d من %d",
		transcript: "محادثة مع محمد العبدالله",
		talk: []Entry{
			{Title: "محمد العبدالله", Aside: "30 نوفمبر 2026، 09:14", Text: "السلام عليكم، أين وصل الطلب #A-1042؟ دفعت في 12/11/2026."},
			{Title: "دانة، شركة وصل", Aside: "30 نوفمبر 2026، 09:16",
				Text:  "صباح الخير. خرج أمس، وسيتصل بك المندوب من +966 55 123 4567.\n\nالفاتورة مرفقة. المجموع: 1,234.50 درهم (شامل الضريبة).",
				Notes: []string{"invoice-1042.pdf, 84 KB"}},
			{Title: "محمد العبدالله", Aside: "30 نوفمبر 2026، 09:20", Text: "Thanks a lot! Can I add 2 kg more? 😊"},
			{Title: "محمد العبدالله", Aside: "30 نوفمبر 2026، 09:21", Text: "مُحَمَّدٌ رَسُولٌ، اللَّهُ لا إله إلا هو، ١٢٣٤٫٥٠"},
		},
	},
}

// invoice is a page with every kind of block.
func invoice(lang string) Doc {
	w := samples[lang]
	return Doc{
		Title: w.title + " INV-2026-1042", Lang: lang,
		Footer: Footer{Text: w.from + " · INV-2026-1042", Page: func(i, n int) string { return fmt.Sprintf(w.page, i, n) }},
		Blocks: []Block{
			Title{Text: w.title, Logo: logo()},
			Fields{{w.number, "INV-2026-1042"}, {w.issued, "30/11/2026"}, {w.due, "14/12/2026"}},
			Columns{{w.from, w.business}, {w.to, w.customer}},
			Heading{w.totals[2].Name + " " + w.totals[2].Value},
			Table{
				Header: []Cell{{w.header[0], 5, false}, {w.header[1], 1, true}, {w.header[2], 1.6, true}, {w.header[3], 1.6, true}},
				Rows:   w.items,
			},
			w.totals,
			Text{Text: w.note, Muted: true},
			Image{Data: logo(), Width: 60},
		},
	}
}

// transcript is what was said in a conversation.
func transcript(lang string) Doc {
	w := samples[lang]
	page := func(i, n int) string { return fmt.Sprintf(w.page, i, n) }
	d := Doc{Title: w.transcript, Lang: lang, Footer: Footer{Text: w.from, Page: page}}
	d.Blocks = append(d.Blocks, Title{Text: w.transcript})
	for _, e := range w.talk {
		d.Blocks = append(d.Blocks, e)
	}
	return d
}

func logo() []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 192, 96))
	for y := range 96 {
		for x := range 192 {
			if dx, dy := x%96-48, y-48; dx*dx+dy*dy < 46*46 {
				img.Set(x, y, color.NRGBA{R: 0x10, G: uint8(0x60 + x/4), B: 0x80, A: 0xff})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func render(t testing.TB, d Doc) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
