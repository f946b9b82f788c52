package mongodb

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
)

// fake is a server that speaks MongoDB's wire protocol and answers each command as a test says. It shows what the real
// driver sends, and how it repeats; it does not show what MongoDB makes of it.
type fake struct {
	listener net.Listener
	hello    bson.D
	answer   func(command string, body bson.Raw) (reply bson.D, lost bool)
	options  string // of the URI

	mu  sync.Mutex
	log []bson.Raw
}

// The operations of the wire protocol that drivers use: one for the first greeting, one for everything.
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013
)

func newFake(t *testing.T, replicaSet bool, answer func(command string, body bson.Raw) (bson.D, bool)) *fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	f := &fake{listener: listener, answer: answer, hello: bson.D{
		{Key: "ok", Value: 1},
		{Key: "isWritablePrimary", Value: true},
		{Key: "ismaster", Value: true},
		{Key: "helloOk", Value: true},
		{Key: "minWireVersion", Value: 0},
		{Key: "maxWireVersion", Value: 21},
		{Key: "maxBsonObjectSize", Value: 16 << 20},
		{Key: "maxMessageSizeBytes", Value: 48 << 20},
		{Key: "maxWriteBatchSize", Value: 100000},
		{Key: "logicalSessionTimeoutMinutes", Value: 30},
	}}
	if replicaSet {
		f.hello = append(f.hello, bson.E{Key: "setName", Value: "rs0"}, bson.E{Key: "hosts", Value: bson.A{addr}},
			bson.E{Key: "me", Value: addr}, bson.E{Key: "setVersion", Value: 1})
	}
	go f.serve()
	t.Cleanup(func() { _ = listener.Close() })
	return f
}

func (f *fake) uri() string { return "mongodb://" + f.listener.Addr().String() + "/wasl?" + f.options }

func (f *fake) serve() {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			for f.one(conn) == nil {
			}
		}()
	}
}

// one reads a message and answers it. An error ends the connection.
func (f *fake) one(conn net.Conn) error {
	var header [16]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return err
	}
	body := make([]byte, binary.LittleEndian.Uint32(header[:])-16)
	if _, err := io.ReadFull(conn, body); err != nil {
		return err
	}
	id, op := binary.LittleEndian.Uint32(header[4:]), binary.LittleEndian.Uint32(header[12:])
	if op == opQuery {
		return send(conn, id, opReply, make([]byte, 20), f.hello)
	}
	command := joined(body[4:])
	elements, err := command.Elements()
	if err != nil {
		return err
	}
	name := elements[0].Key()
	if strings.EqualFold(name, "hello") || strings.EqualFold(name, "ismaster") {
		return send(conn, id, opMsg, make([]byte, 5), f.hello)
	}
	f.mu.Lock()
	f.log = append(f.log, command)
	reply, lost := ok(), false
	if name != "endSessions" {
		reply, lost = f.answer(name, command)
	}
	f.mu.Unlock()
	if lost {
		return io.EOF
	}
	return send(conn, id, opMsg, make([]byte, 5), reply)
}

// joined makes one document of the sections of a message: the command and lists of documents beside it.
func joined(sections []byte) bson.Raw {
	var command bson.D
	lists := bson.D{}
	for len(sections) > 0 {
		size := binary.LittleEndian.Uint32(sections[1:])
		section := sections[1 : 1+size]
		if sections[0] == 0 {
			_ = bson.Unmarshal(section, &command)
		} else {
			name, rest, _ := strings.Cut(string(section[4:]), "\x00")
			list := bson.A{}
			for docs := []byte(rest); len(docs) > 0; docs = docs[binary.LittleEndian.Uint32(docs):] {
				list = append(list, bson.Raw(docs[:binary.LittleEndian.Uint32(docs)]))
			}
			lists = append(lists, bson.E{Key: name, Value: list})
		}
		sections = sections[1+size:]
	}
	raw, _ := bson.Marshal(append(command, lists...))
	return raw
}

func send(conn net.Conn, to, op uint32, prefix []byte, reply bson.D) error {
	doc, err := bson.Marshal(reply)
	if err != nil {
		return err
	}
	if op == opReply {
		binary.LittleEndian.PutUint32(prefix[16:], 1) // one document
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(16+len(prefix)+len(doc)))
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = binary.LittleEndian.AppendUint32(out, to)
	out = binary.LittleEndian.AppendUint32(out, op)
	_, err = conn.Write(slices.Concat(out, prefix, doc))
	return err
}

// commands tells what was asked since the last call: the names, each with its transaction number where it has one.
func (f *fake) commands() (told []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.log {
		elements, _ := c.Elements()
		line := elements[0].Key()
		if n, ok := c.Lookup("txnNumber").AsInt64OK(); ok {
			line += fmt.Sprint(" ", n)
		}
		if line != "endSessions" {
			told = append(told, line)
		}
	}
	f.log = nil
	return told
}

func ok(fields ...bson.E) bson.D { return append(bson.D{{Key: "ok", Value: 1}}, fields...) }

func refused(code int, labels ...string) bson.D {
	return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: code}, {Key: "errmsg", Value: "refused"}, {Key: "errorLabels", Value: labels}}
}

// Recorder is a server that answers every question with nothing and keeps the questions.
type Recorder struct{ fake *fake }

// NewRecorder starts one.
func NewRecorder(t *testing.T) *Recorder {
	t.Helper()
	return &Recorder{newFake(t, true, func(command string, _ bson.Raw) (bson.D, bool) {
		switch command {
		case "find", "aggregate", "listIndexes":
			return empty, false
		}
		return done, false
	})}
}

// URI is what Open takes.
func (r *Recorder) URI() string { return r.fake.uri() }

// Take returns what was asked since the last call.
func (r *Recorder) Take() []bson.Raw {
	r.fake.mu.Lock()
	defer r.fake.mu.Unlock()
	taken := r.fake.log
	r.fake.log = nil
	return taken
}
