//go:build unix

package mail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzRead: whatever comes in is read within a budget of time and memory, and what comes out can be stored and shown.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/c*/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for n, file := range files {
		if raw, err := os.ReadFile(file); err == nil && (n%7 == 0 || strings.Contains(file, "cases")) {
			f.Add(raw)
		}
	}
	for _, shape := range shapes(2000) {
		f.Add(shape())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		start := processed()
		m := Read(raw, options())
		if took := processed() - start; took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		sound(t, m, len(raw))
		_ = m.Digest()
		head, body := splitHeader(raw, false)
		_ = head
		sound(t,
			ReadForm(Form{
				Head: raw[:len(raw)-len(body)], Text: body, HTML: body, TextSet: m.Header.Get("x-set"),
				Files: []File{{Name: m.Subject, Type: m.Header.Get("content-type"), Data: body}},
			}, options()), 4*len(raw))
		_, _ = ReadFormParts(raw, "multipart/form-data; boundary=b")
	})
}

// sound checks what holds for every mail that was read.
func sound(t *testing.T, m *Mail, size int) {
	t.Helper()
	texts := []string{
		m.Text, m.Folded, m.HTML, m.Subject, m.From.Name, m.From.Address, m.Person.Name, m.Person.Address, m.AnswerTo,
		m.Reaction, m.ID,
	}
	kept := 0
	for _, file := range m.Files {
		texts = append(texts, file.Name, file.ContentID)
		kept += len(file.Data)
		if file.Name == "" || strings.ContainsAny(file.Name, "/\\\r\n") || !strings.Contains(file.Type, "/") {
			t.Errorf("file %q %q", file.Name, file.Type)
		}
	}
	for _, a := range append(m.To, m.CC...) {
		texts = append(texts, a.Name, a.Address)
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x01\x02\x03") {
			t.Errorf("%q cannot be stored", text)
		}
	}
	for _, text := range []string{m.Subject, m.From.Name, m.Person.Name, m.Person.Address, m.AnswerTo, m.ID} {
		if strings.ContainsAny(text, "\r\n") {
			t.Errorf("%q has a line break", text)
		}
	}
	if kept > 3*size+1000 {
		t.Errorf("%d bytes of files in a mail of %d", kept, size)
	}
	if len(m.Files) > maxFiles+1 {
		t.Errorf("%d files", len(m.Files))
	}
}
