package sampan_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/sampanml/sampan"
)

func TestShapeElements(t *testing.T) {
	tests := []struct {
		shape sampan.Shape
		want  int64
		ok    bool
	}{
		{nil, 1, true},
		{sampan.Shape{}, 1, true},
		{sampan.Shape{0}, 0, true},
		{sampan.Shape{1, 13}, 13, true},
		{sampan.Shape{2, 0, 3}, 0, true},
		{sampan.Shape{-1, 13}, 0, false},
		{sampan.Shape{0, -1}, 0, false},
		{sampan.Shape{-1, -1}, 0, false},
		{sampan.Shape{math.MaxInt64}, math.MaxInt64, true},
		{sampan.Shape{math.MaxInt64, 1}, math.MaxInt64, true},
		{sampan.Shape{math.MaxInt64, 2}, math.MaxInt64, false},
		{sampan.Shape{1 << 32, 1 << 32}, 1 << 32, false},
		{sampan.Shape{1 << 32, 1 << 32, 0}, 0, true},
		{sampan.Shape{0, 1 << 32, 1 << 32}, 0, true},
		{sampan.Shape{math.MinInt64}, 0, false},
	}
	for _, test := range tests {
		if got, ok := test.shape.Elements(); ok != test.ok || ok && got != test.want {
			t.Errorf("%v has %d, %v elements, want %d, %v", test.shape, got, ok, test.want, test.ok)
		}
	}
}

// TestShapeElementsIsExact holds the product against one without bounds.
func TestShapeElementsIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	fits := 0
	for range 20000 {
		shape, product := sampan.Shape{}, big.NewInt(1)
		for range r.IntN(6) {
			d := r.Int64N(1 << r.IntN(40))
			shape = append(shape, d)
			product.Mul(product, big.NewInt(d))
		}
		got, ok := shape.Elements()
		if ok != product.IsInt64() || ok && got != product.Int64() {
			t.Fatalf("%v has %d, %v elements, want %v", shape, got, ok, product)
		}
		if ok {
			fits++
		}
	}
	if fits < 1000 || fits > 19000 {
		t.Errorf("%d of 20000 products fit, want some of both", fits)
	}
}

func TestShapeRelations(t *testing.T) {
	tests := []struct {
		a, b        sampan.Shape
		equal, fits bool
	}{
		{nil, nil, true, true},
		{nil, sampan.Shape{}, true, true},
		{sampan.Shape{1, 13}, sampan.Shape{1, 13}, true, true},
		{sampan.Shape{1, 13}, sampan.Shape{-1, 13}, false, true},
		{sampan.Shape{1, 12}, sampan.Shape{-1, 13}, false, false},
		{sampan.Shape{13}, sampan.Shape{-1, 13}, false, false},
		{sampan.Shape{1, 13, 1}, sampan.Shape{1, 13}, false, false},
		{sampan.Shape{0, 13}, sampan.Shape{-1, -1}, false, true},
		{sampan.Shape{1}, sampan.Shape{0}, false, false},
		{sampan.Shape{-1}, sampan.Shape{-1}, true, true},
	}
	for _, test := range tests {
		if got := test.a.Equal(test.b); got != test.equal {
			t.Errorf("%v.Equal(%v) = %v", test.a, test.b, got)
		}
		if got := test.a.Fits(test.b); got != test.fits {
			t.Errorf("%v.Fits(%v) = %v", test.a, test.b, got)
		}
	}
}

func TestShapeString(t *testing.T) {
	for want, shape := range map[string]sampan.Shape{"[]": nil, "[0]": {0}, "[-1 13]": {-1, 13}} {
		if got := shape.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
