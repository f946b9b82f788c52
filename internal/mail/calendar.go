package mail

import (
	"strings"
	"time"
)

// invitation is what a calendar part asks for. https://www.rfc-editor.org/rfc/rfc5545
type invitation struct {
	method, summary, where, start, end, organizer, description string
}

// parseCalendar reads the first event of a calendar.
func parseCalendar(data []byte, label string) *invitation {
	text := strings.ReplaceAll(decodeText(data, label, ""), "\r\n", "\n")
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	inv, inside, nested := &invitation{}, false, 0
	for l := range strings.SplitSeq(text, "\n") {
		name, value := calendarLine(l)
		key, params, _ := strings.Cut(strings.ToUpper(name), ";")
		switch {
		case key == "METHOD":
			inv.method = strings.ToUpper(strings.TrimSpace(value))
		case key == "BEGIN" && inside:
			nested++
		case key == "BEGIN" && (strings.EqualFold(value, "VEVENT") || strings.EqualFold(value, "VTODO")):
			inside = true
		case key == "END" && nested > 0:
			nested--
		case key == "END" && inside:
			return inv
		case !inside || nested > 0:
		case key == "SUMMARY":
			inv.summary = OneLine(unescapeCalendar(value))
		case key == "LOCATION":
			inv.where = OneLine(unescapeCalendar(value))
		case key == "DESCRIPTION":
			inv.description = strings.TrimSpace(unescapeCalendar(value))
		case key == "DTSTART":
			inv.start = calendarTime(value, params, name)
		case key == "DTEND":
			inv.end = calendarTime(value, params, name)
		case key == "ORGANIZER":
			inv.organizer = organizer(name, value)
		}
	}
	if !inside && inv.method == "" {
		return nil
	}
	return inv
}

// calendarLine splits at the colon that stands outside of quotes.
func calendarLine(l string) (name, value string) {
	quoted := false
	for i := range len(l) {
		switch {
		case l[i] == '"':
			quoted = !quoted
		case l[i] == ':' && !quoted:
			return l[:i], strings.TrimSpace(l[i+1:])
		}
	}
	return l, ""
}

var unescapeCalendar = strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace

// calendarTime writes a time as it was meant, with its zone where it names one.
func calendarTime(value, params, name string) string {
	if at, err := time.Parse("20060102T150405Z", value); err == nil {
		return at.Format("2006-01-02 15:04 UTC")
	}
	if at, err := time.Parse("20060102T150405", value); err == nil {
		zone := ""
		if at := strings.Index(params, "TZID="); at >= 0 {
			zone, _, _ = strings.Cut(name[len(name)-len(params)+at+5:], ";")
		}
		return strings.TrimSpace(at.Format("2006-01-02 15:04 ") + strings.Trim(OneLine(zone), `"`))
	}
	if at, err := time.Parse("20060102", value); err == nil {
		return at.Format("2006-01-02")
	}
	return ""
}

// organizer is a name and an address.
func organizer(name, value string) string {
	address := bareAddress(strings.TrimPrefix(strings.TrimPrefix(value, "MAILTO:"), "mailto:"))
	for p := range strings.SplitSeq(name, ";") {
		if key, cn, ok := strings.Cut(p, "="); ok && strings.EqualFold(key, "CN") {
			if cn = OneLine(strings.Trim(cn, `" `)); cn != "" && cn != address {
				return strings.TrimSpace(cn + " <" + address + ">")
			}
		}
	}
	return address
}

// text says in words what a calendar part asks for.
func (inv *invitation) text() string {
	title := map[string]string{"CANCEL": "Cancelled", "REPLY": "Reply to an invitation", "COUNTER": "Another time is proposed"}[inv.method]
	if title == "" {
		title = "Invitation"
	}
	lines := []string{strings.TrimSuffix(title+": "+inv.summary, ": ")}
	if inv.start != "" {
		when := inv.start
		if inv.end != "" && inv.end != inv.start {
			when += " – " + inv.end
		}
		lines = append(lines, "When: "+when)
	}
	if inv.where != "" {
		lines = append(lines, "Where: "+inv.where)
	}
	if inv.organizer != "" {
		lines = append(lines, "Organizer: "+inv.organizer)
	}
	if inv.description != "" {
		lines = append(lines, "", inv.description)
	}
	return strings.Join(lines, "\n")
}
