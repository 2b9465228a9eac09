package sampan_test

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/sampanml/sampan"
)

// value is what a bit pattern stands for by the definition of the format, in float64.
func value(bits uint16, expBits, fracBits uint) float64 {
	sign := 1.0
	if bits>>15 == 1 {
		sign = -1
	}
	bias := 1<<(expBits-1) - 1
	exp, frac := int(bits>>fracBits)&(1<<expBits-1), float64(bits&(1<<fracBits-1))
	switch {
	case exp == 1<<expBits-1 && frac == 0:
		return sign * math.Inf(1)
	case exp == 1<<expBits-1:
		return math.NaN()
	case exp == 0:
		return sign * math.Ldexp(frac, 1-bias-int(fracBits))
	}
	return sign * math.Ldexp(1+frac/float64(int(1)<<fracBits), exp-bias)
}

// nearest rounds f to the nearest of the format's numbers, ties to the even pattern.
// positives are the values of the patterns from 0 up to infinity, where infinity stands
// as the number that would follow the largest.
func nearest(f float64, positives []float64) uint16 {
	sign := uint16(0)
	if math.Signbit(f) {
		sign = 0x8000
	}
	f = math.Abs(f)
	i := sort.SearchFloat64s(positives, f)
	if i == len(positives) {
		return sign | uint16(len(positives)-1)
	}
	if i == 0 || positives[i] == f {
		return sign | uint16(i)
	}
	below, above := f-positives[i-1], positives[i]-f
	if below < above || below == above && i%2 == 1 {
		i--
	}
	return sign | uint16(i)
}

// positives lists the values of the patterns from 0 to infinity.
func positives(expBits, fracBits uint) []float64 {
	infinity := (1<<expBits - 1) << fracBits
	list := make([]float64, infinity+1)
	for bits := range infinity {
		list[bits] = value(uint16(bits), expBits, fracBits)
	}
	list[infinity] = 2*list[infinity-1] - list[infinity-2]
	return list
}

// format is one of the two half-width formats.
type format struct {
	name              string
	expBits, fracBits uint
	widen             func(uint16) float32
	narrow            func(float32) uint16
}

var formats = []format{
	{"float16", 5, 10, func(b uint16) float32 { return sampan.F16(b).Float32() }, func(f float32) uint16 { return uint16(sampan.ToF16(f)) }},
	{"bfloat16", 8, 7, func(b uint16) float32 { return sampan.BF16(b).Float32() }, func(f float32) uint16 { return uint16(sampan.ToBF16(f)) }},
}

// TestHalfPatterns takes all 65536 patterns of both formats to float32 and back.
func TestHalfPatterns(t *testing.T) {
	for _, f := range formats {
		for i := range 1 << 16 {
			bits := uint16(i)
			got, want := f.widen(bits), value(bits, f.expBits, f.fracBits)
			if math.IsNaN(want) {
				back := f.narrow(got)
				if got == got || math.Signbit(float64(got)) != (bits>>15 == 1) {
					t.Errorf("%s %04x is %v, want NaN of the same sign", f.name, bits, got)
				}
				if again := f.widen(back); again == again || back>>15 != bits>>15 {
					t.Errorf("%s %04x comes back as %04x, want NaN of the same sign", f.name, bits, back)
				}
				continue
			}
			if math.Float64bits(float64(got)) != math.Float64bits(want) {
				t.Errorf("%s %04x is %v, want %v", f.name, bits, got, want)
			}
			if back := f.narrow(got); back != bits {
				t.Errorf("%s %04x comes back as %04x", f.name, bits, back)
			}
		}
	}
}

// TestHalfRounding holds the rounding against a search in float64: the middle between
// every two neighbours, the float32 on either side of it, and random numbers.
func TestHalfRounding(t *testing.T) {
	for _, f := range formats {
		list := positives(f.expBits, f.fracBits)
		check := func(v float32) {
			for _, v := range []float32{v, -v} {
				if got, want := f.narrow(v), nearest(float64(v), list); got != want {
					t.Errorf("%s of %v (%08x) is %04x, want %04x", f.name, v, math.Float32bits(v), got, want)
				}
			}
		}
		for i := 1; i < len(list); i++ {
			middle := float32((list[i-1] + list[i]) / 2)
			if float64(middle) != (list[i-1]+list[i])/2 {
				t.Fatalf("%s: float32 does not hold the middle of %v and %v", f.name, list[i-1], list[i])
			}
			check(middle)
			check(math.Nextafter32(middle, 0))
			check(math.Nextafter32(middle, math.MaxFloat32))
			check(float32(list[i-1]))
		}
		for _, v := range []float32{0, math.SmallestNonzeroFloat32, math.MaxFloat32, float32(math.Inf(1)), 65504, 65519.996, 65520, 65536, 0x1p-24, 0x1p-25, 0x1.000002p-25, 0x1p-26} {
			check(v)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 200000 {
			if v := math.Float32frombits(r.Uint32()); v == v {
				check(v)
			}
			check(float32(math.Ldexp(r.Float64(), r.IntN(44)-28)))
		}
	}
}
