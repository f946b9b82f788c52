package contacts

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/text"
)

// Suggestion is a contact that may be the same person, and why. Nobody is merged for such reasons.
type Suggestion struct {
	Contact *Contact
	Reasons []Reason
}

// Reason is one weak sign that two contacts are one person.
type Reason struct {
	Kind  string `json:"kind" enum:"same_name,same_email,same_phone,written_phone,written_email"`
	Value string `json:"value"`
}

// maxSuggestions is how many people look at.
const maxSuggestions = 10

// Suggest looks for contacts that may be the same person as this one: of the same name, with the same mail address, or with what the
// person wrote in messages. Whom somebody has set apart is not suggested.
func (s *Service) Suggest(ctx context.Context, workspaceID, id string, written []channels.Identity) ([]Suggestion, error) {
	w := s.reader(workspaceID)
	c, err := w.root(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Suggestion
	add := func(other *Contact, why Reason) error {
		n := slices.IndexFunc(out, func(s Suggestion) bool { return s.Contact.ID == other.ID })
		if n >= 0 {
			if !slices.Contains(out[n].Reasons, why) {
				out[n].Reasons = append(out[n].Reasons, why)
			}
			return nil
		}
		if other.ID == c.ID {
			return nil
		}
		apart, err := w.apart(ctx, c, other)
		if err == nil && !apart {
			out = append(out, Suggestion{Contact: other, Reasons: []Reason{why}})
		}
		return err
	}
	for _, why := range reasons(c, written) {
		found, err := s.like(ctx, w, why)
		if err != nil {
			return nil, err
		}
		for _, other := range found {
			if err := add(other, why); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(len(b.Reasons), len(a.Reasons)) })
	return out[:min(len(out), maxSuggestions)], nil
}

// reasons are what to look for, the better signs first.
func reasons(c *Contact, written []channels.Identity) []Reason {
	var out []Reason
	for _, i := range written {
		out = append(out, Reason{Kind: "written_" + i.Kind, Value: i.Value})
	}
	for _, phone := range c.Phones {
		out = append(out, Reason{Kind: "same_phone", Value: phone})
	}
	for _, email := range c.Emails {
		out = append(out, Reason{Kind: "same_email", Value: email})
	}
	if strings.ContainsFunc(c.Name, unicode.IsLetter) {
		out = append(out, Reason{Kind: "same_name", Value: c.Name})
	}
	return out
}

// like returns the persons of whom the same can be said.
func (s *Service) like(ctx context.Context, w *work, why Reason) ([]*Contact, error) {
	if why.Kind == "written_phone" || why.Kind == "same_phone" {
		rows, _, err := s.known(ctx, w.workspaceID, []channels.Identity{
			{Kind: kindPhone, Value: why.Value}, {Kind: kindPhone, Value: phoneKey(why.Value)}, {
				Kind:  kindWhatsApp,
				Value: strings.TrimPrefix(why.Value, "+"),
			},
		})
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		person, err := w.root(ctx, rows[0].Origin)
		return []*Contact{person}, err
	}
	found, _, err := s.Search(ctx, everything(w.workspaceID), why.Value, "", 20)
	return slices.DeleteFunc(found, func(c *Contact) bool {
		if why.Kind == "same_name" {
			return text.Fold(c.Name) != text.Fold(why.Value)
		}
		return !slices.ContainsFunc(c.Emails, func(e string) bool { return strings.EqualFold(e, why.Value) })
	}), err
}

// Dismiss remembers that the two are different persons.
func (s *Service) Dismiss(ctx context.Context, workspaceID string, by access.Actor, id, otherID string) error {
	return s.do(ctx, workspaceID, by, func(w *work) error {
		a, err := w.root(ctx, id)
		if err != nil {
			return err
		}
		b, err := w.root(ctx, otherID)
		if err != nil || a.ID == b.ID {
			return err
		}
		w.part(a, b)
		return nil
	})
}
