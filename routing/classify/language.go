package classify

import "strings"

// Words that tell which language stands in Latin letters.
var (
	englishWords = set(`the a an i you he she it we they my your our is are am was were be been do does did don't have has had can could will would
		should to of in on at for with from by and or but not no yes if how what when where why who which this that there here please thanks
		thank hi hello hey u ur pls me im ive dont cant any some more much many need want get got still just so up out new price cost
		course order today tomorrow good great very again still back money service stop send call`)
	hebrewWords = set(`ani ata at anachnu hem lo ken yesh ein shel sheli shelachem shelcha et ze zot kama ole oleh efshar bevakasha toda shalom
		matay eifo efo eich lama lamah mi ma mah al im gam rak od kvar kol rotze rotza roze roza tzarich tzricha zarich zricha tor
		mechir hazmana shilamti lachem li lanu mikem etzel haim hayom mahar etmol achi hakesef kesef tachziru mishloach hachi raba
		boker tov tova erev slicha nimas busha ganavim shakranim velo bishvil leumat mishehu yachol hakol
		ve hu hi anu eich higia yom shaa osim ose mochrim mechapes mechapeset rotzim hizmanti kaniti lehachlif lekabel levatel ledaber
		tishlechu tavou hatechnai hamazgan hachavila hamishloach achshav dachuf tazizu hatzaa mechirim beseder achla noklim meod haya`)
	arabicWords = set(`ana enta enti ento el al fe fi msh mish mesh mafesh mafish 3ayez 3ayz 3ayza ayez bkam bekam kam w wa ya law lw momken
		mumken ezay ezzay fein fen wein wain weinkom lessa lesa dah da di deh bta3 bta3i 3and 3ndko 3ndkom 3ndak ma le lel 3la ala eh eih
		shukran salam inshallah allah wallah walla habibi baddi bde biddi abi abgha shu shou leish leh lih emta imta kteer ktir awi
		wach wash kayn b9it chhal ch7al dyali kif kifach nta hada hadi bghit 3afak men min ma3 m3 bokra delwa2ty kol kul
		baddi bde badde addesh adde wen sar sarle mafi hek kteer kifkon yeslamo tslam mashkoreen maw3ed talabi nassabin harameye masari
		flousi flosi floosi dyal mazal daba bzaf fatoura weslat labas mawgood mawjood rag3o raj3o ma7ad 3ndkm`)
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		key, _ := compared(w)
		m[key] = true
	}
	return m
}

// language decides by script, and between English, Hebrew and Arabic in Latin letters by words and by digits inside words.
func (s *scratch) language() string {
	l := s.letters
	switch {
	case l[hebrew] > 0 && l[hebrew] >= l[arabic] && l[hebrew]*2 >= l[latin]:
		return "he"
	case l[arabic] > 0 && l[arabic]*2 >= l[latin]:
		return "ar"
	case l[latin]+l[otherScript] == 0:
		return ""
	}
	words, english, inHebrew, inArabic := 0, 0, 0, 0
	for _, t := range s.tokens {
		if t.script != latin {
			continue
		}
		words++
		if englishWords[t.word] {
			english++
		}
		if hebrewWords[t.word] {
			inHebrew++
		}
		if arabicWords[t.word] {
			inArabic++
		}
		if arabizi(t.word) {
			inArabic += 2
		}
	}
	switch {
	case inHebrew > english && inHebrew >= inArabic && inHebrew*3 >= words: // one word like "ma" is in many languages
		return "he"
	case inArabic > english && inArabic*3 >= words:
		return "ar"
	}
	return "en"
}

// arabizi says whether a word has one of the digits that stand for Arabic letters between or before letters, as in 3ayez, a7san, el2ard.
func arabizi(word string) bool {
	digits, letters := 0, 0
	for i := range len(word) {
		switch c := word[i]; {
		case strings.IndexByte("23579", c) >= 0:
			digits++
		case c >= 'a' && c <= 'z':
			letters++
		default:
			return false
		}
	}
	if digits == 0 || letters < 2 || digits > letters {
		return false
	}
	last := word[len(word)-1]
	return last > '9' || digits > 1 || letters >= 3 // "m4" and "b2b" are no words
}
