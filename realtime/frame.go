package realtime

import (
	"encoding/binary"
	"encoding/json"
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

// wire makes the bytes of one unfragmented server frame (RFC 6455, section 5.2): they are made once and written to every socket.
func wire(opcode byte, payload []byte) []byte {
	out := make([]byte, 0, len(payload)+10)
	out = append(out, 0x80|opcode)
	switch n := len(payload); {
	case n < 126:
		out = append(out, byte(n))
	case n < 1<<16:
		out = append(out, 126)
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	default:
		out = append(out, 127)
		out = binary.BigEndian.AppendUint64(out, uint64(n))
	}
	return append(out, payload...)
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

func (e *encoder) frame(userID string) []byte {
	if e.n.Own == nil {
		if e.shared == nil {
			e.shared = wire(opText, e.payload(e.n.Data))
		}
		return e.shared
	}
	count := e.n.Own.Of(userID)
	if made := e.byOwn[count]; made != nil {
		return made
	}
	data := make([]byte, 0, len(e.n.Data)+32)
	data = append(data, e.n.Data[:len(e.n.Data)-1]...) // an object: before its closing brace
	data = append(data, `,"`...)
	data = append(data, e.n.Own.Field...)
	data = append(data, `":`...)
	data = append(strconv.AppendInt(data, count, 10), '}')
	made := wire(opText, e.payload(data))
	if e.byOwn == nil {
		e.byOwn = map[int64][]byte{}
	}
	e.byOwn[count] = made
	return made
}

func (e *encoder) payload(data []byte) []byte {
	out := make([]byte, 0, len(data)+128)
	out = append(out, `{"type":"`...)
	out = append(out, e.n.Type...)
	out = append(out, `","seq":`...)
	out = strconv.AppendInt(out, e.n.Seq, 10)
	out = append(out, `,"epoch":"`...)
	out = append(out, e.n.Epoch...)
	out = append(out, `","at":"`...)
	out = e.n.At.UTC().AppendFormat(out, web.TimeFormat)
	out = append(out, `","data":`...)
	out = append(out, data...)
	return append(out, '}')
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
