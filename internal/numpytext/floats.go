package numpytext

import (
	"bytes"
	"math"
	"strconv"

	"github.com/sampanml/sampan"
)

// precision is the most digits behind the point.
const precision = 8

// floats are numbers with their points below each other: in positions, or with exponents
// where the largest is 1e8 or more, the smallest below 1e-4, or they are more than a
// thousandfold apart. Each has as many digits as tell it from its neighbours, precision at
// most.
type floats struct {
	bits      int
	value     func(i int) float64
	exponents bool
	// left is the width before the point, right behind it, the exponent included.
	left, right int
	// digits behind the point and of the exponent, where there are exponents.
	digits, exponent int
}

func newFloats(bits, n int, value func(int) float64, shown []int) *floats {
	f := &floats{bits: bits, value: value}
	each := func(look func(float64)) {
		if shown == nil {
			for i := range n {
				look(value(i))
			}
		}
		for _, i := range shown {
			look(value(i))
		}
	}
	low, high := math.Inf(1), 0.0
	each(func(v float64) {
		if a := math.Abs(v); a != 0 && !math.IsInf(a, 0) && !math.IsNaN(a) {
			low, high = min(low, a), max(high, a)
		}
	})
	f.exponents = high > 0 && (high >= 1e8 || low < 1e-4 || f.quotient(high, low) > 1000)
	finite, special := false, 0
	var room [64]byte
	each(func(v float64) {
		switch {
		case math.IsNaN(v):
			special = max(special, len("nan"))
		case math.IsInf(v, 1):
			special = max(special, len("inf"))
		case math.IsInf(v, -1):
			special = max(special, len("-inf"))
		default:
			finite = true
			f.measure(room[:0], v)
		}
	})
	switch {
	case !finite:
		f.left, f.right = 0, 0
	case f.exponents:
		f.right = f.exponent + 2 + f.digits
	}
	// What is not a number may need more room.
	f.left = max(f.left, special-(f.right+1))
	return f
}

// quotient is computed in the array's type, where it may overflow.
func (f *floats) quotient(high, low float64) float64 {
	switch f.bits {
	case 16:
		return float64(sampan.ToF16(float32(high / low)).Float32())
	case 32:
		return float64(float32(high) / float32(low))
	}
	return high / low
}

// measure widens the columns for a number.
func (f *floats) measure(room []byte, v float64) {
	if f.exponents {
		digits, exponent := f.digitsOf(room, v)
		f.digits, f.exponent, f.left = max(f.digits, digits), max(f.exponent, exponent), max(f.left, 1+boolInt(math.Signbit(v)))
		return
	}
	text := f.positional(room, v)
	point := bytes.IndexByte(text, '.')
	f.left, f.right = max(f.left, point), max(f.right, len(text)-point-1)
}

// shortest appends the digits that tell v from its neighbours.
func (f *floats) shortest(dst []byte, v float64, format byte) []byte {
	if f.bits != 16 {
		return strconv.AppendFloat(dst, v, format, -1, f.bits)
	}
	h, start := sampan.ToF16(float32(v)), len(dst)
	for digits := range 8 {
		dst = strconv.AppendFloat(dst[:start], v, 'e', digits, 64)
		back, err := strconv.ParseFloat(string(dst[start:]), 64)
		if err == nil && halfOf(back) == h {
			return strconv.AppendFloat(dst[:start], back, format, -1, 64)
		}
	}
	return strconv.AppendFloat(dst[:start], v, format, -1, 64)
}

func halfOf(v float64) sampan.F16 { return sampan.ToF16(float32(v)) }

// positional is v with a point and no more digits than it needs: 2. and 0.33333334.
func (f *floats) positional(dst []byte, v float64) []byte {
	start := len(dst)
	dst = f.shortest(dst, v, 'f')
	point := bytes.IndexByte(dst[start:], '.')
	if point < 0 {
		// All digits before the point are the number's own, whether it needs them or not.
		return append(strconv.AppendFloat(dst[:start], v, 'f', 0, 64), '.')
	}
	if len(dst)-start-point-1 > precision {
		dst = trimZeros(strconv.AppendFloat(dst[:start], v, 'f', precision, 64))
	}
	return dst
}

// digitsOf is how many digits behind the point v needs where it has an exponent, and how
// many the exponent has.
func (f *floats) digitsOf(room []byte, v float64) (digits, exponent int) {
	text := f.shortest(room, v, 'e')
	e := bytes.IndexByte(text, 'e')
	if point := bytes.IndexByte(text, '.'); point >= 0 {
		digits = e - point - 1
	}
	exponent = len(text) - e - 2
	if digits > precision {
		text = strconv.AppendFloat(room, v, 'e', precision, 64)
		e = bytes.IndexByte(text, 'e')
		digits = len(trimZeros(text[:e])) - bytes.IndexByte(text, '.') - 1
	}
	return digits, exponent
}

// scientific is v with an exponent: 1.e-05. Digits beyond those that it needs are its own
// and not zeros, as numpy has them.
func (f *floats) scientific(dst []byte, v float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'e', f.digits, 64)
	e := start + bytes.IndexByte(dst[start:], 'e')
	var room [8]byte
	exponent := append(room[:0], dst[e:]...)
	dst = dst[:e]
	if f.digits == 0 {
		dst = append(dst, '.')
	}
	dst = append(dst, exponent[:2]...)
	for range f.exponent - (len(exponent) - 2) {
		dst = append(dst, '0')
	}
	return append(dst, exponent[2:]...)
}

func trimZeros(text []byte) []byte {
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	return text
}

func (f *floats) append(dst []byte, i int) []byte {
	v, start := f.value(i), len(dst)
	switch {
	case math.IsNaN(v):
		return padLeft(append(dst, "nan"...), start, f.left+f.right+1)
	case math.IsInf(v, 1):
		return padLeft(append(dst, "inf"...), start, f.left+f.right+1)
	case math.IsInf(v, -1):
		return padLeft(append(dst, "-inf"...), start, f.left+f.right+1)
	case f.exponents:
		dst = f.scientific(dst, v)
		return padLeft(dst, start, f.left+f.right+1)
	}
	dst = f.positional(dst, v)
	point := bytes.IndexByte(dst[start:], '.')
	dst = appendSpaces(dst, f.right-(len(dst)-start-point-1))
	return padLeft(dst, start, f.left+1+f.right)
}

func (*floats) length(word []byte) int { return len(word) }

// scalar is Python's text of a float, in whose type numpy's scalars are printed: with
// exponents from 1e16 and below 1e-4.
func (f *floats) scalar(dst []byte) []byte {
	v := f.value(0)
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return append(dst, "nan"...)
	case math.IsInf(v, 1):
		return append(dst, "inf"...)
	case math.IsInf(v, -1):
		return append(dst, "-inf"...)
	case a != 0 && (a >= 1e16 || a < 1e-4):
		return f.shortest(dst, v, 'e')
	}
	start := len(dst)
	dst = f.shortest(dst, v, 'f')
	if bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}
