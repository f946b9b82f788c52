package mailbox

import (
	"context"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"wasl/channels"
)

// lookUp bounds asking for a domain's servers.
const lookUp = 4 * time.Second

// Resolver answers questions about domains; net.Resolver does.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, addrs []*net.SRV, err error)
}

// preset is a big host, by the domains of its addresses and those of the servers that take its customers' mails.
type preset struct {
	name       string
	domains    []string
	mx         []string // ends of their names
	imap, smtp Server
	signIn     Provider // people sign in there
	app        bool     // a password made for one program is wanted
}

func tls993(host string) Server { return Server{Host: host, Port: imapTLS} }
func tls465(host string) Server { return Server{Host: host, Port: smtpTLS} }
func tls587(host string) Server { return Server{Host: host, Port: 587, StartTLS: true} }

var presets = []preset{
	{
		name: "Gmail", domains: []string{"gmail.com", "googlemail.com"}, mx: []string{".google.com", ".googlemail.com"},
		imap: signIns[Google].imap, smtp: signIns[Google].smtp, signIn: Google, app: true,
	},
	{
		name: "Microsoft", domains: []string{"outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.fr", "outlook.de", "outlook.es"},
		mx:   []string{".mail.protection.outlook.com", ".olc.protection.outlook.com", ".mx.microsoft"},
		imap: signIns[Microsoft].imap, smtp: signIns[Microsoft].smtp, signIn: Microsoft,
	},
	{
		name: "Yahoo", domains: []string{"yahoo.com", "ymail.com", "rocketmail.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.es"},
		mx: []string{".yahoodns.net"}, imap: tls993("imap.mail.yahoo.com"), smtp: tls465("smtp.mail.yahoo.com"), app: true,
	},
	{
		name: "AOL", domains: []string{"aol.com"}, imap: tls993("imap.aol.com"), smtp: tls465("smtp.aol.com"), app: true,
	},
	{
		name: "iCloud", domains: []string{"icloud.com", "me.com", "mac.com"}, mx: []string{".mail.icloud.com"},
		imap: tls993("imap.mail.me.com"), smtp: tls587("smtp.mail.me.com"), app: true,
	},
	{
		name: "Fastmail", domains: []string{"fastmail.com", "fastmail.fm"}, mx: []string{".messagingengine.com"},
		imap: tls993("imap.fastmail.com"), smtp: tls465("smtp.fastmail.com"), app: true,
	},
	{
		name: "Zoho", domains: []string{"zoho.com", "zohomail.com"}, mx: []string{".zoho.com"},
		imap: tls993("imap.zoho.com"), smtp: tls465("smtp.zoho.com"), app: true,
	},
	{
		name: "Yandex", domains: []string{"yandex.ru", "yandex.com", "ya.ru"}, mx: []string{".yandex.net", ".yandex.ru"},
		imap: tls993("imap.yandex.com"), smtp: tls465("smtp.yandex.com"), app: true,
	},
	{
		name: "Mail.ru", domains: []string{"mail.ru", "inbox.ru", "bk.ru", "list.ru"}, mx: []string{".mail.ru"},
		imap: tls993("imap.mail.ru"), smtp: tls465("smtp.mail.ru"), app: true,
	},
	{
		name: "GMX", domains: []string{"gmx.de", "gmx.net", "gmx.at", "gmx.ch"},
		imap: tls993("imap.gmx.net"), smtp: tls587("mail.gmx.net"),
	},
	{
		name: "WEB.DE", domains: []string{"web.de"}, imap: tls993("imap.web.de"), smtp: tls587("smtp.web.de"),
	},
}

// Discover finds the servers of an address, where that is certain: by the domains of the big hosts, by the servers that take a domain's
// mails, and by what the domain itself announces (RFC 6186) of servers in it. Nothing is guessed.
func (c *Client) Discover(ctx context.Context, address string) (found channels.MailHost, certain bool) {
	at, err := netmail.ParseAddress(strings.TrimSpace(address))
	if err != nil {
		return found, false
	}
	_, domain, _ := strings.Cut(strings.ToLower(at.Address), "@")
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil {
		return found, false
	}
	ctx, cancel := context.WithTimeout(ctx, lookUp)
	defer cancel()
	p := slices.IndexFunc(presets, func(p preset) bool { return slices.Contains(p.domains, domain) })
	if p < 0 {
		p = c.presetByMX(ctx, domain)
	}
	if p >= 0 {
		of := presets[p]
		return channels.MailHost{
			Name: of.name, IMAPHost: of.imap.Host, IMAPPort: of.imap.Port, SMTPHost: of.smtp.Host, SMTPPort: of.smtp.Port,
			SignIn: string(c.available(of.signIn)), AppPassword: of.app, PasswordRefused: of.signIn == Microsoft,
		}, true
	}
	imap, smtp := c.announced(ctx, domain, "imaps"), c.announced(ctx, domain, "submissions")
	if smtp == nil {
		smtp = c.announced(ctx, domain, "submission")
	}
	if imap == nil || smtp == nil {
		return found, false
	}
	return channels.MailHost{
		Name: domain, IMAPHost: imap.Host, IMAPPort: imap.Port, SMTPHost: smtp.Host, SMTPPort: smtp.Port,
	}, true
}

// available is the provider, where it knows this system.
func (c *Client) available(p Provider) Provider {
	if c.apps[p].ID == "" {
		return ""
	}
	return p
}

// presetByMX finds the host that takes all of a domain's mails; -1: none that is known.
func (c *Client) presetByMX(ctx context.Context, domain string) int {
	servers, err := c.resolver.LookupMX(ctx, domain)
	if err != nil || len(servers) == 0 {
		return -1
	}
	return slices.IndexFunc(presets, func(p preset) bool {
		for _, mx := range servers {
			name := "." + strings.TrimSuffix(strings.ToLower(mx.Host), ".")
			if !slices.ContainsFunc(p.mx, func(end string) bool { return strings.HasSuffix(name, end) }) {
				return false
			}
		}
		return true
	})
}

// announced is the server that a domain announces for a service; nil: none, or one of another domain, which anybody might have put there.
func (c *Client) announced(ctx context.Context, domain, service string) *Server {
	_, list, err := c.resolver.LookupSRV(ctx, service, "tcp", domain)
	if err != nil || len(list) == 0 {
		return nil
	}
	host := strings.TrimSuffix(strings.ToLower(list[0].Target), ".")
	own, err := publicsuffix.EffectiveTLDPlusOne(domain)
	other, err2 := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil || err2 != nil || own != other || list[0].Port == 0 {
		return nil
	}
	return &Server{Host: host, Port: int(list[0].Port)}
}
