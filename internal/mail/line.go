package mail

import "strings"

// line is one line of a text.
type line struct {
	text   string // as it is kept
	mark   byte   // what a mail program's own element says: see textOf
	ends   bool   // a signature ended before
	quoted bool   // it is marked as said before
	blank  bool
	low    string // see plain
}

// plain is the line for comparison: without marks of direction, in lower case. Most lines are never compared.
func (l *line) plain() string {
	if l.low == "" && !l.blank {
		l.low = strings.ToLower(strings.TrimSpace(strings.Map(visible, l.text)))
	}
	return l.low
}

func readLines(text string) []line {
	out := make([]line, 0, strings.Count(text, "\n")+1)
	for raw := range strings.SplitSeq(text, "\n") {
		l := line{text: raw}
		for len(l.text) > 0 && l.text[0] <= markEnd && l.text[0] > 0 {
			if l.text[0] == markEnd {
				l.ends = true
			} else {
				l.mark = l.text[0]
			}
			l.text = l.text[1:]
		}
		if l.text != "-- " {
			l.text = strings.TrimRight(l.text, " \t")
		}
		start := strings.TrimLeftFunc(l.text, func(r rune) bool {
			return r == ' ' || r == '\t' || r > 0x7f &&
				(visible(r) < 0 || visible(r) == ' ')
		})
		l.blank, l.quoted = start == "", strings.HasPrefix(start, ">")
		out = append(out, l)
	}
	return out
}

func joinLines(lines []line) string {
	var b strings.Builder
	b.Grow(sizeOf(lines, func(int) bool { return true }))
	for _, l := range lines {
		b.WriteString(l.text)
		b.WriteByte('\n')
	}
	return strings.TrimSpace(b.String())
}

// sizeOf is how many bytes the lines that are wanted take, with a blank line between them.
func sizeOf(lines []line, wanted func(int) bool) (size int) {
	for n := range lines {
		if wanted(n) {
			size += len(lines[n].text) + 2
		}
	}
	return size
}

// pick joins the lines that are kept, or those that are not; a gap between them is a blank line.
func pick(lines []line, keep []bool, want bool) string {
	var b strings.Builder
	b.Grow(sizeOf(lines, func(n int) bool { return keep[n] == want }))
	last, gap := -1, false
	for n, l := range lines {
		if keep[n] != want || want && l.blank && gap {
			continue
		}
		gap = last >= 0 && last != n-1
		if gap && !strings.HasSuffix(b.String(), "\n\n") {
			b.WriteByte('\n')
		}
		b.WriteString(l.text)
		b.WriteByte('\n')
		last = n
	}
	if want {
		return strings.TrimSpace(b.String())
	}
	return strings.Trim(b.String(), "\n")
}
