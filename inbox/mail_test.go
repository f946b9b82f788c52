package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/auth"
	"wasl/channels"
	"wasl/channels/email"
	"wasl/internal/access"
	"wasl/internal/blob"
	"wasl/internal/jobs"
	"wasl/store"
)

// mailbox connects a mail channel.
func (p *process) mailbox(address string) *channels.Connected { return p.mailboxOf("w", address) }

func (p *process) mailboxOf(workspace, address string) *channels.Connected {
	p.w.t.Helper()
	ch, err := p.Channels.Create(p.w.t.Context(), workspace, channels.New{Kind: email.Kind, Name: address, Credentials: map[string]string{
		"api_key": "k", "from_address": address, "inbound_user": "u", "inbound_password": "p",
	}})
	if err != nil {
		p.w.t.Fatal(err)
	}
	connected, err := p.Channels.Connected(p.w.t.Context(), ch.ID)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return connected
}

// mailed delivers a mail of these header lines and returns the conversation that it is in.
func (p *process) mailed(ch *channels.Connected, id string, lines ...string) *Conversation {
	p.w.t.Helper()
	if id != "" {
		lines = append(lines, "Message-ID: <"+id+">")
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	said := fmt.Sprintf("mail %d", len(p.w.messages()))
	_ = w.WriteField("email", strings.Join(append(lines, "", said), "\r\n"))
	_ = w.Close()
	hook := channels.Webhook{Method: http.MethodPost, Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: body.Bytes()}
	if err := p.Channels.Accept(p.w.t.Context(), ch, hook); err != nil {
		p.w.t.Fatal(err)
	}
	synctest.Wait()
	conv, err := p.conversations.Get(p.w.t.Context(), p.w.message(said).ConversationID)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return conv
}

// TestWhatAMailBelongsTo: the token counts before the mails that it answers, these before the subject, and nothing empty or strange
// ever joins two conversations.
func TestWhatAMailBelongsTo(t *testing.T) {
	const ines, rami = "From: ines@example.org", "From: rami@example.net"
	cases := []struct {
		name  string
		lines []string
		later time.Duration
		want  string // a b: that conversation; empty: a new one
	}{
		{name: "it answers a mail", lines: []string{ines, "Subject: x", "In-Reply-To: <a1@example.org>"}, want: "a"},
		{name: "it names mails before it, the last one counts", lines: []string{
			ines, "Subject: x",
			"References: <a1@example.org> <b1@example.org>",
		}, want: "b"},
		{name: "the last one is not known, an earlier one is", lines: []string{
			ines, "Subject: x",
			"References: <a1@example.org> <lost@example.org>",
		}, want: "a"},
		{name: "what it answers counts before the rest", lines: []string{
			ines, "Subject: x", "References: <b1@example.org>",
			"In-Reply-To: <a1@example.org>",
		}, want: "a"},
		{name: "the token counts before the mails", lines: []string{
			ines, "Subject: x", "To: desk+wTOKEN-B@us.example",
			"In-Reply-To: <a1@example.org>",
		}, want: "b"},
		{name: "a program spelled the token in capitals", lines: []string{ines, "Subject: x", "To: DESK+WTOKEN-B@US.EXAMPLE"}, want: "b"},
		{name: "the token stands in the id of a mail of ours", lines: []string{
			ines, "Subject: x",
			"In-Reply-To: <msg_00000000000000000000000000.TOKEN-B.wasl@us.example>",
		}, want: "b"},
		{name: "a token of nothing is none", lines: []string{
			ines, "Subject: x", "To: desk+w00000000000000000000000000@us.example",
			"In-Reply-To: <a1@example.org>",
		}, want: "a"},
		{name: "a token of another mailbox's conversation is none", lines: []string{
			ines, "Subject: x",
			"To: desk+wTOKEN-OTHER@us.example",
		}},
		{name: "a mail of another mailbox is not known here", lines: []string{ines, "Subject: x", "In-Reply-To: <other1@example.org>"}},
		{name: "somebody else answers", lines: []string{rami, "Subject: x", "In-Reply-To: <a1@example.org>"}, want: "a"},
		{name: "an answer by its subject", lines: []string{ines, "Subject: RE: Lamp"}, want: "a"},
		{
			name: "an answer by its subject in Hebrew, marked twice", lines: []string{
				ines,
				"Subject: =?utf-8?B?15TXqdeROiBSZTogTGFtcA==?=",
			},
			want: "a",
		},
		{name: "the same subject is no answer", lines: []string{ines, "Subject: Lamp"}},
		{name: "the same subject of somebody else", lines: []string{rami, "Subject: Re: Lamp"}},
		{name: "an answer by its subject, too late", lines: []string{ines, "Subject: Re: Lamp"}, later: 31 * 24 * time.Hour},
		{name: "an answer to nothing", lines: []string{ines, "Subject: Re:"}},
		{name: "an answer without a subject", lines: []string{ines, "In-Reply-To: <lost@example.org>"}},
		{name: "empty references", lines: []string{ines, "Subject: x", "In-Reply-To: <>", "References: <> < >"}},
		{name: "references without form", lines: []string{
			ines, "Subject: x", "References: a1@example.org <a1@example.org",
			"In-Reply-To: \x00",
		}},
		{name: "a thousand references", lines: []string{ines, "Subject: x", "References: " + strings.Repeat("<lost@example.org> ", 1000) +
			"<b1@example.org>"}, want: "b"},
		{name: "references that no longer count", lines: []string{ines, "Subject: x", "References: <a1@example.org>" + manyLost(40)}},
		{name: "an id that is none of a mail", lines: []string{ines, "Subject: x", "In-Reply-To: <" + strings.Repeat("a", 2000) + ">"}},
	}

	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch, elsewhere := p.mailbox("desk@us.example"), p.mailbox("sales@us.example")
		for n, c := range cases {
			own := func(s string) string { // every case has its people and its mails
				return strings.NewReplacer("ines@", fmt.Sprintf("ines%d@", n), "<a1@", fmt.Sprintf("<a1.%d@", n), "<b1@",
					fmt.Sprintf("<b1.%d@", n)).Replace(s)
			}
			a := p.mailed(ch, fmt.Sprintf("a1.%d@example.org", n), own(ines), "Subject: Lamp")
			b := p.mailed(ch, fmt.Sprintf("b1.%d@example.org", n), own(ines), "Subject: Chair")
			p.mailed(ch, "", own(ines)) // neither an id nor a subject
			other := p.mailed(elsewhere, fmt.Sprintf("other1.%d@example.org", n), own(ines), "Subject: Other")
			a.LastActivityAt = a.LastActivityAt.Add(-c.later)
			if err := w.disk.Write(t.Context(), p.conversations.Replace(a)); err != nil {
				t.Fatal(err)
			}
			before := len(w.conversations())
			token := func(c *Conversation) string { return strings.TrimPrefix(c.ID, conversationPrefix) }
			lines := strings.NewReplacer("TOKEN-B", token(b), "TOKEN-OTHER", token(other), "<other1@",
				fmt.Sprintf("<other1.%d@", n)).Replace(strings.Join(c.lines, "\r\n"))
			got := p.mailed(ch, fmt.Sprintf("new%d@example.org", n), own(lines))
			switch {
			case c.want == "a" && got.ID != a.ID, c.want == "b" && got.ID != b.ID:
				t.Errorf("%s: it is in %q", c.name, got.Mail.Subject)
			case c.want == "" && len(w.conversations()) != before+1:
				t.Errorf("%s: it joined %q", c.name, got.Mail.Subject)
			}
		}
		p.stop()
	})
}

// manyLost are references to mails that were never here.
func manyLost(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " <lost%d@example.org>", i)
	}
	return b.String()
}

// TestMailsWithoutAnIDAreNotOne, and the same mail again is.
func TestMailsWithoutAnIDAreNotOne(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		first := p.mailed(ch, "", "From: a@example.org", "Subject: Same")
		if second := p.mailed(ch, "", "From: a@example.org", "Subject: Same"); second.ID == first.ID {
			t.Error("two mails without an id are one conversation")
		}
		p.mailed(ch, "x@example.org", "From: a@example.org", "Subject: Once")
		before := len(w.messages())
		p.posted(ch, fmt.Sprintf("From: a@example.org\r\nSubject: Once\r\nMessage-ID: <x@example.org>\r\n\r\nmail %d", before-1), nil)
		if got := len(w.messages()); got != before {
			t.Errorf("the same id again: %d messages, want %d", got, before)
		}
		p.stop()
	})
}

// full is a store of files without room.
type full struct{ blob.Store }

func (full) Put(context.Context, string, io.Reader) (int64, error) {
	return 0, errors.New("no room")
}

// TestALargeBodyIsKeptBesideItsJob, which stays small enough for any store, until nobody needs it any more.
func TestALargeBodyIsKeptBesideItsJob(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		if err := p.Channels.Remove(t.Context(), "w", ch.ID); err != nil {
			t.Fatal(err)
		}
		hook := channels.Webhook{Method: http.MethodPost, Header: http.Header{}, Body: bytes.Repeat([]byte("large "), 3<<20)}
		roomy := p.Channels.Blobs
		p.Channels.Blobs = full{roomy}
		if err := p.Channels.Accept(t.Context(), ch, hook); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("without room for it: %v", err)
		}
		p.Channels.Blobs = roomy
		if err := p.Channels.Accept(t.Context(), ch, hook); err != nil {
			t.Fatal(err)
		}
		settle(time.Second)
		found, _, err := p.Jobs.DeadLetters(t.Context(), jobs.DeadQuery{WorkspaceID: "w", Limit: 10})
		if err != nil || len(found) != 1 || len(found[0].Payload) > 1000 {
			t.Fatalf("%d dead letters, %v", len(found), err)
		}
		body, size, err := p.Channels.Body(t.Context(), found[0], 10)
		if err != nil || string(body) != "large larg" || size != int64(len(hook.Body)) {
			t.Errorf("%q, %d bytes, %v", body, size, err)
		}
		job, err := p.Jobs.DeadLetter(t.Context(), "w", found[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Jobs.Discard(t.Context(), job, boss.UserID, p.Channels.BodyCleanup(job, time.Hour)...); err != nil {
			t.Fatal(err)
		}
		pass := func(d time.Duration) { // nothing runs meanwhile: it would run very often
			p.stop()
			time.Sleep(d)
			p = w.boot()
			settle(time.Second)
		}
		pass(24 * time.Hour)
		if _, size, err := p.Channels.Body(t.Context(), job, 10); err != nil || size == 0 {
			t.Errorf("while it can be looked at: %d bytes, %v", size, err)
		}
		pass(2 * time.Hour)
		if _, size, err := p.Channels.Body(t.Context(), job, 10); err != nil || size != 0 {
			t.Errorf("later: %d bytes, %v", size, err)
		}
		w.quiet()
		p.stop()
	})
}

// slowBlobs are files whose keeping takes a while.
type slowBlobs struct {
	blob.Store
	wait time.Duration
	kept []string
}

func (b *slowBlobs) Put(ctx context.Context, id string, r io.Reader) (int64, error) {
	n, err := b.Store.Put(ctx, id, r)
	if strings.HasPrefix(id, "raw_") {
		b.kept = append(b.kept, id)
		settle(b.wait)
	}
	return n, err
}

// The same large mail comes again just when the file of the first is removed: it needs its own.
func TestALargeMailThatComesAgainDoesNotLoseItsFile(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		files := &slowBlobs{Store: w.blobs}
		w.blobs = files
		p := w.boot()
		p.ch = p.mailbox("desk@us.example")
		body := "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nFrom: ines@example.org\r\nMessage-ID: <big@example.org>\r\n\r\n" + strings.Repeat("large ", 3<<19) + "\r\n--b--\r\n"
		arrives := func() {
			hook := channels.Webhook{
				Method: http.MethodPost, Header: http.Header{"Content-Type": {"multipart/form-data; boundary=b"}},
				Body: []byte(body),
			}
			if err := p.Channels.Accept(t.Context(), p.ch, hook); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		arrives()
		p = p.after(23 * time.Hour)
		files.wait = 2 * time.Hour
		arrives()
		if len(files.kept) != 2 || len(w.messages()) != 1 {
			t.Fatalf("%d files, %d messages", len(files.kept), len(w.messages()))
		}
		if dead, err := p.Jobs.CountDead(t.Context(), "w"); dead != 0 || err != nil {
			t.Errorf("%d dead letters, %v", dead, err)
		}
		p = p.after(50 * time.Hour)
		settle(time.Minute)
		for _, id := range files.kept {
			if _, _, err := w.blobs.Open(t.Context(), id); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("%s is still there: %v", id, err)
			}
		}
	})
}

// Making a formatted mail safe is work, which is done once however often the mail is looked at.
func TestAFormattedMailIsMadeSafeOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		s := p.site()
		s.user("ann", "w", access.Owner)
		ch := p.mailboxOf(auth.WorkspaceID("w"), "desk@us.example")
		conv := p.mailed(ch, "a@example.org", "From: ines@example.org", "Content-Type: text/html")
		m := w.message("mail 0")
		if m.ConversationID != conv.ID || !m.Mail.HasHTML {
			t.Fatalf("%+v", m.Mail)
		}
		path := "/api/v1/messages/" + m.ID + "/html"
		status, _, first := s.call("ann", http.MethodGet, path, "")
		if status != http.StatusOK || !strings.Contains(first, "mail 0") {
			t.Fatalf("%d %s", status, first)
		}
		if err := p.Blobs.Delete(t.Context(), htmlID(m.ID)); err != nil { // what it was made of is not asked for again
			t.Fatal(err)
		}
		if status, _, again := s.call("ann", http.MethodGet, path, ""); status != http.StatusOK || again != first {
			t.Errorf("looked at again: %d %s", status, again)
		}
		p.stop()
	})
}

// A mail full of pictures that are small as files and large as pictures has small pictures of a few of them; photographs all have theirs.
func TestAMailFullOfHugePicturesCostsLittle(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		huge := pngOf(t, 2400, 2000)
		photo := append(slices.Clone(huge), make([]byte, 1_200_000)...)
		for name, c := range map[string]struct {
			content []byte
			most    int
		}{"bombs": {huge, 8}, "photographs": {photo, 12}} {
			m := &Message{Meta: store.Meta{ID: "msg_" + name}, WorkspaceID: "w", ConversationID: "cnv_1"}
			for n := range 12 {
				m.Attachments = append(m.Attachments, channels.Attachment{ID: fmt.Sprintf("med_%s%04d", name, n), Data: c.content})
			}
			if err := p.storeParts(t.Context(), &change{}, m); err != nil {
				t.Fatal(err)
			}
			shown := 0
			for _, a := range m.Attachments {
				if a.State != channels.FileReady {
					t.Errorf("%s: %+v", name, a)
				}
				if a.Thumbnail {
					shown++
				}
			}
			if shown == 0 || shown > c.most || name == "photographs" && shown != 12 {
				t.Errorf("%d of 12 %s have a small picture", shown, name)
			}
		}
		p.stop()
	})
}

// A mail is safe before anything of it is read: one that comes when nothing is worked on any more is taken, and read after the next start.
func TestAMailIsStoredBeforeItIsRead(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		p.stop()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		_ = form.WriteField("email", "From: ines@example.org\r\nMessage-ID: <a@example.org>\r\n\r\nat the last moment")
		_ = form.Close()
		header := http.Header{"Content-Type": {form.FormDataContentType()}}
		hook := channels.Webhook{Method: http.MethodPost, Header: header, Body: body.Bytes()}
		if err := p.Channels.Accept(t.Context(), ch, hook); err != nil {
			t.Fatal(err)
		}
		if stored := w.jobs(); len(stored) != 1 || len(w.messages()) != 0 {
			t.Errorf("%d jobs and %d messages are stored", len(stored), len(w.messages()))
		}
		p = w.boot()
		settle(time.Minute)
		w.message("at the last moment")
		p.stop()
	})
}
