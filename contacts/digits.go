package contacts

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"wasl/internal/access"
	"wasl/internal/text"
	"wasl/search"
	"wasl/store"
)

const (
	// minDigits is how many digits of a number find the person.
	minDigits = 4
	// maxIndexed is how many of a person's numbers are found by a run of their digits.
	maxIndexed = 100
	// maxAsked is how many digits of a query count.
	maxAsked = 32
	// digitMark stands around a run of digits in the index. No word has it, and none ends like that, so that every
	// query by digits is for what begins with them.
	digitMark = "="
)

func digitWord(digits string) string { return digitMark + digits + digitMark }

// digitWords returns the rows under which somebody is found by digits: what begins at each digit of a number, so that any run of them
// is a beginning; the number with what its country puts before it inside the country; and other words of digits as they are.
func digitWords(phones, words []string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(digits string) bool {
		if len(digits) < minDigits || seen[digits] {
			return false
		}
		seen[digits] = true
		out = append(out, digitWord(digits))
		return true
	}
	ends := func(digits string) {
		for n := range digits {
			if !add(digits[n:]) {
				return // and with it every shorter end
			}
		}
	}
	for _, phone := range phones[:min(len(phones), maxIndexed)] {
		for _, number := range []string{strings.TrimPrefix(phone, "+"), strings.TrimPrefix(phoneKey(phone), "+")} {
			if !seen[number] {
				ends(number)
				ends(nationalDigits(number))
			}
		}
	}
	for _, word := range words {
		if onlyDigits(word) {
			add(word)
		}
	}
	return out
}

// nationalDigits is a number as it is dialled inside its country; empty where that is not known.
func nationalDigits(number string) string {
	// The calling code, of which none begins another: what phonenumbers.Parse would find out at ten times the cost.
	for n := 1; n <= 3 && n < len(number); n++ {
		code, err := strconv.Atoi(number[:n])
		rest, err2 := strconv.ParseUint(number[n:], 10, 64)
		if err != nil || err2 != nil || number[n] == '0' || phonenumbers.GetRegionCodeForCountryCode(code) == phonenumbers.UNKNOWN_REGION {
			continue
		}
		national := phonenumbers.Format(&phonenumbers.PhoneNumber{CountryCode: new(int32(code)), NationalNumber: new(rest)},
			phonenumbers.NATIONAL)
		return keepDigits(national)
	}
	return ""
}

func keepDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func onlyDigits(s string) bool { return s != "" && keepDigits(s) == s }

// withDigits is an entry of the index of words with the rows for digits of the same contact.
func withDigits(e search.Entry, phones []string) search.Entry {
	if len(e.Words) > 0 {
		e.Words = append(slices.Clip(e.Words), digitWords(phones, e.Words)...)
	}
	return e
}

// askedDigits takes apart a query: the words that are not digits, and its digits together, as far as they may be one number.
func askedDigits(query string) (words []string, digits string) {
	query = strings.ReplaceAll(text.Fold(query), "(0)", "") // +972 (0)50 …: what is left out from abroad
	for _, part := range strings.Fields(query) {
		if !strings.ContainsFunc(part, unicode.IsLetter) {
			digits += keepDigits(part)
			continue
		}
		for _, term := range text.Terms(part) {
			if onlyDigits(term) {
				digits += term
			} else {
				words = append(words, term)
			}
		}
	}
	return words, text.Cut(digits, maxAsked)
}

// dialled are the digits as numbers are kept, of what people type before them: nothing, the way out of a country, or a zero.
func dialled(digits string) []string {
	out := []string{digits}
	for _, before := range []string{"00", "011", "0011", "810", "0"} {
		if rest, is := strings.CutPrefix(digits, before); is {
			out = append(out, rest)
		}
	}
	return slices.DeleteFunc(out, func(d string) bool { return len(d) < minDigits })
}

// terms are what a query asks the index of words for. Digits ask for whoever has them in this order, in whatever spelling: where
// nobody has, they are words as others.
func (s *Service) terms(ctx context.Context, v access.Viewer, query string) ([]string, error) {
	words, digits := askedDigits(query)
	for _, d := range dialled(digits) {
		known, err := s.words.Known(ctx, v.WorkspaceID, digitMark+d)
		if err != nil {
			return nil, err
		}
		if known {
			return append(words, digitMark+d), nil // last: it is a beginning
		}
	}
	return text.Terms(query), nil
}

// UpgradeDigits writes the rows under which contacts are found by digits, for those from before there were such.
var UpgradeDigits = store.Upgrade{Name: "contacts: digits of phone numbers", Run: addDigits}

func addDigits(ctx context.Context, engine store.Engine, progress *store.Progress) error {
	words := search.NewSource[*Contact](engine, search.Contacts, nil)
	return store.NewCollection[Contact](engine, contactSchema).Rewrite(ctx, progress,
		func(page []*Contact) (changes []store.Change, _ error) {
			for _, c := range page {
				changes = append(changes, words.Changes(c.WorkspaceID, c.entry(), withDigits(c.entry(), c.Phones))...)
			}
			return changes, nil
		})
}
