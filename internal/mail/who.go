package mail

import (
	"regexp"
	"strings"
)

var robotForm = regexp.MustCompile(`^(?:mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|donotreply|bounces?|nao-?responda|ne-?pas-?repondre|keine-?antwort|noreply[a-z]*)(?:[+.=_-].*)?$`)

// NoReply reports whether nobody reads what is sent to an address.
func NoReply(address string) bool {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	return robotForm.MatchString(local) || strings.HasSuffix(domain, ".invalid") || domain == "invalid"
}

// who finds out who wrote the mail and where answers go. Groups and forms write from an address of ours, or from one that nobody reads;
// then the person stands in another field.
func (m *Mail) who(o Options) {
	m.Person = m.From
	proven := o.Envelope.proves(m.From.Address)
	reply := usable(m.Header.Addresses("reply-to"), o)
	relayed := false
	switch rewritten := m.rewritten(o); {
	case rewritten.Address != "":
		m.Person, relayed = rewritten, true
	case m.From.Address == "" || o.isOwn(m.From.Address), NoReply(m.From.Address) && !m.massMail():
		if reply.Address != "" {
			m.Person, relayed = reply, true
		}
	}
	if relayed && m.Person.Name == "" {
		m.Person.Name = viaName(m.From.Name)
	}
	m.Unverified = !proven && !(relayed && o.Envelope.proves(m.Person.Address))
	if relayed && !o.isOwn(m.From.Address) && !o.Envelope.proves(m.Person.Address) && o.Envelope.checked() {
		m.Unverified = true // whoever owns the sending address may name anybody
	}
	m.Auto = m.automatic(o)
	switch {
	case relayed:
		m.AnswerTo = m.Person.Address
	case reply.Address != "" && (!m.Unverified || NoReply(m.From.Address)) && m.Auto == "":
		m.AnswerTo = reply.Address
	case !NoReply(m.From.Address) && !o.isOwn(m.From.Address):
		m.AnswerTo = m.From.Address
	}
}

// usable returns the first address that somebody other than us reads.
func usable(list []Address, o Options) Address {
	for _, a := range list {
		if !NoReply(a.Address) && !o.isOwn(a.Address) {
			return a
		}
	}
	return Address{}
}

// rewritten returns whom a group wrote for, where it put its own address in the place of theirs.
func (m *Mail) rewritten(o Options) Address {
	via := m.viaGroup()
	if !via && !o.isOwn(m.From.Address) {
		return Address{}
	}
	for _, field := range []string{"x-original-from", "x-original-sender"} {
		if a := usable(m.Header.Addresses(field), o); a.Address != "" && !strings.EqualFold(a.Address, m.From.Address) {
			return a
		}
	}
	if via {
		return usable(m.Header.Addresses("reply-to"), o)
	}
	return Address{}
}

// viaGroup reports whether a group put itself in the place of the sender.
func (m *Mail) viaGroup() bool {
	listed := m.Header.Get("list-id") != "" || m.Header.Get("x-original-sender") != "" || strings.HasPrefix(m.From.Name, "'")
	return listed && viaName(m.From.Name) != m.From.Name
}

// viaName takes off a name what a group adds: 'Ann Bell' via Support.
func viaName(name string) string {
	if at := strings.LastIndex(strings.ToLower(name), " via "); at > 0 {
		return strings.Trim(name[:at], `'"‘’“” `)
	}
	return name
}

// massMail reports whether the mail went to many.
func (m *Mail) massMail() bool {
	h := m.Header
	return h.Get("list-unsubscribe") != "" || h.Get("feedback-id") != "" || strings.EqualFold(h.Get("precedence"), "bulk")
}

// checked reports whether anybody looked who sent the mail.
func (e Envelope) checked() bool { return e.SPF != "" || e.DKIM != "" }

var dkimForm = regexp.MustCompile(`@([a-z0-9.-]+)\s*:\s*([a-z]+)`)

// proves reports whether SPF or DKIM speak for the domain of an address, or nobody looked.
func (e Envelope) proves(address string) bool {
	if !e.checked() {
		return true
	}
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	_, mailed, _ := strings.Cut(strings.ToLower(e.From), "@")
	if strings.EqualFold(e.SPF, "pass") && related(mailed, domain) {
		return true
	}
	for _, m := range dkimForm.FindAllStringSubmatch(strings.ToLower(e.DKIM), -1) {
		if m[2] == "pass" && related(m[1], domain) {
			return true
		}
	}
	return false
}

// related: one domain lies in the other.
func related(a, b string) bool {
	return a != "" && b != "" && (a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a))
}

// automatic says what kind of program wrote the mail. https://www.rfc-editor.org/rfc/rfc3834
func (m *Mail) automatic(o Options) Auto {
	h := m.Header
	submitted, _, _ := strings.Cut(strings.ToLower(h.Get("auto-submitted")), ";")
	submitted = strings.TrimSpace(submitted)
	precedence, suppress := strings.ToLower(h.Get("precedence")), strings.ToLower(h.Get("x-auto-response-suppress"))
	relayed := m.Person.Address != m.From.Address
	switch {
	case o.LoopHeader != "" && h.Get(o.LoopHeader) != "", o.OurID != nil && m.ID != "" && o.OurID.FindString(m.ID) == m.ID,
		len(h.All("received")) >= loopHops:
		return Loop
	case m.Report != nil && (m.Report.Kind == Seen || m.rootReport("disposition-notification")):
		return Reply
	case m.Report != nil:
		return Bounce
	case (h.Get("list-id") != "" || h.Get("list-post") != "" || precedence == "list") && !m.ourList(o):
		return List
	case submitted == "auto-replied", h.Get("x-autoreply") != "", h.Get("x-autorespond") != "", precedence == "auto_reply":
		return Reply
	case submitted != "" && submitted != "no", precedence == "bulk" ||
		precedence == "junk", h.Get("list-unsubscribe") != "", h.Get("feedback-id") != "",
		h.Get("x-autogenerated") != "", h.Get("x-fc-machinegenerated") != "", NoReply(m.From.Address) && !relayed:
		return Bulk
	case suppress != "" && suppress != "none" && !relayed, o.Envelope.Known && o.Envelope.From == "":
		return Reply
	}
	return ""
}

// loopHops is how many servers a mail passes before it is taken to go round in circles.
// https://www.rfc-editor.org/rfc/rfc5321#section-6.3
const loopHops = 100

func (m *Mail) rootReport(kind string) bool {
	return strings.EqualFold(m.root.get("report-type"), kind)
}

// ourList reports whether the list is our mailbox itself: a group that hands on what people write to it.
func (m *Mail) ourList(o Options) bool {
	if o.isOwn(m.From.Address) && m.Person.Address != m.From.Address {
		return true
	}
	id := strings.ToLower(strings.Trim(m.Header.Get("list-id"), "<> "))
	return o.Own != "" && strings.HasSuffix(strings.TrimRight(id, ">"), strings.Replace(o.Own, "@", ".", 1))
}
