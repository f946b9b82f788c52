package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wasl/internal/access"
	"wasl/internal/ids"
	"wasl/internal/text"
	"wasl/store"
)

// said is a message of the model: who may see its conversation, when it was said and what.
type said struct {
	conversation, second int
	words                []string
}

var genSaid = rapid.Custom(func(rt *rapid.T) said {
	vocabulary := []string{"a", "ab", "abc", "abd", "b", "ba", "שלום", "שלומות"}
	return said{
		rapid.IntRange(0, 2).Draw(rt, "conversation"), rapid.IntRange(0, 4).Draw(rt, "second"),
		rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 4).Draw(rt, "words"),
	}
})

// TestSearchAnswersLikeANaiveOne compares every page of searches with a walk over all messages.
func TestSearchAnswersLikeANaiveOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := rapid.SliceOfN(genSaid, 0, 25).Draw(rt, "messages")
		queries := rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "ab", "abc b", "b a", "ab ba a", "c", "ab c", "של", "b של", "a abx",
			"abd ab שלומ",
		}), 1, 6).Draw(rt, "queries")
		limit := rapid.IntRange(1, 7).Draw(rt, "limit")
		wrong := ""
		bubble(t, func(t *testing.T, w *world) {
			p := w.boot()
			p.keep(all)
			for _, v := range []access.Viewer{ann, boss} {
				for _, q := range queries {
					if got, want := p.searched(v, q, limit), naiveSearch(all, v, q); !slices.Equal(got, want) {
						wrong = fmt.Sprintf("%s searches %q in pages of %d: %v, want %v", v.Name, q, limit, got, want)
					}
				}
			}
			p.stop()
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// keep stores the messages in three conversations of the workspace, of which ann does not see the last, and one in another workspace.
func (p *process) keep(all []said) {
	p.w.t.Helper()
	var changes []store.Change
	for n := range 4 {
		c := &Conversation{Meta: store.Meta{ID: searchConversation(n)}, WorkspaceID: boss.WorkspaceID, Status: Open, Priority: "none"}
		if n == 2 {
			c.AssigneeID = "usr_ben"
		}
		if n == 3 {
			c.WorkspaceID = "another"
		}
		changes = append(changes, p.conversations.Insert(c))
	}
	for n, s := range append(slices.Clone(all), said{3, 0, []string{"a", "abc", "b"}}) {
		m := &Message{
			Meta: store.Meta{ID: searchMessage(n)}, WorkspaceID: boss.WorkspaceID, ConversationID: searchConversation(s.conversation),
			SentAt: sampleTime.Add(time.Duration(s.second) * time.Second), Tokens: text.Tokens(s.words...),
		}
		if s.conversation == 3 {
			m.WorkspaceID = "another"
		}
		changes = append(append(changes, p.messages.Insert(m)), p.words.changes(m.WorkspaceID, findable{}, m.findable())...)
	}
	if err := p.Engine.Write(context.Background(), changes...); err != nil {
		p.w.t.Fatal(err)
	}
}

func searchConversation(n int) string { return ids.Derived("cnv", strconv.Itoa(n)) }

func searchMessage(n int) string { return fmt.Sprintf("msg_%04d", n) }

func (p *process) searched(v access.Viewer, query string, limit int) (found []string) {
	p.w.t.Helper()
	for cursor := ""; ; {
		hits, next, err := p.Search(context.Background(), v, query, cursor, limit)
		if err != nil || len(hits) > limit {
			p.w.t.Fatalf("%q: %d found, %v", query, len(hits), err)
		}
		for _, h := range hits {
			found = append(found, h.Message.ID)
		}
		if next == "" {
			return found
		}
		cursor = next
	}
}

func naiveSearch(all []said, v access.Viewer, query string) (found []string) {
	terms := strings.Fields(query)
	last := terms[len(terms)-1]
	known := slices.ContainsFunc(all, func(s said) bool { return slices.Contains(s.words, last) })
	var hits []int
	for n, s := range all {
		has := func(term string) bool {
			return slices.ContainsFunc(s.words, func(word string) bool {
				return word == term || !known && term == last && strings.HasPrefix(word, last)
			})
		}
		visible := v.Role != access.Agent || s.conversation != 2
		if visible && !slices.ContainsFunc(terms, func(term string) bool { return !has(term) }) {
			hits = append(hits, n)
		}
	}
	slices.SortFunc(hits, func(a, b int) int { return cmp.Or(all[b].second-all[a].second, b-a) })
	for _, n := range hits {
		found = append(found, searchMessage(n))
	}
	return found
}

// TestABeginningOfVeryManyWordsFindsEachMessageOnce: the words come a few dozen at a time, whatever their length.
func TestABeginningOfVeryManyWordsFindsEachMessageOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		var all []said
		for n := range 250 {
			all = append(all, said{
				n % 2, n % 50,
				[]string{fmt.Sprintf("ref%03d", n), fmt.Sprintf("ref%03d%s", (n*7)%250, strings.Repeat("x", 20)), "also"},
			})
		}
		p.keep(all)
		for _, query := range []string{"re", "also re"} {
			found := p.searched(ann, query, 40)
			slices.Sort(found)
			if len(found) != len(all) || len(slices.Compact(found)) != len(all) {
				t.Errorf("%q finds %d messages, want each of %d once", query, len(found), len(all))
			}
		}
		p.stop()
	})
}
