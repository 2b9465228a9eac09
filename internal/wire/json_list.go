package wire

import (
	"bytes"
	"slices"
)

// list appends the elements of the list at pos to dst; next reads one of them.
func list[T any](s *scanner, dst []T, next func(*scanner) (T, error)) ([]T, error) {
	if s.space() != '[' {
		return dst, s.mismatch("a list")
	}
	if err := s.open(); err != nil {
		return dst, err
	}
	if s.space() == ']' {
		_, err := s.next(']')
		return dst, err
	}
	start := len(dst)
	for {
		v, err := next(s)
		if err != nil {
			return dst, atIndex(err, len(dst)-start)
		}
		dst = append(dst, v)
		more, err := s.next(']')
		if !more {
			return dst, err
		}
		s.space()
	}
}

// numbers is list with room made beforehand: there are as many elements as commas
// before the bracket, and one.
func numbers[T any](s *scanner, dst []T, next func(*scanner) (T, error)) ([]T, error) {
	if s.space() == '[' {
		inside := s.body[s.pos+1:]
		if end := bytes.IndexByte(inside, ']'); end >= 0 {
			inside = inside[:end]
		}
		// An element takes a digit and a comma at least.
		room := min(bytes.Count(inside, comma)+1, len(inside)/2+1)
		dst = slices.Grow(dst, room)
	}
	return list(s, dst, next)
}

var comma = []byte{','}
