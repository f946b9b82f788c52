package classify_test

import (
	"strings"
	"testing"

	"wasl/routing/classify"
)

func load(t testing.TB) *classify.Model {
	t.Helper()
	m, err := classify.Load()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The border cases that people decided: docs/routing.md. Some are hard, so a few may be missed, but not more.
func TestBorderCases(t *testing.T) {
	m := load(t)
	missed := 0
	for _, c := range borderCases {
		r := m.Classify(c.text)
		wrongMood := c.sentiment != "" && (r.Sentiment == classify.Angry) != (c.sentiment == classify.Angry)
		if !strings.Contains(c.types, r.Type) || wrongMood {
			missed++
			t.Logf("%q is %s/%s, said %s/%s because of %s", c.text, c.types, c.sentiment, r.Type, r.Sentiment, r.Reason)
		}
	}
	if missed*10 > len(borderCases) {
		t.Errorf("%d of %d border cases are missed", missed, len(borderCases))
	}
}

// A person may write one thing in many ways: the answer is the same, to the last digit.
func TestSpellingChangesNothing(t *testing.T) {
	m := load(t)
	for name, variants := range map[string][]string{
		"hamza and alef":             {"أريد إلغاء الاشتراك", "اريد الغاء الاشتراك", "آريد إلغاء الأشتراك"},
		"alef maksura, ta marbuta":   {"متى توصل الشنطة الى البيت", "متي توصل الشنطه الي البيت"},
		"hamza on its carriers":      {"سؤال عن الفائدة", "سوال عن الفايده"},
		"tatweel and harakat":        {"أين طلبي من فضلكم", "أيـــن طَلَبِي مِن فَضلِكُم"},
		"presentation forms":         {"لا اريد الاستلام", "ﻻ اريد اﻻستلام"},
		"Eastern and Persian digits": {"طلب 4471 وين", "طلب ٤٤٧١ وين", "طلب ۴۴۷۱ وين"},
		"niqqud":                     {"איפה המשלוח שלי", "אֵיפֹה הַמִּשְׁלוֹחַ שֶׁלִּי"},
		"final letters":              {"שלום מתי מגיעים הנעליים שלי", "שלומ מתי מגיעימ הנעליימ שלי"},
		"gershayim":                  {`אפשר דו"ח שנתי`, "אפשר דו״ח שנתי", "אפשר דוח שנתי"},
		"geresh":                     {"שלחתי צ'ק ביום שני", "שלחתי צ׳ק ביום שני", "שלחתי צק ביום שני"},
		"apostrophes":                {"the lock doesn't turn", "the lock doesn’t turn", "the lock doesnt turn"},
		"marks of direction":         {"איפה ההזמנה 5512", "\u200fאיפה\u202b ההזמנה\u202c \u206655\u200b12\u2069"},
		"spaces":                     {"where is my order", "where\u00a0is  my\u2003order"},
		"skin tones":                 {"nice work 👏", "nice work 👏🏽"},
		"variation selectors":        {"lovely ❤", "lovely ❤️"},
		"wide letters":               {"refund please", "ｒｅｆｕｎｄ ｐｌｅａｓｅ"},
	} {
		first := m.Classify(variants[0])
		for _, v := range variants[1:] {
			r := m.Classify(v)
			r.Reason = first.Reason // shows the words as they were written
			if r != first {
				t.Errorf("%s: %q is %+v, %q is %+v", name, variants[0], first, v, r)
			}
		}
	}
}

func TestWhatIsDrawnOutStillCounts(t *testing.T) {
	m := load(t)
	for _, pair := range [][2]string{
		{"thank you so much", "thaaank youuu sooo much"}, {"ليش ما ترد", "لييييش ما ترد"}, {"יאללה תענו", "יאאאללה תענוווו"},
	} {
		plain, long := m.Classify(pair[0]), m.Classify(pair[1])
		if plain.Type != long.Type {
			t.Errorf("%q is %s, %q is %s", pair[0], plain.Type, pair[1], long.Type)
		}
		if plain == long {
			t.Errorf("%q: that letters are drawn out is lost", pair[1])
		}
	}
}

func TestLanguage(t *testing.T) {
	m := load(t)
	for text, want := range map[string]string{
		"where is my order":                  "en",
		"Ou est ma commande":                 "en", // none of the three: the default
		"איפה ההזמנה שלי":                    "he",
		"צריך עזרה עם ה-API של Shopify":      "he",
		"eifo hahazmana sheli":               "he",
		"kama ole hakurs lematchilim":        "he",
		"efshar lekabel heshbonit bevakasha": "he",
		"وين طلبي":                           "ar",
		"عندي مشكلة في Outlook":              "ar",
		"3ayez a3raf el se3r":                "ar",
		"el mokayef msh shaghal":             "ar",
		"momken 7agz bokra":                  "ar",
		"my mp3 player and b2b account":      "en",
		"order 4471 pls":                     "en",
		"👍":                                  "",
		"":                                   "",
		"12345":                              "",
	} {
		if r := m.Classify(text); r.Language != want {
			t.Errorf("%q is in %q, want %q", text, r.Language, want)
		}
	}
}

func TestNothingToReadIsOther(t *testing.T) {
	m := load(t)
	for _, text := range []string{"", " \n\t", "\u200f\u202b", "\xff\xfe", "\x00"} {
		if r := m.Classify(text); r != (classify.Result{Type: classify.Other, Sentiment: classify.Neutral}) {
			t.Errorf("%q is %+v", text, r)
		}
	}
}

// The reason is words of the text, for people.
func TestReason(t *testing.T) {
	m := load(t)
	const text = "Good morning, my washing machine leaks since your visit, please send the technician"
	words := strings.Split(m.Classify(text).Reason, ", ")
	if len(words) == 0 || len(words) > 3 {
		t.Fatalf("the reason is %q", words)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in the text", w)
		}
	}
	if r := m.Classify("\u202egnirts"); strings.ContainsRune(r.Reason, '\u202e') {
		t.Errorf("the reason %q turns the direction of what follows", r.Reason)
	}
}

// However long a text is, only its beginning is looked at.
func TestLongTextsCostNoMore(t *testing.T) {
	m := load(t)
	for _, piece := range []string{"where is my order ", "א", "ﷺ", "a", "!?", "👏🏽", "\xc3", "'", "a'", "ء\u0651"} {
		long := strings.Repeat(piece, 4<<20/len(piece))
		short := long[:len(long)/64]
		if a, b := m.Classify(long), m.Classify(short); a != b {
			t.Errorf("4 MB of %q are %+v, 64 KB of it %+v", piece, a, b)
		}
	}
}

func TestManyAtATime(t *testing.T) {
	m := load(t)
	want := m.Classify("how much is a haircut")
	done := make(chan classify.Result)
	for range 8 {
		go func() {
			var r classify.Result
			for range 50 {
				m.Classify("איפה ההזמנה שלי")
				r = m.Classify("how much is a haircut")
			}
			done <- r
		}()
	}
	for range 8 {
		if r := <-done; r != want {
			t.Errorf("said %+v, alone %+v", r, want)
		}
	}
}

func FuzzClassify(f *testing.F) {
	m := load(f)
	for _, c := range borderCases {
		f.Add(c.text)
	}
	f.Add("\xff'\"״a\u0301\u200d👏🏽ﷺ!!!")
	f.Fuzz(func(t *testing.T, text string) {
		r := m.Classify(text)
		if r.TypeConfidence < 0 || r.TypeConfidence > 1 || r.SentimentConfidence < 0 || r.SentimentConfidence > 1 {
			t.Errorf("confidences of %q: %+v", text, r)
		}
		if again := m.Classify(text); again != r {
			t.Errorf("%q is %+v and then %+v", text, r, again)
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	m := load(b)
	long := strings.Repeat("Dear team, I ordered a washing machine and would like to know when the courier comes. ", 100)
	for name, text := range map[string]string{
		"short":  "where is my order 5512",
		"hebrew": "שלום, הזמנתי אצלכם מזגן לפני שבועיים ועדיין לא קיבלתי תשובה מתי הטכנאי מגיע להתקין",
		"arabic": "السلام عليكم، طلبت منكم غسالة قبل اسبوعين وحتى الان ما وصلني موعد التركيب",
		"8 KB":   long,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Classify(text)
			}
		})
	}
}
