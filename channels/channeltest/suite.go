// Package channeltest is the conformance suite that every channel adapter passes: what comes in is understood, kept
// apart and never repeated; what goes out ends in the outcome that the provider's answer means.
package channeltest

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasl/channels"
)

// Suite is an adapter with what the checks need to know about its provider.
type Suite struct {
	// New makes the adapter over a client that reaches the test's stand-in for the provider.
	New     func(*http.Client) channels.Adapter
	Account channels.Account
	// Dir holds in/<sample> and golden/<sample>.json, and out/<case>.json for what is sent. Run with -update to write
	// goldens anew; somebody then has to read them.
	Dir string
	// Hook makes the webhook of a body, signed as the provider signs.
	Hook func(body []byte) channels.Webhook
	// SignatureHeader carries the signature.
	SignatureHeader string
	// Token: the signature is a token, which proves who sends and not what.
	Token bool
	// Fetched: what comes in is fetched. Then no webhook is proven, whatever it shows.
	Fetched bool
	// Vectors are signatures that an independent program computed.
	Vectors []Vector
	// Unknown are signed bodies with something that nobody knows yet; they must stay visible.
	Unknown map[string]string
	// Many makes a body with n different messages; nil where a webhook carries one.
	Many func(n int) []byte
	// Outgoing are messages to send.
	Outgoing []Case
	// Provider answers as the healthy provider does; nil where sending calls nobody, and so cannot fail.
	Provider http.HandlerFunc
	// IsSend tells the call that sends from those that prepare it.
	IsSend func(*http.Request) bool
	// Unauthorized is the body with which the provider refuses a token, with status 401.
	Unauthorized string
	// Host stands in, instead of Provider, for one that is sent to in another way than by HTTP. It behaves as Fault says.
	Host func(t *testing.T, f Fault) Host
}

// Host is a stand-in for a provider that speaks another protocol than HTTP.
type Host struct {
	Adapter channels.Adapter
	Account channels.Account
	Said    func() any // what reached it, for goldens; nil: nothing
}

// Fault is how a provider fails.
type Fault string

// The faults.
const (
	Healthy  Fault = ""
	SignIn   Fault = "it refuses the credentials"
	TooFast  Fault = "it wants us to slow down"
	Passing  Fault = "it has a passing problem"
	Refusing Fault = "it refuses the message"
	Early    Fault = "it hangs up before it has all of the message"
	Late     Fault = "it hangs up once it has the message"
	Silent   Fault = "it does not answer once it has the message"
	Nobody   Fault = "nobody listens"
)

// meanings say what becomes of a message by a fault.
var meanings = map[Fault]channels.Outcome{
	SignIn: channels.Dead, TooFast: channels.Throttled, Passing: channels.Down, Refusing: channels.Refused, Early: channels.Down,
	Late: channels.Uncertain, Silent: channels.Uncertain, Nobody: channels.Down,
}

// Vector is a body with a signature.
type Vector struct {
	Name      string
	Body      []byte
	Signature string
	Valid     bool
}

// Case is one message to send, and what becomes of it.
type Case struct {
	Name string
	Out  channels.Outgoing
	Sent channels.Sent
}

// update is a flag, the one thing that the testing package wants at package level.
var update = flag.Bool("update", false, "write golden files anew")

// Run checks the adapter.
func Run(t *testing.T, s Suite) {
	t.Run("signature", s.signature)
	t.Run("in", s.incoming)
	t.Run("broken", s.broken)
	t.Run("unknown", s.unknown)
	if s.Many != nil {
		t.Run("many", s.many)
	}
	t.Run("concurrent", s.concurrent)
	t.Run("out", s.outgoing)
	if s.Provider != nil {
		t.Run("faults", s.faults)
	}
	if s.Host != nil {
		t.Run("faults", s.hostFaults)
	}
}

// adapter is for the checks that do no I/O: the client refuses every call.
func (s Suite) adapter() channels.Adapter { return s.New(&http.Client{Transport: noNetwork{}}) }

type noNetwork struct{}

// RoundTrip fails: Verify and Parse do no I/O.
func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, http.ErrUseLastResponse
}

// samples returns the bodies under in/ by name.
func (s Suite) samples(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.Dir, "in", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples in %s/in", s.Dir)
	}
	out := map[string][]byte{}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), filepath.Ext(f))] = body
	}
	return out
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update and read what it writes", err)
	}
	if string(want) != string(got) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}
