package sms

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"wasl/channels"
)

// The texts that, as the whole message, stop and start being written to. Those of the first lines are the phone companies' own, which
// Twilio answers and blocks by itself; the others mean nothing else, in any language. Words that are also an ordinary answer ("fine" ends
// in Italian, "alto" stops in Spanish, "pare" in Portuguese) are not among them: where such a word is to count, Twilio's Advanced Opt-Out
// says so. https://www.twilio.com/docs/messaging/tutorials/opt-out
var (
	stopTexts = bared(
		"stop", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out",
		"unsubscribe me", "opt me out",
		"הסר", "הסירו", "הסר אותי", "הסירו אותי", "הסר מהרשימה", "הסר מרשימת התפוצה", "הפסק", "הפסיקו", "עצור", "עצרו",
		"إلغاء", "إلغاء الاشتراك", "إيقاف", "أوقف", "أوقفوا", "إيقاف الرسائل", "أوقف الرسائل", "أوقفوا الرسائل",
		"стоп", "отписаться", "отписка", "отпишите меня",
		"arrêt", "désabonner", "désabonnement", "désinscription", "stopp", "abmelden", "abbestellen", "afmelden", "uitschrijven",
		"darse de baja", "darme de baja", "cancelar suscripción", "cancelar inscrição", "descadastrar",
		"disiscriviti", "disiscrivimi", "annulla iscrizione", "cancella iscrizione",
	)
	startTexts = bared(
		"start", "yes", "unstop",
		"opt in", "subscribe", "resubscribe", "התחל", "התחילו", "הצטרף", "ابدأ", "اشترك", "استئناف", "старт", "подписаться",
	)
)

func bared(texts ...string) map[string]bool {
	out := make(map[string]bool, len(texts))
	for _, text := range texts {
		out[bare(text)] = true
	}
	return out
}

// consent reads what the customer wants; what Twilio's own handling understood counts before the words. "Stop please" is no such
// text: people read it.
func consent(body, optOutType string) channels.Consent {
	switch strings.ToUpper(strings.TrimSpace(optOutType)) {
	case "STOP":
		return channels.Stop
	case "START":
		return channels.Start
	case "HELP":
		return ""
	}
	text := bare(body)
	switch {
	case stopTexts[text]:
		return channels.Stop
	case startTexts[text]:
		return channels.Start
	}
	return ""
}

// bare drops case, accents, points and blanks: "Opt out", "OPT-OUT" and "optout" are one.
func bare(s string) string {
	if len(s) > 64 {
		return ""
	}
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf) || unicode.IsPunct(r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s)))
}
