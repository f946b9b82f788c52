package mail

import (
	"math"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// script is one way to read the upper half of a single-byte set: its letters by how often they come in texts, most frequent first.
type script struct {
	name    string
	enc     *charmap.Charmap
	letters string
	finals  string // letters that end words only
}

// scripts in the order in which they win a draw. Letters are ordered by their frequency in ordinary prose.
var scripts = []script{
	{"windows-1255", charmap.Windows1255, "יוהלארמתבשנעםדחקפןכסטגזצךףץ", "םןךףץ"},
	{"windows-1256", charmap.Windows1256, "اليمنوتربعدسفحكقهةجشصطخأىذثإئزغضآؤءظپچژگ", "ةى"},
	{"iso-8859-6", charmap.ISO8859_6, "اليمنوتربعدسفحكقهةجشصطخأىذثإئزغضآؤءظ", "ةى"},
	{"windows-1251", charmap.Windows1251, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ", ""},
	{"koi8-r", charmap.KOI8R, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", ""},
	{"windows-1253", charmap.Windows1253, "αοιετσνηυρπκμλςωγδίάόέθχήύφώβξζψ", "ς"},
	{"iso-8859-5", charmap.ISO8859_5, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", ""},
	{"cp862", charmap.CodePage862, "יוהלארמתבשנעםדחקפןכסטגזצךףץ", "םןךףץ"},
}

const (
	guessBytes  = 16 << 10 // as much of a text is looked at
	guessLeast  = 3        // fewer letters say nothing
	guessMargin = -4.3     // the mean weight below which the letters make no words
	absent      = -9.0
)

// guess names the set in which the upper bytes make words; empty: they do in none, as where Latin words have single accents.
func guess(data []byte) string {
	data = data[:min(len(data), guessBytes)]
	if mixed(data) {
		return ""
	}
	best := ""
	most := guessMargin
	for _, s := range scripts {
		if mean, letters := s.weigh(data); letters >= guessLeast && mean > most {
			best, most = s.name, mean
		}
	}
	return best
}

// mixed reports whether most upper bytes stand in words with Latin letters.
func mixed(data []byte) bool {
	inside, alone := 0, 0
	for i := 0; i < len(data); {
		upper, latin := 0, 0
		for ; i < len(data) && (data[i] >= 0x80 || letter(data[i])); i++ {
			if data[i] >= 0x80 {
				upper++
			} else {
				latin++
			}
		}
		if latin > 0 {
			inside += upper
		} else {
			alone += upper
		}
		i++
	}
	return inside > alone
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// weigh returns the mean weight of the upper bytes as letters of the script.
func (s script) weigh(data []byte) (mean float64, letters int) {
	weight, final := map[rune]float64{}, map[rune]bool{}
	for n, r := range []rune(s.letters) {
		weight[r] = -math.Log(float64(n + 4))
	}
	for _, r := range s.finals {
		final[r] = true
	}
	sum, count := 0.0, 0
	for n, b := range data {
		if b < utf8.RuneSelf {
			continue
		}
		r := s.enc.DecodeByte(b)
		count++
		lower := unicode.ToLower(r)
		w, ok := weight[lower]
		switch {
		case ok && final[lower] && n+1 < len(data) && unicode.IsLetter(s.enc.DecodeByte(data[n+1])):
			w = absent // it cannot stand inside a word
		case ok && lower != r && n > 0 && unicode.IsLower(s.enc.DecodeByte(data[n-1])):
			w = absent // a capital inside a word
		case ok:
			letters++
		case unicode.Is(unicode.Mn, r) || r == '“' || r == '”' || r == '’' || r == '–' || r == '\u00a0' || r == '،' || r == '؟' ||
			r == '«' || r == '»' || r == '№' || r == '…':
			w = -3
		default:
			w = absent
		}
		sum += w
	}
	if count == 0 {
		return absent, 0
	}
	return sum / float64(count), letters
}
