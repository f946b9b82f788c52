package inbox

import (
	"context"
	"slices"
	"strings"

	"wasl/auth"
	"wasl/internal/text"
	"wasl/store"
)

// Hit is a message that a search found, with its conversation.
type Hit struct {
	Message      *Message
	Conversation *Conversation
}

// Search finds the messages that have every term of the query, over all history that the viewer may see, newest first. The last term is
// also found by its beginning while no whole word is it.
func (s *Service) Search(ctx context.Context, v auth.Viewer, query, cursor string, limit int) ([]Hit, string, error) {
	terms := text.Terms(query)
	if len(terms) == 0 {
		return nil, "", nil
	}
	plan, cursor, err := s.searchPlan(ctx, v.WorkspaceID, terms, cursor)
	if err != nil || plan == nil {
		return nil, "", err
	}
	q := plan.query(v.WorkspaceID)
	q.Cursor = cursor
	var hits []Hit
	seen := map[string]bool{}
	for examined := 0; examined < maxExamined && len(hits) < limit; {
		q.Limit = limit - len(hits)
		found, next, err := s.messages.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		if examined += len(found); len(found) < q.Limit { // the store stopped because it looked at too many
			examined = maxExamined
		}
		for _, m := range found {
			if seen[m.ID] || !plan.fits(m) {
				continue
			}
			conv, err := s.conversations.Get(ctx, m.ConversationID)
			if err != nil {
				return nil, "", err
			}
			if conv.seenBy(v) {
				seen[m.ID] = true
				hits = append(hits, Hit{Message: m, Conversation: conv})
			}
		}
		q.Cursor = next
		if next == "" {
			return hits, "", nil
		}
	}
	return hits, plan.code() + q.Cursor, nil
}

// searchPlan is which of the terms the index is asked for; the others are conditions. The pages of one search keep to it.
type searchPlan struct {
	terms     []string
	asked     int
	beginning bool // the last term is the beginning of a word
}

// rareEnough is how far terms are counted to find the rarest: what is rarer is gone through to its end in one page.
const rareEnough = maxExamined

// searchPlan chooses the plan of a search or reads it from its cursor. It is nil where nothing can be found.
func (s *Service) searchPlan(ctx context.Context, workspaceID string, terms []string, cursor string) (*searchPlan, string, error) {
	if cursor != "" {
		plan, err := decodePlan(terms, cursor[0])
		return plan, cursor[1:], err
	}
	best, fewest := &searchPlan{terms: terms}, rareEnough+1
	for n := range terms {
		plan := &searchPlan{terms: terms, asked: n}
		count, err := s.messages.Count(ctx, plan.entries(workspaceID), rareEnough)
		if count == 0 && err == nil && n == len(terms)-1 {
			best.beginning, plan.beginning = true, true
			count, err = s.messages.Count(ctx, plan.entries(workspaceID), rareEnough)
		}
		if err != nil || count == 0 {
			return nil, "", err
		}
		if count < fewest {
			plan.beginning = best.beginning
			best, fewest = plan, count
		}
	}
	return best, "", nil
}

// code is the plan's part of a cursor.
func (p *searchPlan) code() string {
	if p.beginning {
		return string(rune('a' + p.asked))
	}
	return string(rune('0' + p.asked))
}

func decodePlan(terms []string, code byte) (*searchPlan, error) {
	plan := &searchPlan{terms: terms, asked: int(code) - '0'}
	if code >= 'a' {
		plan.asked, plan.beginning = int(code)-'a', true
	}
	if plan.asked < 0 || plan.asked >= len(terms) {
		return nil, store.ErrBadCursor
	}
	return plan, nil
}

// entries asks the index for the plan's term.
func (p *searchPlan) entries(workspaceID string) store.Query {
	term := p.terms[p.asked]
	if p.beginning && p.asked == len(p.terms)-1 {
		return store.Query{Index: "tokens", Eq: []any{workspaceID}, Range: &store.Range{Prefix: term}}
	}
	return store.Query{Index: "tokens", Eq: []any{workspaceID, term}}
}

// query is entries with the other whole words as conditions.
func (p *searchPlan) query(workspaceID string) store.Query {
	q := p.entries(workspaceID)
	for n, term := range p.terms {
		if n != p.asked && !(p.beginning && n == len(p.terms)-1) {
			q.Where, q.MaxExamined = append(q.Where, store.Cond{Path: "tokens", Op: store.Has, Value: term}), maxExamined
		}
	}
	return q
}

// fits checks what is no condition of the query: a word that begins with the last term.
func (p *searchPlan) fits(m *Message) bool {
	last := p.terms[len(p.terms)-1]
	return !p.beginning || slices.ContainsFunc(m.Tokens, func(token string) bool { return strings.HasPrefix(token, last) })
}
