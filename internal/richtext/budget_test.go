//go:build unix

package richtext_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"wasl/internal/richtext"
)

// used is the processor's time that the process has taken.
func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A megabyte of HTML takes less than a second to make safe, whatever a stranger fills it with.
func TestNoShapeTakesLong(t *testing.T) {
	const limit = slowness * time.Second
	fill := func(unit string) string { return strings.Repeat(unit, richtext.MaxHTML/len(unit)) }
	for name, text := range map[string]string{
		"one style of braces":       `<p style="` + fill("{") + `">x</p>`,
		"one style of comments":     `<p style="` + fill("/*") + `">x</p>`,
		"one style of quotes":       `<p style="` + fill("'") + `">x</p>`,
		"one style of declarations": `<p style="` + fill("color:red;") + `">x</p>`,
		"long styles of braces":     fill(`<p style="` + strings.Repeat("{", 4000) + `">x</p>`),
		"long styles of comments":   fill(`<p style="` + strings.Repeat("/*", 2000) + `">x</p>`),
		"short styles":              fill(`<p style="a:b">x`),
		"two styles":                fill(`<p style="a:b" style="` + strings.Repeat("{", 8000) + `">x`),
		"open tables":               fill(`<table><tr><td>`),
		"open fonts":                fill(`<font color=red><p>`),
		"links":                     fill(`<a href="https://a.example/x">a`),
		"pictures":                  fill(`<img src="https://a.example/x.png">`),
		"attributes":                `<p ` + fill("a=b ") + `>x`,
		"a long picture":            `<img src="data:image/png;base64,` + fill("AAAA") + `">`,
		"a mail":                    fill(`<p style="color:red;margin:0">Please <b>send</b> the <a href="https://jaffa.example">chairs</a>.</p>`),
	} {
		before := used(t)
		safe := richtext.Place(richtext.Clean(text), richtext.Images{})
		if took := used(t) - before; took > limit {
			t.Errorf("%s: %v", name, took)
		}
		if name != "a mail" {
			continue
		}
		before = used(t)
		_ = richtext.Place(safe, richtext.Images{})
		if took := used(t) - before; took > limit/5 {
			t.Errorf("showing what was kept takes %v", took)
		}
	}
}
