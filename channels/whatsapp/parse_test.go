package whatsapp_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"wasl/channels"
	"wasl/channels/whatsapp"
)

var account = channels.Account{ChannelID: "chn_1", Credentials: map[string]string{
	"phone_number_id": "800000000000001", "business_account_id": "900000000000001", "access_token": "fixture-token",
	"app_secret": "fixture-app-secret-0123456789abcdef", "verify_token": "fixture-verify-token",
}}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestPrint(t *testing.T) {
	files, _ := filepath.Glob("testdata/in/*.json")
	for _, f := range files {
		body, _ := os.ReadFile(f)
		evs, err := whatsapp.New(whatsapp.Options{HTTP: http.DefaultClient}).Parse(account, channels.Webhook{Body: body})
		fmt.Println("##", filepath.Base(f), err)
		for _, e := range evs {
			fmt.Println("   ", describe(e), "KEY", e.Key)
		}
	}
}
