package inbox

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// card is a contact of the naive model: whatever it was born with, and what it was merged into.
type card struct {
	n     int
	said  []string
	into  *card
	apart map[*card]bool
	merge string
}

func (c *card) root() *card {
	for c.into != nil {
		c = c.into
	}
	return c
}

// deed is one thing that happens in the property test.
type deed struct{ kind, a, b int }

// TestAnySequenceOfMessagesMergesAndUndosIsLikeANaiveModel: who says what, who is one person, what each shows.
func TestAnySequenceOfMessagesMergesAndUndosIsLikeANaiveModel(t *testing.T) {
	genDeed := rapid.Custom(func(rt *rapid.T) deed {
		return deed{rapid.IntRange(0, 3).Draw(rt, "kind"), rapid.IntRange(0, 4).Draw(rt, "a"), rapid.IntRange(0, 4).Draw(rt, "b")}
	})
	rapid.Check(t, func(rt *rapid.T) {
		deeds := rapid.SliceOfN(genDeed, 1, 14).Draw(rt, "deeds")
		wrong := ""
		bubble(t, func(t *testing.T, w *world) {
			p := w.boot().connect()
			m := &naivePersons{p: p, cards: map[string]*card{}}
			for n, d := range deeds {
				m.do(n, d)
				if wrong = m.differs(); wrong != "" {
					wrong = fmt.Sprintf("after %v: %s", deeds[:n+1], wrong)
					break
				}
			}
			settle(time.Minute)
			w.quiet()
			p.stop()
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

type naivePersons struct {
	p      *process
	cards  map[string]*card // by contact id
	owners [5]*card         // of the numbers 0 to 3 and the user id 4
	merges []*card          // the absorbed, in the order of the merges
}

var (
	modelPhones = [4]string{"12025550141", "12025550142", "12025550143", "12025550144"}
	modelUser   = "US.7000000000000000001"
)

// speak has one or two identities say something.
func (m *naivePersons) speak(n int, who ...int) {
	text, phone, user := fmt.Sprint("text ", n), "", ""
	for _, w := range who {
		if w == 4 {
			user = modelUser
		} else {
			phone = modelPhones[w]
		}
	}
	m.p.receive(speaks(phone, user, fmt.Sprint("wamid.", n), text, n))
	settle(time.Second)
	var owner *card
	for _, w := range who {
		if owner == nil {
			owner = m.owners[w]
		}
	}
	if owner == nil {
		owner = &card{n: len(m.cards), apart: map[*card]bool{}}
		m.cards[m.p.w.message(text).ContactID] = owner
	}
	first := who[0]
	for _, w := range who {
		if m.owners[w] == nil {
			m.owners[w] = owner
		}
	}
	into := m.owners[first]
	if other := m.owners[who[len(who)-1]]; other != into {
		if !m.set(into, other) {
			a, b := into.root(), other.root()
			if b.n < a.n {
				a, b = b, a
			}
			if a != b {
				m.merge(a, b)
			}
		}
		if len(into.said) == 0 && len(other.said) > 0 { // the conversation that is there goes on
			into = other
		}
	}
	into.said = append([]string{text}, into.said...)
}

// set reports whether somebody has set the two persons apart.
func (m *naivePersons) set(a, b *card) bool {
	for _, x := range m.cards {
		for _, y := range m.cards {
			if x.root() == a.root() && y.root() == b.root() && x.apart[y] {
				return true
			}
		}
	}
	return false
}

func (m *naivePersons) merge(a, b *card) {
	b.into = a
	for id, c := range m.cards {
		if c == b {
			b.merge = id
		}
	}
	m.merges = append(m.merges, b)
}

func (m *naivePersons) id(of *card) string {
	for id, c := range m.cards {
		if c == of {
			return id
		}
	}
	return ""
}

func (m *naivePersons) do(n int, d deed) {
	switch d.kind {
	case 0:
		m.speak(n, d.a)
	case 1:
		if d.a != 4 {
			m.speak(n, d.a, 4)
		}
	case 2:
		a, b := m.owners[d.a], m.owners[d.b]
		if a == nil || b == nil || m.id(a) == m.id(b) {
			return
		}
		m.p.joins(m.id(a), m.id(b))
		if a.root() != b.root() {
			m.merge(a.root(), b.root())
		}
	case 3:
		if len(m.merges) == 0 {
			return
		}
		at := (d.a + d.b) % len(m.merges)
		b := m.merges[at]
		m.merges = slices.Delete(m.merges, at, at+1)
		for _, from := range m.p.view(m.id(b)).MergedFrom {
			if from.ContactID != m.id(b) {
				continue
			}
			if _, err := m.p.Contacts.Unmerge(m.p.w.t.Context(), "w", m.id(b), from.MergeID, boss.Actor()); err != nil {
				m.p.w.t.Error(err)
			}
		}
		settle(time.Second)
		b.apart[b.into], b.into.apart[b] = true, true
		b.into = nil
	}
}

// differs says where the inbox shows something else than the model.
func (m *naivePersons) differs() string {
	shown := 0
	for id, c := range m.cards {
		root := m.id(c.root())
		v := m.p.view(id)
		if v.ID != root || (v.MergedInto != "") != (c.into != nil) {
			return fmt.Sprintf("contact %d is shown as %s, merged into %q, want %s", c.n, v.ID, v.MergedInto, root)
		}
		var texts []string
		identities := 0
		for other, x := range m.cards {
			if m.id(x.root()) == root {
				texts = append(texts, x.said...)
			}
			_ = other
		}
		for _, owner := range m.owners {
			if owner != nil && owner.root() == c.root() {
				identities++
			}
		}
		if len(v.Identities) != identities {
			return fmt.Sprintf("contact %d has %d identities, want %d", c.n, len(v.Identities), identities)
		}
		said := m.p.timeline(boss, id, 3)
		if ordered := slices.Clone(said); true {
			slices.Sort(texts)
			slices.Sort(ordered)
			if !slices.Equal(ordered, texts) {
				return fmt.Sprintf("with contact %d was said %v, want %v", c.n, ordered, texts)
			}
		}
		if c.into == nil {
			shown++
		}
	}
	if got := len(m.p.persons()); got != shown {
		return fmt.Sprintf("%d persons in the list, want %d", got, shown)
	}
	for _, c := range m.p.w.conversations() {
		if want := m.id(m.cards[c.Origin].root()); c.ContactID != want {
			return fmt.Sprintf("the conversation of %s is shown with %s, want %s", c.Origin, c.ContactID, want)
		}
	}
	return ""
}
