package wire

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// The shortest decimal that reads back as a float64, by Raffaello Giulietti's
// Schubfach ("The Schubfach way to render doubles", 2021): of the decimals within half
// a unit of the float's last place, one with the fewest digits, the nearest of them.

// smallestTen and largestTen bound the powers that float64s of float32's range need.
const (
	smallestTen = -23
	largestTen  = 62
)

// tens are 128 bits of each power of ten, rounded up: high and low half.
var tens = powersOfTen()

func powersOfTen() (out [largestTen - smallestTen + 1][2]uint64) {
	one, half := big.NewInt(1), new(big.Int).SetUint64(math.MaxUint64)
	for i := range out {
		power := i + smallestTen
		ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(power, -power))), nil)
		shift := 127 - floorLog2Ten(power)
		g := new(big.Int)
		switch {
		case power < 0:
			g.Quo(g.Lsh(one, uint(shift)), ten)
		case shift >= 0:
			g.Lsh(ten, uint(shift))
		default:
			g.Rsh(ten, uint(-shift))
		}
		g.Add(g, one)
		out[i] = [2]uint64{new(big.Int).Rsh(g, 64).Uint64(), new(big.Int).And(g, half).Uint64()}
	}
	return out
}

// floorLog2Ten is the logarithm to base 2 of 10 to the power e, rounded down.
func floorLog2Ten(e int) int { return e * 1741647 >> 19 }

// floorLog10Two is the logarithm to base 10 of 2 to the power e, rounded down; that of
// three quarters of it where the float is a power of two, as its lower neighbour is
// nearer.
func floorLog10Two(e int, power bool) int {
	if power {
		return (e*1262611 - 524031) >> 22
	}
	return e * 1262611 >> 22
}

// shortest returns digits and an exponent with digits·10^exp the decimal of f, which is
// finite and positive. It reports false for a float beyond the range of tens.
func shortest(f float64) (digits uint64, exp int, ok bool) {
	raw := math.Float64bits(f)
	fraction, biased := raw&(1<<52-1), int(raw>>52)
	if biased == 0 {
		return 0, 0, false
	}
	c, q := fraction|1<<52, biased-1075
	power := fraction == 0
	k := floorLog10Two(q, power)
	if -k < smallestTen || -k > largestTen {
		return 0, 0, false
	}
	g := &tens[-k-smallestTen]
	h := q + floorLog2Ten(-k) + 1
	// The float and the ends of its interval, times four.
	low, mid, high := 4*c-2, 4*c, 4*c+2
	if power {
		low++
	}
	lower, middle, upper := scaled(g, low<<h), scaled(g, mid<<h), scaled(g, high<<h)
	if c&1 == 1 {
		// The ends read back as a neighbour.
		lower++
		upper--
	}
	s := middle / 4
	if s >= 10 {
		ten := s / 10
		below, above := lower <= 40*ten, 40*ten+40 <= upper
		if below != above {
			if above {
				ten++
			}
			return ten, k + 1, true
		}
	}
	below, above := lower <= 4*s, 4*s+4 <= upper
	up := above
	if below == above {
		up = middle > 4*s+2 || middle == 4*s+2 && s&1 == 1
	}
	if up {
		s++
	}
	return s, k, true
}

// scaled is g·c over 2^128, its last bit set if anything was cut off.
func scaled(g *[2]uint64, c uint64) uint64 {
	carried, _ := bits.Mul64(g[1], c)
	high, low := bits.Mul64(g[0], c)
	low, carry := bits.Add64(low, carried, 0)
	high += carry
	if low > 1 {
		high |= 1
	}
	return high
}

// pairs are the two digits of 0 to 99 as they stand in memory.
var pairs = func() (out [100]uint16) {
	for i := range out {
		out[i] = binary.LittleEndian.Uint16([]byte{byte('0' + i/10), byte('0' + i%10)})
	}
	return out
}()

// putEight writes eight digits, zeros in front.
func putEight(b []byte, v uint32) {
	high, low := v/10000, v%10000
	binary.LittleEndian.PutUint64(b, uint64(pairs[high/100])|uint64(pairs[high%100])<<16|
		uint64(pairs[low/100])<<32|uint64(pairs[low%100])<<48)
}

// putDigits fills b with the digits of v, which has as many.
func putDigits(b []byte, v uint64) {
	at := len(b)
	for ; at >= 8; v /= 1e8 {
		at -= 8
		putEight(b[at:], uint32(v%1e8))
	}
	rest := uint32(v)
	for ; at >= 2; rest /= 100 {
		at -= 2
		binary.LittleEndian.PutUint16(b[at:], pairs[rest%100])
	}
	if at == 1 {
		b[0] = byte('0' + rest)
	}
}

// tenTo are powers of ten, to count digits with.
var tenTo = [...]uint64{0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// countDigits is how many digits v has, 1 at least.
func countDigits(v uint64) int {
	// 1233/4096 is the logarithm of 2.
	n := bits.Len64(v) * 1233 >> 12
	if v >= tenTo[n] {
		n++
	}
	return n
}

// longest is the most bytes that appendShortest writes.
const longest = 32

// appendShortest writes the decimal of f with a point and without an exponent; f is at
// least 1e-6 and below 1e21. It reports false, with dst as it came, where shortest does.
func appendShortest(dst []byte, f float64) ([]byte, bool) {
	digits, exp, ok := shortest(f)
	if !ok {
		return dst, false
	}
	for digits%10 == 0 {
		digits /= 10
		exp++
	}
	n := countDigits(digits)
	dst = slices.Grow(dst, longest)
	start := len(dst)
	b := dst[start : start+longest]
	// point is how many digits stand before the point.
	switch point := n + exp; {
	case point <= 0:
		at := copy(b, "0.00000"[:2-point])
		putDigits(b[at:at+n], digits)
		return dst[:start+at+n], true
	case point < n:
		putDigits(b[1:1+n], digits)
		copy(b, b[1:1+point])
		b[point] = '.'
		return dst[:start+n+1], true
	default:
		putDigits(b[:n], digits)
		copy(b[n:], "00000000000000000000"[:exp])
		copy(b[point:], ".0")
		return dst[:start+point+2], true
	}
}
