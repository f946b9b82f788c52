package mail

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestQuotations counts over texts in the languages and styles of many programs: no word of the writer is folded, and at most one in
// twenty of the quotations is left to be seen.
func TestQuotations(t *testing.T) {
	data, err := os.ReadFile("testdata/quotations.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Subject, Text, Added string
		Answers                    bool
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 200 {
		t.Fatal(len(cases), err)
	}
	quotations, left := 0, 0
	for _, c := range cases {
		_, answer, forward := SubjectKey(c.Subject)
		f := folder{answers: (c.Answers || answer) && !forward, forward: forward, own: own, sender: "L"}
		added, folded := f.split(c.Text)
		if !strings.Contains(squeeze(added), squeeze(c.Added)) {
			t.Errorf("%s: words are folded: %q, want %q", c.Name, added, c.Added)
		}
		if squeeze(added+folded) != squeeze(c.Text) && len(squeeze(added+folded)) != len(squeeze(c.Text)) {
			t.Errorf("%s: something was lost: %q %q", c.Name, added, folded)
		}
		if c.Text != c.Added {
			if quotations++; added != c.Added {
				left++
				t.Logf("%s: left: %q", c.Name, added)
			}
		}
	}
	t.Logf("%d quotations, %d left", quotations, left)
	if 20*left > quotations {
		t.Errorf("%d of %d quotations are left to be seen", left, quotations)
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
