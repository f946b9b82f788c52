package whatsapp

import (
	"encoding/json"

	"wasl/channels/meta"
)

// original finds the provider's own bytes of what must be kept, or is read in another way. Nearly all webhooks are of
// known kinds and never ask, so that their body is decoded once.
type original struct {
	body  []byte
	exact bool // everything in the body fitted
	torn  bool // something around the changes' values did not fit
	whole *envelope[json.RawMessage]
}

func (o *original) envelope() *envelope[json.RawMessage] {
	if o.whole == nil {
		o.whole = new(envelope[json.RawMessage])
		_, exact := meta.Decode(o.body, o.whole)
		o.torn = o.torn || !exact
	}
	return o.whole
}

// isTorn reports whether a part of the body belongs to no change's value.
func (o *original) isTorn() bool {
	if !o.exact {
		o.envelope()
	}
	return o.torn
}

// lists is a change's value with its lists as they came.
type lists struct {
	valueOf[json.RawMessage, json.RawMessage]
	exact bool // everything but the lists' elements fitted
}

// raw is the change's value; nil where it has none.
func (p *parser) raw() json.RawMessage {
	return p.body.envelope().Entry[p.entryAt].Changes[p.changeAt].Value
}

func (p *parser) lists() *lists {
	if p.apart == nil {
		p.apart = new(lists)
		known, exact := meta.Decode(p.raw(), &p.apart.valueOf)
		p.apart.exact = known && exact
	}
	return p.apart
}

// nth is an element of a list; nil where a body that names things twice has fewer.
func nth(list []json.RawMessage, n int) json.RawMessage {
	if n >= len(list) {
		return nil
	}
	return list[n]
}
