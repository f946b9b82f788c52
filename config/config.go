// Package config is what operators set: environment first, then wasl.yaml, then the default. Only cmd/wasl reads it.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/rs/zerolog"
	"gopkg.in/yaml.v3"
)

// Config is every setting. In wasl.yaml a key is written without WASL_ and in lower case: public_url.
type Config struct {
	Listen                string `env:"WASL_LISTEN" envDefault:":8080"`
	PublicURL             string `env:"WASL_PUBLIC_URL" envDefault:"http://localhost:8080"`
	DataDir               string `env:"WASL_DATA_DIR" envDefault:"./data"`
	MongoDBURI            string `env:"WASL_MONGODB_URI"`
	RedisURL              string `env:"WASL_REDIS_URL"`
	SecretKey             string `env:"WASL_SECRET_KEY"`
	BootstrapEmail        string `env:"WASL_BOOTSTRAP_EMAIL"`
	BootstrapPassword     string `env:"WASL_BOOTSTRAP_PASSWORD"`
	BootstrapWorkspace    string `env:"WASL_BOOTSTRAP_WORKSPACE"`
	AllowPrivateNetwork   bool   `env:"WASL_ALLOW_PRIVATE_NETWORK" envDefault:"false"`
	GoogleClientID        string `env:"WASL_GOOGLE_CLIENT_ID"`
	GoogleClientSecret    string `env:"WASL_GOOGLE_CLIENT_SECRET"`
	MicrosoftClientID     string `env:"WASL_MICROSOFT_CLIENT_ID"`
	MicrosoftClientSecret string `env:"WASL_MICROSOFT_CLIENT_SECRET"`
	TrustedProxies        string `env:"WASL_TRUSTED_PROXIES"` // see Proxies
	MetricsToken          string `env:"WASL_METRICS_TOKEN"`
	LogLevel              string `env:"WASL_LOG_LEVEL" envDefault:"info"`
	LogFormat             string `env:"WASL_LOG_FORMAT"`
}

// File is the settings file that is read where it exists.
const File = "wasl.yaml"

// Load reads the settings from environ (as os.Environ gives it) and the file. The error is one line that names the key.
func Load(environ []string, file string) (Config, error) {
	var c Config
	keys := known()
	merged := map[string]string{}
	if err := readFile(file, keys, merged); err != nil {
		return c, err
	}
	for _, pair := range environ {
		key, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(key, "WASL_") || strings.HasPrefix(key, "WASL_TEST_") {
			continue
		}
		if !slices.Contains(keys, key) && injected(key, value) {
			continue
		}
		if !slices.Contains(keys, key) {
			return c, fmt.Errorf("%s: there is no such setting", key)
		}
		if value != "" {
			merged[key] = value
		}
	}
	if err := env.ParseWithOptions(&c, env.Options{Environment: merged}); err != nil {
		return c, oneLine(err)
	}
	return c, c.check()
}

// ofService is how names end under which Kubernetes, and linked containers, tell every program where the services of its namespace are. Of
// one that is called "wasl" they are WASL_SERVICE_HOST, WASL_PORT_8080_TCP_ADDR and more, and WASL_PORT=tcp://10.0.0.1:8080.
// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
var ofService = regexp.MustCompile(`_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$`)

// injected reports whether a name that is no setting comes from there. Whoever gives a number as WASL_PORT means WASL_LISTEN.
func injected(key, value string) bool {
	return ofService.MatchString(key) || (strings.HasSuffix(key, "_PORT") && strings.Contains(value, "://"))
}

func known() []string {
	t := reflect.TypeFor[Config]()
	keys := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		keys = append(keys, t.Field(i).Tag.Get("env"))
	}
	return keys
}

func readFile(file string, keys []string, into map[string]string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var given map[string]any
	if err := yaml.Unmarshal(data, &given); err != nil {
		return fmt.Errorf("%s: %s", file, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	for name, value := range given {
		key := "WASL_" + strings.ToUpper(name)
		if !slices.Contains(keys, key) || name != strings.ToLower(name) {
			return fmt.Errorf("%s: %s: there is no such setting", file, name)
		}
		if list, is := value.([]any); is {
			value = strings.Trim(fmt.Sprint(list), "[]")
		}
		into[key] = fmt.Sprint(value)
	}
	return nil
}

// oneLine names the key of an unusable value.
func oneLine(err error) error {
	var parse env.ParseError
	if errors.As(err, &parse) {
		f, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		return fmt.Errorf("%s: wants %s", f.Tag.Get("env"), parse.Type)
	}
	return errors.New(strings.ReplaceAll(err.Error(), "\n", " "))
}

// Proxies are the networks of the proxies whose X-Forwarded-For is believed: addresses and networks, apart by commas or blanks.
func (c Config) Proxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range strings.FieldsFunc(c.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(text)
		if a, single := netip.ParseAddr(text); single == nil {
			network, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("WASL_TRUSTED_PROXIES: wants addresses or networks like 10.0.0.0/8, not %q", text)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

func (c Config) check() error {
	if _, err := c.Proxies(); err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("WASL_LISTEN: wants host:port or :port, not %q", c.Listen)
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("WASL_PUBLIC_URL: wants an absolute http or https address, not %q", c.PublicURL)
	}
	if c.MongoDBURI != "" && c.SecretKey == "" {
		return errors.New("WASL_SECRET_KEY: required with MongoDB: base64 of 32 bytes, the same on every instance")
	}
	if c.RedisURL != "" && c.MongoDBURI == "" {
		return errors.New("WASL_REDIS_URL: only with WASL_MONGODB_URI: the embedded store belongs to one process")
	}
	if (c.BootstrapEmail == "") != (c.BootstrapPassword == "") {
		return errors.New("WASL_BOOTSTRAP_PASSWORD: goes together with WASL_BOOTSTRAP_EMAIL")
	}
	if _, err := zerolog.ParseLevel(c.LogLevel); err != nil {
		return fmt.Errorf("WASL_LOG_LEVEL: wants trace, debug, info, warn, error or disabled, not %q", c.LogLevel)
	}
	if !slices.Contains([]string{"", "json", "console"}, c.LogFormat) {
		return fmt.Errorf("WASL_LOG_FORMAT: wants json or console, not %q", c.LogFormat)
	}
	return nil
}
