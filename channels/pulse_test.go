package channels

import (
	"math/rand/v2"
	"testing"
	"time"
)

// monday is the beginning of a week of office hours.
var monday = time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC)

// office feeds weeks of working days, nine to five, with a message every gap, and returns the time of the last one. Where
// chance is given, the gaps vary as customers do.
func office(p *pulse, weeks int, gap time.Duration, chance *rand.Rand) time.Time {
	var last time.Time
	for at := monday; at.Before(monday.Add(time.Duration(weeks) * week * time.Hour)); {
		if h := at.Hour(); h >= 9 && h < 17 && at.Weekday() >= time.Monday && at.Weekday() <= time.Friday {
			p.add(beat{in: 1, lastIn: at})
			last = at
		}
		step := gap
		if chance != nil {
			step = time.Duration(chance.ExpFloat64() * float64(gap))
		}
		at = at.Add(max(step, time.Second))
	}
	return last
}

func TestSilenceIsThreeUsualGapsOfTheHour(t *testing.T) {
	p := &pulse{}
	last := office(p, 4, 10*time.Minute, nil)
	if last.Weekday() != time.Friday || last.Hour() != 16 {
		t.Fatal(last)
	}
	morning := monday.Add(4*week*time.Hour + 9*time.Hour)
	for _, c := range []struct {
		what  string
		at    time.Time
		quiet bool
	}{
		{"just after a message", last.Add(5 * time.Minute), false},
		{"a quiet evening", last.Add(5 * time.Hour), false},
		{"a quiet weekend", last.Add(60 * time.Hour), false},
		{"Monday, before the first message", morning.Add(time.Minute), true}, // 10 minutes of Friday are missing as well
	} {
		if c.what == "Monday, before the first message" {
			p.add(beat{in: 1, lastIn: morning})
			if gap := p.gap(c.at); gap != 10*time.Minute {
				t.Errorf("the usual gap is %v", gap)
			}
			for after, quiet := range map[time.Duration]bool{
				20 * time.Minute: false, 29 * time.Minute: false, 31 * time.Minute: true,
				3 * time.Hour: true,
			} {
				if got := p.silentAt(morning.Add(after)); got != quiet {
					t.Errorf("%v after the last message: silent %v", after, got)
				}
			}
			continue
		}
		if got := p.silentAt(c.at); got != c.quiet {
			t.Errorf("%s: silent %v", c.what, got)
		}
	}
}

func TestLittleHistoryIsNoGround(t *testing.T) {
	young := &pulse{}
	last := office(young, 1, time.Minute, nil)
	if young.silentAt(last.Add(2*time.Hour)) || young.gap(last) != 0 {
		t.Error("a channel of one week is judged")
	}
	rare := &pulse{}
	for n := range 6 {
		rare.add(beat{in: 1, lastIn: monday.Add(time.Duration(n) * week * time.Hour)})
	}
	if rare.silentAt(monday.Add(7 * week * time.Hour)) {
		t.Error("a channel with a message a week is judged")
	}
	if (&pulse{}).silentAt(monday) {
		t.Error("a channel without a message is judged")
	}
	busyOne := &pulse{}
	end := office(busyOne, 4, time.Second, nil)
	if busyOne.silentAt(end.Add(-30 * time.Minute).Add(14 * time.Minute)) {
		t.Error("a silence of less than a quarter of an hour is worth a word")
	}
}

// Customers do not come evenly: what chance brings about must seldom be called a silence.
func TestChanceIsSeldomCalledSilence(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	p := &pulse{}
	office(p, 8, 12*time.Minute, chance)
	alarms, days := 0, 0
	for d := range 100 {
		day := monday.Add(8*week*time.Hour + time.Duration(d)*24*time.Hour)
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue
		}
		days++
		silent := false
		for at := day.Add(9 * time.Hour); at.Before(day.Add(17 * time.Hour)); {
			next := at.Add(time.Duration(chance.ExpFloat64() * float64(12*time.Minute)))
			for probe := at; probe.Before(next) && probe.Before(day.Add(17*time.Hour)); probe = probe.Add(time.Minute) {
				if now := p.silentAt(probe); now && !silent {
					alarms++
					silent = true
				}
			}
			p.add(beat{in: 1, lastIn: next})
			at, silent = next, false
		}
	}
	t.Logf("%d alarms in %d days; unevenness %.2f", alarms, days, p.Uneven)
	if alarms > days/3 {
		t.Errorf("%d false alarms in %d days", alarms, days)
	}
}

func TestWhatSeveralInstancesSawIsOnePicture(t *testing.T) {
	p := &pulse{}
	p.add(beat{in: 2, lastIn: monday.Add(time.Minute), lastHook: monday.Add(2 * time.Minute)})
	p.add(beat{in: 3, lastIn: monday, mishap: &Mishap{Trouble: Trouble{Code: "new"}, At: monday.Add(time.Hour)}})
	p.add(beat{lastOut: monday, mishap: &Mishap{Trouble: Trouble{Code: "old"}, At: monday}})
	if p.Count != 5 || !p.LastIn.Equal(monday.Add(time.Minute)) || !p.LastOut.Equal(monday) || p.Mishap.Code != "new" {
		t.Errorf("%+v", p)
	}
	p.add(beat{in: 1, lastIn: monday.Add(3 * 52 * week * time.Hour)}) // three years later
	if p.Count != 1 || p.Hour != hourOf(p.LastIn) {
		t.Errorf("after a long pause: %v messages in hour %d", p.Count, p.Hour)
	}
}
