package wire

import (
	"encoding/binary"
	"math"
	"strconv"
)

// decimal is a number as it is written: mant·10^exp, and the sign. It has four fields,
// as the compiler keeps no larger struct in registers.
type decimal struct {
	mant uint64
	// exp is lossy where mant does not hold all digits.
	exp int64
	// minus is 1 for a negative number.
	minus int
	// whole says that there is neither a fraction nor an exponent.
	whole bool
}

// lossy is beyond any exponent that is used.
const lossy = 1 << 50

// decimal reads the number at pos by JSON's grammar; false if there is none.
func (s *scanner) decimal() (d decimal, ok bool) {
	b, i := s.body, s.pos
	if i < len(b) && b[i] == '-' {
		d.minus = 1
	}
	i += d.minus
	start := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		d.mant = d.mant*10 + uint64(b[i]-'0')
	}
	digits := i - start
	if digits == 0 || digits > 1 && b[start] == '0' {
		return d, false
	}
	d.whole = true
	if i < len(b) && b[i] == '.' {
		d.whole = false
		point := i + 1
		d.mant, i = fraction(b, point, d.mant)
		if i == point {
			return d, false
		}
		digits += i - point
		d.exp = int64(point - i)
	}
	if digits > 19 && digits-leadingZeros(b[start:i]) > 19 {
		d.exp = lossy
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		d.whole = false
		exp, end := exponent(b, i+1)
		if end == 0 {
			return d, false
		}
		d.exp, i = d.exp+exp, end
	}
	s.pos = i
	return d, true
}

// fraction appends the digits that begin at b[i] to mant and returns their end.
func fraction(b []byte, i int, mant uint64) (uint64, int) {
	for len(b)-i >= 8 {
		v := binary.LittleEndian.Uint64(b[i:])
		if !eightDigits(v) {
			break
		}
		mant = mant*1e8 + parseEight(v)
		i += 8
	}
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		mant = mant*10 + uint64(b[i]-'0')
	}
	return mant, i
}

// eightDigits reports whether all bytes of v are ASCII digits: a high half of 3, and
// still so with 6 added.
func eightDigits(v uint64) bool {
	const highs = 0xf0f0f0f0f0f0f0f0
	return v&highs == 0x3030303030303030 && (v+0x0606060606060606)&highs == 0x3030303030303030
}

// parseEight is the value of eight ASCII digits, the first in the lowest byte: pairs
// are joined to bytes, those to halves, those to the whole.
func parseEight(v uint64) uint64 {
	const mask = 0x000000ff000000ff
	v -= 0x3030303030303030
	v = v*10 + v>>8
	return (v&mask*(100+1e6<<32) + v>>16&mask*(1+1e4<<32)) >> 32
}

// leadingZeros is the number of digits before the first that is not 0.
func leadingZeros(number []byte) int {
	n := 0
	for _, c := range number {
		switch c {
		case '0':
			n++
		case '.':
		default:
			return n
		}
	}
	return n
}

// exponent reads what follows the e at b[i-1]; end is 0 if that is no exponent.
func exponent(b []byte, i int) (exp int64, end int) {
	sign := int64(1)
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		if b[i] == '-' {
			sign = -1
		}
		i++
	}
	start := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		// No number that can be written down needs more.
		exp = min(exp*10+int64(b[i]-'0'), 1<<40)
	}
	if i == start {
		return 0, 0
	}
	return sign * exp, i
}

// exactPowers are the powers of ten that a float64 holds exactly.
var exactPowers = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

const maxPower = int64(len(exactPowers) - 1)

// scale is mant·10^exp for an exp within maxPower. It is rounded once for mant and once
// for the product, so it is the nearest float64 if mant fits 53 bits, and no more than
// two units in the last place from the number if not.
func (d decimal) scale() float64 {
	f := float64(d.mant)
	if d.exp < 0 {
		f /= exactPowers[-d.exp]
	} else {
		f *= exactPowers[d.exp]
	}
	return f
}

func (d decimal) signed(f float64) float64 {
	return math.Float64frombits(math.Float64bits(f) | uint64(d.minus)<<63)
}

// float64 is Clinger's fast path; false where it does not apply.
func (d decimal) float64() (float64, bool) {
	if d.mant > 1<<53 || d.exp < -maxPower || d.exp > maxPower {
		return 0, false
	}
	return d.signed(d.scale()), true
}

// float32 rounds the float64 near the number. That gives the nearest float32 unless the
// number is so close to the middle between two that the float64's error tips the
// scales; then false.
func (d decimal) float32() (float32, bool) {
	if d.exp < -maxPower || d.exp > maxPower {
		return 0, false
	}
	const middle, slack = 1 << 28, 4
	f := d.scale()
	if rest := math.Float64bits(f) & (middle<<1 - 1); rest-(middle-slack) <= 2*slack {
		return 0, false
	}
	return float32(d.signed(f)), true
}

// float32 reads the number at pos, or one of the texts "NaN", "Infinity" and
// "-Infinity"; the result is that of strconv.ParseFloat. What is too large becomes
// infinity.
func (s *scanner) float32() (float32, error) {
	start := s.pos
	d, ok := s.decimal()
	if !ok {
		f, err := s.floatText()
		return float32(f), err
	}
	if f, ok := d.float32(); ok {
		return f, nil
	}
	f, _ := strconv.ParseFloat(string(s.body[start:s.pos]), 32)
	return float32(f), nil
}

// float64 is float32 for doubles.
func (s *scanner) float64() (float64, error) {
	start := s.pos
	d, ok := s.decimal()
	if !ok {
		return s.floatText()
	}
	if f, ok := d.float64(); ok {
		return f, nil
	}
	f, _ := strconv.ParseFloat(string(s.body[start:s.pos]), 64)
	return f, nil
}

// floatText reads what JSON has no number for.
func (s *scanner) floatText() (float64, error) {
	start := s.pos
	if s.space() == '"' {
		t, err := s.rawText()
		if err != nil {
			return 0, err
		}
		switch string(t.bytes) {
		case "NaN":
			return math.NaN(), nil
		case "Infinity":
			return math.Inf(1), nil
		case "-Infinity":
			return math.Inf(-1), nil
		}
	}
	s.pos = start
	return 0, s.mismatch("a number")
}
