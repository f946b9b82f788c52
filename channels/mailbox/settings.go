package mailbox

import (
	"cmp"
	"encoding/hex"
	"net"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"

	"wasl/internal/errs"
)

// The names of the credentials of a mailbox.
const (
	CredIMAPHost = "imap_host"
	CredIMAPPort = "imap_port"
	CredSMTPHost = "smtp_host"
	CredSMTPPort = "smtp_port"
	CredUser     = "username"
	CredPassword = "password"
	CredFolder   = "folder"
	// CredOAuth names the provider at which the mailbox's owner signed in, CredRefresh is what they granted: instead of a password.
	CredOAuth   = "oauth_provider"
	CredRefresh = "oauth_refresh_token"
	// CredHistory is of how many days before the connection mails are imported; empty: none.
	CredHistory = "history_days"
	// CredPins are the SHA-256 digests of the only certificates to trust, in hex: for hosts that signed theirs themselves.
	CredPins = "tls_fingerprint"
)

const (
	imapTLS, imapStartTLS = 993, 143
	smtpTLS               = 465
	inbox                 = "INBOX"
	// mostHistory is the longest time before the connection whose mails are imported, in days.
	mostHistory = 365
)

// Server is one server of a mail host.
type Server struct {
	Host string
	Port int
	// StartTLS: the connection is encrypted after a greeting in the clear, as the port's number says.
	StartTLS bool
}

func (s Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Settings are a mailbox and how it is reached.
type Settings struct {
	IMAP, SMTP Server
	User       string
	Password   string
	OAuth      Provider // where the owner signs in; empty: the password does
	Refresh    string   // what they granted
	Folder     string
	History    int // days before the connection whose mails are imported
	Pins       []string
}

// Is reports whether the credentials are those of a mailbox.
func Is(credentials map[string]string) bool {
	return strings.TrimSpace(credentials[CredIMAPHost]) != ""
}

// Parse reads the credentials of a mailbox. The error is an *errs.Error that names each field that is wrong.
func Parse(c map[string]string) (Settings, error) {
	var wrong []errs.Field
	refuse := func(name, why string) { wrong = append(wrong, errs.Field{Field: "credentials." + name, Detail: why}) }
	server := func(hostField, portField string, usual int, startTLS ...int) Server {
		s := Server{Host: strings.ToLower(strings.TrimSpace(c[hostField])), Port: usual}
		if !hostForm(s.Host) {
			refuse(hostField, "wants the name of a server, such as imap.example.com")
		}
		if given := strings.TrimSpace(c[portField]); given != "" {
			port, err := strconv.Atoi(given)
			if err != nil || port < 1 || port > 65535 {
				refuse(portField, "wants a number from 1 to 65535")
			}
			s.Port = port
		}
		s.StartTLS = slices.Contains(startTLS, s.Port)
		return s
	}
	s := Settings{
		IMAP: server(CredIMAPHost, CredIMAPPort, imapTLS, imapStartTLS),
		SMTP: server(CredSMTPHost, CredSMTPPort, smtpTLS, 587, 25, 2525),
		User: strings.TrimSpace(c[CredUser]), Password: c[CredPassword], OAuth: Provider(c[CredOAuth]), Refresh: c[CredRefresh],
		Folder: cmp.Or(strings.TrimSpace(c[CredFolder]), inbox),
	}
	if strings.EqualFold(s.Folder, inbox) {
		s.Folder = inbox
	}
	wanted := []string{CredUser, CredPassword}
	if s.OAuth != "" {
		wanted = []string{CredUser, CredRefresh}
		of, known := signIns[s.OAuth]
		if s.IMAP, s.SMTP = of.imap, of.smtp; !known {
			refuse(CredOAuth, "is not known")
		}
	}
	for _, name := range wanted {
		if strings.TrimSpace(c[name]) == "" {
			refuse(name, "required")
		}
	}
	if given := strings.TrimSpace(c[CredHistory]); given != "" {
		days, err := strconv.Atoi(given)
		if err != nil || days < 0 || days > mostHistory {
			refuse(CredHistory, "wants a number of days, at most "+strconv.Itoa(mostHistory))
		}
		s.History = days
	}
	pins := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(c[CredPins]), ":", ""), ",", " ")
	for pin := range strings.FieldsSeq(pins) {
		if digest, err := hex.DecodeString(pin); err != nil || len(digest) != 32 {
			refuse(CredPins, "wants SHA-256 digests in hex")
			break
		}
		s.Pins = append(s.Pins, pin)
	}
	if wrong != nil {
		return s, &errs.Error{
			Kind: errs.Invalid, Code: "invalid_credentials", Text: "Some credentials are missing or unknown.", Fields: wrong,
		}
	}
	return s, nil
}

// keepers are the hosts that put what is sent through them among what was sent by themselves.
var keepers = []string{"gmail.com", "googlemail.com", "office365.com", "outlook.com", "hotmail.com"}

// KeepsSent reports whether the host puts what is sent through it among what was sent by itself.
func (s Settings) KeepsSent() bool {
	return slices.ContainsFunc(keepers, func(domain string) bool { return strings.HasSuffix(s.SMTP.Host, "."+domain) })
}

func hostForm(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	if net.ParseIP(host) != nil {
		return true
	}
	return !strings.ContainsFunc(host, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// Source names the mailbox: the same, however its user writes it. A user without a domain is one of the sending address's.
func (s Settings) Source(from string) string {
	user := strings.ToLower(s.User)
	if !strings.Contains(user, "@") {
		if at, err := netmail.ParseAddress(from); err == nil {
			_, domain, _ := strings.Cut(strings.ToLower(at.Address), "@")
			user += "@" + domain
		}
	}
	return user + " " + s.IMAP.Host + " " + s.Folder
}
