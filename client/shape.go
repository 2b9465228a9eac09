package client

import (
	"fmt"

	"github.com/sampanml/sampan"
)

// toTensor makes of a feed value the tensor that is sent.
func toTensor(v *Var, value any, batch bool) (sampan.Tensor, error) {
	if s, ok := value.(Sequence); ok {
		if !v.LoD {
			return sampan.Tensor{}, fmt.Errorf("sequences, but the variable has no LoD")
		}
		return s.tensor(v.DType)
	}
	a, err := toArray(value, v.DType)
	if err != nil {
		return sampan.Tensor{}, err
	}
	if v.LoD {
		return oneSequence(a), nil
	}
	if a.LoD != nil {
		return sampan.Tensor{}, fmt.Errorf("a tensor with LoD, but the variable has none")
	}
	if a.flat {
		a.Shape, err = fill(v.Shape, a.Shape[0], v.DType, batch)
	} else {
		a.Shape, err = place(v.Shape, a.Shape, batch)
	}
	return a.Tensor, err
}

// fill gives n elements the shape of a row, or of as many rows as they fill. One size
// that the config leaves open follows from n.
func fill(row sampan.Shape, n int64, d sampan.DType, batch bool) (sampan.Shape, error) {
	open := -1
	if batch {
		open = 0
	}
	shape := append(sampan.Shape{1}, row...)
	for i, size := range row {
		if size >= 0 {
			continue
		}
		if open >= 0 {
			return nil, fmt.Errorf("a flat list for shape %v, want nested lists or a tensor", row)
		}
		open, shape[1+i] = 1+i, 1
	}
	things := "numbers"
	if d == sampan.String {
		things = "strings"
	}
	size, ok := shape.Elements()
	switch {
	case open < 0 && (!ok || n != size):
		return nil, fmt.Errorf("%d %s, want %d", n, things, size)
	case open >= 0 && (!ok || size == 0 || n%size != 0):
		return nil, fmt.Errorf("%d %s, want a multiple of %d", n, things, size)
	case open >= 0:
		shape[open] = n / size
	}
	return shape, nil
}

// place checks a value that has a shape of its own and gives it a batch axis.
func place(row, own sampan.Shape, batch bool) (sampan.Shape, error) {
	if batch {
		if len(own) == 0 || !holds(own[1:], row) {
			return nil, fmt.Errorf("shape %v, want %v", own, append(sampan.Shape{-1}, row...))
		}
		return own, nil
	}
	if !holds(own, row) {
		return nil, fmt.Errorf("shape %v, want %v", own, row)
	}
	return append(sampan.Shape{1}, own...), nil
}

// holds reports whether a row fits what the config says. Paddle's converter drops the
// sizes that are not fixed, so a row with more dimensions fits if the known sizes are
// among its own in order.
func holds(own, row sampan.Shape) bool {
	if len(own) == len(row) {
		return own.Fits(row)
	}
	for _, size := range row {
		i := 0
		for i < len(own) && size >= 0 && own[i] != size {
			i++
		}
		if i == len(own) {
			return false
		}
		own = own[i+1:]
	}
	return true
}
