package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const journalName = "phones.jsonl"

// record is one line of the journal; exactly one field is set. A later line about the same thing replaces the earlier.
type record struct {
	Phone    *Phone          `json:"phone,omitempty"`
	Message  *Message        `json:"message,omitempty"`
	Media    *Media          `json:"media,omitempty"`
	Gone     string          `json:"gone,omitempty"` // a media file that was deleted
	Callback *callbackRecord `json:"callback,omitempty"`
	Hook     *hook           `json:"hook,omitempty"`    // still to be delivered
	Settled  string          `json:"settled,omitempty"` // a hook that no longer is
}

type callbackRecord struct {
	Account string `json:"account"`
	Address string `json:"address"`
}

// journal is the folder of a book: one file of lines, and the media files beside it.
type journal struct {
	root *os.Root
	file *os.File
	err  error // the first that happened; told at the end
}

// readJournal reads every line; a last line that was cut off by a crash is left out.
func readJournal(dir string, take func(record)) error {
	if err := os.MkdirAll(filepath.Join(dir, "media"), 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	f, err := os.Open(filepath.Join(dir, journalName)) //nolint:gosec // the operator's own folder
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("journal line: %w", err)
		}
		take(r)
	}
}

// newJournal starts the file afresh with the given lines, so that it never holds more than one run's changes.
func newJournal(dir string, lines []record) (*journal, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	f, err := root.OpenFile(journalName+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create journal: %w", err), root.Close())
	}
	j := &journal{root: root, file: f}
	for _, r := range lines {
		j.write(r)
	}
	if j.err == nil {
		j.err = root.Rename(journalName+".new", journalName)
	}
	if j.err != nil {
		return nil, errors.Join(fmt.Errorf("write journal: %w", j.err), f.Close(), root.Close())
	}
	return j, nil
}

func (j *journal) write(r record) {
	line, err := json.Marshal(r)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	j.note(err)
}

func (j *journal) note(err error) {
	if j.err == nil && err != nil {
		j.err = fmt.Errorf("keep: %w", err)
	}
}

func (j *journal) writeFile(id string, content []byte) error {
	if err := j.root.WriteFile(filepath.Join("media", id), content, 0o600); err != nil {
		return fmt.Errorf("write media: %w", err)
	}
	return nil
}

func (j *journal) readFile(id string) ([]byte, error) {
	content, err := j.root.ReadFile(filepath.Join("media", id))
	if err != nil {
		return nil, fmt.Errorf("read media: %w", err)
	}
	return content, nil
}

func (j *journal) removeFile(id string) {
	if err := j.root.Remove(filepath.Join("media", id)); !errors.Is(err, os.ErrNotExist) {
		j.note(err)
	}
}

// sweep removes files that no line names.
func (j *journal) sweep(known map[string]*file) {
	dir, err := j.root.Open("media")
	if err != nil {
		j.note(err)
		return
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	j.note(err)
	for _, name := range names {
		if known[name] == nil {
			j.removeFile(name)
		}
	}
}

func (j *journal) close() error {
	return errors.Join(j.err, j.file.Close(), j.root.Close())
}
