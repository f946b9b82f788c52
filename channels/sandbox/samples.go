package sandbox

import (
	"bytes"
	"embed"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"path"
	"strings"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"wasl/channels"
	"wasl/internal/errs"
)

//go:embed samples
var sampleFiles embed.FS

// Sample returns a file that stories and the page use: chart.png transfer.png syllabus.pdf statement.pdf voice.ogg sticker.webp.
func Sample(name string) (content []byte, mime string, err error) {
	switch name {
	case "chart.png":
		content, err = drawChart()
	case "transfer.png":
		content, err = drawTransfer()
	case "syllabus.pdf":
		content = pdf("Trading Foundations - syllabus", "12 lessons, Sundays 19:00, live and recorded", "1  Markets and orders",
			"2  Reading a chart", "3  Risk and position size", "4  Building a trading plan")
	case "statement.pdf":
		content = pdf("Account statement", "INV-2026-00871   paid   1,249.90 ILS", "INV-2026-00912   open     350.50 AED",
			"INV-2026-00913   open      99.00 USD")
	default:
		content, err = sampleFiles.ReadFile("samples/" + name)
	}
	if err != nil {
		return nil, "", fmt.Errorf("sample %s: %w", name, err)
	}
	return content, map[string]string{
		".png": "image/png", ".pdf": "application/pdf", ".ogg": voiceMIME,
		".webp": "image/webp",
	}[path.Ext(name)], nil
}

// sample is a message of a kind that a customer can send without having anything to send.
func (s *Sandbox) sample(kind string) (Content, error) {
	file := map[string]string{
		"image": "chart.png", "document": "syllabus.pdf", "voice": "voice.ogg", "sticker": "sticker.webp",
		"story_reply": "chart.png", "story_mention": "transfer.png", "share": "chart.png",
	}[kind]
	switch {
	case file != "":
		m, err := s.sampleMedia(FromCustomer, file)
		return Content{Type: kind, Media: m}, err
	case kind == "location":
		return Content{Type: kind, Location: &channels.Location{
			Latitude: 32.0853, Longitude: 34.7818, Name: "Rothschild Boulevard",
			Address: "Rothschild Blvd 22, Tel Aviv",
		}}, nil
	case kind == "contacts":
		return Content{
			Type: kind,
			Contacts: []channels.Card{{
				Name: "Maya Cohen",
				Phones: []channels.CardPhone{{
					Phone: "+972 52-555-0177", Type: "CELL",
					WhatsAppID: "972525550177",
				}}, Emails: []string{"maya@example.com"},
			}},
		}, nil
	case kind == "order":
		return Content{Type: kind, Order: &channels.Order{
			CatalogID: "600000000000001",
			Items: []channels.OrderItem{
				{ProductID: "COURSE-FOUNDATIONS", Quantity: 1, Price: "1249.90", Currency: "ILS"},
				{ProductID: "BOOK-RISK", Quantity: 2, Price: "89", Currency: "ILS"},
			},
		}}, nil
	}
	return Content{}, errs.InvalidField("sample_unknown", "sample", "There is no sample "+kind+".")
}

// sampleMedia keeps a sample as a file of one side.
func (s *Sandbox) sampleMedia(side, name string) (*Media, error) {
	content, mime, err := Sample(name)
	if err != nil {
		return nil, err
	}
	m, err := s.AddMedia(side, mime, name, content)
	return &m, err
}

// drawChart draws a price chart with candles, as somebody would photograph it.
func drawChart() ([]byte, error) {
	const w, h = 720, 440
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	fill(img, img.Bounds(), color.RGBA{0x12, 0x1a, 0x24, 0xff})
	for y := 60; y < h; y += 60 {
		fill(img, image.Rect(0, y, w, y+1), color.RGBA{0x22, 0x2e, 0x3c, 0xff})
	}
	up, down := color.RGBA{0x3d, 0xc9, 0x8f, 0xff}, color.RGBA{0xf0, 0x6a, 0x6a, 0xff}
	last := 300.0
	for i := range 34 {
		x := float64(i)
		step := 16*math.Sin(x*0.55) + 11*math.Sin(x*1.7) - 3.5
		next := last + step
		top, bottom, c := int(min(last, next)), int(max(last, next)), up
		if step > 0 {
			c = down
		}
		left := 20 + i*20
		fill(img, image.Rect(left+5, top-12-int(6*math.Abs(math.Sin(x))), left+7, bottom+10), c)
		fill(img, image.Rect(left, top, left+12, max(bottom, top+2)), c)
		last = next
	}
	write(img, image.Pt(24, 16), 2, "EUR/USD  1H", color.RGBA{0xdf, 0xe7, 0xf0, 0xff})
	return encodePNG(img)
}

// drawTransfer draws the confirmation of a bank transfer.
func drawTransfer() ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 560, 640))
	fill(img, img.Bounds(), color.RGBA{0xf4, 0xf7, 0xfa, 0xff})
	fill(img, image.Rect(0, 0, 560, 120), color.RGBA{0x18, 0x64, 0xab, 0xff})
	fill(img, image.Rect(28, 84, 532, 600), color.White)
	write(img, image.Pt(32, 26), 2, "Transfer completed", color.White)
	ink, soft := color.RGBA{0x1d, 0x27, 0x33, 0xff}, color.RGBA{0x7a, 0x88, 0x97, 0xff}
	for i, row := range [][2]string{
		{"Amount", "1,249.90 ILS"},
		{"To", "Meridian Academy"},
		{"Reference", "INV-2026-00871"},
		{"Date", "today 09:41"},
		{"Status", "Executed"},
	} {
		write(img, image.Pt(56, 120+i*92), 2, row[0], soft)
		write(img, image.Pt(56, 154+i*92), 3, row[1], ink)
	}
	return encodePNG(img)
}

func fill(img draw.Image, r image.Rectangle, c color.Color) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// write puts a line of text, enlarged.
func write(img draw.Image, at image.Point, scale int, text string, c color.Color) {
	small := image.NewRGBA(image.Rect(0, 0, 7*len(text), 13))
	d := font.Drawer{Dst: small, Src: image.NewUniform(c), Face: basicfont.Face7x13, Dot: fixed.P(0, 11)}
	d.DrawString(text)
	xdraw.NearestNeighbor.Scale(img, image.Rectangle{at, at.Add(image.Pt(7*len(text), 13).Mul(scale))}, small, small.Bounds(), xdraw.Over,
		nil)
}

func encodePNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return b.Bytes(), nil
}

// pdf makes a one-page document with a title and lines.
func pdf(title string, lines ...string) []byte {
	escape := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`)
	var text strings.Builder
	fmt.Fprintf(&text, "BT /F1 22 Tf 60 760 Td (%s) Tj /F1 13 Tf", escape.Replace(title))
	for _, line := range lines {
		fmt.Fprintf(&text, " 0 -30 Td (%s) Tj", escape.Replace(line))
	}
	text.WriteString(" ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	var places []int
	for i, object := range objects {
		places = append(places, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range places {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return out.Bytes()
}
