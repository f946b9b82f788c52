package config_test

import (
	"fmt"
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
		"no proxy":                   {"WASL_TRUSTED_PROXIES=10.0.0.1, proxy.example", "", "WASL_TRUSTED_PROXIES"},
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

// Where a service of the cluster is called wasl, or wasl-redis, its name and ports are in everybody's environment: the gateway starts, and
// a setting that was misspelled is still named.
func TestNamesOfServicesOfAClusterStopNoStart(t *testing.T) {
	t.Parallel()
	of := []string{"WASL_LISTEN=:2000"}
	for _, service := range []string{"WASL", "WASL_REDIS", "WASL_LISTEN"} {
		of = append(of, service+"_SERVICE_HOST=10.0.0.1", service+"_SERVICE_PORT=8080", service+"_SERVICE_PORT_HTTP=8080",
			service+"_PORT=tcp://10.0.0.1:8080", service+"_PORT_8080_TCP=tcp://10.0.0.1:8080", service+"_PORT_8080_TCP_PROTO=tcp",
			service+"_PORT_8080_TCP_PORT=8080", service+"_PORT_8080_TCP_ADDR=10.0.0.1", service+"_PORT_53_UDP=udp://10.0.0.1:53")
	}
	if c, err := config.Load(of, ""); err != nil || c.Listen != ":2000" {
		t.Errorf("%q, %v", c.Listen, err)
	}
	for _, misspelled := range []string{"WASL_PORT=8080", "WASL_SERVICE=x", "WASL_PORT_TCP=1", "WASL_HOST=10.0.0.1"} {
		if _, err := config.Load([]string{misspelled}, ""); err == nil {
			t.Errorf("%s is passed over", misspelled)
		}
	}
}

func TestProxiesAreAddressesAndNetworks(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                         "[]",
		"10.1.2.3":                 "[10.1.2.3/32]",
		"10.1.2.3/8, ::1 fd00::/8": "[10.0.0.0/8 ::1/128 fd00::/8]",
		" 192.0.2.1,,  192.0.2.2 ": "[192.0.2.1/32 192.0.2.2/32]",
	} {
		c, err := config.Load([]string{"WASL_TRUSTED_PROXIES=" + given}, "")
		proxies, _ := c.Proxies()
		if err != nil || fmt.Sprint(proxies) != want {
			t.Errorf("%q: %v %v", given, proxies, err)
		}
	}
	c, err := config.Load(nil, write(t, "trusted_proxies: [10.0.0.0/8, 192.0.2.1]\n"))
	if proxies, _ := c.Proxies(); err != nil || len(proxies) != 2 {
		t.Errorf("a list in the file: %v %v", proxies, err)
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
