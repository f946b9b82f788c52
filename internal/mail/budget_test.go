//go:build unix

package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"
	"time"
)

const megabyte = 1 << 20

// shapes are mails of about so many bytes that would be dear to read carelessly.
func shapes(size int) map[string]func() []byte {
	head := "From: Ann Bell <ann@bell.example>\r\nTo: desk@meridian.example\r\nSubject: Re: Order\r\nMessage-ID: <x@bell.example>\r\nMIME-Version: 1.0\r\n"
	fill := func(unit string) string { return strings.Repeat(unit, max(1, size/len(unit))) }
	nested := func(levels int) string {
		var b strings.Builder
		for n := range levels {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", n, n)
		}
		return b.String() + "Content-Type: text/plain\r\n\r\n"
	}
	file := func() string {
		binary := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("%PDF-1.4 price list "), size*3/4/20))
		lines := strings.Builder{}
		for at := 0; at < len(binary); at += 76 {
			lines.WriteString(binary[at:min(len(binary), at+76)] + "\r\n")
		}
		return lines.String()
	}
	return map[string]func() []byte{
		"plain text": func() []byte {
			return []byte(head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" +
				fill("Please send the chairs to Jaffa, order 5512.\r\n"))
		},
		"hebrew text": func() []byte {
			return []byte(head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + fill("נא לשלוח את הכיסאות ליפו, הזמנה 5512.\r\n"))
		},
		"windows-1255": func() []byte {
			return []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("\xf9\xec\xe5\xed \xe4\xe6\xee\xf0\xe4 5512\r\n"))
		},
		"html": func() []byte {
			return []byte(head + "Content-Type: text/html\r\n\r\n" +
				fill("<p style=\"color:red\">Please <b>send</b> the chairs to <a href=\"https://jaffa.example/x\">Jaffa</a>.</p>\r\n"))
		},
		"html of blockquotes": func() []byte { return []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<blockquote>a")) },
		"html of signatures": func() []byte {
			return []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<div class=gmail_signature>a</div>"))
		},
		"html of one tag":       func() []byte { return []byte(head + "Content-Type: text/html\r\n\r\n<p " + fill("a=b ") + ">x") },
		"html of open brackets": func() []byte { return []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<")) },
		"html of comments":      func() []byte { return []byte(head + "Content-Type: text/html\r\n\r\n" + fill("<!--")) },
		"html of entities":      func() []byte { return []byte(head + "Content-Type: text/html\r\n\r\n" + fill("&amp;")) },
		"html in base64": func() []byte {
			return []byte(head + "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
				base64.StdEncoding.EncodeToString([]byte(fill("<p>abc</p>")[:size/4*3])))
		},
		"quoted-printable": func() []byte {
			return []byte(head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
				fill("=D7=A9=D7=9C=D7=95=D7=9D "))
		},
		"one line":                 func() []byte { return []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("a")) },
		"empty lines":              func() []byte { return []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("\n")) },
		"quoted lines":             func() []byte { return []byte(head + "Content-Type: text/plain\r\n\r\nYes.\r\n" + fill("> a\n")) },
		"quoted lines and answers": func() []byte { return []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("> a\nb\n")) },
		"lines with colons": func() []byte {
			return []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("on 12 may 2026 at 10:00, a <a@b.example> wrote:\n"))
		},
		"names of fields": func() []byte { return []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("From: a\nDate: b\n")) },
		"lines of colons": func() []byte { return []byte(head + "Content-Type: text/plain\r\n\r\n" + fill(":\n")) },
		"lines of dashes": func() []byte { return []byte(head + "Content-Type: text/plain\r\n\r\n" + fill("-- \n")) },
		"flowed":          func() []byte { return []byte(head + "Content-Type: text/plain; format=flowed\r\n\r\n" + fill("a \n")) },
		"a file": func() []byte {
			return []byte(head +
				"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee the file\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + file() + "--b--\r\n")
		},
		"parts": func() []byte {
			return []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b\r\n\r\na\r\n"))
		},
		"boundaries": func() []byte {
			return []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b\n"))
		},
		"ends": func() []byte {
			return []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--b--\n"))
		},
		"nearly boundaries": func() []byte {
			return []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + fill("--bb\n"))
		},
		"files": func() []byte {
			return []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
				fill("--b\r\nContent-Disposition: attachment\r\n\r\na\r\n"))
		},
		"open multiparts": func() []byte { return []byte(head + nested(min(5000, size/60)) + fill("a")) },
		"open multiparts, same": func() []byte {
			return []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
				fill("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"))
		},
		"one header":              func() []byte { return []byte(head + "X-Long: " + fill("a") + "\r\n\r\nx") },
		"a folded header":         func() []byte { return []byte(head + "X-Long: a\r\n" + fill(" a\r\n") + "\r\nx") },
		"headers":                 func() []byte { return []byte(head + fill("X-A: b\r\n") + "\r\nx") },
		"addresses":               func() []byte { return []byte(head + "Cc: " + fill("a@b.example, ") + "\r\n\r\nx") },
		"quotation marks":         func() []byte { return []byte(head + "Cc: " + fill("\"") + "\r\n\r\nx") },
		"groups":                  func() []byte { return []byte(head + "Cc: a@b " + fill(":") + "\r\n\r\nx") },
		"names without addresses": func() []byte { return []byte(head + "Cc: " + fill("a,") + "\r\n\r\nx") },
		"encoded words":           func() []byte { return []byte(head + "Cc: " + fill("=?utf-8?q?a?= ") + "\r\n\r\nx") },
		"words without ends":      func() []byte { return []byte(head + "Cc: " + fill("=?utf-8?q?a") + "\r\n\r\nx") },
		"words of no kind":        func() []byte { return []byte(head + "Cc: " + fill("=?utf-8?x?a") + "\r\n\r\nx") },
		"references":              func() []byte { return []byte(head + "References: " + fill("<a@b.example> ") + "\r\n\r\nx") },
		"parameters":              func() []byte { return []byte(head + "Content-Type: text/plain" + fill("; a*1=b") + "\r\n\r\nx") },
		"open quotes in a name":   func() []byte { return []byte(head + "Content-Type: text/plain; name=" + fill("\"a") + "\r\n\r\nx") },
		"uuencoded":               func() []byte { return []byte(head + "\r\nx\n" + fill("begin 644 a\n#0V%T\n`\nend\n")) },
		"begins":                  func() []byte { return []byte(head + "\r\nx\n" + fill("begin 644 a\n")) },
		"signed data": func() []byte {
			return []byte(head + "Content-Type: application/pkcs7-mime\r\n\r\n" + fill("\x30\x80"))
		},
		"tnef": func() []byte {
			return []byte(head + "Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x00\x00" + fill("\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00"))
		},
		"a calendar": func() []byte {
			return []byte(head + "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + fill("BEGIN:VEVENT\r\nSUMMARY:a\r\n"))
		},
		"pgp": func() []byte { return []byte(head + "\r\n" + fill(pgpSigned+"\n\n")) },
		"content ids": func() []byte {
			return []byte(head + "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n" + fill("<img src=cid:a>") + "\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <a>\r\n\r\nx\r\n--b--")
		},
	}
}

// processed is the time that the processors spent on this program: unlike the clock's it does not depend on what else runs.
func processed() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// cost returns how long reading takes, and how much memory is taken meanwhile.
func cost(raw []byte) (took time.Duration, allocated uint64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := processed()
	Read(raw, options())
	took = processed() - start
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

// TestNoShapeIsSlow: a mail of any shape is read in a time that its size bounds. The limit is that of the race detector on a slow machine;
// the benchmark shows the true times.
func TestNoShapeIsSlow(t *testing.T) {
	for name, shape := range shapes(megabyte) {
		if took, allocated := cost(shape()); took > 4*time.Second {
			t.Errorf("%s: %v", name, took)
		} else {
			t.Log(name, took, allocated/1024, "KB allocated in all")
		}
	}
}

// inUse returns how much memory reading has in use at one time at most, by collecting what is not in use all the time.
func inUse(raw []byte) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtime.GC()
	metrics.Read(live)
	before := live[0].Value.Uint64()
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		for highest := before; ; {
			select {
			case <-stop:
				most <- highest - before
				return
			default:
				metrics.Read(live)
				highest = max(highest, live[0].Value.Uint64())
				runtime.Gosched()
			}
		}
	}()
	runtime.KeepAlive(Read(raw, options()))
	close(stop)
	return <-most
}

// TestNoShapeTakesFourTimesItsSize: with all that is kept of it, a mail of a megabyte never has four in use. It runs as a program of its
// own whose collector stops everything else, because what is allocated beside it would count as in use.
func TestNoShapeTakesFourTimesItsSize(t *testing.T) {
	const collector = "gcstoptheworld=2"
	if os.Getenv("GODEBUG") != collector {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$") //nolint:gosec // this program
		again.Env = append(os.Environ(), "GODEBUG="+collector)
		said, err := again.CombinedOutput()
		if t.Logf("%s", said); err != nil {
			t.Error(err)
		}
		return
	}
	limit := 4.0
	if raceDetector {
		limit = 8 // it has memory of its own
	}
	for name, shape := range shapes(megabyte) {
		raw := shape()
		times := float64(inUse(raw)) / float64(len(raw))
		if t.Logf("%s: %.1f times its size", name, times); times > limit {
			t.Errorf("%s: more than %.0f times its size", name, limit)
		}
		runtime.KeepAlive(raw)
	}
}

func BenchmarkShapes(b *testing.B) {
	for name, shape := range shapes(megabyte) {
		b.Run(name, func(b *testing.B) {
			raw := shape()
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Read(raw, options())
			}
		})
	}
}

// TestLargeMails: the largest mails that come in stay within seconds and some hundred megabytes.
func TestLargeMails(t *testing.T) {
	large := shapes(20 * megabyte)
	for _, name := range []string{
		"html", "html in base64", "plain text", "hebrew text", "a file", "parts", "files",
		"open multiparts", "open multiparts, same", "nearly boundaries", "quoted-printable",
	} {
		raw := large[name]()
		took, allocated := cost(raw)
		if t.Log(name, took, allocated/megabyte, "MB"); took > 30*time.Second || allocated > 300*megabyte { // as above
			t.Errorf("%s: %v, %d MB", name, took, allocated/megabyte)
		}
	}
}
