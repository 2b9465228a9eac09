package wire

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// checkShortest holds the printer against strconv's.
func checkShortest(t testing.TB, f float64) {
	t.Helper()
	f = math.Abs(f)
	if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
		return
	}
	digits, exp, ok := shortest(f)
	if ok {
		got := strconv.FormatUint(digits, 10) + "e" + strconv.Itoa(exp)
		if back, err := strconv.ParseFloat(got, 64); err != nil || back != f {
			t.Fatalf("%b: %s reads back as %b", f, got, back)
		}
	}
	if f < 1e-6 || f >= 1e21 {
		return
	}
	want := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(want, ".") {
		want += ".0"
	}
	if got, ok := appendShortest(nil, f); ok && string(got) != want {
		t.Fatalf("%b: %s, want %s", f, got, want)
	}
}

func TestShortest(t *testing.T) {
	for _, f := range []float64{1, 0.5, 0.1, 0.3, 1e-6, 9.999999999999999e20, 5e-6, 123456789.125, 1e15 + 0.5, 9007199254740993,
		18.901151657104492, 2.2250738585072014e-308, 5e-324, math.MaxFloat64, 4.35, 1e20, 123e18} {
		checkShortest(t, f)
	}
	for e := -1074; e < 1024; e++ {
		f := math.Ldexp(1, e)
		checkShortest(t, f)
		checkShortest(t, math.Nextafter(f, 0))
		checkShortest(t, math.Nextafter(f, math.Inf(1)))
	}
	for e := range 256 {
		for _, fraction := range []uint32{0, 1, 2, 1<<23 - 1, 1 << 22, 1<<22 + 1, 0x555555} {
			checkShortest(t, float64(math.Float32frombits(uint32(e)<<23|fraction)))
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1_000_000 {
		checkShortest(t, float64(math.Float32frombits(rng.Uint32())))
		checkShortest(t, math.Float64frombits(rng.Uint64()))
		checkShortest(t, rng.NormFloat64())
	}
}

// TestShortestCovers sees to it that every float32 that is printed without an exponent
// goes the short way.
func TestShortestCovers(t *testing.T) {
	for _, f := range []float32{math.SmallestNonzeroFloat32, 1e-38, 1e-6, 1, 1e21, math.MaxFloat32} {
		if _, _, ok := shortest(float64(f)); !ok {
			t.Errorf("%g is out of range", f)
		}
	}
}

func FuzzShortest(f *testing.F) {
	f.Add(0.1)
	f.Add(18.901151657104492)
	f.Add(math.Ldexp(1, 60))
	f.Fuzz(func(t *testing.T, v float64) {
		checkShortest(t, v)
		checkShortest(t, float64(float32(v)))
	})
}

func BenchmarkShortest(b *testing.B) {
	values := make([]float64, 1024)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range values {
		values[i] = float64(float32(rng.NormFloat64()))
	}
	dst := make([]byte, 0, 32)
	b.Run("ours", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			dst, _ = appendShortest(dst[:0], math.Abs(values[i%1024]))
		}
	})
	b.Run("strconv", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			dst = strconv.AppendFloat(dst[:0], values[i%1024], 'f', -1, 64)
		}
	})
}
