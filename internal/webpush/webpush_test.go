package webpush

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"wasl/internal/httpclient"
)

type fixed time.Time

func (f fixed) Now() time.Time { return time.Time(f) }

var noon = fixed(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

// The browser of the example in RFC 8291, section 5 and appendix A.
const (
	exampleBrowser = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	exampleAuth    = "BTBZMqHH6r4Tts7J_aSIgg"
)

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestTheExampleOfRFC8291(t *testing.T) {
	t.Parallel()
	to, err := NewSubscription("https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV", exampleBrowser, exampleAuth+"==")
	if err != nil {
		t.Fatal(err)
	}
	sender, err := ecdh.P256().NewPrivateKey(bytesOf(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := encrypt(to, sender, bytesOf(t, "DGv6ra1nlYgDCS1FRnbzlw"), []byte("When I grow up, I want to be a watermelon"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_" +
		"yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if got := base64.RawURLEncoding.EncodeToString(body); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestKeysThatNoBrowserHasAreRefused(t *testing.T) {
	t.Parallel()
	for _, keys := range [][2]string{
		{"", exampleAuth}, {exampleBrowser, ""}, {exampleBrowser[:60], exampleAuth}, {exampleBrowser, exampleAuth + "AA"},
		{"%%", exampleAuth},
		{base64.RawURLEncoding.EncodeToString(make([]byte, 65)), exampleAuth}, // not on the curve
	} {
		if _, err := NewSubscription("https://push.example.net/1", keys[0], keys[1]); !errors.Is(err, ErrKeys) {
			t.Errorf("%q: %v", keys, err)
		}
	}
}

// verify checks a token by its public half, as a push service does, and returns its claims.
func verify(t *testing.T, authorization string) map[string]any {
	t.Helper()
	token, public, ok := strings.Cut(strings.TrimPrefix(authorization, "vapid t="), ", k=")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		t.Fatalf("not a vapid authorization: %s", authorization)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), bytesOf(t, public))
	if err != nil {
		t.Fatal(err)
	}
	digest, signature := sha256.Sum256([]byte(parts[0]+"."+parts[1])), bytesOf(t, parts[2])
	if !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Fatalf("the signature does not hold: %s", authorization)
	}
	claims := map[string]any{}
	if err := json.Unmarshal(bytesOf(t, parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func testKey(t *testing.T) *Key {
	t.Helper()
	private, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewKey(private, "mailto:push@example.com", noon)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestThePushServiceIsToldWhoSends(t *testing.T) {
	t.Parallel()
	// The example of RFC 8292, section 2.4, shows that verify tells the truth.
	claims := verify(t, "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsIn"+
		"N1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, "+
		"k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs")
	if claims["aud"] != "https://push.example.net" {
		t.Errorf("the example: %v", claims)
	}
	key := testKey(t)
	for range 20 { // signatures whose numbers are short are rare
		authorization, err := key.authorize(&url.URL{Scheme: "https", Host: "push.example.net:8443", Path: "/send/1"})
		if err != nil {
			t.Fatal(err)
		}
		claims = verify(t, authorization)
		if claims["aud"] != "https://push.example.net:8443" || claims["sub"] != "mailto:push@example.com" ||
			int64(claims["exp"].(float64)) != noon.Now().Add(12*time.Hour).Unix() {
			t.Fatalf("claims %v", claims)
		}
	}
}

func TestWhatBecameOfAMessage(t *testing.T) {
	t.Parallel()
	status, location := http.StatusCreated, ""
	var got *http.Request
	service := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		if location != "" {
			w.Header().Set("Location", location)
		}
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(status)
	}))
	defer service.Close()
	key := testKey(t)
	send := func(client *http.Client, endpoint string) Result {
		to, err := NewSubscription(endpoint, exampleBrowser, exampleAuth)
		if err != nil {
			t.Fatal(err)
		}
		return Send(t.Context(), client, key, to, Message{Payload: []byte("hi"), TTL: time.Hour, Urgency: High, Topic: "one"})
	}
	for code, want := range map[int]Outcome{
		201: Taken, 202: Taken, 404: Gone, 410: Gone, 429: Later, 500: Later, 503: Later, 400: Refused, 401: Refused, 403: Refused,
		413: Refused, 302: Refused, 307: Refused,
	} {
		status = code
		if code/100 == 3 {
			location = service.URL + "/elsewhere"
		}
		got = nil
		result := send(service.Client(), service.URL+"/send/1")
		if result.Outcome != want || result.Status != code || result.After != 90*time.Second {
			t.Errorf("%d: %+v", code, result)
		}
		if got.URL.Path != "/send/1" {
			t.Errorf("%d: it was led to %s", code, got.URL)
		}
		location = ""
	}
	for name, want := range map[string]string{"TTL": "3600", "Urgency": "high", "Topic": "one", "Content-Encoding": "aes128gcm"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q", name, got.Header.Get(name))
		}
	}
	verify(t, got.Header.Get("Authorization"))
	if r := send(httpclient.New(httpclient.Options{}), service.URL); r.Outcome != Refused || !errors.Is(r.Err, httpclient.ErrForbidden) {
		t.Errorf("a private address: %+v", r)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = silent.Close()
	if r := send(service.Client(), "https://"+silent.Addr().String()); r.Outcome != Later {
		t.Errorf("nobody there: %+v", r)
	}
	broken := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}))
	defer broken.Close()
	if r := send(broken.Client(), broken.URL); r.Outcome != Unknown {
		t.Errorf("cut off after it was handed over: %+v", r)
	}
}

func TestAMessageThatIsTooLongIsNotSent(t *testing.T) {
	t.Parallel()
	to, err := NewSubscription("https://push.example.net/1", exampleBrowser, exampleAuth)
	if err != nil {
		t.Fatal(err)
	}
	req, err := newRequest(t.Context(), testKey(t), to, Message{Payload: make([]byte, MaxPayload)})
	if err != nil || req.ContentLength != 4096 {
		t.Errorf("the longest: %v, %v", req, err)
	}
	long := Message{Payload: make([]byte, MaxPayload+1)}
	if r := Send(t.Context(), http.DefaultClient, testKey(t), to, long); r.Outcome != Refused {
		t.Errorf("one byte more: %+v", r)
	}
}
