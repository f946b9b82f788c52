package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unpack lays out a folder that was kept in testdata.
func unpack(t *testing.T, name, dir string) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewReader(z)
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil && h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(filepath.Join(dir, h.Name), 0o700)
		} else if err == nil {
			var data []byte
			if data, err = io.ReadAll(files); err == nil {
				err = os.WriteFile(filepath.Join(dir, h.Name), data, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The folder was left by the demo of the version before contacts could be merged (1548abb).
func TestAFolderOfAnOlderVersionGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unpack(t, "demo-format-0.tgz", dir)
	d := startDemo(t, dir)
	agent := login(t, d.inbox, d.logins[0][1], d.logins[0][2])
	before := conversationWith(t, agent, "סיון אברהם")
	if before == nil || before["inbound_count"] != 4.0 {
		t.Fatalf("the conversation is %v", before)
	}
	for _, c := range everyPage(t, agent, "/api/v1/conversations?status=open,pending,snoozed&limit=200") {
		c := c.(object)
		last, _ := c["last_message"].(object)
		if asked := last != nil && last["direction"] == "in" && last["type"] != "system"; asked != (c["waiting_since"] != nil) {
			t.Errorf("the last message of %v is %v, they wait since %v", c["id"], last["direction"], c["waiting_since"])
		}
	}
	last := lastMessage(t, agent, before["id"].(string))
	words := strings.Fields(last["text"].(string))
	if last["type"] != "note" {
		t.Fatalf("the last message is %v", last)
	}
	for path, list := range map[string]string{"/api/v1/contacts?q=" + url.QueryEscape("אברה"): "items", "/api/v1/search?q=" +
		url.QueryEscape(words[0]): "notes"} {
		if found, _ := agent.get(t, path)[list].([]any); len(found) == 0 {
			t.Errorf("%s finds nothing", path)
		}
	}
	known := agent.get(t, "/api/v1/contacts/"+before["contact"].(object)["id"].(string))
	phone := known["phones"].([]any)[0].(string)
	if found, _ := agent.get(t, "/api/v1/contacts?q=0"+strings.TrimPrefix(phone, "+972")[:6])["items"].([]any); len(found) != 1 {
		t.Errorf("the number %s as it is dialled inside its country finds %v", phone, found)
	}
	contacts := len(everyPage(t, agent, "/api/v1/contacts?limit=200"))
	customer{d.phones, "sivan-avraham"}.writes(t, "עוד שאלה אחת")
	until(t, "it goes on where it was", func() bool {
		after := conversationWith(t, agent, "סיון אברהם")
		return after["id"] == before["id"] && after["inbound_count"] == 5.0
	})
	if n := len(everyPage(t, agent, "/api/v1/contacts?limit=200")); n != contacts {
		t.Errorf("%d contacts became %d", contacts, n)
	}
	if last = lastMessage(t, agent, before["id"].(string)); last["text"] != "עוד שאלה אחת" {
		t.Errorf("the last message is %v", last)
	}
}
