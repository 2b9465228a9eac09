package wire

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

var update = flag.Bool("update", false, "write the golden files")

type message = generalmodel.Request

func requestOf(tensors ...*generalmodel.Tensor) *message { return &message{Tensor: tensors} }

func mustOf[T sampan.Element](t *testing.T, shape sampan.Shape, elements ...T) sampan.Tensor {
	t.Helper()
	tensor, err := sampan.Of(shape, elements)
	if err != nil {
		t.Fatal(err)
	}
	return tensor
}

func mustStrings(t *testing.T, shape sampan.Shape, elements ...string) sampan.Tensor {
	t.Helper()
	tensor, err := sampan.OfStrings(shape, elements)
	if err != nil {
		t.Fatal(err)
	}
	return tensor
}

// sameTensor compares all but the bits of a NaN.
func sameTensor(a, b sampan.Tensor) bool {
	if a.DType != b.DType || !a.Shape.Equal(b.Shape) || !reflect.DeepEqual(a.LoD, b.LoD) {
		return false
	}
	switch a.DType {
	case sampan.Float32, sampan.Complex64:
		return slices.EqualFunc(words[uint32](a.Data), words[uint32](b.Data), func(x, y uint32) bool {
			f, g := math.Float32frombits(x), math.Float32frombits(y)
			return x == y || f != f && g != g
		})
	case sampan.Float64, sampan.Complex128:
		return slices.EqualFunc(words[uint64](a.Data), words[uint64](b.Data), func(x, y uint64) bool {
			f, g := math.Float64frombits(x), math.Float64frombits(y)
			return x == y || f != f && g != g
		})
	}
	return bytes.Equal(a.Data, b.Data)
}

func words[T uint32 | uint64](data []byte) []T {
	var w []T
	size := int(unsafe.Sizeof(T(0)))
	for ; len(data) >= size; data = data[size:] {
		if size == 4 {
			w = append(w, T(binary.LittleEndian.Uint32(data)))
		} else {
			w = append(w, T(binary.LittleEndian.Uint64(data)))
		}
	}
	return w
}

func sameNamed(t *testing.T, got, want []sampan.Named) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d tensors, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].Name != want[i].Name || got[i].Alias != want[i].Alias || !sameTensor(got[i].Tensor, want[i].Tensor) {
			t.Errorf("tensor %d is %s, want %s", i, dump(got[i]), dump(want[i]))
		}
	}
}

func dump(n sampan.Named) string {
	text := fmt.Sprintf("name=%q alias=%q %s %v lod=%v % x", n.Name, n.Alias, n.Tensor.DType, n.Tensor.Shape, n.Tensor.LoD, n.Tensor.Data)
	return text
}

func wantError(t *testing.T, name string, err error, code sampan.Code, text string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want %q", name, text)
	} else if sampan.CodeOf(err) != code || err.Error() != text {
		t.Errorf("%s: %v %q, want %v %q", name, sampan.CodeOf(err), err, code, text)
	}
}

func withLoD(t sampan.Tensor, levels ...[]int64) sampan.Tensor {
	t.LoD = levels
	return t
}
