package pdf

import (
	"context"
	"io"

	"wasl/internal/errs"
)

// What a document may cost at most: bytes of text, and pages.
const (
	MaxText  = 4 << 20
	MaxPages = 2000
)

// ErrTooLong: the document has more text than MaxText, more pages than MaxPages, or a name, a cell or a heading of 128 KB.
var ErrTooLong = errs.New(errs.TooLarge, "document_too_long", "The document is too long for a PDF.")

// Doc is a document.
type Doc struct {
	Title  string // as readers of PDF show it
	Lang   string // the language of its own words (BCP 47), which says where lines begin
	Footer Footer
	Blocks []Block
}

// Footer stands at the foot of each page.
type Footer struct {
	Text string                       // at the beginning of the line
	Page func(page, pages int) string // at its end: "Page 1 of 2" in the document's language
}

// Block is a part of a document that stands below the one before it.
type Block interface {
	put(*pages)
	// size returns how many bytes of text the block has.
	size() int
}

// Title begins a document: what it is, with the logo of whose it is at the other side.
type Title struct {
	Text string
	Logo []byte // PNG or JPEG; nil: none. One that cannot be read or is too large to decode is left out.
}

// Heading stands above what belongs to it, and on the same page.
type Heading struct{ Text string }

// Text is prose. Each line of it runs in the direction of its first letter that has one.
type Text struct {
	Text  string
	Muted bool // small and grey
}

// Fields are names with their values, one pair a line.
type Fields []Field

// Field is a name with its value.
type Field struct{ Name, Value string }

// Columns stand beside one another, such as who sends and who receives.
type Columns []Column

// Column is an address or the like: lines, and what they are as a heading.
type Column struct {
	Heading string
	Lines   []string
}

// Table has rows that run on over pages, with its header repeated on each.
type Table struct {
	Header []Cell
	Rows   [][]string // as many texts as the header has cells; the lines of one after its first are small and grey
}

// Cell is the head of a table's column.
type Cell struct {
	Text  string
	Width float64 // as a share of the sum of all
	End   bool    // numbers: aligned at the end of the line
}

// Totals are sums below a table, at the end of the line.
type Totals []Total

// Total is one sum.
type Total struct {
	Name, Value string
	Strong      bool // what it all comes to
}

// Image is a picture, such as a QR code or a signature.
type Image struct {
	Data  []byte  // PNG or JPEG. One that cannot be read or is too large to decode is left out.
	Width float64 // in points, at most the page's
}

// Entry is what somebody wrote at a time.
type Entry struct {
	Title string // who
	Aside string // when
	Text  string
	Notes []string // small and grey, each a line: the names of files
}

// Render writes the document as a PDF. It fails with ErrTooLong, with the context's error or with the writer's.
func (d Doc) Render(ctx context.Context, w io.Writer) error {
	size := len(d.Title) + len(d.Footer.Text)
	for _, b := range d.Blocks {
		if size += b.size(); size > MaxText {
			return ErrTooLong
		}
	}
	p, err := newPages(ctx, d.Lang)
	if err != nil {
		return err
	}
	for _, b := range d.Blocks {
		b.put(p)
		if p.err != nil {
			return p.err
		}
	}
	if p.foot(d.Footer); p.err != nil {
		return p.err
	}
	return p.write(w, d)
}

func (b Title) size() int   { return len(b.Text) }
func (b Heading) size() int { return len(b.Text) }
func (b Text) size() int    { return len(b.Text) }
func (b Image) size() int   { return 0 }

func (b Fields) size() (n int) {
	for _, f := range b {
		n += len(f.Name) + len(f.Value)
	}
	return n
}

func (b Columns) size() (n int) {
	for _, c := range b {
		n += len(c.Heading) + lengths(c.Lines)
	}
	return n
}

func (b Table) size() (n int) {
	for _, c := range b.Header {
		n += len(c.Text)
	}
	for _, r := range b.Rows {
		n += lengths(r)
	}
	return n
}

func (b Totals) size() (n int) {
	for _, t := range b {
		n += len(t.Name) + len(t.Value)
	}
	return n
}

func (b Entry) size() int { return len(b.Title) + len(b.Aside) + len(b.Text) + lengths(b.Notes) }

func lengths(texts []string) (n int) {
	for _, t := range texts {
		n += len(t)
	}
	return n
}
