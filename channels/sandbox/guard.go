package sandbox

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// errAddress: the sandbox does not call this address.
var errAddress = errors.New("sandbox: webhooks may only go to this machine or a private network")

const webhookTimeout = 10 * time.Second

// guard keeps the sandbox from calling anybody but the gateway under test.
type guard struct{ public bool }

// providers are never called, whatever the options say.
func isProvider(host string) bool {
	for _, domain := range []string{
		"facebook.com", "facebook.net", "fbsbx.com", "instagram.com", "whatsapp.com", "whatsapp.net",
		"meta.com", "twilio.com", "sendgrid.com", "sendgrid.net",
	} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

// check refuses an address as soon as it is set; a name is judged again by where it leads, when it is called.
func (g guard) check(address string) error {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return fmt.Errorf("sandbox: %q is no web address", address)
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if isProvider(host) {
		return errAddress
	}
	if ip, err := netip.ParseAddr(host); err == nil && !g.allows(ip) {
		return errAddress
	}
	return nil
}

func (g guard) allows(ip netip.Addr) bool {
	ip = ip.Unmap()
	if ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return false
	}
	return g.public || ip.IsLoopback() || ip.IsPrivate()
}

// client is an HTTP client that connects to allowed addresses only, whatever a name resolves to, and follows nobody elsewhere.
func (g guard) client() *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !g.allows(to.Addr()) {
			return errAddress
		}
		return nil
	}}
	return &http.Client{
		Timeout:       webhookTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: inFlight, IdleConnTimeout: 90 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
