package classify

import "slices"

// Correction is what an agent said of a text that the model got wrong. An empty Type or Sentiment was not corrected.
type Correction struct {
	Text, Type, Sentiment string
}

const (
	maxCorrections   = 500 // the last ones count
	correctionRounds = 5   // how often all are gone through
	correctionMargin = 1.0 // how clearly, in scores, the right answer has to win
	correctionStep   = 0.5 // the most that one correction moves at a time
)

// WithCorrections returns a model that has learned a workspace's corrections, the newest last, beside what it knew. The same corrections
// give the same model; of those of one text the last counts. The receiver stays as it was.
//
// It is the passive-aggressive method: a correction that is not followed yet moves the weights of its own features just so far that it is.
func (m *Model) WithCorrections(c []Correction) *Model {
	learned := *m
	learned.corrected = make(map[uint32]*[columns]float32, len(m.corrected))
	for bucket, row := range m.corrected {
		own := *row
		learned.corrected[bucket] = &own
	}
	c = lastOfEachText(c)
	c = c[max(len(c)-maxCorrections, 0):]
	rows := make([][]feature, len(c))
	for i := range c {
		rows[i] = featuresOf(c[i].Text)
	}
	for range correctionRounds {
		for i := range c {
			learned.follow(rows[i], 0, slices.Index(types[:], c[i].Type))
			learned.follow(rows[i], classes, slices.Index(sentiments[:], c[i].Sentiment))
		}
	}
	return &learned
}

// follow moves the weights towards the wanted class of the question whose columns begin at from.
func (m *Model) follow(row []feature, from, wanted int) {
	if wanted < 0 {
		return
	}
	scores := m.scores(row)
	rival := -1
	for c := range classes {
		if c != wanted && (rival < 0 || scores[from+c] > scores[from+rival]) {
			rival = c
		}
	}
	loss := correctionMargin - float64(scores[from+wanted]-scores[from+rival])
	if loss <= 0 {
		return
	}
	length := 0.0
	for _, f := range row {
		length += float64(f.value) * float64(f.value)
	}
	step := float32(min(loss/(2*length), correctionStep))
	for _, f := range row {
		extra := m.corrected[f.bucket]
		if extra == nil {
			extra = new([columns]float32)
			m.corrected[f.bucket] = extra
		}
		extra[from+wanted] += step * f.value
		extra[from+rival] -= step * f.value
	}
}

// lastOfEachText keeps the order.
func lastOfEachText(c []Correction) []Correction {
	last := make(map[string]int, len(c))
	for i := range c {
		last[c[i].Text] = i
	}
	var out []Correction
	for i := range c {
		if last[c[i].Text] == i {
			out = append(out, c[i])
		}
	}
	return out
}
