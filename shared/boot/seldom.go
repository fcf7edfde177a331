package boot

import (
	"sync"
	"time"
)

// seldom lets a line through to the log once in a while for each name, so that
// what is true of every request is said and fills nothing.
type seldom struct {
	every time.Duration
	mu    sync.Mutex
	said  map[string]time.Time
}

// due reports whether the name was not due for so long, and notes it.
func (s *seldom) due(name string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.said[name]; ok && now.Sub(last) < s.every {
		return false
	}
	if s.said == nil {
		s.said = make(map[string]time.Time)
	}
	s.said[name] = now
	return true
}
