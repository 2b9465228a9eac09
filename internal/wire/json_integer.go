package wire

import (
	"math"
	"strconv"
	"unsafe"
)

// integer is a Go integer that mirrors an element type.
type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// intOf reads the number at pos: an integer within T's range, written as one.
func intOf[T integer](s *scanner) (T, error) {
	start := s.pos
	d, ok := s.decimal()
	if ok && d.whole {
		if mag, ok := s.magnitude(d, start); ok {
			if v, ok := narrow[T](mag, d.minus == 1); ok {
				return v, nil
			}
		}
	}
	s.pos = start
	return 0, s.mismatch(wantInt[T]())
}

// wholeOf is intOf that takes 3.0 and 1e3 for integers too.
func wholeOf[T integer](s *scanner) (T, error) {
	start := s.pos
	d, ok := s.decimal()
	if !ok || d.whole {
		s.pos = start
		return intOf[T](s)
	}
	f, _ := strconv.ParseFloat(string(s.body[start:s.pos]), 64)
	if abs := math.Abs(f); abs <= 1<<53 && abs == math.Trunc(abs) {
		if v, ok := narrow[T](uint64(abs), d.minus == 1); ok {
			return v, nil
		}
	}
	s.pos = start
	return 0, s.mismatch(wantInt[T]())
}

// intText is intOf that takes the digits as a text too, as JavaScript has to write
// large numbers.
func intText[T integer](s *scanner) (T, error) {
	if s.space() != '"' {
		return intOf[T](s)
	}
	start := s.pos
	t, err := s.rawText()
	if err != nil {
		return 0, err
	}
	inner := scanner{body: t.bytes}
	if d, ok := inner.decimal(); ok && d.whole && inner.pos == len(t.bytes) {
		if mag, ok := inner.magnitude(d, 0); ok {
			if v, ok := narrow[T](mag, d.minus == 1); ok {
				return v, nil
			}
		}
	}
	s.pos = start
	return 0, s.mismatch(wantInt[T]())
}

// magnitude is the absolute value of the whole number that was read from start on;
// false if 64 bits do not hold it.
func (s *scanner) magnitude(d decimal, start int) (uint64, bool) {
	if d.exp == 0 {
		return d.mant, true
	}
	v, err := strconv.ParseUint(string(s.body[start+d.minus:s.pos]), 10, 64)
	return v, err == nil
}

// narrow is the value with the sign; false if T cannot hold it.
func narrow[T integer](mag uint64, neg bool) (T, bool) {
	var zero T
	limit := uint64(math.MaxUint64) >> (64 - 8*unsafe.Sizeof(zero))
	if ^zero < 0 {
		limit >>= 1
		if neg {
			limit++
		}
	} else if neg {
		limit = 0
	}
	if mag > limit {
		return 0, false
	}
	if neg {
		mag = -mag
	}
	return T(mag), true
}

func wantInt[T integer]() string {
	var zero T
	bits := strconv.Itoa(8 * int(unsafe.Sizeof(zero)))
	if ^zero < 0 {
		return "an int" + bits
	}
	return "a uint" + bits
}
