package contacts

import (
	"context"
	"slices"
	"strings"

	"wasl/internal/access"
	"wasl/internal/text"
	"wasl/search"
)

// FoundView is a contact that was found.
type FoundView struct {
	ContactView
	Highlights []search.Highlight `json:"highlights" nullable:"false" doc:"field is name, phone, email or identity"`
}

// maxShown is how many contacts a page of a search over all kinds has at most: each is read with its identities.
const maxShown = 20

// RegisterSearch registers what is found of contacts.
func (s *Service) RegisterSearch(r *search.Registry) {
	search.Add(r, search.Feature[FoundView]{
		Name: "contacts", May: access.ReadContacts,
		Find: func(ctx context.Context, v access.Viewer, q search.Query) ([]FoundView, string, error) {
			found, next, err := s.Search(ctx, v, q.Text, q.Cursor, min(q.Limit, maxShown))
			if err != nil {
				return nil, "", err
			}
			views, err := s.Views(ctx, found)
			out := make([]FoundView, len(views))
			for n, view := range views {
				out[n] = FoundView{view, highlights(view, q.Text)}
			}
			return out, next, err
		},
	})
}

// highlights say where a contact has what was looked for: digits also in the middle of a number.
func highlights(c ContactView, query string) []search.Highlight {
	words, digits := askedDigits(query)
	terms := text.Terms(query)
	var numbers []search.Highlight
	texts := []search.Shown{{Field: "name", Text: c.Name}}
	for _, phone := range c.Phones {
		if mark, is := digitPlace(phone, digits); is {
			terms = words
			numbers = append(numbers, search.Highlight{Field: "phone", Excerpt: text.Excerpt{Text: phone, Marks: []text.Mark{mark}}})
			continue
		}
		texts = append(texts, search.Shown{Field: "phone", Text: phone})
	}
	for _, address := range c.Emails {
		texts = append(texts, search.Shown{Field: "email", Text: address})
	}
	for _, i := range c.Identities {
		if i.Display != c.Name && !slices.Contains(c.Emails, i.Display) && !slices.Contains(c.Phones, i.Display) {
			texts = append(texts, search.Shown{Field: "identity", Text: i.Display})
		}
	}
	found := search.Highlights(terms, texts...)
	if len(numbers) > 0 {
		found = slices.DeleteFunc(found, func(h search.Highlight) bool { return len(h.Marks) == 0 })
	}
	return append(found, numbers...)
}

// digitPlace returns where a number has digits that were asked for, however it is written.
func digitPlace(number, digits string) (text.Mark, bool) {
	var places []int
	var plain strings.Builder
	for n, r := range []rune(number) {
		if r >= '0' && r <= '9' {
			places = append(places, n)
			plain.WriteRune(r)
		}
	}
	for _, d := range dialled(digits) {
		if at := strings.Index(plain.String(), d); at >= 0 {
			return text.Mark{Start: places[at], End: places[at+len(d)-1] + 1}, true
		}
	}
	return text.Mark{}, false
}
