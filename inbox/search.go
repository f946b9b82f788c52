package inbox

import (
	"context"

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
	if err != nil {
		return nil, "", err
	}
	q := plan.query(v.WorkspaceID, terms)
	q.Cursor = cursor
	var hits []Hit
	seen := map[string]bool{}
	for examined := 0; examined < maxExamined && len(hits) < limit; {
		q.Limit = limit - len(hits)
		found, next, err := s.messages.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		examined += max(q.Limit, len(found))
		for _, m := range found {
			conv, err := s.conversations.Get(ctx, m.ConversationID)
			if err != nil {
				return nil, "", err
			}
			if conv.seenBy(v) && !seen[m.ID] {
				seen[m.ID] = true
				hits = append(hits, Hit{Message: m, Conversation: conv})
			}
		}
		q.Cursor = next
		if next == "" {
			return hits, "", nil
		}
	}
	return hits, string(plan) + q.Cursor, nil
}

// searchPlan is which term the index is asked for: '0' to '7', or 'p' for words that begin with the last one. The
// pages of one search keep to it.
type searchPlan byte

// rareEnough is how far terms are counted to find the rarest: what is rarer is gone through to its end in one page.
const rareEnough = maxExamined

func (s *Service) searchPlan(ctx context.Context, workspaceID string, terms []string, cursor string) (searchPlan, string, error) {
	if cursor != "" {
		plan := searchPlan(cursor[0])
		if len(cursor) == 1 || plan != 'p' && (plan < '0' || int(plan-'0') >= len(terms)) {
			return 0, "", store.ErrBadCursor
		}
		return plan, cursor[1:], nil
	}
	best, fewest := 0, rareEnough+1
	for n, term := range terms {
		count, err := s.messages.Count(ctx, store.Query{Index: "tokens", Eq: []any{workspaceID, term}}, rareEnough)
		if err != nil {
			return 0, "", err
		}
		if n == len(terms)-1 && count == 0 {
			return 'p', "", nil
		}
		if count < fewest {
			best, fewest = n, count
		}
	}
	return searchPlan('0' + best), "", nil //nolint:gosec // Terms returns at most eight
}

// query asks the index for the plan's term and checks the others on what it finds.
func (p searchPlan) query(workspaceID string, terms []string) store.Query {
	asked := len(terms) - 1
	q := store.Query{Index: "tokens", Eq: []any{workspaceID}}
	if p == 'p' {
		q.Range = &store.Range{Prefix: terms[asked]}
	} else {
		asked = int(p - '0')
		q.Eq = append(q.Eq, terms[asked])
	}
	for n, term := range terms {
		if n != asked {
			q.Where, q.MaxExamined = append(q.Where, store.Cond{Path: "tokens", Op: store.Has, Value: term}), maxExamined
		}
	}
	return q
}
