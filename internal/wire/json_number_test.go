package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// checkFloats holds the scanner against strconv for one number.
func checkFloats(t *testing.T, text string) {
	t.Helper()
	want32, _ := strconv.ParseFloat(text, 32)
	s := scanner{body: []byte(text)}
	if got, err := s.float32(); err != nil || s.pos != len(text) || math.Float32bits(got) != math.Float32bits(float32(want32)) {
		t.Errorf("float32 %s: %v (%08x), %v, want %v (%08x)", text, got, math.Float32bits(got), err, want32, math.Float32bits(float32(want32)))
	}
	want64, _ := strconv.ParseFloat(text, 64)
	s = scanner{body: []byte(text)}
	if got, err := s.float64(); err != nil || s.pos != len(text) || math.Float64bits(got) != math.Float64bits(want64) {
		t.Errorf("float64 %s: %v, %v, want %v", text, got, err, want64)
	}
	// Eight bytes at a time must not see beyond the number.
	s = scanner{body: []byte(text + "99999999")[:len(text)]}
	if got, _ := s.float32(); math.Float32bits(got) != math.Float32bits(float32(want32)) {
		t.Errorf("float32 %s before other digits: %v", text, got)
	}
}

func TestFloatsEqualStrconv(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "0.0", "-0.0", "0e0", "-0e-5", "1", "-1", "1.0", "0.1", "0.5", "1e1", "1E+2", "1e-2",
		"16777216", "16777217", "16777218", "16777219", "9007199254740992", "9007199254740993", "9007199254740995",
		"3.4028234663852886e38", "3.4028235e38", "3.4028235677973366e38", "3.4028236e38", "1e39", "-1e40", "1e400", "-1e400",
		"1.17549435e-38", "1.1754943e-38", "1e-45", "7e-46", "7.1e-46", "1e-46", "5e-324", "2e-324", "1e-400",
		"9999999999999999999", "18446744073709551615", "18446744073709551616", "18446744073709551616.0",
		"18446744073709551616.5", "184467440737095516160000000000.25", "0.00000000000000000000000000000000000001",
		"0.0000000000000000000000000000000000000012345678901234567890", "123456789012345678901234567890",
		"0.1234567890123456789", "0.12345678901234567890", "1.00000005960464477539", "1.00000005960464477540",
		"1.000000059604644775390625", "1.0000000596046447753906250000000001", "1.00000005960464477539062499999999",
		"1e22", "1e23", "1e-22", "1e-23", "123456789e22", "0.000000000000000000001e21", "1e0000000000000000000001",
		"1e99999999999999999999", "1e-99999999999999999999", "0e99999999999999999999",
		"0." + strings.Repeat("0", 5000) + "1e5001", strings.Repeat("9", 400), "1." + strings.Repeat("0", 400) + "1",
	} {
		checkFloats(t, text)
	}
}

// TestFloatsEqualStrconvAtRandom tries the ways in which floats are written, and the
// numbers that are hardest to round: those around the middle of two floats.
func TestFloatsEqualStrconvAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 40000 {
		f := math.Float32frombits(r.Uint32())
		if f != f || math.IsInf(float64(f), 0) {
			continue
		}
		checkFloats(t, strconv.FormatFloat(float64(f), 'g', -1, 32))
		checkFloats(t, strconv.FormatFloat(float64(f), 'e', 1+r.IntN(24), 64))
		checkFloats(t, strconv.FormatFloat(r.NormFloat64(), 'f', r.IntN(22), 64))
		checkFloats(t, fmt.Sprintf("%d.%de%d", r.Uint64()>>r.IntN(64), r.Uint64()>>r.IntN(64), r.IntN(60)-30))
	}
	for range 20000 {
		// Of a size that the fast path takes.
		f := float32(math.Ldexp(1+r.Float64(), r.IntN(100)-50))
		middle := (float64(f) + float64(math.Nextafter32(f, math.MaxFloat32))) / 2
		exact := new(big.Float).SetFloat64(middle).Text('f', 100)
		exact = strings.TrimRight(strings.TrimRight(exact, "0"), ".")
		checkFloats(t, exact)
		for digits := 15; digits < 22; digits++ {
			checkFloats(t, strconv.FormatFloat(middle, 'e', digits, 64))
		}
		for _, near := range []float64{math.Nextafter(middle, 0), math.Nextafter(middle, math.MaxFloat64)} {
			checkFloats(t, strconv.FormatFloat(near, 'g', -1, 64))
		}
	}
}

// TestNumberGrammar holds the grammar against encoding/json.
func TestNumberGrammar(t *testing.T) {
	for _, text := range []string{
		"", "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "1e-", "0x10", "1_0", "1e5.5", "--1",
		"1 ", "1a", "NaN", "nan", "Infinity", "-Infinity", "inf", "1.0.0", "1,5", "0.1234567:", "0.12345678:;<=>?", "0.1234567/", "1/", "1:", "0", "-0", "0.0", "10", "1e5", "1E5", "1e+05",
	} {
		s := scanner{body: []byte(text)}
		_, ok := s.decimal()
		if got, want := ok && s.pos == len(text), json.Valid([]byte(text)) && text[len(text)-1] != ' '; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func checkInt[T integer](t *testing.T, text string, lowest, highest *big.Int) {
	t.Helper()
	want, ok := new(big.Int).SetString(text, 10)
	fits := ok && want.Cmp(lowest) >= 0 && want.Cmp(highest) <= 0
	for name, next := range map[string]func(*scanner) (T, error){"intOf": intOf[T], "wholeOf": wholeOf[T], "intText": intText[T]} {
		s := scanner{body: []byte(text)}
		got, err := next(&s)
		switch {
		case !fits && err == nil:
			t.Errorf("%s %T %s: %d, want an error", name, got, text, got)
		case fits && (err != nil || fmt.Sprint(got) != want.String() || s.pos != len(text)):
			t.Errorf("%s %T %s: %d, %v", name, got, text, got, err)
		case !fits && s.pos != len(text):
			t.Errorf("%s %T %s: left at %d", name, got, text, s.pos)
		}
	}
}

func TestIntegers(t *testing.T) {
	one := big.NewInt(1)
	for _, bits := range []uint{7, 8, 15, 16, 31, 32, 53, 63, 64} {
		limit := new(big.Int).Lsh(one, bits)
		for delta := int64(-2); delta <= 2; delta++ {
			v := new(big.Int).Add(limit, big.NewInt(delta))
			for _, text := range []string{v.String(), "-" + v.String(), v.String() + "0", v.String() + "0000000000000000000000"} {
				signed := func(bits uint) (*big.Int, *big.Int) {
					half := new(big.Int).Lsh(one, bits-1)
					return new(big.Int).Neg(half), new(big.Int).Sub(half, one)
				}
				unsigned := func(bits uint) (*big.Int, *big.Int) {
					return new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(one, bits), one)
				}
				low, high := signed(8)
				checkInt[int8](t, text, low, high)
				low, high = signed(16)
				checkInt[int16](t, text, low, high)
				low, high = signed(32)
				checkInt[int32](t, text, low, high)
				low, high = signed(64)
				checkInt[int64](t, text, low, high)
				low, high = unsigned(8)
				checkInt[uint8](t, text, low, high)
				low, high = unsigned(16)
				checkInt[uint16](t, text, low, high)
				low, high = unsigned(32)
				checkInt[uint32](t, text, low, high)
				low, high = unsigned(64)
				checkInt[uint64](t, text, low, high)
			}
		}
	}
}

func TestWholeNumbers(t *testing.T) {
	tests := map[string]struct {
		want int32
		ok   bool
	}{
		"3.0": {3, true}, "-3.0": {-3, true}, "1e3": {1000, true}, "12.5e1": {125, true}, "-0.0": {0, true}, "0.0e5": {0, true},
		"3.5": {0, false}, "1e-1": {0, false}, "1e10": {0, false}, "1e400": {0, false}, "-2147483648.0": {math.MinInt32, true},
		"2147483648.0": {0, false}, `"3"`: {0, false}, "true": {0, false}, "null": {0, false}, "[3]": {0, false},
	}
	for text, test := range tests {
		s := scanner{body: []byte(text)}
		got, err := wholeOf[int32](&s)
		if (err == nil) != test.ok || got != test.want || s.pos != len(text) {
			t.Errorf("%s: %d, %v at %d, want %d, %v", text, got, err, s.pos, test.want, test.ok)
		}
	}
}

// TestNumbersMakesRoom checks that room is made once, and never for more elements than
// the list has bytes for.
func TestNumbersMakesRoom(t *testing.T) {
	body := []byte("[1" + strings.Repeat(",1", 999) + "]")
	s := scanner{body: body}
	got, err := numbers(&s, nil, (*scanner).float32)
	if err != nil || len(got) != 1000 || cap(got) > 1100 {
		t.Errorf("%d elements, room for %d, %v", len(got), cap(got), err)
	}
	s = scanner{body: []byte("[1" + strings.Repeat(",", 1999) + "]")}
	if got, err = numbers(&s, nil, (*scanner).float32); err == nil || cap(got) > 1100 {
		t.Errorf("room for %d in 2000 bytes, %v", cap(got), err)
	}
}
