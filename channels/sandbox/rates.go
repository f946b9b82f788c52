package sandbox

import "time"

// bucket is a token bucket: so many at once, one more in each interval.
type bucket struct {
	tokens float64
	at     time.Time
}

// limit takes one from the named bucket, if it is not empty.
func (s *Sandbox) limit(name string, burst float64, every time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	b := s.limits[name]
	if b == nil {
		b = &bucket{tokens: burst, at: now}
		s.limits[name] = b
	}
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()/every.Seconds())
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
