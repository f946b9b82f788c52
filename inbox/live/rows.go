package live

import (
	"sort"
	"unique"

	"github.com/tidwall/btree"

	"wasl/internal/ids"
)

// rows keep the headers of one workspace without a pointer in any of them, so that the garbage collector has nothing to follow, however
// many there are. A row's number is used again once its header is removed.
type rows struct {
	chunks  [][]row
	free    []uint32
	byID    map[ids.Packed]uint32
	orders  map[Order]*btree.BTreeG[uint32] // the oldest are the newest backwards
	shared  interned
	columns int
}

// row is a header with its strings as numbers of interned.
type row struct {
	plain
	strings [5 + maxColumns]uint32
}

// rowsInChunk keeps growing from copying what is there.
const rowsInChunk = 1024

func newRows(columns int) *rows {
	r := &rows{
		byID: map[ids.Packed]uint32{}, orders: map[Order]*btree.BTreeG[uint32]{}, columns: columns,
		shared: interned{numbers: map[unique.Handle[string]]uint32{}},
	}
	for _, order := range []Order{Newest, ByPriority, ByWindow, ByDue, ByWaiting} {
		less := before(order)
		r.orders[order] = btree.NewBTreeGOptions(func(a, b uint32) bool { return less(&r.row(a).plain, &r.row(b).plain) },
			btree.Options{NoLocks: true})
	}
	return r
}

func (r *rows) row(n uint32) *row { return &r.chunks[n/rowsInChunk][n%rowsInChunk] }

// header returns what the row keeps.
func (r *rows) header(n uint32) Header {
	row, value := r.row(n), func(n uint32) unique.Handle[string] { return r.shared.values[n] }
	h := Header{
		plain: row.plain, channel: value(row.strings[0]), assignee: value(row.strings[1]), team: value(row.strings[2]),
		labels: list{value(row.strings[3])}, audience: value(row.strings[4]),
	}
	for i := range r.columns {
		h.columns[i] = value(row.strings[5+i])
	}
	return h
}

func (h *Header) strings(columns int) []unique.Handle[string] {
	return append([]unique.Handle[string]{h.channel, h.assignee, h.team, h.labels.joined, h.audience}, h.columns[:columns]...)
}

// add keeps a header whose id is not there.
func (r *rows) add(h *Header) {
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
	for i, value := range h.strings(r.columns) {
		row.strings[i] = r.shared.take(value)
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
	for _, value := range row.strings[:5+r.columns] {
		r.shared.drop(value)
	}
	r.free = append(r.free, n)
}

// walk calls found for the rows in an order, or backwards, behind a position where there is one, until it answers false.
func (r *rows) walk(order Order, backwards bool, from *plain, found func(n uint32) bool) {
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
	at := sort.Search(tree.Len(), func(i int) bool { // the first one behind the position, or from it on backwards
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

// interned numbers the strings that rows have, each for as long as one has it.
type interned struct {
	numbers map[unique.Handle[string]]uint32
	values  []unique.Handle[string]
	uses    []int
	free    []uint32
}

func (s *interned) take(value unique.Handle[string]) uint32 {
	n, ok := s.numbers[value]
	if !ok {
		if len(s.free) == 0 {
			n = uint32(len(s.values)) //nolint:gosec // memory ends long before the numbers do
			s.values, s.uses = append(s.values, value), append(s.uses, 0)
		} else {
			n = s.free[len(s.free)-1]
			s.free = s.free[:len(s.free)-1]
			s.values[n] = value
		}
		s.numbers[value] = n
	}
	s.uses[n]++
	return n
}

func (s *interned) drop(n uint32) {
	if s.uses[n]--; s.uses[n] > 0 {
		return
	}
	delete(s.numbers, s.values[n])
	s.values[n] = unique.Handle[string]{}
	s.free = append(s.free, n)
}
