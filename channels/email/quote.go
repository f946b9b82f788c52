package email

import (
	"regexp"
	"strings"
)

var (
	// attribution introduces a quotation: Gmail, Apple Mail, Thunderbird and others, in many languages.
	attribution = regexp.MustCompile(`(?i)^(On\b.{4,300}\bwrote|Am\b.{4,300}\bschrieb.*|Le\b.{4,300}\ba écrit|El\b.{4,300}\bescribió|Em\b.{4,300}\bescreveu|Il\b.{4,300}\bha scritto|Op\b.{4,300}\bschreef.*|` +
		`(ב-?|בתאריך|ביום|מאת).{4,300}(כתב|כתבה|כתב/ה|כתב\(ה\)|<[^<>]+@[^<>]+>)|(في|بتاريخ|يوم).{4,300}(كتب|كتبت|كتب/ت|بواسطة.*|<[^<>]+@[^<>]+>)|.{2,200}<[^<>]+@[^<>]+>.{0,60}(wrote|כתב|כתבה|كتب|كتبت))\s*:\s*$`)
	// divider is a line that separates what was sent before.
	divider = regexp.MustCompile(`(?i)^[-_ ]{2,}\s*(original message|reply message|הודעה מקורית|ההודעה המקורית|الرسالة الأصلية|رسالة أصلية|ursprüngliche nachricht|message d'origine|mensaje original|mensagem original)\s*[-_ ]{2,}$`)
	// blockFrom and blockMore are the head of a quoted mail as Outlook writes it.
	blockFrom = regexp.MustCompile(`(?i)^\*?(From|מאת|من|Von|De|Da|Van)\s*:\*?\s*\S`)
	blockMore = regexp.MustCompile(`(?i)^\*?(Sent|Date|To|Subject|נשלח|תאריך|אל|נושא|تم الإرسال|تاريخ الإرسال|التاريخ|إلى|الموضوع|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Para|Asunto|Assunto)\s*:\*?\s*\S`)
	// sentFrom is what phones add.
	sentFrom = regexp.MustCompile(`(?i)^(sent from (my )?.{2,60}|get outlook for .{2,20}|נשלח מה-?.{2,60}|أُ?رسلت من .{2,60}|تم الإرسال من .{2,60}|von meinem .{2,40} gesendet)$`)
)

// split separates what the writer added from what was quoted and from the signature. Where nothing would be left, or answers stand
// between the quoted lines, everything is the writer's.
func split(text string) (added, quoted string) {
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), " \n\t")
	lines := strings.Split(text, "\n")
	at := quotation(lines)
	if s := signature(lines[:at]); s < at {
		at = s
	}
	added, quoted = strings.TrimSpace(strings.Join(lines[:at], "\n")), strings.Trim(strings.Join(lines[at:], "\n"), "\n")
	if added == "" {
		return strings.TrimSpace(text), ""
	}
	return added, quoted
}

// quotation returns the line with which the quotation begins that lasts to the end.
func quotation(lines []string) int {
	bare := func(n int) string { return strings.TrimSpace(strings.Map(visible, lines[n])) }
	quotedToTheEnd := quotedFrom(lines)
	introduces := func(line string) bool { return strings.HasSuffix(line, ":") && attribution.MatchString(line) }
	for n := range lines {
		switch line := bare(n); {
		case divider.MatchString(line):
			return n
		case blockFrom.MatchString(line) && headBlock(lines, n):
			if n > 0 && strings.Trim(bare(n-1), "_-") == "" && bare(n-1) != "" {
				return n - 1
			}
			return n
		case introduces(line) && quotedToTheEnd(n+1):
			return n
		case n+1 < len(lines) && line != "" && introduces(line+" "+bare(n+1)) && quotedToTheEnd(n+2):
			return n
		case strings.HasPrefix(line, ">") && quotedToTheEnd(n):
			if n > 0 && strings.HasSuffix(bare(n-1), ":") {
				return n - 1
			}
			return n
		}
	}
	return len(lines)
}

// headBlock: two more lines of a quoted mail's head follow.
func headBlock(lines []string, n int) bool {
	found := 0
	for _, line := range lines[n+1 : min(len(lines), n+6)] {
		if blockMore.MatchString(strings.TrimSpace(strings.Map(visible, line))) {
			found++
		}
	}
	return found >= 2
}

// quotedFrom tells of each line whether from there on either every line is marked as quoted, or none is, as where a program quotes
// without marks.
func quotedFrom(lines []string) func(n int) bool {
	marked, plain := make([]int, len(lines)+1), make([]int, len(lines)+1)
	for n := len(lines) - 1; n >= 0; n-- {
		marked[n], plain[n] = marked[n+1], plain[n+1]
		switch line := strings.TrimSpace(strings.Map(visible, lines[n])); {
		case line == "":
		case strings.HasPrefix(line, ">"):
			marked[n]++
		default:
			plain[n]++
		}
	}
	return func(n int) bool { return marked[n] > 0 && plain[n] == 0 || marked[n] == 0 && plain[n] > 0 }
}

// signature returns the line with which a short signature at the end begins.
func signature(lines []string) int {
	const most = 12
	end := len(lines)
	for end > 0 && strings.TrimSpace(lines[end-1]) == "" {
		end--
	}
	for n := end - 1; n >= max(0, end-most); n-- {
		if line := strings.TrimRight(lines[n], "\r"); line == "-- " || line == "--" || n == end-1 && sentFrom.MatchString(strings.TrimSpace(strings.Map(visible, line))) {
			return n
		}
	}
	return len(lines)
}
