package mail

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const own = "desk@meridian.example"

var ourID = regexp.MustCompile(`msg_[0-9a-z]{26}\.[0-9a-z]{26}\.wasl@[a-z0-9.-]+`)

func options() Options {
	return Options{Own: own, OurID: ourID, LoopHeader: "x-wasl-loop"}
}

func TestDump(t *testing.T) {
	files, _ := filepath.Glob("testdata/cases/*.eml")
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		m := Read(raw, options())
		fmt.Printf("== %s\n from %v person %v answer %v subject %q auto %q\n text %q\n folded %q\n html %q\n", filepath.Base(f), m.From, m.Person, m.AnswerTo, m.Subject, m.Auto, m.Text, m.Folded, m.HTML[:min(len(m.HTML), 100)])
		for _, x := range m.Files {
			fmt.Printf("  file %q %s %d cid=%q inline=%v\n", x.Name, x.Type, len(x.Data), x.ContentID, x.Inline)
		}
		if m.Report != nil {
			fmt.Printf("  report %+v\n", *m.Report)
		}
		fmt.Println("  ", m.Invitation, m.Encrypted, m.Signed, m.Unverified, m.Cut, m.Reaction)
	}
	_ = strings.ToLower
}
