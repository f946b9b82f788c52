package sms

import (
	"strings"
	"unicode/utf16"
)

// gsm are the characters of the GSM 03.38 alphabet; those of gsmExtra take two places.
const (
	gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
		"abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtra = "\f^{}\\[~]|€"
)

// Segments returns in how many parts a text is sent, which is how it is paid, and whether it fits the short alphabet. One letter
// outside of it halves what a part holds. A character is never cut in two.
func Segments(text string) (parts int, short bool) {
	width, single, joined := gsmWidth, 160, 153
	short = strings.IndexFunc(text, func(r rune) bool { return gsmWidth(r) == 0 }) < 0
	if !short {
		width, single, joined = utf16.RuneLen, 70, 67
	}
	total, room := 0, 0
	for _, r := range text {
		w := max(width(r), 1) // what is no character is sent as one
		if total += w; w > room {
			parts, room = parts+1, joined
		}
		room -= w
	}
	if total <= single {
		parts = min(parts, 1)
	}
	return parts, short
}

func gsmWidth(r rune) int {
	switch {
	case strings.ContainsRune(gsmExtra, r):
		return 2
	case strings.ContainsRune(gsm, r):
		return 1
	}
	return 0
}
