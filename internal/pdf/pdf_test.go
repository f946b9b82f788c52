package pdf

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// copied is what a reader copies from the pages: lines without the marks that guide the order of what is shown.
func copied(t testing.TB, file []byte) []string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Fatal("this test needs pdftotext: scripts/test-needs installs it")
	}
	cmd := exec.CommandContext(t.Context(), "pdftotext", "-q", "-", "-")
	cmd.Stdin = bytes.NewReader(file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.FieldsFunc(visible(string(out)), func(r rune) bool { return r == '\n' || r == '\f' })
}

var marks = regexp.MustCompile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")

func visible(s string) string { return marks.ReplaceAllString(s, "") }

// holds fails unless the copied text has each line of the others, however it was broken.
func holds(t *testing.T, lines []string, texts ...string) {
	t.Helper()
	all := unbroken(strings.Join(lines, " "))
	for _, text := range texts {
		for line := range strings.Lines(text) {
			if want := unbroken(line); !strings.Contains(all, want) {
				t.Errorf("cannot be copied: %q\nfrom %s", want, strings.Join(lines, "\n     "))
			}
		}
	}
}

// unbroken undoes the breaks of lines: at spaces, and behind dashes.
func unbroken(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "– ", "–")
}

// What is copied from an invoice or a transcript is what was put in, letter by letter: names, numbers with signs,
// telephone numbers, dates, vowels, ligatures.
func TestTextIsCopiedAsItWasWritten(t *testing.T) {
	for lang, w := range samples {
		t.Run(lang, func(t *testing.T) {
			lines := copied(t, render(t, invoice(lang)))
			holds(t, lines, w.title, w.number, "INV-2026-1042", "30/11/2026", w.from, w.note, fmt.Sprintf(w.page, 1, 1))
			holds(t, lines, append(append(w.business, w.customer[1:]...), w.header[:]...)...)
			for _, row := range w.items {
				name, more, _ := strings.Cut(row[0], "\n")
				if lang != "en" || row[0][0] < 0x80 { // pdftotext reads all lines of a page in one direction
					holds(t, lines, name, more)
				}
				holds(t, lines, row[1:]...)
			}
			for _, total := range w.totals {
				holds(t, lines, total.Name, total.Value)
			}
			lines = copied(t, render(t, transcript(lang)))
			for _, e := range w.talk {
				holds(t, lines, e.Title, e.Aside)
				holds(t, lines, e.Notes...)
				if lang != "en" || !strings.Contains(e.Text, "תודה") { // likewise: a number between
					holds(t, lines, e.Text)
				}
			}
		})
	}
}

// A page in one language with words of another keeps their order.
func TestMixedTextKeepsItsOrder(t *testing.T) {
	for _, text := range []string{
		"הקוד הוא A1-77 והטלפון +972 50-123-4567, תודה.",
		"הסכום: ₪1,234.50- (כולל מע\"מ 18%) עד 30/11/2026!",
		"כתבו אל a.b+c@mail.example.co.il או ב-https://wasl.example/i/7?x=1&y=2.",
		"הרצליה 5–7, בין 9:00 ל-17:00; ימים א׳-ה׳",
		"المجموع: 1,234.50 درهم (شامل الضريبة 5%)، رقم +971 4 123 4567.",
		"الإصدار 2.0 من Wasl، والإجمالي −100.00 ر.س؟",
		"إلى الأستاذ لؤي: لا بأس، ﷲ كريم",
		"שלום Dana, מה שלומך? OK.",
	} {
		lang := "he"
		if strings.ContainsAny(text, "ابتم") {
			lang = "ar"
		}
		page := []Block{Text{Text: text}, Text{Text: strings.Repeat("עמוד שרובו מימין לשמאל ", 9)}} // which a reader finds out first
		holds(t, copied(t, render(t, Doc{Lang: lang, Blocks: page})), text)
	}
}

// What has an order of its own is kept together where letters run from right to left, and nothing else is.
func TestNumbersKeepTheirOrder(t *testing.T) {
	for text, want := range map[string]string{
		"טלפון +972 50-123 4567.":       "טלפון <+972 50-123 4567>.",
		"מ-+972 50 עד ה-30/11/2026,":    "מ-<+972 50> עד ה-<30/11/2026>,",
		"שוטף+30, 30 יום":               "שוטף+30, 30 יום",
		"סכום −100.00 או ₪1,234.50-":    "סכום <−100.00> או <₪1,234.50>-",
		"אל (INV-2026-7) a@b.example?":  "אל (<INV-2026-7>) <a@b.example>?",
		"https://a.example/?q=1 שלום":   "<https://a.example/?q=1> שלום",
		"رقم 1–30 و Wasl 5% (050) 1234": "رقم <1–30> و Wasl <5%> (050) 1234",
		"Call +972 50-123":              "Call +972 50-123",
	} {
		line := []rune(text)
		brackets := strings.NewReplacer(string(isolateLTR), "<", string(isolateEnd), ">")
		got := brackets.Replace(string(isolated(line, rightToLeft(line, false))))
		if got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

// A line that is too long to be set at once goes on in its direction, whatever the letter that its next part begins with.
func TestLongLinesKeepTheirDirection(t *testing.T) {
	parts := paragraphs(strings.Repeat("שלום ", 399)+"Hello "+strings.Repeat("World ", 500)+"\nnew", true)
	for i, p := range parts {
		if last := i == len(parts)-1; p.rtl == last {
			t.Errorf("part %d of %d begins at the wrong side: %.20q", i+1, len(parts), string(p.runes))
		}
	}
	if len(parts) < 4 {
		t.Fatalf("%d parts", len(parts))
	}
}

// A name from right to left within a line from left to right is copied as it is.
func TestNamesFromRightToLeftInEnglish(t *testing.T) {
	text := "Call Noa (נועה לוי) or محمد العبدالله today, please!"
	holds(t, copied(t, render(t, Doc{Lang: "en", Blocks: []Block{Text{Text: text}}})), text)
}

// What no font has is shown as a box and copied as what it is.
func TestWhatNoFontHasIsCopied(t *testing.T) {
	text := "fish 鱼, 👩‍👩‍👧‍👦 👍🏽 ❤️ 🦖 and ཀ"
	d := Doc{Lang: "en", Blocks: []Block{Text{Text: text}}}
	holds(t, copied(t, render(t, d)), text)
	set, err := newSetter(false)
	if err != nil {
		t.Fatal(err)
	}
	boxes := 0
	for _, p := range set.lines(paragraph{runes: []rune(text)}, regular, 1e5)[0].parts {
		for _, c := range p.clusters {
			if len(c.glyphs) == 1 && c.glyphs[0].id == 0 && c.advance > 100 {
				boxes++
			}
		}
	}
	if boxes != 3 { // the fish, the dinosaur and the letter
		t.Errorf("%d boxes for three characters that no font has", boxes)
	}
}

// Nobody can turn the direction of what stands around what they wrote.
func TestOverridesAreLeftOut(t *testing.T) {
	lines := copied(t, render(t, Doc{Lang: "en", Blocks: []Block{Text{Text: "pay \u202e100.00\u202c, invoice\u202efdp.exe"}}}))
	holds(t, lines, "pay 100.00, invoicefdp.exe")
}

// The same document is the same file, and a page is small.
func TestFilesAreSmallAndTheSame(t *testing.T) {
	for lang := range samples {
		for name, d := range map[string]Doc{"invoice": invoice(lang), "transcript": transcript(lang)} {
			one, two := render(t, d), render(t, d)
			if !bytes.Equal(one, two) {
				t.Errorf("%s %s: two files", name, lang)
			}
			if len(one) > 100_000 {
				t.Errorf("%s %s: %d bytes for a page", name, lang, len(one))
			}
		}
	}
}

// A table runs on over pages, with its header on each, and every row is there once.
func TestTablesRepeatTheirHeaders(t *testing.T) {
	for _, lang := range []string{"en", "he"} {
		table := Table{Header: []Cell{{"Item", 3, false}, {"Amount", 1, true}}}
		for i := range 120 {
			table.Rows = append(table.Rows, []string{fmt.Sprintf("thing%d", i), fmt.Sprintf("%d.00", i)})
		}
		table.Rows[60][0] = strings.Repeat("one row that is longer than a page ", 400)
		footer := Footer{Page: func(i, n int) string { return fmt.Sprintf("page %d of %d", i, n) }}
		file := render(t, Doc{Lang: lang, Footer: footer, Blocks: []Block{table}})
		all := strings.Join(copied(t, file), "\n")
		pages := bytes.Count(file, []byte("/Type /Page "))
		if heads := strings.Count(all, "Amount"); pages < 4 || heads != pages {
			t.Errorf("%s: %d headers on %d pages", lang, heads, pages)
		}
		for i := range 120 {
			if n := strings.Count(all+"\n", fmt.Sprintf("thing%d\n", i)); i != 60 && n != 1 {
				t.Errorf("%s: row %d is there %d times", lang, i, n)
			}
		}
		for i := range pages {
			holds(t, []string{all}, fmt.Sprintf("page %d of %d", i+1, pages))
		}
	}
}

// Lines of every text stay within the page, also where a word is longer than a line.
func TestNothingIsWiderThanThePage(t *testing.T) {
	set, err := newSetter(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		strings.Repeat("x", 5000), strings.Repeat("שלום", 900), strings.Repeat("سلام", 900), samples["ar"].note, samples["he"].note,
		strings.Repeat("😀", 4000), strings.Repeat("word ", 2000),
	} {
		for _, l := range set.lines(paragraph{runes: []rune(text)}, regular, 20_000) {
			if l.width > 20_000+em { // a word that is broken may have one letter more, which the margin takes
				t.Errorf("a line of %v is wider than 20000 and a letter: %.20q", l.width, text)
				break
			}
		}
	}
}

// A document that is too long, or whose reader has gone, ends with an error that says so.
func TestLimits(t *testing.T) {
	d := Doc{Blocks: []Block{Text{Text: strings.Repeat("a", MaxText+1)}}}
	if err := d.Render(t.Context(), &bytes.Buffer{}); !errors.Is(err, ErrTooLong) {
		t.Errorf("too much text: %v", err)
	}
	d = Doc{Blocks: []Block{Text{Text: strings.Repeat("\n", 200_000)}}}
	if err := d.Render(t.Context(), &bytes.Buffer{}); !errors.Is(err, ErrTooLong) {
		t.Errorf("too many pages: %v", err)
	}
	d = Doc{Blocks: []Block{Heading{strings.Repeat("a", 200_000)}}}
	if err := d.Render(t.Context(), &bytes.Buffer{}); !errors.Is(err, ErrTooLong) {
		t.Errorf("a heading of many pages: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := invoice("en").Render(ctx, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: %v", err)
	}
}

// What strangers may write makes a document in bounded time, and never a panic.
func TestHostileDocuments(t *testing.T) {
	table := Table{Header: []Cell{{"a", 1, false}, {"b", 0, true}, {"c", -4, true}}}
	for i := range 10_000 {
		table.Rows = append(table.Rows, []string{fmt.Sprint("line ", i), "שורה", "1.00", "one too many"})
	}
	zalgo := "a" + strings.Repeat("\u0301", 3000)
	for name, b := range map[string]Block{
		"10,000 lines":      table,
		"4,000 emoji":       Entry{Title: strings.Repeat("👩‍👩‍👧‍👦", 4000), Aside: strings.Repeat("🇮🇱", 4000), Text: "x"},
		"controls":          Text{Text: "\x00\x01\x1b[31m\x7f\u0085\ufeff\ufffe\u2028end"},
		"a long word":       Text{Text: strings.Repeat("w", 100_000)},
		"a long word, rtl":  Text{Text: strings.Repeat("ש", 100_000)},
		"no UTF-8":          Fields{{"\xff\xfe\xed\xa0\x80", "\xc3"}, {"", ""}},
		"overrides":         Text{Text: strings.Repeat("\u202e\u2067\u2066\u202a", 5000) + "x" + strings.Repeat("\u2069\u202c", 5000)},
		"brackets":          Text{Text: strings.Repeat("([{ש", 5000)},
		"marks":             Columns{{zalgo, []string{zalgo, strings.Repeat("ש"+strings.Repeat("\u05b0", 40), 200)}}, {}},
		"nothing":           Columns{},
		"a table of none":   Table{Rows: [][]string{{"x"}}},
		"totals":            Totals{{strings.Repeat("n ", 4000), strings.Repeat("9", 4000), true}},
		"a broken picture":  Title{Text: "t", Logo: []byte("\x89PNG\r\n\x1a\n....")},
		"a picture of zero": Image{Data: logo(), Width: 0},
		"every character":   Text{Text: every()},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			file := render(t, Doc{Title: name, Lang: "ar", Blocks: []Block{b}})
			if took := time.Since(began); took > time.Minute { // a second or two where nothing else runs
				t.Errorf("it took %v", took)
			}
			if len(file) > 8<<20 {
				t.Errorf("%d bytes", len(file))
			}
		})
	}
}

func every() string {
	var b strings.Builder
	for r := rune(0); r <= 0x1ffff; r++ {
		if utf8.ValidRune(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// A logo is drawn in its shape, kept small, and stored once however often it is drawn.
func TestLogosAreSmall(t *testing.T) {
	file := render(t, Doc{Blocks: []Block{Title{Logo: logo()}, Image{Data: logo(), Width: 40}}})
	if n := bytes.Count(file, []byte("/Subtype /Image")); n != 2 { // colours and opacity
		t.Errorf("%d images", n)
	}
}

// A photograph stays one, and what would take too much to decode is left out.
func TestPictures(t *testing.T) {
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 900, 300)), nil); err != nil {
		t.Fatal(err)
	}
	file := render(t, Doc{Blocks: []Block{Title{Logo: photo.Bytes()}}})
	if !bytes.Contains(file, []byte("/DCTDecode")) || len(file) > 20_000 {
		t.Errorf("a photograph in %d bytes", len(file))
	}
	bomb := logo()
	binary.BigEndian.PutUint32(bomb[16:], 60_000) // IHDR: width, height
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	if bytes.Contains(render(t, Doc{Blocks: []Block{Title{Logo: bomb}}}), []byte("/Image")) {
		t.Error("a picture of 3,600 million pixels was decoded")
	}
}

// The pages of the samples, to be looked at: PDF_SAMPLES=folder go test -run Samples.
func TestSamples(t *testing.T) {
	folder := os.Getenv("PDF_SAMPLES")
	if folder == "" {
		t.Skip("PDF_SAMPLES names no folder")
	}
	for lang := range samples {
		for name, d := range map[string]Doc{"invoice": invoice(lang), "transcript": transcript(lang)} {
			if err := os.WriteFile(filepath.Join(folder, name+"-"+lang+".pdf"), render(t, d), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, w := range samples {
		f.Add(w.title, w.note, w.items[0][0])
	}
	f.Add("\u202e\u2066x", "+972 50-", "((-\u2069")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for _, lang := range []string{"en", "he"} {
			d := Doc{
				Title: a, Lang: lang, Footer: Footer{Text: c},
				Blocks: []Block{
					Title{Text: a, Logo: []byte(b)}, Heading{b}, Fields{{a, b}}, Columns{{a, []string{b, c}}, {c, nil}},
					Table{Header: []Cell{{a, 1, false}, {b, 2, true}}, Rows: [][]string{{b, c}, {c}}}, Totals{{c, a, true}},
					Entry{a, b, c, []string{a}}, Text{Text: c},
				},
			}
			var out bytes.Buffer
			if err := d.Render(t.Context(), &out); err != nil && !errors.Is(err, ErrTooLong) {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkInvoice(b *testing.B) {
	for lang := range samples {
		b.Run(lang, func(b *testing.B) {
			d := invoice(lang)
			render(b, d)
			for b.Loop() {
				render(b, d)
			}
		})
	}
}
