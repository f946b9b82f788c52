package web

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Proxies are the networks of the proxies whose word about the client's address is taken.
type Proxies []netip.Prefix

func (p Proxies) trust(a netip.Addr) bool {
	for _, net := range p {
		if net.Contains(a) {
			return true
		}
	}
	return false
}

// client is who began a request: the peer, or, behind proxies that are trusted, the last address in X-Forwarded-For that is none of
// theirs. What stands before it may be made up.
func (p Proxies) client(peer netip.Addr, forwarded []string) netip.Addr {
	for n := len(forwarded) - 1; n >= 0 && p.trust(peer); n-- {
		said, ok := parseClient(forwarded[n])
		if !ok {
			break
		}
		peer = said
	}
	return peer
}

// parseClient reads an address as proxies write it: some add a port.
func parseClient(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddrPort(text)
	return a.Addr().Unmap().WithZone(""), err == nil
}

func addrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// forwarded returns the addresses in X-Forwarded-For, the first client first.
func forwarded(h *fasthttp.RequestHeader) (all []string) {
	for _, line := range h.PeekAll(fiber.HeaderXForwardedFor) {
		all = append(all, strings.Split(string(line), ",")...)
	}
	return all
}

// identify makes the client's address that of the request, also where proxies stand between.
func (s *Server) identify(ctx *fasthttp.RequestCtx) {
	peer, said := addrOf(ctx.Conn().RemoteAddr()), forwarded(&ctx.Request.Header)
	if len(said) > 0 && !s.Proxies.trust(peer) {
		s.warnOnce.Do(func() {
			s.log.Warn().Msg("a proxy that WASL_TRUSTED_PROXIES does not name sends requests: all its clients count as one")
		})
	}
	if a := s.Proxies.client(peer, said); a != peer {
		ctx.SetRemoteAddr(net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, 0)))
		return
	}
	ctx.SetRemoteAddr(nil) // the connection's: the one before may have come from elsewhere
}

// Client names whoever began the request, for limits: the address, or its network where one owner has a whole network of them (IPv6).
func Client(c *fiber.Ctx) string { return clientKey(addrOf(c.Context().RemoteAddr())) }

// ownersNetwork is the length of the prefix that one subscriber gets of IPv6. RFC 6177
const ownersNetwork = 64

func clientKey(a netip.Addr) string {
	if a.Is6() {
		if prefix, err := a.Prefix(ownersNetwork); err == nil {
			return prefix.String()
		}
	}
	return a.String()
}

// maxConnections is how many connections one address may hold open: each takes some 40 KB, more while a request is on its way.
const maxConnections = 2000

// Limited returns a listener that closes connections beyond what one address may hold. Trusted proxies and this machine hold those of many.
func (s *Server) Limited(l net.Listener) net.Listener {
	free := func(a netip.Addr) bool { return a.IsLoopback() || s.Proxies.trust(a) }
	return &limited{Listener: l, free: free, most: maxConnections, open: map[string]int{}}
}

type limited struct {
	net.Listener
	free func(netip.Addr) bool // who may hold any number
	most int
	mu   sync.Mutex
	open map[string]int
}

// Accept implements net.Listener.
func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, is := conn.(*net.TCPConn)
		peer := addrOf(conn.RemoteAddr())
		key := clientKey(peer)
		switch {
		case !is:
			return conn, nil
		case l.free(peer):
			return &held{TCPConn: tcp, done: func() {}}, nil
		case l.take(key):
			return &held{TCPConn: tcp, done: sync.OnceFunc(func() { l.give(key) })}, nil
		}
		_ = conn.Close()
	}
}

func (l *limited) take(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[key] >= l.most {
		return false
	}
	l.open[key]++
	return true
}

func (l *limited) give(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[key]--; l.open[key] == 0 {
		delete(l.open, key)
	}
}

// held is a connection that counts, and knows whether its client has closed it. It is a TCP connection with all that those can do.
type held struct {
	*net.TCPConn
	done  func()
	ended atomic.Bool
}

// Read implements net.Conn.
func (h *held) Read(p []byte) (int, error) {
	n, err := h.TCPConn.Read(p)
	if errors.Is(err, io.EOF) {
		h.ended.Store(true)
	}
	return n, err
}

// hungUp reports whether nothing more comes from a connection.
func hungUp(conn net.Conn) bool {
	h, is := conn.(*held)
	return is && h.ended.Load()
}

// Close implements net.Conn.
func (h *held) Close() error {
	h.done()
	return h.TCPConn.Close()
}
