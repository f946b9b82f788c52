package mail

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	resultForm = regexp.MustCompile(`(?i)(?:^|[;\s])(spf|dkim|dmarc)\s*=\s*([a-z]+)`)
	mailedForm = regexp.MustCompile(`(?i)smtp\.mailfrom\s*=\s*"?([^\s;")]+)`)
	signedForm = regexp.MustCompile(`(?i)header\.(?:d\s*=\s*|i\s*=\s*[^\s;@]*@|from\s*=\s*)"?([a-z0-9.-]+)`)
)

// EnvelopeOf is what the server that put a mail into a mailbox noted of it in its head: the envelope, and the results of the checks.
// Servers put their field on top; where they make no checks nobody looked, whatever stands there, and a forged result gains nothing.
// https://www.rfc-editor.org/rfc/rfc8601
func EnvelopeOf(raw []byte) Envelope {
	head, _ := splitHeader(bytes.TrimLeft(raw, "\r\n"), false)
	var e Envelope
	if path := head.All("return-path"); len(path) > 0 {
		e.Known, e.From = true, strings.Trim(path[0], "<> \t")
	}
	for _, name := range []string{"delivered-to", "x-original-to", "envelope-to"} {
		e.To = append(e.To, head.All(name)...)
	}
	results := comments(head.Get("authentication-results"))
	var signed []string
	for part := range strings.SplitSeq(results, ";") {
		found := resultForm.FindStringSubmatch(part)
		if found == nil {
			continue
		}
		result := strings.ToLower(found[2])
		if strings.EqualFold(found[1], "spf") {
			e.SPF = result
			if from := mailedForm.FindStringSubmatch(part); from != nil && !e.Known {
				e.From = from[1]
				if !strings.Contains(e.From, "@") {
					e.From = "@" + e.From
				}
			}
		} else if domain := signedForm.FindStringSubmatch(part); domain != nil {
			signed = append(signed, "@"+strings.ToLower(domain[1])+" : "+result)
		} else {
			signed = append(signed, "none")
		}
	}
	if len(signed) > 0 {
		e.DKIM = "{" + strings.Join(signed, ", ") + "}"
	}
	return e
}

// comments takes the comments out of a field's value.
func comments(value string) string {
	var b strings.Builder
	depth, quoted := 0, false
	for _, r := range value[:min(len(value), maxSubject)] {
		switch {
		case r == '"' && depth == 0:
			quoted = !quoted
		case r == '(' && !quoted:
			depth++
			continue
		case r == ')' && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}
