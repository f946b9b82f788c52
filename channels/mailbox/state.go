package mailbox

import (
	"encoding/json"
	"time"
)

// state is how far a mailbox was read: the cursor. It is stored with each mail that was taken.
type state struct {
	Host   string    `json:"host,omitempty"`
	Inbox  cursor    `json:"inbox"`
	Sent   cursor    `json:"sent"`
	Synced time.Time `json:"synced"` // when nothing new was left the last time
	// History is how far the import has come of what lay there before the connection.
	History *history `json:"history,omitempty"`
}

// cursor is how far a folder was read. UIDs only grow as long as the folder's UIDVALIDITY stays the same.
// https://www.rfc-editor.org/rfc/rfc9051#section-2.3.1.1
type cursor struct {
	Folder   string `json:"folder,omitempty"`
	Validity uint32 `json:"validity,omitempty"`
	Next     uint32 `json:"next,omitempty"` // the lowest UID that was not looked at
	// Since and Until are set while a folder that was numbered anew is read again: of the mails below Until only those from this time on
	// can be new, and of those the store knows the rest.
	Since time.Time `json:"since,omitempty"`
	Until uint32    `json:"until,omitempty"`
}

// history is an import. A state that was stored is not changed any more, so it is replaced as a whole.
type history struct {
	Since time.Time `json:"since"`
	Inbox span      `json:"inbox"`
	Sent  span      `json:"sent"`
	Done  int       `json:"done"`
	Total int       `json:"total"`
}

// span are the UIDs of a folder that are still to be imported.
type span struct {
	Validity uint32 `json:"validity,omitempty"`
	Next     uint32 `json:"next,omitempty"`
	Until    uint32 `json:"until,omitempty"`
}

func (s *span) over() bool { return s.Next >= s.Until }

// Progress is how far the import has come that a state tells of; false: there is none.
func Progress(data []byte) (done, total int, is bool) {
	st, err := readState(data)
	if err != nil || st.History == nil {
		return 0, 0, false
	}
	return st.History.Done, st.History.Total, true
}

func readState(data []byte) (state, error) {
	var st state
	if len(data) == 0 {
		return st, nil
	}
	err := json.Unmarshal(data, &st)
	return st, err
}

func (st *state) encode() []byte {
	data, _ := json.Marshal(st) // numbers, strings and times always encode
	return data
}
