package mail

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// TestSetsAreGuessedByTheirLetters: short and long texts that nobody labelled.
func TestSetsAreGuessedByTheirLetters(t *testing.T) {
	for _, c := range []struct {
		enc  *charmap.Charmap
		text string
	}{
		{charmap.Windows1255, "שלום"},
		{charmap.Windows1255, "דוד כהן"},
		{charmap.Windows1255, "הצעה.pdf"},
		{
			charmap.Windows1255,
			"שלום, ההזמנה לא הגיעה.",
		},
		{charmap.Windows1255, "בירור חשבונית"},
		{charmap.Windows1255, "אני רוצה לבטל את הזמנה 5512, תודה רבה"},
		{
			charmap.Windows1255,
			"Order 5512: לא הגיע",
		},
		{charmap.ISO8859_8, "מתי מגיע הטכנאי?"},
		{charmap.Windows1256, "مرحبا"},
		{
			charmap.Windows1256,
			"لم تصل الطلبية حتى الآن، متى تصل؟",
		},
		{charmap.Windows1256, "فاتورة رقم 118"},
		{charmap.ISO8859_6, "لم تصل الطلبية حتى الان"},
		{charmap.Windows1251, "Здравствуйте, заказ не пришёл."},
		{
			charmap.Windows1251,
			"Отмените заказ 5512.",
		},
		{charmap.KOI8R, "Здравствуйте, заказ не пришёл."},
		{charmap.Windows1253, "Καλημέρα, η παραγγελία δεν έφτασε."},
		{charmap.Windows1252, "Déjà reçu, merci. L'été à Málaga"},
		{charmap.Windows1252, "Grüße aus Köln"},
		{
			charmap.Windows1252,
			"Não chegou ainda à recepção",
		},
		{charmap.Windows1252, "café"},
	} {
		raw, err := c.enc.NewEncoder().Bytes([]byte(c.text))
		if err != nil {
			t.Fatal(c.text, err)
		}
		for _, label := range []string{"", "us-ascii", "iso-8859-1", "x-nobody-knows"} {
			if got := decodeText(raw, label, ""); got != c.text {
				t.Errorf("%v %q: %q, want %q", c.enc, label, got, c.text)
			}
		}
	}
}

func TestLabels(t *testing.T) {
	for _, c := range []struct{ label, raw, want string }{
		{"iso-8859-1", "DzieÅ\u0084", "DzieÅ\u0084"},
		{"windows-1252", "שלום", "שלום"},
		{"us-ascii", "שלום", "שלום"},
		{
			"windows-1255",
			"שלום", "שלום",
		},
		{"utf-8", "abc d\xe9f שלום עולם", "abc d\uFFFDf שלום עולם"},
		{"UTF8", "שלום", "שלום"},
		{`"utf-8"`, "שלום", "שלום"},
		{
			"cp1255",
			"\xf9\xec\xe5\xed", "שלום",
		},
		{"x-windows-1255", "\xf9\xec\xe5\xed", "שלום"},
		{"iso-2022-jp", "\x1b$B$3$s\x1b(B", "こん"},
		{"gb2312", "\xc4\xe3\xba\xc3", "你好"},
		{
			"utf-7", "Hi +BekF3AXVBd0- x+-y",
			"Hi שלום x+y",
		},
		{"", "\xef\xbb\xbfabc", "abc"},
		{"cp862", "\x99\x8c\x85\x8d", "שלום"},
		{"iso-8859-8-i", "\xf9\xec\xe5\xed", "שלום"},
		{"iso-8859-15", "\xa4 5", "€ 5"},
		{
			"",
			"a\x00b\x1bc", "abc",
		},
		{"windows-1252", "\x93a\x94", "“a”"},
	} {
		if got := decodeText([]byte(c.raw), c.label, ""); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.label, c.raw, got, c.want)
		}
	}
}

func TestHTMLNamesItsOwnSet(t *testing.T) {
	for _, c := range []struct{ label, raw, want string }{
		{"", "<meta charset=windows-1255><p>\xf9\xec", "<meta charset=windows-1255><p>של"},
		{
			"us-ascii",
			`<META http-equiv="Content-Type" content="text/html; charset=koi8-r">` +
				"\xd0\xd2", `<META http-equiv="Content-Type" content="text/html; charset=koi8-r">` + "пр",
		},
		{"windows-1251", "<meta charset=utf-8>\xcf\xf0", "<meta charset=utf-8>Пр"},
		{
			"", "<meta charset=windows-1255>שלום",
			"<meta charset=windows-1255>שלום",
		},
	} {
		if got := decodeHTML([]byte(c.raw), c.label, ""); got != c.want {
			t.Errorf("%q: %q, want %q", c.raw, got, c.want)
		}
	}
}

func TestEncodedWords(t *testing.T) {
	for raw, want := range map[string]string{
		"=?UTF-8?B?15TXltee16DXlCA0NDg?=": "הזמנה 448", "=?utf-8?Q?הזמנה_448?=": "הזמנה 448",
		"=?UTF-8?Q?Order_448=0D=0ABcc:_x@y.example?=": "Order 448 Bcc: x@y.example",
		"=?windows-1255?B?+ezl7Q==?=":                 "שלום", "=?x-unknown?B?15TXltee16DXlCA0NDg=?=": "הזמנה 448",
		"=?utf-8?b?15TX?= =?utf-8?b?lg==?=": "הז", "=?utf-8?Q?=D7?= =?utf-8?Q?=A9=D7=9C?=": "של",
		"a =?utf-8?q?b?= c": "a b c", "=?utf-8?q?a?==?utf-8?q?b?=": "ab", "=?utf-8*he?q?=D7=A9?=": "ש",
		"=?utf-8?q?What is this?=": "What is this", "=?utf-8?q?cut_off": "cut off",
		"=?": "=?", "=?a?x?y?=": "=?a?x?y?=", "1 =? 2": "1 =? 2", "=?utf-8?Q?=D7=A9=?=": "ש=", "=?iso-8859-8-i?Q?=F9=EC=E5=ED?=": "שלום",
		"=?us-ascii?q?=D7=A9=D7=9C?=": "של", "\xf9\xec\xe5\xed": "שלום",
	} {
		if got := OneLine(decodeWords(raw, "")); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for raw, want := range map[string][]Address{
		`"=?UTF-8?B?16jXldei15kg15zXldeZ?=" <roi@levy.example>`: {{
			"רועי לוי",
			"roi@levy.example",
		}}, `=?utf-8?Q?Levy,_Roi?= <roi@levy.example>`: {{"Levy, Roi", "roi@levy.example"}},
		`Levy, Roi <roi@levy.example>`: {{"Levy, Roi", "roi@levy.example"}}, `"Levy, Roi" <a@b.example>, c@d.example`: {{
			"Levy, Roi",
			"a@b.example",
		}, {"", "c@d.example"}},
		`a@b.example (Ann B)`: {{"Ann B", "a@b.example"}}, `Team: a@b.example, "X" <c@d.example>;`: {
			{"", "a@b.example"},
			{"X", "c@d.example"},
		}, `undisclosed-recipients:;`: nil, `Website`: {{"Website", ""}},
		`'Ann' via Support <s@b.example>`: {{"'Ann' via Support", "s@b.example"}}, `"'Ann'" <s@b.example>`: {{
			"Ann",
			"s@b.example",
		}}, `<a@b.example>`: {{"", "a@b.example"}}, `Ann <mailto:a@b.example>`: {{"Ann", "a@b.example"}},
		`"Ann \"A\" B" <a@b.example>`: {{`Ann "A" B`, "a@b.example"}}, `Ann a@b.example`: {{
			"Ann",
			"a@b.example",
		}}, "\xe3\xe5\xe3 \xeb\xe4\xef <d@k.example>": {{"דוד כהן", "d@k.example"}}, `"open <a@b.example>`: {{"open", "a@b.example"}},
		`a@b.example, , c@d.example`: {{"", "a@b.example"}, {"", "c@d.example"}}, `Ann <a@b.example>; Bo <b@c.example>`: {{
			"Ann",
			"a@b.example",
		}, {"Bo", "b@c.example"}}, `דוד <דוד@דואר.example>`: {{"דוד", "דוד@דואר.example"}},
	} {
		h := Header{}
		got := h.parseList(raw)
		if len(got) != len(want) && (len(got) != 1 || got[0] != (Address{})) {
			t.Errorf("%q: %q, want %q", raw, got, want)
			continue
		}
		for n := range want {
			if got[n] != want[n] {
				t.Errorf("%q: %q, want %q", raw, got, want)
			}
		}
	}
}

func TestFileNames(t *testing.T) {
	for raw, want := range map[string]string{
		`attachment; filename*=windows-1255''%E4%F6%F2%E4.pdf`: "הצעה.pdf", "attachment; filename=\"\xe4\xf6\xf2\xe4.pdf\"": "הצעה.pdf",
		`attachment; filename="הצעה.pdf"`:                                              "הצעה.pdf",
		`attachment; filename*0*=UTF-8''%D7%94; filename*1*=%D7%A6; filename*2=".pdf"`: "הצ.pdf",
		`attachment; filename*1="b.pdf"; filename*0="a"`:                               "ab.pdf",
		`attachment; filename="=?utf-8?B?15TXldeT16LXlA==?= =?utf-8?Q?.pdf?="`:         "הודעה.pdf",
		`attachment; filename=my file.pdf`:                                             "my file.pdf",
		`attachment; filename="a;b.pdf"; size=3`:                                       "a;b.pdf",
		`attachment; filename="%D7%94.pdf"`:                                            "ה.pdf",
		`attachment; filename="100%.pdf"`:                                              "100%.pdf",
		`attachment; filename="open.pdf`:                                               "open.pdf",
		`attachment; filename="a"b".pdf"`:                                              `a"b".pdf`, `attachment; FILENAME = x.pdf`: "x.pdf",
		`attachment; filename="x.pdf"; filename*=UTF-8''y.pdf`: "y.pdf", `attachment; filename=`: "", `attachment`: "",
		`attachment; filename*=%D7%94.pdf`: "ה.pdf",
	} {
		if got := parseTyped(raw).text("filename", ""); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func FuzzDecoding(f *testing.F) {
	f.Add("=?UTF-8?B?15TXltee?= <a@b.example>, \xf9\xec")
	f.Fuzz(func(t *testing.T, raw string) {
		h := Header{}
		for _, a := range h.parseList(raw) {
			if !utf8.ValidString(a.Name + a.Address) {
				t.Errorf("%q", a)
			}
		}
		if out := OneLine(decodeWords(raw, "")); !utf8.ValidString(out) {
			t.Errorf("%q", out)
		}
		_ = parseTyped(raw).text("filename", "")
	})
}
