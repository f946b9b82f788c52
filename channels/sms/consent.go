package sms

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"wasl/channels"
)

// The words that, as the whole message, stop and start being written to. Those of the first lines are the phone companies' own;
// Twilio answers and blocks them by itself. https://www.twilio.com/docs/messaging/tutorials/opt-out
const (
	stopWords = `stop stopall unsubscribe cancel end quit revoke optout
		arret arreter parar baja alto pare sair cancelar stopp abmelden fine cancella afmelden стоп отписаться
		הסר הסירו הסרה עצור עצרו הפסק הפסיקו
		الغاء إلغاء توقف أوقف اوقف ايقاف إيقاف`
	startWords = `start yes unstop
		commencer empezar alta comecar voltar starten iniciar старт
		התחל התחילו חדש הצטרף
		ابدأ ابدا اشترك استئناف`
)

// consent reads what the customer wants; what Twilio's own handling understood counts before the words. "Stop please" is no such
// word: people read it.
func consent(body, optOutType string) channels.Consent {
	switch strings.ToUpper(optOutType) {
	case "STOP":
		return channels.Stop
	case "START":
		return channels.Start
	case "HELP":
		return ""
	}
	word := bare(body)
	for _, w := range strings.Fields(stopWords) {
		if word == bare(w) {
			return channels.Stop
		}
	}
	for _, w := range strings.Fields(startWords) {
		if word == bare(w) {
			return channels.Start
		}
	}
	return ""
}

// bare drops case, accents, points and what stands around a word.
func bare(s string) string {
	if len(s) > 64 {
		return ""
	}
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || unicode.IsPunct(r) && r != '\'' {
			return -1
		}
		return r
	}, strings.TrimSpace(norm.NFD.String(strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) })))))
}
