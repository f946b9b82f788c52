package classify

import (
	"math"
	"math/rand/v2"
)

// settings of the learning; found by cross-validation.
type settings struct {
	epochs  int
	rate    float64 // of AdaGrad
	decay   float64 // L2, of the weights of the features that an example has
	balance float64 // 0: examples count alike, 1: classes do
	rounds  int     // runs in different orders, whose weights are averaged
	drop    float64 // share of an example's features that each step does without, so that no feature is relied on alone
}

var (
	typeSettings      = settings{epochs: 20, rate: 0.05, decay: 1e-4, balance: 0.5, rounds: 2, drop: 0.5}
	sentimentSettings = settings{epochs: 20, rate: 0.05, decay: 1e-4, balance: 0.5, rounds: 2, drop: 0.5}
)

// fit learns multinomial logistic regression: a row of one weight for each class for each bucket, by AdaGrad. The
// same examples give the same weights.
func fit(rows [][]feature, labels []uint8, o settings) []float32 {
	cost := classCosts(labels, o.balance)
	sum := make([]float32, buckets*classes)
	for round := range o.rounds {
		table := make([]row, buckets)
		random := rand.New(rand.NewPCG(uint64(round), 7))
		order := random.Perm(len(rows))
		var kept []feature
		for range o.epochs {
			random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			for _, i := range order {
				kept = some(kept[:0], rows[i], o.drop, random)
				step(table, kept, int(labels[i]), cost[labels[i]], o)
			}
		}
		for b := range table {
			for c, w := range table[b].weights {
				sum[b*classes+c] += w / float32(o.rounds)
			}
		}
	}
	return sum
}

// some appends the features that are not dropped, which count more in turn.
func some(out, all []feature, drop float64, random *rand.Rand) []feature {
	for _, f := range all {
		if random.Float64() >= drop {
			f.value /= float32(1 - drop)
			out = append(out, f)
		}
	}
	return out
}

// row is what is learned of one bucket: side by side, since memory is what learning waits for.
type row struct{ weights, squares [classes]float32 }

// step moves the weights of one example's features towards its label.
func step(table []row, features []feature, label int, cost float64, o settings) {
	var scores [classes]float32
	for _, f := range features {
		w := &table[f.bucket].weights
		for c := range classes {
			scores[c] += f.value * w[c]
		}
	}
	p := probabilities(scores[:], 1)
	p[label]--
	var push [classes]float32
	for c := range classes {
		push[c] = float32(cost * p[c])
	}
	rate, decay := float32(o.rate), float32(o.decay)
	for _, f := range features {
		r := &table[f.bucket]
		for c := range classes {
			g := push[c]*f.value + decay*r.weights[c]
			r.squares[c] += g * g
			r.weights[c] -= rate * g / (float32(math.Sqrt(float64(r.squares[c]))) + 1e-4)
		}
	}
}

// classCosts weigh rare classes more.
func classCosts(labels []uint8, balance float64) (cost [classes]float64) {
	var n [classes]float64
	for _, l := range labels {
		n[l]++
	}
	for c := range cost {
		cost[c] = math.Pow(float64(len(labels))/(classes*max(n[c], 1)), balance)
	}
	return cost
}
