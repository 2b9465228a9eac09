package paddle

import (
	"bytes"
	"encoding/binary"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

var npyHeader = regexp.MustCompile(`'descr': '([<|]\w\d)', 'fortran_order': False, 'shape': \(([^)]*)\)`)

// readNPY reads an array as numpy saves it, in format version 1.
func readNPY(t testing.TB, path string) sampan.Tensor {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte("\x93NUMPY\x01\x00")) {
		t.Fatalf("%s is no npy file of version 1", path)
	}
	end := 10 + int(binary.LittleEndian.Uint16(data[8:]))
	m := npyHeader.FindSubmatch(data[10:end])
	if m == nil {
		t.Fatalf("%s: header %s", path, data[10:end])
	}
	out := sampan.Tensor{Data: data[end:], Shape: sampan.Shape{}}
	out.DType = map[string]sampan.DType{
		"<f4": sampan.Float32, "<f8": sampan.Float64, "<i4": sampan.Int32, "<i8": sampan.Int64, "|u1": sampan.Uint8, "|b1": sampan.Bool,
	}[string(m[1])]
	for _, d := range strings.FieldsFunc(string(m[2]), func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.ParseInt(d, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		out.Shape = append(out.Shape, n)
	}
	out.Data = bytes.Clone(out.Data)
	if err := out.Validate(); err != nil {
		t.Fatalf("%s: %v", path, err)
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
