package inbox

import (
	"sort"
	"unique"

	"github.com/tidwall/btree"

	"wasl/internal/ids"
)

// rows keep the headers of one workspace without a pointer in any of them: nothing for the garbage collector to follow, however much
// live work there is. A row's number is free for another once the header is taken away.
type rows struct {
	chunks [][]row
	free   []uint32
	byID   map[ids.Packed]uint32
	orders map[string]*btree.BTreeG[uint32] // by sort; the oldest are the newest backwards
	shared sharedNames
}

// row is a header with its names as numbers.
type row struct {
	plain
	names [6]uint32
}

// rowsInChunk keeps growing from copying what is there.
const rowsInChunk = 1024

func newRows() *rows {
	r := &rows{byID: map[ids.Packed]uint32{}, orders: map[string]*btree.BTreeG[uint32]{}, shared: sharedNames{numbers: map[unique.Handle[string]]uint32{}}}
	for _, sort := range []string{"newest", "priority", "window"} {
		less := before(sort)
		r.orders[sort] = btree.NewBTreeGOptions(func(a, b uint32) bool { return less(&r.row(a).plain, &r.row(b).plain) }, btree.Options{NoLocks: true})
	}
	return r
}

func (r *rows) row(n uint32) *row { return &r.chunks[n/rowsInChunk][n%rowsInChunk] }

// header returns what the row keeps.
func (r *rows) header(n uint32) header {
	row, named := r.row(n), func(n uint32) unique.Handle[string] { return r.shared.names[n] }
	return header{
		plain: row.plain, channel: named(row.names[0]), assignee: named(row.names[1]), team: named(row.names[2]),
		labels: names{named(row.names[3])}, users: names{named(row.names[4])}, seen: names{named(row.names[5])},
	}
}

// add keeps a header whose id is not there.
func (r *rows) add(h *header) {
	if len(r.free) == 0 {
		first := uint32(len(r.chunks) * rowsInChunk) //nolint:gosec // memory ends long before the numbers do
		r.chunks = append(r.chunks, make([]row, rowsInChunk))
		for n := range uint32(rowsInChunk) {
			r.free = append(r.free, first+rowsInChunk-1-n)
		}
	}
	n := r.free[len(r.free)-1]
	r.free = r.free[:len(r.free)-1]
	row := row{plain: h.plain}
	for i, name := range [...]unique.Handle[string]{h.channel, h.assignee, h.team, h.labels.joined, h.users.joined, h.seen.joined} {
		row.names[i] = r.shared.take(name)
	}
	*r.row(n) = row
	r.byID[h.id] = n
	for _, order := range r.orders {
		order.Set(n)
	}
}

// remove takes away the row with this number.
func (r *rows) remove(n uint32) {
	for _, order := range r.orders {
		order.Delete(n)
	}
	row := r.row(n)
	delete(r.byID, row.id)
	for _, name := range row.names {
		r.shared.drop(name)
	}
	r.free = append(r.free, n)
}

// walk calls found for the rows of a sort in their order, or backwards, after the place where there is one, until it answers false.
func (r *rows) walk(order string, backwards bool, from *plain, found func(n uint32) bool) {
	tree := r.orders[order]
	switch {
	case from == nil && backwards:
		tree.Reverse(found)
		return
	case from == nil:
		tree.Scan(found)
		return
	}
	less := before(order)
	at := sort.Search(tree.Len(), func(i int) bool { // the first one behind the place, or from it on backwards
		n, _ := tree.GetAt(i)
		there := &r.row(n).plain
		return less(from, there) || backwards && !less(there, from)
	})
	if backwards {
		at--
	}
	if start, ok := tree.GetAt(at); ok && backwards {
		tree.Descend(start, found)
	} else if ok {
		tree.Ascend(start, found)
	}
}

// sharedNames number the names that rows have, each for as long as one has it.
type sharedNames struct {
	numbers map[unique.Handle[string]]uint32
	names   []unique.Handle[string]
	uses    []int
	free    []uint32
}

func (s *sharedNames) take(name unique.Handle[string]) uint32 {
	n, ok := s.numbers[name]
	if !ok {
		if len(s.free) == 0 {
			n = uint32(len(s.names)) //nolint:gosec // memory ends long before the numbers do
			s.names, s.uses = append(s.names, name), append(s.uses, 0)
		} else {
			n = s.free[len(s.free)-1]
			s.free = s.free[:len(s.free)-1]
			s.names[n] = name
		}
		s.numbers[name] = n
	}
	s.uses[n]++
	return n
}

func (s *sharedNames) drop(n uint32) {
	if s.uses[n]--; s.uses[n] > 0 {
		return
	}
	delete(s.numbers, s.names[n])
	s.names[n] = unique.Handle[string]{}
	s.free = append(s.free, n)
}
