package inbox

import (
	"context"
	"fmt"
	"io"

	"wasl/internal/pdf"
)

// PDF writes the transcript as a document. It fails with pdf.ErrTooLong.
func (t *Transcript) PDF(ctx context.Context, w io.Writer) error {
	d := pdf.Doc{
		Title: t.Title, Lang: t.Language,
		Footer: pdf.Footer{Page: func(page, pages int) string { return fmt.Sprintf(t.word("page"), page, pages) }},
		Blocks: []pdf.Block{pdf.Title{Text: t.Title}},
	}
	if t.Cut {
		d.Blocks = append(d.Blocks, pdf.Text{Text: t.word("cut"), Muted: true})
	}
	for _, l := range t.Lines {
		e := pdf.Entry{Title: l.Name, Aside: t.when(l.At), Text: l.Text, Notes: l.Files}
		if l.Deleted {
			e.Text, e.Notes = "", []string{"(" + t.word("deleted") + ")"}
		} else if l.Failed {
			e.Notes = append(e.Notes[:len(e.Notes):len(e.Notes)], "("+t.word("failed")+")")
		}
		d.Blocks = append(d.Blocks, e)
	}
	return d.Render(ctx, w)
}
