package inbox

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wasl/internal/jobs"

	"wasl/channels"
)

// meant is what a sample's message means, as a person wrote it down beside the samples.
type meant struct {
	id, text                             string
	kind                                 channels.MessageType
	opens, echo, historic, raw, stranger bool
	attachments                          []string // their kinds
	group                                string
	status                               channels.MessageStatus
}

var meantLine = regexp.MustCompile(`^message (\S+) (\S+) ("(?:[^"\\]|\\.)*")(.*?) \| (.*)$`)

// meanings reads the messages that each sample has. Their ids stand there in short: id is the form of the whole.
func meanings(t *testing.T, dir, id string) map[string][]meant {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "channels", dir, "meaning.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]meant{}
	name := ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSuffix(line, "\n")
		if after, ok := strings.CutPrefix(line, "== "); ok {
			name = after
			out[name] = nil
			continue
		}
		parts := meantLine.FindStringSubmatch(line)
		if parts == nil {
			continue
		}
		said, err := strconv.Unquote(parts[3])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		has := func(flag string) bool { return strings.Contains(parts[4]+" ", " "+flag+" ") }
		m := meant{
			id: fmt.Sprintf(id, parts[1]), kind: channels.MessageType(parts[2]), text: said, opens: has("opens"), echo: has("echo"),
			historic: has("historic"), raw: has("raw"), stranger: strings.Contains(parts[5], "account "),
		}
		for _, a := range regexp.MustCompile(`\[(\w+) `).FindAllStringSubmatch(parts[4], -1) {
			m.attachments = append(m.attachments, a[1])
		}
		if g := regexp.MustCompile(`group=(\S+)`).FindStringSubmatch(parts[4]); g != nil {
			m.group = g[1]
		}
		if s := regexp.MustCompile(`status=(\S+)`).FindStringSubmatch(parts[4]); s != nil {
			m.status = channels.MessageStatus(s[1])
		}
		out[name] = append(out[name], m)
	}
	if len(out) < 25 {
		t.Fatalf("only %d samples are described", len(out))
	}
	return out
}

// TestEverySampleBecomesWhatItMeans sends each sample twice through the whole way in.
func TestEverySampleBecomesWhatItMeans(t *testing.T) {
	t.Parallel()
	for name, messages := range meanings(t, "whatsapp/testdata", "wamid.HBgLFIXTURE%sAA==") {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot().connect()
				p.receive(sample(t, name))
				w.finish()
				p.receive(sample(t, name))
				w.finish()
				checkMessages(t, w, messages)
				checkConversations(t, w, messages)
				if _, err := p.messageViews(t.Context(), w.messages()); err != nil {
					t.Error(err)
				}
				onlyStrangers(t, w, messages)
				p.stop()
			})
		})
	}
}

// onlyStrangers checks that nothing is left to do but what is for accounts that are not connected.
func onlyStrangers(t *testing.T, w *world, sent []meant) {
	t.Helper()
	strange := slices.ContainsFunc(sent, func(m meant) bool { return m.stranger })
	for _, j := range w.jobs() {
		if j.State != jobs.Dead || !strange || !strings.Contains(j.Error, "is not connected") {
			t.Errorf("a job is left: %s %s", j.State, j.Error)
		}
		strange = false
	}
	if strange {
		t.Error("a message for an account that is not connected left no trace")
	}
}

func checkMessages(t *testing.T, w *world, want []meant) {
	t.Helper()
	distinct := map[string]bool{}
	for _, m := range want {
		if m.stranger {
			continue
		}
		distinct[m.id] = true
		got := w.message(m.id)
		direction, status := In, Received
		if m.echo {
			direction, status = Out, Sent
		}
		if m.status != "" {
			status = m.status
		}
		if got.Type != m.kind || got.Text != m.text || got.Direction != direction || got.Status != status || got.Thread == "" {
			t.Errorf("message %s %q %s %s; want %s %q %s %s", got.Type, got.Text, got.Direction, got.Status, m.kind, m.text, direction,
				status)
		}
		if len(got.Raw) > 0 != m.raw {
			t.Errorf("the raw form has %d bytes, kept should be %v", len(got.Raw), m.raw)
		}
		if len(got.Attachments) != len(m.attachments) {
			t.Fatalf("%d attachments, want %v", len(got.Attachments), m.attachments)
		}
		for n, kind := range m.attachments {
			if a := got.Attachments[n]; a.Kind != kind || a.State != "failed" || a.Error == "" {
				t.Errorf("attachment %+v, want a %s that the provider no longer has", a, kind)
			}
		}
	}
	var extra int
	for _, m := range w.messages() {
		if m.Type != channels.TypeSystem && !distinct[m.ProviderID] {
			extra++
		}
	}
	if extra > 0 {
		t.Errorf("%d messages more than the sample has", extra)
	}
}

func checkConversations(t *testing.T, w *world, want []meant) {
	t.Helper()
	unread, opens, live := map[string]bool{}, false, false
	for _, m := range want {
		if m.stranger {
			continue
		}
		if !m.echo && !m.historic && m.kind != "system" {
			unread[m.id] = true
		}
		opens = opens || m.opens
		live = live || !m.historic
	}
	var in int64
	opened := false
	for _, c := range w.conversations() {
		in += c.InboundCount
		opened = opened || !c.WindowFrom.IsZero()
		if group := want[0].group; c.Group != group {
			t.Errorf("group %q, want %q", c.Group, group)
		}
		if status := map[bool]Status{true: Open, false: Resolved}[live]; c.Status != status {
			t.Errorf("the conversation is %s, want %s", c.Status, status)
		}
	}
	if int(in) != len(unread) {
		t.Errorf("%d unread, want %d", in, len(unread))
	}
	if opened != opens {
		t.Errorf("a window was opened: %v, want %v", opened, opens)
	}
}
