package whatsapp_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/whatsapp"
)

// describe says what an event means, without what all samples have in common.
func describe(e channels.Event) string {
	return strings.NewReplacer("wamid.HBgLFIXTURE", "", "AA==", "", "/900000000000001", "",
		"Ines Valdoro phone:12025550143 bsuid:US.7000000000000000001", "Ines", "at 17900", "at +",
	).Replace(channeltest.Describe(e, account.Credentials["phone_number_id"]))
}

var account = channels.Account{ChannelID: "chn_1", Credentials: map[string]string{
	"phone_number_id": "800000000000001", "business_account_id": "900000000000001", "access_token": "fixture-token",
	"app_secret": "fixture-app-secret-0123456789abcdef", "verify_token": "fixture-verify-token",
}}

func adapter() *whatsapp.Adapter { return whatsapp.New(whatsapp.Options{HTTP: http.DefaultClient}) }

func parse(t *testing.T, body []byte) []string {
	t.Helper()
	events, err := adapter().Parse(account, channels.Webhook{Body: body})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range events {
		out = append(out, describe(e))
	}
	return out
}

func TestSamplesMeanWhatTheyMean(t *testing.T) {
	want := channeltest.Meaning(t, "testdata/meaning.txt")
	files, err := filepath.Glob("testdata/in/whatsapp-*.json")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d samples, %d expectations: %v", len(files), len(want), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "whatsapp-"), ".json")
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if got := parse(t, body); !slices.Equal(got, want[name]) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want[name])
		}
	}
}
