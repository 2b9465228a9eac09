package paddle

import (
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/npy"
)

func readNPY(t testing.TB, path string) sampan.Tensor {
	t.Helper()
	out, err := npy.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// numbers returns a tensor's elements as float64.
func numbers(t testing.TB, x sampan.Tensor) []float64 {
	t.Helper()
	switch x.DType {
	case sampan.Float32:
		return convert[float32](t, x)
	case sampan.Float64:
		return convert[float64](t, x)
	case sampan.Int32:
		return convert[int32](t, x)
	case sampan.Int64:
		return convert[int64](t, x)
	case sampan.Uint8, sampan.Bool:
		return convert[uint8](t, sampan.Tensor{DType: sampan.Uint8, Shape: x.Shape, Data: x.Data})
	}
	t.Fatalf("%s is not compared", x.DType)
	return nil
}

func convert[T float32 | float64 | int32 | int64 | uint8](t testing.TB, x sampan.Tensor) []float64 {
	t.Helper()
	v, err := sampan.View[T](x)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(v[i])
	}
	return out
}
