package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

const megabyte = 1 << 20

// shapes are mails of about so many bytes that would be dear to read carelessly.
func shapes(size int) map[string][]byte {
	head := "From: Ann Bell <ann@bell.example>\r\nTo: desk@meridian.example\r\nSubject: Re: Order\r\nMessage-ID: <x@bell.example>\r\nMIME-Version: 1.0\r\n"
	fill := func(unit string) string { return strings.Repeat(unit, max(1, size/len(unit))) }
	nested := func(levels int) string {
		var b strings.Builder
		for n := range levels {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", n, n)
		}
		return b.String() + "Content-Type: text/plain\r\n\r\n"
	}
	binary := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("%PDF-1.4 price list "), size*3/4/20))
	lines := strings.Builder{}
	for at := 0; at < len(binary); at += 76 {
		lines.WriteString(binary[at:min(len(binary), at+76)] + "\r\n")
	}
	return map[string][]byte{
		"plain text":               []byte(head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + fill("Please send the chairs to Jaffa, order 5512.\r\n")),
		"hebrew text":              []byte(head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + fill("נא לשלוח את הכיסאות ליפו, הזמנה 5512.\r\n")),
		"windows-1255":             []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("\xf9\xec\xe5\xed \xe4\xe6\xee\xf0\xe4 5512\r\n")),
		"html":                     []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<p style=\"color:red\">Please <b>send</b> the chairs to <a href=\"https://jaffa.example/x\">Jaffa</a>.</p>\r\n")),
		"html of blockquotes":      []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<blockquote>a")),
		"html of signatures":       []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<div class=gmail_signature>a</div>")),
		"html of one tag":          []byte(head + "Content-Type: text/html\r\n\r\n<p " + fill("a=b ") + ">x"),
		"html of open brackets":    []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<")),
		"html of comments":         []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<!--")),
		"html of entities":         []byte(head + "Content-Type: text/html\r\n\r\n" + fill("&amp;")),
		"html in base64":           []byte(head + "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(fill("<p>abc</p>")[:size/4*3]))),
		"quoted-printable":         []byte(head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + fill("=D7=A9=D7=9C=D7=95=D7=9D ")),
		"one line":                 []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("a")),
		"empty lines":              []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("\n")),
		"quoted lines":             []byte(head + "Content-Type: text/plain\r\n\r\nYes.\r\n" + fill("> a\n")),
		"quoted lines and answers": []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("> a\nb\n")),
		"lines with colons":        []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("on 12 may 2026 at 10:00, a <a@b.example> wrote:\n")),
		"names of fields":          []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("From: a\nDate: b\n")),
		"lines of colons":          []byte(head + "Content-Type: text/plain\r\n\r\n" + fill(":\n")),
		"lines of dashes":          []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("-- \n")),
		"flowed":                   []byte(head + "Content-Type: text/plain; format=flowed\r\n\r\n" + fill("a \n")),
		"a file":                   []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee the file\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines.String() + "--b--\r\n"),
		"parts":                    []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b\r\n\r\na\r\n")),
		"boundaries":               []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b\n")),
		"ends":                     []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b--\n")),
		"nearly boundaries":        []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--bb\n")),
		"files":                    []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b\r\nContent-Disposition: attachment\r\n\r\na\r\n")),
		"open multiparts":          []byte(head + nested(min(5000, size/60)) + fill("a")),
		"open multiparts, same":    []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")),
		"one header":               []byte(head + "X-Long: " + fill("a") + "\r\n\r\nx"),
		"a folded header":          []byte(head + "X-Long: a\r\n" + fill(" a\r\n") + "\r\nx"),
		"headers":                  []byte(head + fill("X-A: b\r\n") + "\r\nx"),
		"addresses":                []byte(head + "Cc: " + fill("a@b.example, ") + "\r\n\r\nx"),
		"quotation marks":          []byte(head + "Cc: " + fill("\"") + "\r\n\r\nx"),
		"groups":                   []byte(head + "Cc: a@b " + fill(":") + "\r\n\r\nx"),
		"names without addresses":  []byte(head + "Cc: " + fill("a,") + "\r\n\r\nx"),
		"encoded words":            []byte(head + "Cc: " + fill("=?utf-8?q?a?= ") + "\r\n\r\nx"),
		"words without ends":       []byte(head + "Cc: " + fill("=?utf-8?q?a") + "\r\n\r\nx"),
		"words of no kind":         []byte(head + "Cc: " + fill("=?utf-8?x?a") + "\r\n\r\nx"),
		"references":               []byte(head + "References: " + fill("<a@b.example> ") + "\r\n\r\nx"),
		"parameters":               []byte(head + "Content-Type: text/plain" + fill("; a*1=b") + "\r\n\r\nx"),
		"open quotes in a name":    []byte(head + "Content-Type: text/plain; name=" + fill("\"a") + "\r\n\r\nx"),
		"uuencoded":                []byte(head + "\r\nx\n" + fill("begin 644 a\n#0V%T\n`\nend\n")),
		"begins":                   []byte(head + "\r\nx\n" + fill("begin 644 a\n")),
		"signed data":              []byte(head + "Content-Type: application/pkcs7-mime\r\n\r\n" + fill("\x30\x80")),
		"tnef":                     []byte(head + "Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x00\x00" + fill("\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00")),
		"a calendar":               []byte(head + "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + fill("BEGIN:VEVENT\r\nSUMMARY:a\r\n")),
		"pgp":                      []byte(head + "\r\n" + fill(pgpSigned+"\n\n")),
		"content ids":              []byte(head + "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n" + fill("<img src=cid:a>") + "\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <a>\r\n\r\nx\r\n--b--"),
	}
}

// cost returns how long reading takes, and how much memory is taken meanwhile.
func cost(raw []byte) (took time.Duration, allocated uint64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now() //nolint:forbidigo // it is what is measured
	Read(raw, options())
	took = time.Since(start)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

// TestNoShapeIsDear: a mail of any shape takes a small multiple of its size. Times are those of a slow machine under the race detector;
// the benchmark shows the true ones.
func TestNoShapeIsDear(t *testing.T) {
	for name, raw := range shapes(megabyte) {
		took, allocated := cost(raw)
		if took > 2*time.Second {
			t.Errorf("%s: %v", name, took)
		}
		if allocated > 60*megabyte {
			t.Errorf("%s: %d MB allocated", name, allocated/megabyte)
		}
		t.Log(name, took, allocated/1024, "KB")
	}
}

func BenchmarkShapes(b *testing.B) {
	for name, raw := range shapes(megabyte) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Read(raw, options())
			}
		})
	}
}
