package main

import (
	"math"
	"testing"

	"github.com/sampanml/sampan"
)

func of[T sampan.Element](t *testing.T, data ...T) sampan.Tensor {
	t.Helper()
	out, err := sampan.Of(sampan.Shape{int64(len(data))}, data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCompare(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name      string
		got, want sampan.Tensor
		most      float64
		scale     float64
		exact     bool
	}{
		{"float32", of[float32](t, 1, -4), of[float32](t, 1.5, -8), 4, 8, false},
		{"float64", of(t, 1.25), of(t, 1.0), 0.25, 1, false},
		{"float16", of(t, sampan.ToF16(2)), of(t, sampan.ToF16(1.5)), 0.5, 1.5, false},
		{"nothing", of[float32](t), of[float32](t), 0, 0, false},
		{"NaN as wanted", of(t, nan), of(t, nan), 0, 0, false},
		{"NaN", of(t, nan), of[float32](t, 1), math.Inf(1), 1, false},
		{"NaN wanted", of[float32](t, 1), of(t, nan), math.Inf(1), 0, false},
		{"infinite as wanted", of(t, inf, 1), of(t, inf, 1), 0, 1, false},
		{"infinite", of(t, -inf), of(t, inf), math.Inf(1), 0, false},
		{"bool", of(t, true, false), of(t, true, true), 1, 1, true},
		{"int8", of[int8](t, -128), of[int8](t, 127), 255, 127, true},
		{"int16", of[int16](t, 3), of[int16](t, 1), 2, 1, true},
		{"int32", of[int32](t, 3), of[int32](t, 3), 0, 3, true},
		{"int64, alike as float64", of[int64](t, 1<<53), of[int64](t, 1<<53+1), 1, 1 << 53, true},
		{"uint8", of[uint8](t, 200), of[uint8](t, 201), 1, 201, true},
		{"uint16", of[uint16](t, 1), of[uint16](t, 1), 0, 1, true},
		{"uint32", of[uint32](t, 1), of[uint32](t, 1), 0, 1, true},
		{"uint64", of[uint64](t, 1), of[uint64](t, 4), 3, 4, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := compare(c.got, c.want)
			if want := (difference{c.most, c.scale, c.exact}); err != nil || d != want {
				t.Errorf("%+v (%v), want %+v", d, err, want)
			}
		})
	}
	for _, c := range []struct {
		got, want sampan.Tensor
		text      string
	}{
		{of[float32](t, 1), of(t, 1.0), "it is float32 [1], want float64 [1]"},
		{of[float32](t, 1), of[float32](t, 1, 2), "it is float32 [1], want float32 [2]"},
		{of[complex64](t, 1), of[complex64](t, 1), "elements of complex64 are not compared"},
	} {
		if _, err := compare(c.got, c.want); err == nil || err.Error() != c.text {
			t.Errorf("got  %v\nwant %s", err, c.text)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		d         difference
		tolerance float64
		want      bool
	}{
		{difference{most: 0.01, scale: 100}, 1e-4, true},
		{difference{most: 0.011, scale: 100}, 1e-4, false},
		{difference{most: 1e-4, scale: 0.01}, 1e-4, true},
		{difference{most: 1, exact: true, scale: 1e9}, 1, false},
		{difference{exact: true}, 0, true},
		{difference{most: math.Inf(1)}, math.MaxFloat64, false},
	} {
		if got := c.d.within(c.tolerance); got != c.want {
			t.Errorf("%+v within %g: %t", c.d, c.tolerance, got)
		}
	}
}
