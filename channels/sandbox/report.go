package sandbox

import (
	"slices"
	"strings"

	"wasl/internal/errs"
)

// reporter is a dialect whose provider tells more than what phones do by themselves.
type reporter interface {
	// reports are the names of what can be told, in the provider's words; what changes with each on the phone and, where it is about
	// one, on the message.
	reports() map[string]reportKind
}

// reportKind is what a provider can be made to tell.
type reportKind struct {
	about  bool   // a message of the business
	status string // that the message then has; empty: as before
	thread string // held: another app answers from now on; free: the business does
}

// Report lets the provider tell something on demand: about a message of the business, or about the chat with an account.
func (s *Sandbox) Report(phone, accountID, messageID, name string) error {
	p, ok := s.book.phone(phone)
	if !ok {
		return noPhone(phone)
	}
	var m Message
	if messageID != "" {
		var err error
		if _, _, m, err = s.mine(phone, messageID); err != nil {
			return err
		}
		accountID = m.Account
	}
	a, ok := s.account(accountID)
	if !ok || s.dialects[a.Kind].address(a, p) == "" {
		return errs.New(errs.NotFound, "account_not_found", "There is no such account.")
	}
	known := map[string]reportKind{}
	if d, ok := s.dialects[a.Kind].(reporter); ok {
		known = d.reports()
	}
	what, ok := known[name]
	if !ok {
		names := make([]string, 0, len(known))
		for name := range known {
			names = append(names, name)
		}
		slices.Sort(names)
		return errs.InvalidField("report_unknown", "report", "This provider can tell: "+strings.Join(names, ", ")+".")
	}
	if what.about != (m.From == FromBusiness) {
		return errs.InvalidField("report_subject", "message", "This is told about a message of the business, or about none.")
	}
	if what.status != "" {
		m, _ = s.book.change(m.ID, func(m *Message) bool { m.Status, m.Error = what.status, name; return true })
	}
	s.out.send(a, happening{kind: "report", phone: p, message: m, status: name})
	if what.thread != "" {
		s.handOver(p.Key, a.ID, what.thread == "held")
	}
	return nil
}

// handOver gives the chat with an account to another app, or back.
func (s *Sandbox) handOver(phone, account string, held bool) {
	p, ok := s.book.phone(phone)
	if !ok || slices.Contains(p.Held, account) == held {
		return
	}
	if p.Held = slices.DeleteFunc(slices.Clone(p.Held), func(id string) bool { return id == account }); held {
		p.Held = append(p.Held, account)
	}
	s.book.savePhone(p)
}
