package inbox

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestSearchFindsWhatPeopleMean(t *testing.T) {
	said := []string{
		"Where is order INV-2026-7?", "The package arrived broken", "call me at +972 50-123-4567", "שָׁלוֹם, איפה ההזמנה שלי?",
		"ההזמנה הגיעה", "أين طلبي رقم ٤٢؟", "مَرحَباً بك", "Grüße aus Köln",
	}
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		for n, s := range said {
			p.receive(says(ines, fmt.Sprint("wamid.S", n), s, n))
		}
		settle(time.Second)
		for _, c := range []struct {
			query string
			want  []int // indices of said, newest first
		}{
			{"order", []int{0}},
			{"ORDER", []int{0}},
			{"inv-2026-7", []int{0}},
			{"2026", []int{0}},
			{"inv20267", []int{0}},
			{"broken package", []int{1}},
			{"broken order", nil},
			{"pack", []int{1}},
			{"nothing", nil},
			{"?!", nil},
			{"", nil},
			{"שלום", []int{3}},
			{"ההזמנה", []int{4, 3}},
			{"הזמנה", nil},
			{"ההזמ", []int{4, 3}},
			{"طلبي", []int{5}},
			{"42", []int{5}},
			{"٤٢", []int{5}},
			{"مرحبا", []int{6}},
			{"grusse", nil},
			{"grüße", []int{7}},
			{"koln", []int{7}},
			{"1234567", nil},
			{"4567", []int{2}},
		} {
			hits, next, err := p.Search(t.Context(), boss, c.query, "", 50)
			if err != nil || next != "" {
				t.Errorf("%q: %v, more: %q", c.query, err, next)
			}
			var got []int
			for _, h := range hits {
				got = append(got, slices.Index(said, h.Message.Text))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q finds %v, want %v", c.query, got, c.want)
			}
		}
	})
}

func TestSearchGoesOnPageByPage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		const total = 23
		for n := range total {
			p.receive(says(ines, fmt.Sprint("wamid.S", n), fmt.Sprint("common word ", n), n))
		}
		settle(time.Second)
		seen := 0
		for cursor := ""; ; {
			hits, next, err := p.Search(t.Context(), boss, "common word", cursor, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range hits {
				if want := fmt.Sprint("common word ", total-1-seen); h.Message.Text != want {
					t.Errorf("hit %d is %q, want %q", seen, h.Message.Text, want)
				}
				seen++
			}
			if next == "" {
				break
			}
			cursor = next
		}
		if seen != total {
			t.Errorf("%d hits, want %d", seen, total)
		}
	})
}
