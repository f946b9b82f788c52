package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasl/config"
)

func TestEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	t.Parallel()
	file := write(t, "listen: ':1000'\npublic_url: https://a.example\nallow_private_network: true\n")
	c, err := config.Load([]string{"WASL_LISTEN=:2000", "PATH=/bin"}, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":2000" || c.PublicURL != "https://a.example" || !c.AllowPrivateNetwork || c.DataDir != "./data" {
		t.Fatalf("%+v", c)
	}
}

func TestAnUnusableSettingIsOneLineThatNamesTheKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ env, file, names string }{
		"unknown in the environment": {"WASL_LISTNE=:1", "", "WASL_LISTNE"},
		"unknown in the file":        {"", "listne: ':1'", "listne"},
		"not a bool":                 {"WASL_ALLOW_PRIVATE_NETWORK=perhaps", "", "WASL_ALLOW_PRIVATE_NETWORK"},
		"not an address":             {"WASL_LISTEN=8080", "", "WASL_LISTEN"},
		"not a URL":                  {"WASL_PUBLIC_URL=example.com", "", "WASL_PUBLIC_URL"},
		"MongoDB without a key":      {"WASL_MONGODB_URI=mongodb://m", "", "WASL_SECRET_KEY"},
		"Redis alone":                {"WASL_REDIS_URL=redis://r", "", "WASL_REDIS_URL"},
		"half a bootstrap":           {"WASL_BOOTSTRAP_EMAIL=a@b.example", "", "WASL_BOOTSTRAP_PASSWORD"},
		"no such level":              {"WASL_LOG_LEVEL=loud", "", "WASL_LOG_LEVEL"},
		"no such format":             {"WASL_LOG_FORMAT=xml", "", "WASL_LOG_FORMAT"},
		"not YAML":                   {"", "listen: [", "wasl.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load([]string{c.env}, write(t, c.file))
			if err == nil || !strings.Contains(err.Error(), c.names) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func write(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), config.File)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
