package mail

import (
	"bytes"
	"regexp"
	"strings"
)

// ReportKind is what a report says of a mail that was sent.
type ReportKind string

// The kinds of report.
const (
	Failed    ReportKind = "failed"    // it came back
	Delayed   ReportKind = "delayed"   // it is still on its way
	Delivered ReportKind = "delivered" // it lies in the mailbox
	Seen      ReportKind = "seen"      // a person was shown it
)

// Report is what a mail server or a mail program says of a mail that was sent.
type Report struct {
	Kind      ReportKind
	Of        string // the Message-ID; empty: it does not say
	Recipient string
	Status    string // as RFC 3463 writes it: 5.1.1
}

var (
	actionForm    = regexp.MustCompile(`(?im)^Action:[ \t]*(failed|delayed|delivered|relayed|expanded)`)
	statusForm    = regexp.MustCompile(`(?im)^Status:[ \t]*([245]\.[0-9]{1,3}\.[0-9]{1,3})`)
	finalForm     = regexp.MustCompile(`(?im)^(?:Final|Original)-Recipient:[^;\n]*;[ \t]*<?([^\s<>;]+)`)
	headID        = regexp.MustCompile(`(?im)^[ >\t]*(?:Original-)?Message-ID:\s*<([^<>\s]+)>`)
	enhancedCode  = regexp.MustCompile(`(?:^|[\s#(<:\-])([45]\.[0-9]{1,3}\.[0-9]{1,3})(?:[\s)>:;,.]|$)`)
	replyCode     = regexp.MustCompile(`(?:^|[\s(:'"])(5[0-9]{2})[ \-][^0-9]`)
	dispositionIs = regexp.MustCompile(`(?im)^Disposition:[^;\n]*;[ \t]*([a-z]+)`)
	failWords     = regexp.MustCompile(`(?i)undeliver|not (?:be )?deliver|could ?n[o']t (?:be )?deliver|delivery (?:has )?fail|failure notice|delivery status notification|returned (?:mail|to sender)|mail delivery (?:failed|failure|error)|did not reach|wasn't delivered|was not delivered|non remis|unzustellbar|konnte nicht zugestellt|nicht zugestellt|no se ha podido entregar|no (?:se )?pudo entregar|não (?:foi|pôde ser) entregue|не доставлен|недоставленн|לא נמסרה|לא ניתן היה למסור|מסירה נכשלה|تعذر تسليم|تعذّر تسليم|فشل تسليم|non è stato recapitato|mancata consegna|onbestelbaar|nie(?:dostarczon| można dostarczyć)|non recapitabile|无法投递|退信|配信できません`)
	delayWords    = regexp.MustCompile(`(?i)delivery (?:is |has been |temporarily )?delay|delayed|warning: (?:message|could not send)|will (?:continue to )?(?:be )?retr|still (?:being|trying)|temporary (?:failure|problem)|not been delivered yet|has not yet been delivered|verzögert|aplazado|retard de (?:remise|livraison)|задержк|מתעכב|تأخر`)
)

// part finds the first part of a type below p.
func (p *part) find(match func(*part) bool) *part {
	if match(p) {
		return p
	}
	for _, c := range p.children {
		if found := c.find(match); found != nil {
			return found
		}
	}
	return nil
}

func ofKind(kinds ...string) func(*part) bool {
	return func(p *part) bool {
		for _, k := range kinds {
			if p.kind == k {
				return true
			}
		}
		return false
	}
}

// receipt reads a read receipt. https://www.rfc-editor.org/rfc/rfc8098
func (m *Mail) receipt(data []byte, o Options) *Report {
	r := &Report{Kind: Seen, Of: o.ours(string(data))}
	if d := dispositionIs.FindSubmatch(data); d != nil && !strings.EqualFold(string(d[1]), "displayed") {
		r.Kind = Delivered
	}
	if id := headID.FindSubmatch(data); r.Of == "" && id != nil {
		r.Of = clean(string(id[1]))
	}
	if to := finalForm.FindSubmatch(data); to != nil {
		r.Recipient = strings.ToLower(clean(string(to[1])))
	}
	for n := len(m.References) - 1; n >= 0 && r.Of == ""; n-- {
		r.Of = m.References[n]
	}
	return r
}

// bounce reads a report of a mail server in any of its dialects: the standard's (RFC 3464), and texts as of Exim, qmail and Exchange.
// fields are those of the standard's part, original is the beginning of the mail that came back.
func (m *Mail) bounce(fields, original []byte, text string, o Options) *Report {
	r := &Report{Kind: Failed}
	if a := actionForm.FindSubmatch(fields); a != nil {
		switch strings.ToLower(string(a[1])) {
		case "delayed":
			r.Kind = Delayed
		case "delivered", "relayed", "expanded":
			r.Kind = Delivered
		}
	} else if subject := m.Subject; delayWords.MatchString(subject) || !failWords.MatchString(subject) && delayWords.MatchString(text) &&
		!failWords.MatchString(text) {
		r.Kind = Delayed
	}
	// of several recipients one that failed counts
	if bytes.Count(fields, []byte("Action:")) > 1 && actionForm.Match(fields) && r.Kind != Failed {
		for _, a := range actionForm.FindAllSubmatch(fields, 50) {
			if strings.EqualFold(string(a[1]), "failed") {
				r.Kind = Failed
			}
		}
	}
	r.Of = o.ours(string(original) + "\n" + strings.Join(m.References, " ") + "\n" + m.Header.Get("x-original-message-id") + "\n" +
		string(fields) + "\n" + text)
	if id := headID.FindSubmatch(original); r.Of == "" && id != nil {
		r.Of = clean(string(id[1]))
	}
	if id := headID.FindStringSubmatch(text); r.Of == "" && id != nil {
		r.Of = clean(id[1])
	}
	if r.Of == "" && len(m.References) > 0 {
		r.Of = m.References[len(m.References)-1]
	}
	r.Recipient = m.failedRecipient(fields, text, o)
	r.Status = failedStatus(fields, text)
	return r
}

func failedStatus(fields []byte, text string) string {
	if s := statusForm.FindSubmatch(fields); s != nil && s[1][0] != '2' {
		return string(s[1])
	}
	for _, where := range []string{string(fields), text} {
		if s := enhancedCode.FindStringSubmatch(where); s != nil {
			return s[1]
		}
	}
	if s := replyCode.FindStringSubmatch(text); s != nil {
		switch s[1] {
		case "552":
			return "5.2.2"
		case "554":
			return "5.7.1"
		}
		return "5.1.1"
	}
	lower := strings.ToLower(text)
	switch {
	case strings.Contains(lower, "quota"), strings.Contains(lower, "mailbox is full"), strings.Contains(lower, "mailbox full"):
		return "5.2.2"
	case strings.Contains(lower, "user unknown"), strings.Contains(lower, "no such user"), strings.Contains(lower,
		"unknown user"), strings.Contains(lower, "does not exist"), strings.Contains(lower, "no mailbox here"):
		return "5.1.1"
	}
	return ""
}

// failedRecipient finds whom the mail did not reach.
func (m *Mail) failedRecipient(fields []byte, text string, o Options) string {
	if to := finalForm.FindSubmatch(fields); to != nil && strings.Contains(string(to[1]), "@") {
		return strings.ToLower(clean(string(to[1])))
	}
	if to := m.Header.Addresses("x-failed-recipients"); len(to) > 0 {
		return strings.ToLower(to[0].Address)
	}
	for _, found := range addressInText.FindAllString(strings.ToLower(text[:min(len(text), 8192)]), 20) {
		if o.ours(found) == "" && !NoReply(found) && !o.isOwn(found) {
			return found
		}
	}
	return ""
}

// isBounce reports whether a mail server reports a failure, by what its mail looks like.
func (m *Mail) isBounce(root *part, text string, o Options) bool {
	if root != nil && root.find(ofKind("message/delivery-status", "message/global-delivery-status")) != nil {
		return true
	}
	if report := strings.ToLower(m.root.get("report-type")); m.rootKind == "multipart/report" &&
		(report == "delivery-status" || report == "") {
		return true
	}
	local, _, _ := strings.Cut(strings.ToLower(m.From.Address), "@")
	null := o.Envelope.Known && o.Envelope.From == ""
	switch {
	case strings.HasPrefix(local, "mailer-daemon"), m.Header.Get("x-failed-recipients") != "":
		return true
	case local == "postmaster", local == "", null && NoReply(m.From.Address), strings.HasPrefix(local, "microsoftexchange"):
		return null || failWords.MatchString(m.Subject) || failWords.MatchString(text[:min(len(text), 4096)])
	}
	return null && failWords.MatchString(m.Subject)
}
