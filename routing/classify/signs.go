package classify

import (
	"strings"
	"unicode"
)

// signCounter counts what is not a word and yet says something.
type signCounter struct {
	emoji                     []rune
	moods                     uint8
	exclamations, questions   int
	run                       int // of exclamation and question marks in a row
	longestRun                int
	upper, lower, shouted     int
	long, number, code, money bool
}

// moods of emoji. What goes both ways has none: the emoji itself is a feature.
const (
	glad uint8 = 1 << iota
	sad
	furious
)

var emojiMoods = map[rune]uint8{
	'😍': glad, '🥰': glad, '😊': glad, '🎉': glad, '❤': glad, '🌹': glad, '😘': glad, '💐': glad, '🤗': glad, '😁': glad, '💖': glad, '🤩': glad,
	'💪': glad, '⭐': glad, '🌟': glad, '💕': glad, '💙': glad, '☺': glad, '😃': glad, '😄': glad, '🥳': glad,
	'😢': sad, '😭': sad, '😞': sad, '💔': sad, '☹': sad, '😔': sad, '😟': sad, '😩': sad, '😥': sad, '🥺': sad, '😰': sad, '🙁': sad,
	'🤬': furious, '😡': furious, '😠': furious, '😤': furious, '👿': furious, '🤡': furious, '💩': furious, '🤮': furious, '🖕': furious,
	'👎': furious, '🤦': furious, '🙄': furious,
}

// sign takes a character between words.
func (c *signCounter) sign(r rune) {
	switch r {
	case '!', '！', '?', '؟', '？':
		if r == '!' || r == '！' {
			c.exclamations++
		} else {
			c.questions++
		}
		c.run++
		c.longestRun = max(c.longestRun, c.run)
		return
	case '$', '€', '£', '₪', '%', '٪', '﷼':
		c.money = true
	case '#':
		c.code = true
	}
	c.run = 0
	if r > 0x2000 && r != unicode.ReplacementChar && (unicode.Is(unicode.So, r) || r >= 0x1F000) && !tone(r) && len(c.emoji) < 8 {
		c.emoji = append(c.emoji, r)
		c.moods |= emojiMoods[r]
	}
}

// tone says whether a character only colours the emoji before it.
func tone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

// word takes a word.
func (c *signCounter) word(raw string, t token, long bool) {
	c.run = 0
	c.long = c.long || long && t.script != noScript
	c.number = c.number || t.digits >= 4 && t.script == noScript
	c.code = c.code || t.digits >= 2 && t.script == latin && t.digits*2 > len(t.word)
	if t.script != latin {
		return
	}
	upper, lower := 0, 0
	for _, r := range raw {
		if unicode.IsUpper(r) {
			upper++
		} else if unicode.IsLower(r) {
			lower++
		}
	}
	c.upper += upper
	c.lower += lower
	if upper >= 3 && lower == 0 {
		c.shouted++
	}
}

// names appends what was counted, as features are named.
func (c *signCounter) names(names []string, original string, words int) []string {
	add := func(when bool, name string) {
		if when {
			names = append(names, name)
		}
	}
	for _, r := range c.emoji {
		names = append(names, string(r))
	}
	add(len(c.emoji) > 0 && words == 0, "only emoji")
	add(c.moods&glad != 0, "glad")
	add(c.moods&sad != 0, "sad")
	add(c.moods&furious != 0, "furious")
	add(c.exclamations > 0, "!")
	add(c.questions > 0, "?")
	add(c.exclamations >= 3 || c.longestRun >= 3, "!!!")
	add(c.questions >= 2, "??")
	add(c.long, "drawn out")
	add(c.shouted >= 2 && c.upper > 2*c.lower, "shouting")
	add(c.shouted >= 1 && c.lower > 0, "capitals")
	add(c.number, "number")
	add(c.code, "code")
	add(c.money, "money")
	lowered := strings.ToLower(original)
	add(strings.Contains(lowered, "http") || strings.Contains(lowered, "www.") || strings.Contains(lowered, ".ly/"), "link")
	if len(names) > 0 || words > 0 {
		names = append(names, lengthName(words))
	}
	return names
}

func lengthName(words int) string {
	switch {
	case words <= 1:
		return "1 word"
	case words == 2:
		return "2 words"
	case words <= 4:
		return "4 words"
	case words <= 8:
		return "8 words"
	case words <= 16:
		return "16 words"
	}
	return "many words"
}
