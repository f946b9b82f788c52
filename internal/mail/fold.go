package mail

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// folder separates what the writer of a mail added from what was said before and from signatures. Showing a quotation is a blemish;
// folding the writer's own words loses a customer: without evidence nothing is folded.
type folder struct {
	answers bool   // the mail says that it answers another one
	forward bool   // its subject says that it sends something on: everything stands there to be read
	own     string // our mailbox
	sender  string // the name of the writer, which stands in signatures
}

const (
	maxLines       = 40_000
	maxAttribution = 400
	maxCandidates  = 400 // lines that are looked at closely
	maxSignature   = 14
)

// split returns what the writer added and what is folded.
func (f folder) split(text string) (added, folded string) {
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	if strings.Count(text, "\n") >= maxLines {
		return strings.TrimSpace(unmark(text)), ""
	}
	lines := readLines(text)
	keep := f.visibleLines(lines)
	added, folded = pick(lines, keep, true), pick(lines, keep, false)
	if strings.TrimSpace(added) == "" {
		return joinLines(lines), ""
	}
	return added, folded
}

// visibleLines says of each line whether it is shown.
func (f folder) visibleLines(lines []line) []bool {
	keep := make([]bool, len(lines))
	for n := range keep {
		keep[n] = true
	}
	hide := func(from, to int) {
		for n := from; n < to; n++ {
			keep[n] = false
		}
	}
	q := f.quotation(lines)
	if q.start < len(lines) {
		hide(q.start, q.end)
	}
	if q.forwarded {
		return keep
	}
	// The signature stands above the quotation, below it, or both.
	if top := f.signature(lines[:q.start]); top < q.start && hasWords(lines[:top]) {
		hide(top, q.start)
	}
	if q.end < len(lines) {
		if s := f.signature(lines[q.end:]); s < len(lines)-q.end {
			hide(q.end+s, len(lines))
		}
	}
	return keep
}

// found is where what was said before stands.
type found struct {
	start, end int
	forwarded  bool // what follows is sent on, and all of it is to be read
}

// quotation finds what was said before. Where answers stand between its lines, nothing is.
func (f folder) quotation(lines []line) found {
	none := found{start: len(lines), end: len(lines)}
	if f.forward {
		none.forwarded = true
		return none
	}
	groups, candidates := quotedGroups(lines), 0
	for n := range lines {
		l := lines[n]
		switch {
		case l.quoted:
			if f.answers {
				return f.marked(lines, groups, n, n)
			}
			return none
		case l.blank || l.mark != markQuote && !candidate(lines, n):
			continue
		case isDivider(l.plain(), forwardedPhrases):
			none.forwarded = true
			return none
		}
		if candidates++; candidates > maxCandidates {
			return none
		}
		if l.mark == markQuote {
			if to, ok := f.element(lines, groups, n); ok {
				return to
			}
		}
		if isDivider(l.plain(), originalPhrases) && (f.answers || f.repeatsOurs(lines[n:min(len(lines), n+8)])) {
			return f.rest(lines, n)
		}
		if f.headBlock(lines, n) {
			start := n
			for start > 0 && ruled(lines[start-1].plain()) {
				start--
			}
			return f.rest(lines, start)
		}
		if a, ok := f.attribution(lines, n); ok {
			if next := nextWords(lines, a.end); next < len(lines) && lines[next].quoted {
				return f.marked(lines, groups, n, next)
			}
			if a.certain && f.answers && !quotedAfter(groups, a.end) {
				return f.rest(lines, n)
			}
		}
	}
	return none
}

// candidate reports whether a quotation may begin at a line: it is ruled, or holds a colon, or one of the next two lines ends with one.
func candidate(lines []line, n int) bool {
	if lines[n].blank {
		return false
	}
	if text := lines[n].text; !strings.ContainsAny(text, ":-_=*") && !strings.Contains(text, "：") && !colonAfter(lines, n) {
		return false
	}
	plain := lines[n].plain()
	if strings.ContainsAny(plain, ":：") || strings.HasPrefix(plain, "--") || strings.HasPrefix(plain, "__") ||
		strings.HasPrefix(plain, "==") || strings.HasPrefix(plain, "**") {
		return true
	}
	return colonAfter(lines, n) && begins(plain)
}

// colonAfter reports whether one of the next two lines ends with a colon.
func colonAfter(lines []line, n int) bool {
	for k := n + 1; k < min(len(lines), n+3); k++ {
		if text := lines[k].text; !strings.Contains(text, ":") && !strings.Contains(text, "：") {
			continue
		}
		if strings.HasSuffix(lines[k].plain(), ":") || strings.HasSuffix(lines[k].plain(), "：") {
			return true
		}
	}
	return false
}

// element is what a mail program's own mark says: an attribution, or a head, and what was said before.
func (f folder) element(lines []line, groups []group, n int) (found, bool) {
	if forwardedIn(lines, n) {
		return found{start: len(lines), end: len(lines), forwarded: true}, true
	}
	if !f.answers && !f.repeatsOurs(lines[n:min(len(lines), n+6)]) {
		return found{}, false
	}
	for k := n; k < min(len(lines), n+4); k++ { // an attribution in any language, and lines marked as quoted
		if next := nextWords(lines, k+1); next < len(lines) && lines[next].quoted &&
			strings.HasSuffix(strings.TrimRight(lines[k].plain(), " "), ":") {
			return f.marked(lines, groups, n, next), true
		}
	}
	if quotedAfter(groups, n) && !hasWords(lines[:n]) {
		return found{}, false
	}
	return f.rest(lines, n), true
}

func forwardedIn(lines []line, n int) bool {
	for k := n; k < min(len(lines), n+2); k++ {
		if isDivider(lines[k].plain(), forwardedPhrases) {
			return true
		}
	}
	return false
}

// rest folds to the end, where something stands above.
func (f folder) rest(lines []line, start int) found {
	if !hasWords(lines[:start]) {
		return found{start: len(lines), end: len(lines)}
	}
	return found{start: start, end: len(lines)}
}

// marked folds the quoted lines that begin at next, with their introduction at start. What the writer put below stays; where it stands
// between quoted lines everything does.
func (f folder) marked(lines []line, groups []group, start, next int) found {
	none := found{start: len(lines), end: len(lines)}
	at := 0
	for at < len(groups) && groups[at].end <= next {
		at++
	}
	if at == len(groups) {
		return none
	}
	end := groups[at].end
	below := lines[end:]
	switch {
	case !hasWords(below):
		return f.above(lines, start, len(lines))
	case f.footer(below):
		return f.above(lines, start, len(lines))
	case at+1 < len(groups), start == next && hasWords(lines[:start]): // answers between the lines, or words that the writer quotes
		return none
	case hasWords(lines[:start]) || f.answers:
		return found{start: start, end: end}
	}
	return none
}

// above folds what begins at start, where something stands above it.
func (f folder) above(lines []line, start, end int) found {
	if !hasWords(lines[:start]) {
		return found{start: len(lines), end: len(lines)}
	}
	return found{start: start, end: end}
}

// footer reports whether what stands below a quotation is a signature, or what a mailing list adds.
func (f folder) footer(below []line) bool {
	first := nextWords(below, 0)
	return first+f.signature(below[first:]) == first || strings.Trim(below[first].plain(), "_") == "" && len(below[first].plain()) > 10 &&
		len(below)-first < 10
}

// group is a run of quoted lines; blank lines inside belong to it.
type group struct{ start, end int }

func quotedGroups(lines []line) []group {
	var out []group
	for n := 0; n < len(lines); n++ {
		if !lines[n].quoted {
			continue
		}
		start, end := n, n+1
		for n++; n < len(lines) && (lines[n].quoted || lines[n].blank); n++ {
			if lines[n].quoted {
				end = n + 1
			}
		}
		n--
		out = append(out, group{start, end})
	}
	return out
}

func quotedAfter(groups []group, n int) bool { return len(groups) > 0 && groups[len(groups)-1].end > n }

func hasWords(lines []line) bool { return nextWords(lines, 0) < len(lines) }

func nextWords(lines []line, from int) int {
	for from < len(lines) && lines[from].blank {
		from++
	}
	return from
}

// ruled reports whether the line only draws a line.
func ruled(plain string) bool { return len(plain) >= 2 && strings.Trim(plain, "_-=—–* ") == "" }

var (
	addressInText = regexp.MustCompile(`[\p{L}\p{N}._%+'=/-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	yearForm      = regexp.MustCompile(`(?:^|\D)(?:19|20|25|٢٠|۲۰|١٤|۱۴)\p{Nd}{2}(?:\D|$)`)
	dayForm       = regexp.MustCompile(`(?:^|\P{Nd})\p{Nd}{1,2}(?:\P{Nd}|$)`)
	shortDate     = regexp.MustCompile(`(?:^|\P{Nd})\p{Nd}{1,2}[./-]\p{Nd}{1,2}[./-]\p{Nd}{2,4}(?:\P{Nd}|$)`)
	clockEnd      = regexp.MustCompile(`\p{Nd}{1,2}[:.]\p{Nd}{2}$`)
	clockForm     = regexp.MustCompile(`\p{Nd}{1,2}[:.٫]\p{Nd}{2}|\p{Nd}{1,2}\s*(?:am|pm|uhr|h\b)`)
	addressEnd    = regexp.MustCompile(`(?:<|\(|\[|&lt;)\s*(?:mailto:)?[^\s<>()\[\]]+@[^\s<>()\[\]]+\s*(?:>|\)|\]|&gt;)(?:\s*(?:님이 작성|のメール))?$|[^\s<>()]+@[^\s<>()]+\.[^\s<>()]+$`)
	dateStart     = regexp.MustCompile(`^(?:\p{L}{1,12}[.,]{0,2}\s*){0,3}\(?\p{Nd}{1,4}[.,年년/\s-]`)
	namedStart    = regexp.MustCompile(`^["']?[^<>@:]{0,80}[<(]\s*(?:mailto:)?[^\s<>]+@[^\s<>]+\s*[>)]`)
	dashesAround  = regexp.MustCompile(`^-{2,}\s*|\s*-{2,}$`)
)

// dated reports whether a line names a day as mail programs do.
func dated(plain string) bool {
	return shortDate.MatchString(plain) || yearForm.MatchString(plain) && dayForm.MatchString(plain)
}

// repeatsOurs reports whether lines name our mailbox, with a day: what follows was said by us. Of a mail that answers nothing, what
// somebody else said was sent on to be read.
func (f folder) repeatsOurs(lines []line) bool {
	named, day := false, false
	for n := range lines {
		named = named || f.isOurs(lines[n].plain()) && blockField(lines[n].plain())&^fieldFrom == 0
		day = day || dated(lines[n].plain())
	}
	return named && day
}

// introduction is what an attribution says.
type introduction struct {
	end     int  // the line after it
	certain bool // it can be nothing else, also where no line below is marked
}

// attribution reads the lines from n as the introduction of a quotation: one line, or two or three into which it was wrapped. The fewest
// lines count: those before are the writer's.
func (f folder) attribution(lines []line, n int) (introduction, bool) {
	joined := ""
	for k := range 3 {
		if n+k >= len(lines) {
			break
		}
		l := lines[n+k]
		if l.quoted || l.blank && k > 0 {
			break
		}
		if k > 0 {
			if _, ok := introduces(l.plain(), f.answers); ok && !wrapped(lines[n].plain(), l.plain()) {
				break // this line alone is one
			}
			joined += " "
		}
		joined += l.plain()
		if len(joined) > maxAttribution {
			break
		}
		if k > 0 && !begins(lines[n].plain()) {
			break
		}
		if certain, ok := introduces(joined, f.answers); ok {
			next := nextWords(lines, n+k+1)
			if !certain && (next >= len(lines) || !lines[next].quoted) {
				continue
			}
			return introduction{end: n + k + 1, certain: certain}, true
		}
	}
	return introduction{}, false
}

// wrapped reports whether a line that looks like an attribution of its own is rather the end of the line before it.
func wrapped(before, plain string) bool {
	return !dated(plain) && (plain[0] == '<' || clockForm.MatchString(before) && !strings.ContainsAny(before[len(before)-1:], ".!?"))
}

// begins reports whether a line can be the first of an attribution.
func begins(plain string) bool {
	plain = strings.TrimLeft(dashesAround.ReplaceAllString(plain, ""), "*_ ")
	return (opensForm.MatchString(plain) || dateStart.MatchString(plain)) && (dated(plain) || addressInText.MatchString(plain)) ||
		namedStart.MatchString(plain)
}

// introduces reports whether a line, in lower case, introduces a quotation; certain: it names both an address and a day, or who wrote.
func introduces(plain string, answers bool) (certain, ok bool) {
	if len(plain) < 4 || len(plain) > maxAttribution {
		return false, false
	}
	bare := dashesAround.ReplaceAllString(plain, "")
	core, colon := strings.CutSuffix(bare, ":")
	if !colon {
		core, colon = strings.CutSuffix(bare, "：")
	}
	if !colon && bare == plain {
		return false, false
	}
	core = strings.TrimRight(core, " *_")
	address, day := addressInText.MatchString(core), dated(core)
	wrote := wroteForm.MatchString(core) || cjkWroteForm.MatchString(core)
	by := wroteByForm.MatchString(core)
	if !wrote && !by && !addressEnd.MatchString(core) && !(address && day && clockEnd.MatchString(core)) {
		return false, false
	}
	if !colon && !wrote {
		return false, false
	}
	proper := begins(core)
	switch {
	case proper && address && (day || wrote || by):
		return true, true
	case proper && day && (wrote || by):
		return false, true
	case answers && (address || day) && (wrote || by):
		return false, true
	}
	return false, false
}

// headBlock reports whether the head of a quoted mail begins at line n: who wrote it, when, and to whom or about what, with an address or
// a time that shows that it is a mail's.
func (f folder) headBlock(lines []line, n int) bool {
	first := blockField(lines[n].plain())
	if first&(fieldFrom|fieldSent|fieldDate|fieldSubject) == 0 {
		return false
	}
	seen, named, timed, ours := 0, false, false, false
	misses, count := 0, 0
	for k := n; k < min(len(lines), n+14) && misses < 2; k++ {
		plain := lines[k].plain()
		if plain == "" {
			misses++
			continue
		}
		kind := blockField(plain)
		if kind == 0 {
			if misses++; misses > 1 || count == 0 {
				break
			}
			continue
		}
		count++
		if misses > 0 && seen&kind == kind { // the fields are over
			break
		}
		misses = 0
		seen |= kind
		if kind&(fieldFrom|fieldTo) != 0 {
			named = named || addressInText.MatchString(plain)
			ours = ours || kind&fieldFrom != 0 && f.isOurs(plain)
		}
		if kind&(fieldSent|fieldDate) != 0 {
			timed = timed || dated(plain) && clockForm.MatchString(plain)
		}
	}
	if count < 3 || seen&fieldFrom == 0 || seen&(fieldSent|fieldDate) == 0 || seen&(fieldTo|fieldSubject) == 0 {
		return false
	}
	formal := seen&fieldSent != 0 || seen&fieldSubject != 0
	switch {
	case !f.answers:
		return ours && formal
	case named:
		return true
	case timed:
		return formal
	}
	return seen&fieldSent != 0 && seen&fieldSubject != 0 && seen&fieldTo != 0 && count >= 4
}

// isOurs reports whether a line names our mailbox, or its domain.
func (f folder) isOurs(plain string) bool {
	if f.own == "" {
		return addressInText.MatchString(plain)
	}
	_, domain, _ := strings.Cut(f.own, "@")
	return strings.Contains(plain, "@"+domain)
}

// signature returns the line with which the signature at the end begins.
func (f folder) signature(lines []line) int {
	end := len(lines)
	for end > 0 && lines[end-1].blank {
		end--
	}
	if end == 0 {
		return len(lines)
	}
	start := len(lines)
	if fromDevice(lines[end-1].plain()) {
		start = end - 1
		for end--; end > 0 && lines[end-1].blank; end-- {
		}
	}
	for n := end - 1; n >= max(0, end-maxSignature); n-- {
		switch l := lines[n]; {
		case l.ends && n < end-1 || l.quoted:
			return start
		case l.mark == markSignature:
			if marked := n; marked > 0 && isDelimiter(&lines[marked-1]) {
				return marked - 1
			}
			return n
		case l.text == "-- ":
			if !asks(lines[n+1 : end]) {
				return n
			}
			return start
		case l.plain() == "--" || l.plain() == "—":
			if !asks(lines[n+1:end]) && f.personal(lines[n+1:end]) {
				return n
			}
			return start
		}
	}
	return start
}

func isDelimiter(l *line) bool { return l.plain() == "--" || l.plain() == "—" }

// asks reports whether lines hold a question, which no signature does.
func asks(lines []line) bool {
	for _, l := range lines {
		if strings.HasSuffix(l.plain(), "?") || strings.HasSuffix(l.plain(), "؟") || utf8.RuneCountInString(l.plain()) > 300 {
			return true
		}
	}
	return false
}

var numberForm = regexp.MustCompile(`[+(]?\p{Nd}[\p{Nd} ()/.-]{6,}\p{Nd}`)

// personal reports whether lines are those of a signature: the writer's name, an address, a number or a site.
func (f folder) personal(lines []line) bool {
	for n, l := range lines {
		if l.plain() == "" {
			continue
		}
		if addressInText.MatchString(l.plain()) || numberForm.MatchString(l.plain()) || strings.Contains(l.plain(), "www.") ||
			strings.Contains(l.plain(), "http") {
			return true
		}
		for _, word := range strings.Fields(strings.ToLower(f.sender)) {
			if utf8.RuneCountInString(word) > 2 && n < 3 && strings.Contains(l.plain(), word) {
				return true
			}
		}
	}
	return false
}
