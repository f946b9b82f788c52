package mail

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const own = "desk@meridian.example"

var ourID = regexp.MustCompile(`msg_[0-9a-z]{26}\.[0-9a-z]{26}\.wasl@[a-z0-9.-]*[a-z0-9]`)

func options() Options { return Options{Own: own, OurID: ourID, LoopHeader: "x-wasl-loop"} }

// expected is what somebody decided that a mail says.
type expected struct {
	Own      string `json:"own,omitempty"`
	Envelope *struct {
		Known bool   `json:"known"`
		From  string `json:"from"`
		SPF   string `json:"spf"`
		DKIM  string `json:"dkim"`
	} `json:"envelope,omitempty"`
	Sender    Address        `json:"sender"`
	AnswerTo  string         `json:"answer_to,omitempty"`
	Subject   string         `json:"subject,omitempty"`
	Text      string         `json:"text,omitempty"`
	Folded    string         `json:"folded,omitempty"`
	Formatted string         `json:"formatted,omitempty"`
	Files     []expectedFile `json:"files,omitempty"`
	Marks     []string       `json:"marks,omitempty"`
}

type expectedFile struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int    `json:"size"` // -1: any
	Inline bool   `json:"inline,omitempty"`
}

// described is a mail as the corpus describes it.
func described(m *Mail) expected {
	e := expected{Sender: m.Person, AnswerTo: m.AnswerTo, Subject: m.Subject, Text: m.Text, Folded: m.Folded, Formatted: m.HTML}
	for _, f := range m.Files {
		e.Files = append(e.Files, expectedFile{f.Name, f.Type, len(f.Data), f.Inline})
	}
	mark := func(on bool, text string) {
		if on {
			e.Marks = append(e.Marks, text)
		}
	}
	mark(m.Auto != "", "auto:"+string(m.Auto))
	if r := m.Report; r != nil {
		mark(true, "report:"+string(r.Kind)+" "+r.Of+" "+r.Recipient+" "+r.Status)
	}
	mark(m.Reaction != "", "reaction:"+m.Reaction)
	mark(m.Invitation != "", "invitation:"+m.Invitation)
	mark(m.Encrypted, "encrypted")
	mark(m.Signed, "signed")
	mark(m.Unverified, "unverified")
	mark(m.Cut, "cut")
	return e
}

// TestCorpus: every mail of the corpus, and every one that was read wrongly once, says what somebody decided that it says.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/c*/*.eml")
	if err != nil || len(files) < 600 {
		t.Fatalf("%d mails, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var want expected
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&want); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		o := options()
		o.Own = want.Own
		if e := want.Envelope; e != nil {
			o.Envelope = Envelope{Known: e.Known, From: e.From, SPF: e.SPF, DKIM: e.DKIM}
		}
		got := described(Read(raw, o))
		for n := range got.Files {
			if n < len(want.Files) && want.Files[n].Size < 0 {
				got.Files[n].Size = want.Files[n].Size
			}
		}
		slices.Sort(got.Marks)
		slices.Sort(want.Marks)
		compare(t, filepath.Base(file), got, want)
	}
}

func compare(t *testing.T, name string, got, want expected) {
	t.Helper()
	want.Own, want.Envelope = "", nil
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for n := range g.NumField() {
		if !reflect.DeepEqual(g.Field(n).Interface(), w.Field(n).Interface()) {
			t.Errorf("%s: %s is\n  %#v, want\n  %#v", name, g.Type().Field(n).Name, g.Field(n).Interface(), w.Field(n).Interface())
		}
	}
}
