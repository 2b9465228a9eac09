package engine

import (
	"testing"

	"github.com/sampanml/sampan"
)

func TestFind(t *testing.T) {
	// "b" is the name of one and the alias of another: the alias wins.
	fields := []Field{{Name: "a", Alias: "x"}, {Name: "b", Alias: "y"}, {Name: "c", Alias: "b"}}
	s := Signature{Inputs: fields, Outputs: fields[:2]}
	for name, want := range map[string]int{"x": 0, "a": 0, "y": 1, "b": 2, "c": 2, "z": -1, "": -1} {
		if got := s.Input(name); got != want {
			t.Errorf("input %q: %d, want %d", name, got, want)
		}
	}
	for name, want := range map[string]int{"x": 0, "b": 1, "c": -1} {
		if got := s.Output(name); got != want {
			t.Errorf("output %q: %d, want %d", name, got, want)
		}
	}
	if got := Aliases(fields); got != `"x", "y", "b"` {
		t.Errorf("aliases %s", got)
	}
}

func TestCheck(t *testing.T) {
	f := Field{Name: "in", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 3}}
	tensor := func(d sampan.DType, size int, shape ...int64) sampan.Tensor {
		return sampan.Tensor{DType: d, Shape: shape, Data: make([]byte, size)}
	}
	lod := tensor(sampan.Float32, 24, 2, 3)
	lod.LoD = sampan.LoD{{0, 3}}
	for _, c := range []struct {
		t    sampan.Tensor
		want string
	}{
		{tensor(sampan.Float32, 24, 2, 3), ""},
		{tensor(sampan.Float32, 0, 0, 3), ""},
		{tensor(sampan.Int64, 48, 2, 3), `input "x": dtype int64, want float32`},
		{sampan.Tensor{}, `input "x": dtype invalid, want float32`},
		{tensor(sampan.Float32, 16, 1, 4), `input "x": shape [1 4], want [-1 3]`},
		{tensor(sampan.Float32, 12, 3), `input "x": shape [3], want [-1 3]`},
		{tensor(sampan.Float32, 23, 2, 3), `input "x": 23 bytes of float32 do not fill shape [2 3]`},
		{tensor(sampan.Float32, 0, -1, 3), `input "x": shape [-1 3] is negative or too large`},
		{lod, `input "x": lod level 0 ends at 3, want the number of rows, 2`},
	} {
		err := f.Check(c.t)
		if c.want == "" {
			if err != nil {
				t.Errorf("%v: %v", c.t.Shape, err)
			}
			continue
		}
		fails(t, err, sampan.InvalidArgument, c.want)
	}
}
