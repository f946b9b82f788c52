package realtime

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"wasl/internal/events"
	"wasl/internal/web"
)

// RFC 6455 opcodes and close codes.
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA

	closeGoingAway = 1001
	closePolicy    = 1008
	closeTryLater  = 1013
)

// headRoom is the longest head of a server frame.
const headRoom = 10

// wire makes the bytes of one unfragmented server frame (RFC 6455, section 5.2): they are made once and written to every socket.
func wire(opcode byte, payload []byte) []byte {
	return seal(opcode, append(make([]byte, headRoom, headRoom+len(payload)), payload...))
}

// seal is wire for a payload that leaves room for the head before it, which it fills.
func seal(opcode byte, framed []byte) []byte {
	head := append(make([]byte, 0, headRoom), 0x80|opcode)
	switch n := len(framed) - headRoom; {
	case n < 126:
		head = append(head, byte(n))
	case n < 1<<16:
		head = append(head, 126)
		head = binary.BigEndian.AppendUint16(head, uint16(n))
	default:
		head = append(head, 127)
		head = binary.BigEndian.AppendUint64(head, uint64(n))
	}
	framed = framed[headRoom-len(head):]
	copy(framed, head)
	return framed
}

func closeFrame(code uint16, reason string) []byte {
	return wire(opClose, append(binary.BigEndian.AppendUint16(nil, code), reason...))
}

// encoder makes the frames of one numbered event: one for all, or one for each different own count.
type encoder struct {
	n      events.Numbered
	byOwn  map[int64][]byte
	shared []byte
}

func (e *encoder) frame(s *socket) []byte {
	if s.guest != "" && e.n.Type != events.Reset {
		return seal(opText, append(append(e.begin(), e.n.Outside...), '}'))
	}
	if e.n.Own == nil {
		if e.shared == nil {
			e.shared = seal(opText, append(append(e.begin(), e.n.Data...), '}'))
		}
		return e.shared
	}
	count := e.n.Own.Of(s.viewer().UserID)
	if made := e.byOwn[count]; made != nil {
		return made
	}
	out := append(e.begin(), e.n.Data[:len(e.n.Data)-1]...) // an object: before its closing brace
	out = append(out, `,"`...)
	out = append(out, e.n.Own.Field...)
	out = append(out, `":`...)
	made := seal(opText, append(strconv.AppendInt(out, count, 10), '}', '}'))
	if e.byOwn == nil {
		e.byOwn = map[int64][]byte{}
	}
	e.byOwn[count] = made
	return made
}

// begin makes the part of a frame before the data, with room for all of it.
func (e *encoder) begin() []byte {
	out := make([]byte, headRoom, headRoom+len(e.n.Data)+192)
	out = append(out, `{"type":"`...)
	out = append(out, e.n.Type...)
	out = append(out, `","seq":`...)
	out = strconv.AppendInt(out, e.n.Seq, 10)
	out = append(out, `,"epoch":"`...)
	out = append(out, e.n.Epoch...)
	out = append(out, `","at":"`...)
	out = e.n.At.UTC().AppendFormat(out, web.TimeFormat)
	return append(out, `","data":`...)
}

// notice makes a frame that is not numbered and not kept.
func notice(kind string, at time.Time, data any) []byte {
	payload, _ := json.Marshal(struct { // plain values always encode
		Type string `json:"type"`
		At   string `json:"at"`
		Data any    `json:"data"`
	}{kind, at.UTC().Format(web.TimeFormat), data})
	return wire(opText, payload)
}

type helloData struct {
	Resumed bool `json:"resumed"`
}

func hello(epoch string, seq int64, at time.Time, resumed bool) []byte {
	payload, _ := json.Marshal(struct { // plain values always encode
		Type  string    `json:"type"`
		Seq   int64     `json:"seq"`
		Epoch string    `json:"epoch"`
		At    string    `json:"at"`
		Data  helloData `json:"data"`
	}{"hello", seq, epoch, at.UTC().Format(web.TimeFormat), helloData{resumed}})
	return wire(opText, payload)
}

// maxRuns bounds how many different runs of one batch are told apart: most sockets of a room get the same one.
const maxRuns = 16

// runs are the frames of one batch as sockets get them. What two of them get is made one piece, so that a batch that waits for a thousand
// sockets is one pointer in each.
type runs []run

type run struct {
	frames [][]byte
	whole  [][]byte // one piece; nil until a second socket gets it
}

// pieces returns what to write for the frames.
func (r *runs) pieces(frames [][]byte) [][]byte {
	if len(frames) < 2 {
		return frames
	}
	same := func(a, b []byte) bool { return &a[0] == &b[0] }
	for n := range *r {
		known := &(*r)[n]
		if !slices.EqualFunc(known.frames, frames, same) {
			continue
		}
		if known.whole == nil {
			known.whole = [][]byte{slices.Concat(frames...)}
		}
		return known.whole
	}
	if len(*r) < maxRuns {
		*r = append(*r, run{frames: slices.Clone(frames)})
	}
	return frames
}
