package sandbox_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"wasl/channels/sandbox"
)

func TestSamplesAreWhatTheySay(t *testing.T) {
	for name, want := range map[string]string{
		"syllabus.pdf": "%PDF-1.4", "statement.pdf": "%PDF-1.4", "voice.ogg": "OggS",
		"sticker.webp": "RIFF",
	} {
		content, mime, err := sandbox.Sample(name)
		if err != nil || !bytes.HasPrefix(content, []byte(want)) || mime == "" {
			t.Errorf("%s: %v %s", name, err, mime)
		}
	}
	for _, name := range []string{"chart.png", "transfer.png"} {
		content, _, err := sandbox.Sample(name)
		if err != nil {
			t.Fatal(err)
		}
		if img, err := png.Decode(bytes.NewReader(content)); err != nil || img.Bounds().Dx() < 400 {
			t.Errorf("%s: %v", name, err)
		}
	}
	sticker, _, _ := sandbox.Sample("sticker.webp")
	voice, _, _ := sandbox.Sample("voice.ogg")
	if len(sticker) > 100<<10 || len(voice) > 512<<10 || !strings.Contains(string(voice[:64]), "OpusHead\x01\x01") {
		t.Error("too large for what they are, or not mono")
	}
}
