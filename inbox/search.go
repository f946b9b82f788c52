package inbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode"

	"wasl/internal/access"
	"wasl/internal/text"
	"wasl/store"
)

// Hit is a message that a search found, with its conversation.
type Hit struct {
	Message      *Message
	Conversation *Conversation
}

// Search finds the messages that have every term of the query, over all history that the viewer may see, newest first. While no whole
// word is the last term it stands for the words that begin with it: those come a few dozen at a time, in their order.
func (s *Service) Search(ctx context.Context, v access.Viewer, query, cursor string, limit int) ([]Hit, string, error) {
	terms := text.Terms(query)
	if len(terms) == 0 {
		return nil, "", nil
	}
	plan, err := s.searchPlan(ctx, v.WorkspaceID, terms, cursor)
	if err != nil || plan == nil {
		return nil, "", err
	}
	var hits []Hit
	seen := conversations{s: s, viewer: v, known: map[string]*Conversation{}}
	for examined := 0; examined < maxExamined && len(hits) < limit; {
		q := plan.query(v.WorkspaceID, limit-len(hits))
		found, next, err := s.messages.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		if examined += len(found); len(found) < q.Limit {
			examined += maxExamined / 4 // the store looked at many, or went through all of some words
		}
		if err := seen.read(ctx, found); err != nil {
			return nil, "", err
		}
		for _, m := range found {
			if conv := seen.known[m.ConversationID]; conv != nil && plan.fits(m) {
				hits = append(hits, Hit{Message: m, Conversation: conv})
			}
		}
		if plan.Store = next; next != "" {
			continue
		}
		if plan.Words == nil {
			return hits, "", nil
		}
		plan.Words, err = s.wordsAfter(ctx, v.WorkspaceID, terms[len(terms)-1], plan.Words[len(plan.Words)-1])
		if err != nil || plan.Words == nil {
			return hits, "", err
		}
	}
	return hits, plan.cursor(), nil
}

// conversations are those that one request comes upon.
type conversations struct {
	s      *Service
	viewer access.Viewer
	known  map[string]*Conversation // nil: the viewer may not see it
}

// read makes the conversations of these messages known.
func (c *conversations) read(ctx context.Context, of []*Message) error {
	var wanted []string
	for _, m := range of {
		if _, known := c.known[m.ConversationID]; !known {
			c.known[m.ConversationID] = nil
			wanted = append(wanted, m.ConversationID)
		}
	}
	if wanted == nil {
		return nil
	}
	found, err := c.s.conversations.GetMany(ctx, wanted...)
	for _, conv := range found {
		if conv.seenBy(c.viewer) {
			c.known[conv.ID] = conv
		}
	}
	return err
}

// searchPlan is what the index is asked for; the other terms are conditions. It is a search's cursor, with the store's own in it.
type searchPlan struct {
	terms []string
	Asked int      `json:"a"`           // the term, unless words are asked for
	Words []string `json:"w,omitempty"` // some of those that begin with the last term
	Begun bool     `json:"b,omitempty"` // the last term is the beginning of a word
	Store string   `json:"s,omitempty"`
}

const (
	// rareEnough is how far terms are counted to find a rare one: what is rarer is gone through to its end in one page.
	rareEnough = 1000
	// maxWords is how many words a beginning stands for at a time, and maxWordBytes how long they are together in a cursor.
	maxWords     = 40
	maxWordBytes = 1000
)

// searchPlan chooses the plan of a search or reads it from its cursor. It is nil where nothing can be found.
func (s *Service) searchPlan(ctx context.Context, workspaceID string, terms []string, cursor string) (*searchPlan, error) {
	if cursor != "" {
		return decodePlan(terms, cursor)
	}
	plan, fewest, last := &searchPlan{terms: terms}, rareEnough, len(terms)-1
	for n, term := range terms {
		ceiling := rareEnough
		if last == 0 {
			ceiling = 1 // there is no choice
		}
		count, err := s.messages.Count(ctx, wordQuery(workspaceID, term), ceiling)
		if err != nil || count == 0 && n < last {
			return nil, err
		}
		if count == 0 {
			plan.Begun = true
		} else if count < fewest {
			plan.Asked, fewest = n, count
		}
	}
	if !plan.Begun || fewest < rareEnough {
		return plan, nil
	}
	var err error
	plan.Words, err = s.wordsAfter(ctx, workspaceID, terms[last], "")
	if err != nil || plan.Words == nil {
		return nil, err
	}
	return plan, nil
}

func wordQuery(workspaceID string, word any) store.Query {
	return store.Query{Index: "tokens", Eq: []any{workspaceID, word}}
}

// saying is as much of a message as tells its words.
type saying struct {
	store.Meta `bson:",inline"`
	Tokens     []string `bson:"tokens"`
}

// wordsAfter returns the next words of the index that have the beginning, in their order.
func (s *Service) wordsAfter(ctx context.Context, workspaceID, beginning, after string) (words []string, err error) {
	within := store.Range{From: max(beginning, after), ExcludeFrom: after != "", To: beginning + string(unicode.MaxRune)}
	q := store.Query{Index: "tokens", Eq: []any{workspaceID}, Range: &within, Distinct: true, Limit: maxWords}
	found, _, err := s.sayings.Find(ctx, q)
	size := 0
	for _, m := range found { // each for the first of its words that was not named yet
		word := ""
		for _, token := range m.Tokens {
			if token > after && strings.HasPrefix(token, beginning) && (word == "" || token < word) {
				word = token
			}
		}
		if size += len(word); word == "" || size > maxWordBytes && words != nil {
			break
		}
		words, after = append(words, word), word
	}
	return words, err
}

// cursor goes on with the search.
func (p *searchPlan) cursor() string {
	data, _ := json.Marshal(p) // strings and numbers always encode
	return base64.RawURLEncoding.EncodeToString(data)
}

func decodePlan(terms []string, cursor string) (*searchPlan, error) {
	p := &searchPlan{terms: terms}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(data, p) != nil || p.Asked < 0 || p.Asked >= len(terms) || len(p.Words) > maxWords || (p.Words != nil && (!p.Begun || len(p.Words) == 0)) {
		return nil, store.ErrBadCursor
	}
	return p, nil
}

// query asks for the plan's term or words, with the other whole words as conditions.
func (p *searchPlan) query(workspaceID string, limit int) store.Query {
	q := wordQuery(workspaceID, p.terms[p.Asked])
	if p.Words != nil {
		q = wordQuery(workspaceID, anyOf(p.Words))
	}
	for n, term := range p.terms {
		if (p.Words != nil || n != p.Asked) && !(p.Begun && n == len(p.terms)-1) {
			q.Where, q.MaxExamined = append(q.Where, store.Cond{Path: "tokens", Op: store.Has, Value: term}), maxExamined
		}
	}
	q.Limit, q.Cursor = limit, p.Store
	return q
}

// fits checks what is no condition of the query: a word that begins with the last term, of which none was asked for earlier.
func (p *searchPlan) fits(m *Message) bool {
	if !p.Begun {
		return true
	}
	last, fits := p.terms[len(p.terms)-1], false
	for _, token := range m.Tokens {
		if strings.HasPrefix(token, last) {
			if fits = true; p.Words != nil && token < p.Words[0] {
				return false
			}
		}
	}
	return fits
}
