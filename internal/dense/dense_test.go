package dense

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
)

// shareBothWays checks that elements pass through a Dense and back in the same memory.
func shareBothWays[T sampan.Element](t *testing.T, elements ...T) {
	t.Helper()
	for _, shape := range []sampan.Shape{{int64(len(elements))}, {1, int64(len(elements))}, {int64(len(elements)), 1}, {2, int64(len(elements)) / 2}} {
		in, err := sampan.Of(shape, elements)
		if err != nil {
			t.Fatal(err)
		}
		d, err := From(in)
		if err != nil {
			t.Fatalf("From %s %v: %v", in.DType, shape, err)
		}
		if got := d.Data().([]T); &got[0] != &elements[0] || len(got) != len(elements) {
			t.Errorf("%s %v: the Dense does not share the memory", in.DType, shape)
		}
		if !slices.EqualFunc(d.Shape(), shape, func(a int, b int64) bool { return int64(a) == b }) {
			t.Errorf("%s: shape %v, want %v", in.DType, d.Shape(), shape)
		}
		out, err := To(d)
		if err != nil {
			t.Fatalf("To %s %v: %v", in.DType, shape, err)
		}
		back, err := sampan.View[T](out)
		if err != nil {
			t.Fatal(err)
		}
		if out.DType != in.DType || !out.Shape.Equal(shape) || &back[0] != &elements[0] || len(back) != len(elements) {
			t.Errorf("%s %v came back as %s %v", in.DType, shape, out.DType, out.Shape)
		}
	}
}

func TestShares(t *testing.T) {
	shareBothWays[bool](t, true, false, false, true)
	shareBothWays[int8](t, 1, -2, 3, 4)
	shareBothWays[int16](t, 1, -2, 3, 4)
	shareBothWays[int32](t, 1, -2, 3, 4)
	shareBothWays[int64](t, 1, -2, 3, 4)
	shareBothWays[uint8](t, 1, 2, 3, 4)
	shareBothWays[uint16](t, 1, 2, 3, 4)
	shareBothWays[uint32](t, 1, 2, 3, 4)
	shareBothWays[uint64](t, 1, 2, 3, 4)
	shareBothWays[float32](t, 1, -2, 3.5, 4)
	shareBothWays[float64](t, 1, -2, 3.5, 4)
	shareBothWays[complex64](t, 1, 2i, 3, 4)
	shareBothWays[complex128](t, 1, 2i, 3, 4)
}

func TestScalar(t *testing.T) {
	value := []float32{3}
	in, _ := sampan.Of(sampan.Shape{}, value)
	d, err := From(in)
	if err != nil {
		t.Fatal(err)
	}
	if !d.IsScalar() || d.ScalarValue() != float32(3) {
		t.Fatalf("not the scalar 3: %v", d)
	}
	out, err := To(d)
	if err != nil {
		t.Fatal(err)
	}
	if back, _ := sampan.View[float32](out); len(out.Shape) != 0 || &back[0] != &value[0] {
		t.Errorf("came back with shape %v, or in other memory", out.Shape)
	}
}

func TestRank9(t *testing.T) {
	in, _ := sampan.Of(sampan.Shape{1, 2, 1, 1, 1, 1, 1, 1, 3}, []float32{1, 2, 3, 4, 5, 6})
	d, err := From(in)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := To(d); err != nil || !out.Shape.Equal(in.Shape) {
		t.Errorf("shape %v, %v", out.Shape, err)
	}
}

func TestFromRefuses(t *testing.T) {
	backing := sampan.Bytes(make([]uint64, 8))
	misaligned := backing[1:17]
	text, _ := sampan.OfStrings(sampan.Shape{1}, []string{"a"})
	tests := map[string]struct {
		in   sampan.Tensor
		code sampan.Code
		want string
	}{
		"float16":    {sampan.Tensor{DType: sampan.Float16, Shape: sampan.Shape{1}, Data: backing[:2]}, sampan.Unimplemented, "dtype float16 has no gorgonia type"},
		"bfloat16":   {sampan.Tensor{DType: sampan.BFloat16, Shape: sampan.Shape{1}, Data: backing[:2]}, sampan.Unimplemented, "dtype bfloat16 has no gorgonia type"},
		"int4":       {sampan.Tensor{DType: sampan.Int4, Shape: sampan.Shape{2}, Data: backing[:1]}, sampan.Unimplemented, "dtype int4 has no gorgonia type"},
		"string":     {text, sampan.Unimplemented, "dtype string has no gorgonia type"},
		"zero":       {sampan.Tensor{}, sampan.Unimplemented, "dtype invalid has no gorgonia type"},
		"short":      {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{3}, Data: backing[:8]}, sampan.InvalidArgument, "8 bytes of float32 do not fill shape [3]"},
		"negative":   {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{-1, -3}, Data: backing[:12]}, sampan.InvalidArgument, "shape [-1 -3] is negative or too large"},
		"empty":      {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{0, 6}, Data: nil}, sampan.InvalidArgument, "shape [0 6] has no elements"},
		"misaligned": {sampan.Tensor{DType: sampan.Float32, Shape: sampan.Shape{4}, Data: misaligned}, sampan.InvalidArgument, "not aligned to 4 bytes"},
		"bool 7":     {sampan.Tensor{DType: sampan.Bool, Shape: sampan.Shape{1}, Data: []byte{7}}, sampan.InvalidArgument, "bool element 0 is 7"},
	}
	for name, test := range tests {
		d, err := From(test.in)
		if err == nil || d != nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if sampan.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v %q, want %v %q", name, sampan.CodeOf(err), err, test.code, test.want)
		}
	}
}

func fresh(shape ...int) *tensor.Dense {
	backing := tensor.Range(tensor.Float32, 0, tensor.Shape(shape).TotalSize())
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing))
}

func slice(t *testing.T, d *tensor.Dense, slices ...tensor.Slice) *tensor.Dense {
	t.Helper()
	v, err := d.Slice(slices...)
	if err != nil {
		t.Fatal(err)
	}
	return v.(*tensor.Dense)
}

func TestTo(t *testing.T) {
	transposed := func(d *tensor.Dense, axes ...int) *tensor.Dense {
		if err := d.T(axes...); err != nil {
			t.Fatal(err)
		}
		return d
	}
	moved := transposed(fresh(2, 3))
	if err := moved.Transpose(); err != nil {
		t.Fatal(err)
	}
	// Shape [2 3] in columns: the memory is 0 3 1 4 2 5.
	fortran := tensor.New(tensor.WithShape(2, 3), tensor.AsFortran([]float32{0, 1, 2, 3, 4, 5}))
	tests := map[string]struct {
		in     *tensor.Dense
		shape  sampan.Shape
		want   []float32
		shares bool
	}{
		"plain":              {fresh(2, 3), sampan.Shape{2, 3}, []float32{0, 1, 2, 3, 4, 5}, true},
		"row":                {slice(t, fresh(2, 3), tensor.S(1)), sampan.Shape{3}, []float32{3, 4, 5}, true},
		"rows":               {slice(t, fresh(3, 2), tensor.S(1, 3)), sampan.Shape{2, 2}, []float32{2, 3, 4, 5}, true},
		"element":            {slice(t, fresh(2, 3), tensor.S(1), tensor.S(1)), sampan.Shape{}, []float32{4}, true},
		"column":             {slice(t, fresh(2, 3), nil, tensor.S(1)), sampan.Shape{2}, []float32{1, 4}, false},
		"columns":            {slice(t, fresh(2, 3), nil, tensor.S(1, 3)), sampan.Shape{2, 2}, []float32{1, 2, 4, 5}, false},
		"steps":              {slice(t, fresh(6), tensor.S(0, 6, 2)), sampan.Shape{3}, []float32{0, 2, 4}, false},
		"crop":               {slice(t, fresh(2, 3, 4), nil, tensor.S(1, 3), tensor.S(2, 4)), sampan.Shape{2, 2, 2}, []float32{6, 7, 10, 11, 18, 19, 22, 23}, false},
		"transposed":         {transposed(fresh(2, 3)), sampan.Shape{3, 2}, []float32{0, 3, 1, 4, 2, 5}, false},
		"transposed, moved":  {moved, sampan.Shape{3, 2}, []float32{0, 3, 1, 4, 2, 5}, true},
		"transposed 3":       {transposed(fresh(2, 1, 3), 2, 1, 0), sampan.Shape{3, 1, 2}, []float32{0, 3, 1, 4, 2, 5}, false},
		"transposed vector":  {transposed(fresh(1, 3)), sampan.Shape{3, 1}, []float32{0, 1, 2}, true},
		"column major":       {fortran, sampan.Shape{2, 3}, []float32{0, 1, 2, 3, 4, 5}, false},
		"column major row":   {tensor.New(tensor.WithShape(1, 3), tensor.AsFortran([]float32{0, 1, 2})), sampan.Shape{1, 3}, []float32{0, 1, 2}, true},
		"column major 1x1":   {tensor.New(tensor.WithShape(1, 1), tensor.AsFortran([]float32{7})), sampan.Shape{1, 1}, []float32{7}, true},
		"from scalar":        {tensor.New(tensor.FromScalar(float32(7))), sampan.Shape{}, []float32{7}, true},
		"allocated, no data": {tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2)), sampan.Shape{2}, []float32{0, 0}, true},
		"empty":              {tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(0, 4)), sampan.Shape{0, 4}, []float32{}, false},
	}
	for name, test := range tests {
		out, err := To(test.in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := sampan.View[float32](out)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !out.Shape.Equal(test.shape) || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v %v, want %v %v", name, out.Shape, got, test.shape, test.want)
		}
		if len(got) == 0 {
			continue
		}
		if shares := &got[0] == &test.in.Float32s()[0]; shares != test.shares {
			t.Errorf("%s: shares memory: %v, want %v", name, shares, test.shares)
		}
	}
}

func TestToPlatformInts(t *testing.T) {
	i, err := To(tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{1, -2})))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := sampan.View[int64](i); !slices.Equal(got, []int64{1, -2}) {
		t.Errorf("int: %v", got)
	}
	u, err := To(tensor.New(tensor.WithShape(2), tensor.WithBacking([]uint{1, 2})))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := sampan.View[uint64](u); !slices.Equal(got, []uint64{1, 2}) {
		t.Errorf("uint: %v", got)
	}
}

func TestToRefuses(t *testing.T) {
	tests := map[string]struct {
		in   *tensor.Dense
		code sampan.Code
		want string
	}{
		"nil":     {nil, sampan.InvalidArgument, "is nil"},
		"zero":    {&tensor.Dense{}, sampan.InvalidArgument, "was not made by tensor.New"},
		"strings": {tensor.New(tensor.WithShape(1), tensor.WithBacking([]string{"a"})), sampan.Unimplemented, "gorgonia type string"},
		"masked":  {tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}, []bool{true, false})), sampan.InvalidArgument, "masked"},
	}
	for name, test := range tests {
		_, err := To(test.in)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if sampan.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v %q, want %v %q", name, sampan.CodeOf(err), err, test.code, test.want)
		}
	}
}

// TestToAgreesWithAt holds random slices and transpositions against gorgonia's own
// element access.
func TestToAgreesWithAt(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	copied := 0
	for range 500 {
		rank := 1 + r.IntN(4)
		shape := make([]int, rank)
		for i := range shape {
			shape[i] = 1 + r.IntN(4)
		}
		d := fresh(shape...)
		if r.IntN(2) == 0 {
			if err := d.T(r.Perm(rank)...); err != nil {
				continue // the identity is no transposition
			}
		}
		if r.IntN(2) == 0 {
			ranges := make([]tensor.Slice, rank)
			for i, size := range d.Shape() {
				if from := r.IntN(size); size-from > 1 {
					ranges[i] = tensor.S(from, size)
				}
			}
			v, err := d.Slice(ranges...)
			if err != nil {
				continue
			}
			d = v.(*tensor.Dense)
		}
		out, err := To(d)
		if err != nil {
			t.Fatalf("shape %v strides %v: %v", d.Shape(), d.Strides(), err)
		}
		got, err := sampan.View[float32](out)
		if err != nil {
			t.Fatal(err)
		}
		if &got[0] != &d.Float32s()[0] {
			copied++
		}
		index := make([]int, d.Dims())
		for i, g := range got {
			rest := i
			for axis := len(index) - 1; axis >= 0; axis-- {
				index[axis] = rest % d.Shape()[axis]
				rest /= d.Shape()[axis]
			}
			if want, err := d.At(index...); err != nil || want != g {
				t.Fatalf("shape %v strides %v at %v: %v, want %v (%v)", d.Shape(), d.Strides(), index, g, want, err)
			}
		}
	}
	if copied < 100 {
		t.Errorf("%d of 500 were not row-major, want more", copied)
	}
}

func BenchmarkFrom(b *testing.B) {
	in, _ := sampan.New(sampan.Float32, sampan.Shape{1, 3, 224, 224})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := From(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTo(b *testing.B) {
	d := fresh(3, 224, 224)
	v, err := d.SafeT(1, 2, 0)
	if err != nil {
		b.Fatal(err)
	}
	for name, d := range map[string]*tensor.Dense{"shared": d, "copied": v} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := To(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
