package keys

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
)

// Plan is a query made ready: which entries of which index, in which order, from where. An entry is the
// index's own prefix, then one of Heads, then a tail between Lower and Upper; tails give the order.
type Plan struct {
	Index   string
	Eq      []any // normalised; at most one is a store.In of normalised values
	Range   *store.Range
	Heading []Field  // the fields of Eq
	Order   []Field  // the fields of the tails, the id last
	Heads   [][]byte // the encoded values of Eq, one for each value of an In
	Lower   []byte   // the first tail, nil if open
	Upper   []byte   // the tail after the last one, nil if open
	After   []byte   // the tail of the cursor, nil at the start
	Reverse bool
	Holds   []Field // what to answer with instead of whole documents, nil for those
	Where   []Cond
	query   uint64
}

// Compile checks a query against the schema of its collection. Limits are the caller's to check.
func Compile(schema store.Schema, q store.Query) (*Plan, error) {
	ix, err := indexOf(schema, q.Index)
	if err != nil {
		return nil, err
	}
	fields := Fields(ix)
	if len(q.Eq) > len(fields)-1 {
		return nil, bad("index %q of %s has no %d fields", q.Index, schema.Name, len(q.Eq))
	}
	p := &Plan{Index: q.Index, Heading: fields[:len(q.Eq)], Order: fields[len(q.Eq):], Heads: [][]byte{{}}, Reverse: q.Reverse}
	for i, v := range q.Eq {
		if err := p.equal(v, fields[i].Desc); err != nil {
			return nil, err
		}
	}
	if err := p.narrow(q.Range); err != nil {
		return nil, err
	}
	if len(q.Where) > 0 && q.MaxExamined < 1 {
		return nil, bad("Where needs MaxExamined")
	}
	if q.IndexOnly {
		if p.Holds = Holds(ix); p.Holds == nil || len(q.Where) > 0 {
			return nil, bad("index %q of %s holds nothing, or the query has conditions", q.Index, schema.Name)
		}
	}
	if p.Where, err = conditions(q.Where); err != nil {
		return nil, err
	}
	p.query = p.fingerprint(schema.Name)
	return p, p.resume(q.Cursor)
}

// CheckLimit refuses a limit outside 1 to 1000.
func CheckLimit(limit int) error {
	if limit < 1 || limit > 1000 {
		return bad("limit %d is not between 1 and 1000", limit)
	}
	return nil
}

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{store.ErrBadQuery}, args...)...)
}

func indexOf(schema store.Schema, name string) (store.Index, error) {
	if name == "" {
		return store.Index{}, nil
	}
	for _, ix := range schema.Indexes {
		if ix.Name == name {
			return ix, nil
		}
	}
	return store.Index{}, bad("%s has no index %q", schema.Name, name)
}

// equal adds one value of Eq to the heads; an In multiplies them.
func (p *Plan) equal(v any, desc bool) error {
	in, isIn := v.(store.In)
	if !isIn {
		value, err := Normalise(v)
		if err != nil {
			return bad("%v", err)
		}
		for i := range p.Heads {
			p.Heads[i] = Append(p.Heads[i], value, desc)
		}
		p.Eq = append(p.Eq, value)
		return nil
	}
	for _, earlier := range p.Eq {
		if _, twice := earlier.(store.In); twice {
			return bad("a second In")
		}
	}
	values, heads := make(store.In, 0, len(in)), make([][]byte, 0, len(in))
	for _, one := range in {
		value, err := Normalise(one)
		if err != nil {
			return bad("%v", err)
		}
		values = append(values, value)
		heads = append(heads, Append(bytes.Clone(p.Heads[0]), value, desc))
	}
	slices.SortFunc(heads, bytes.Compare)
	p.Heads = slices.CompactFunc(heads, bytes.Equal)
	p.Eq = append(p.Eq, values)
	return nil
}

// narrow turns a range of the first ordering field into bounds of the tails. An open bound ends with the
// values of the other bound's type, as MongoDB has it.
func (p *Plan) narrow(r *store.Range) error {
	if r == nil {
		return nil
	}
	desc := p.Order[0].Desc
	if r.Prefix != "" {
		p.Range = &store.Range{Prefix: r.Prefix}
		p.Lower = direct(appendText([]byte{tagString}, r.Prefix), 0, desc)
		p.Upper = PrefixEnd(p.Lower)
		return nil
	}
	from, err := Normalise(r.From)
	if err != nil {
		return bad("%v", err)
	}
	to, err := Normalise(r.To)
	if err != nil {
		return bad("%v", err)
	}
	p.Range = &store.Range{From: from, To: to, ExcludeFrom: r.ExcludeFrom, ExcludeTo: r.ExcludeTo}
	var low, high []byte
	if from != nil {
		low = Append(nil, from, desc)
	}
	if to != nil {
		high = Append(nil, to, desc)
	}
	excludeLow, excludeHigh := r.ExcludeFrom, r.ExcludeTo
	if desc {
		low, high, excludeLow, excludeHigh = high, low, excludeHigh, excludeLow
	}
	return p.bound(low, high, excludeLow, excludeHigh)
}

func (p *Plan) bound(low, high []byte, excludeLow, excludeHigh bool) error {
	switch {
	case low == nil && high == nil:
		p.Range = nil
		return nil
	case low == nil:
		p.Lower = bracket(high[0])
	case excludeLow:
		p.Lower = PrefixEnd(low)
	default:
		p.Lower = low
	}
	switch {
	case high == nil:
		p.Upper = bracketEnd(low[0])
	case excludeHigh:
		p.Upper = high
	default:
		p.Upper = PrefixEnd(high)
	}
	if low != nil && high != nil && !bytes.Equal(bracket(low[0]), bracket(high[0])) {
		return bad("a range between values of two types")
	}
	return nil
}

// bracket returns the lowest first byte of the type that tag belongs to; false and true are one type.
func bracket(tag byte) []byte {
	switch tag {
	case tagTrue:
		tag = tagFalse
	case ^byte(tagFalse):
		tag = ^byte(tagTrue)
	}
	return []byte{tag}
}

func bracketEnd(tag byte) []byte {
	switch tag {
	case tagFalse:
		tag = tagTrue
	case ^byte(tagTrue):
		tag = ^byte(tagFalse)
	}
	return []byte{tag + 1}
}

// Empty reports whether no entry can match.
func (p *Plan) Empty() bool {
	return len(p.Heads) == 0 || p.Upper != nil && bytes.Compare(p.Lower, p.Upper) >= 0
}

// fingerprint names the query, so that a cursor of one is no cursor of another.
func (p *Plan) fingerprint(collection string) uint64 {
	h := fnv.New64a()
	part := func(b []byte) {
		_, _ = h.Write(binary.AppendUvarint(nil, uint64(len(b))))
		_, _ = h.Write(b)
	}
	part([]byte(collection))
	part([]byte(p.Index))
	for _, head := range p.Heads {
		part(head)
	}
	part(p.Lower)
	part(p.Upper)
	part(fmt.Appendf(nil, "%t %v", p.Reverse, p.Where))
	return h.Sum64()
}

// Cursor returns the cursor that goes on after the entry with this tail.
func (p *Plan) Cursor(tail []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, p.query), tail...))
}

func (p *Plan) resume(cursor string) error {
	if cursor == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < 8 || binary.BigEndian.Uint64(raw) != p.query {
		return store.ErrBadCursor
	}
	tail := raw[8:]
	if _, err := p.Position(tail); err != nil {
		return store.ErrBadCursor
	}
	if bytes.Compare(tail, p.Lower) < 0 || p.Upper != nil && bytes.Compare(tail, p.Upper) >= 0 {
		return store.ErrBadCursor
	}
	p.After = tail
	return nil
}

// Position decodes a tail into the values of the ordering fields.
func (p *Plan) Position(tail []byte) (values []any, err error) {
	for _, f := range p.Order {
		var v any
		if v, tail, err = Decode(tail, f.Desc); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	if _, ok := values[len(values)-1].(string); !ok || len(tail) > 0 {
		return nil, errEncoding
	}
	return values, nil
}

// Tail encodes the values of the ordering fields, as Position decodes them.
func (p *Plan) Tail(values []bson.RawValue) (tail []byte, err error) {
	for i, f := range p.Order {
		if tail, err = appendRaw(tail, values[i], f.Desc); err != nil {
			return nil, err
		}
	}
	return tail, nil
}

// ID returns the id in which a tail ends.
func (p *Plan) ID(tail []byte) (string, error) {
	values, err := p.Position(tail)
	if err != nil {
		return "", err
	}
	return values[len(values)-1].(string), nil
}
