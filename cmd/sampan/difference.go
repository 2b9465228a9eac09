package main

import (
	"bytes"
	"fmt"
	"math"

	"github.com/sampanml/sampan"
)

// difference is how far a tensor is off.
type difference struct {
	// most is the largest difference of an element, scale the largest value wanted.
	most, scale float64
	// exact says that the elements are whole numbers or truths.
	exact bool
}

func (d difference) within(tolerance float64) bool {
	if d.exact {
		return d.most == 0
	}
	return d.most <= tolerance*max(1, d.scale)
}

// compare finds the difference of tensors of the same dtype and shape. NaN is equal to
// NaN and infinitely far from everything else.
func compare(got, want sampan.Tensor) (difference, error) {
	if got.DType != want.DType || !got.Shape.Equal(want.Shape) {
		return difference{}, fmt.Errorf("it is %s %v, want %s %v", got.DType, got.Shape, want.DType, want.Shape)
	}
	g, err := numbers(got)
	if err != nil {
		return difference{}, err
	}
	w, err := numbers(want)
	if err != nil {
		return difference{}, err
	}
	var d difference
	switch want.DType {
	case sampan.Float16, sampan.BFloat16, sampan.Float32, sampan.Float64:
	default:
		d.exact = true
	}
	for i := range w {
		if g[i] == w[i] || math.IsNaN(g[i]) && math.IsNaN(w[i]) {
			continue
		}
		off := math.Abs(g[i] - w[i])
		if math.IsNaN(off) {
			off = math.Inf(1)
		}
		d.most = max(d.most, off)
	}
	// Whole numbers beyond 2⁵³ can be the same as float64.
	if d.exact && d.most == 0 && !bytes.Equal(got.Data, want.Data) {
		d.most = 1
	}
	for _, v := range w {
		if v = math.Abs(v); v > d.scale && !math.IsInf(v, 1) {
			d.scale = v
		}
	}
	return d, nil
}

// numbers returns the elements as float64.
func numbers(t sampan.Tensor) ([]float64, error) {
	switch t.DType {
	case sampan.Bool:
		return float64s(t, func(v bool) float64 {
			if v {
				return 1
			}
			return 0
		})
	case sampan.Int8:
		return float64s(t, func(v int8) float64 { return float64(v) })
	case sampan.Int16:
		return float64s(t, func(v int16) float64 { return float64(v) })
	case sampan.Int32:
		return float64s(t, func(v int32) float64 { return float64(v) })
	case sampan.Int64:
		return float64s(t, func(v int64) float64 { return float64(v) })
	case sampan.Uint8:
		return float64s(t, func(v uint8) float64 { return float64(v) })
	case sampan.Uint16:
		return float64s(t, func(v uint16) float64 { return float64(v) })
	case sampan.Uint32:
		return float64s(t, func(v uint32) float64 { return float64(v) })
	case sampan.Uint64:
		return float64s(t, func(v uint64) float64 { return float64(v) })
	case sampan.Float16:
		return float64s(t, func(v sampan.F16) float64 { return float64(v.Float32()) })
	case sampan.Float32:
		return float64s(t, func(v float32) float64 { return float64(v) })
	case sampan.Float64:
		return float64s(t, func(v float64) float64 { return v })
	}
	return nil, fmt.Errorf("elements of %s are not compared", t.DType)
}

func float64s[T sampan.Element](t sampan.Tensor, number func(T) float64) ([]float64, error) {
	v, err := sampan.View[T](t)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(v))
	for i := range v {
		out[i] = number(v[i])
	}
	return out, nil
}
