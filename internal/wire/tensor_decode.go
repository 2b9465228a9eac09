package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/elemtype"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// A request or reply beyond these bounds is refused. No model comes near them, while a
// message of a few bytes a tensor would take a hundred times its size.
const (
	maxTensors = 4096
	maxRank    = 64
)

// found is what the message of a tensor holds, however the message was read.
type found struct {
	elemType int32
	// values are how many there are in each of dataFields.
	values [len(dataFields)]int
	// content is the size of tensor_content in bytes.
	content int
	// shape and lod are as they came.
	shape, lod []int64
	// data are the elements, in whichever field they came, if there is but one.
	data []byte
}

// fromTensor reads one tensor of a message; the result shares its memory. Errors do
// not name the tensor.
func fromTensor(t *generalmodel.Tensor) (sampan.Tensor, error) {
	if t == nil {
		t = &generalmodel.Tensor{}
	}
	f := found{elemType: t.ElemType, content: len(t.TensorContent), shape: widened(t.Shape), lod: widened(t.Lod)}
	for i := range dataFields {
		f.values[i] = dataFields[i].length(t)
	}
	if dtype, ok := elemtype.ToDType(t.ElemType); ok {
		var err error
		if f.data, err = dataOf(t, dtype); err != nil {
			return sampan.Tensor{}, err
		}
	}
	return f.tensor()
}

func widened(values []int32) []int64 {
	if len(values) == 0 {
		return nil
	}
	out := make([]int64, len(values))
	for i, v := range values {
		out[i] = int64(v)
	}
	return out
}

// dataOf finds the elements of a tensor in the field of their type or, where that is
// empty, in tensor_content.
func dataOf(t *generalmodel.Tensor, dtype sampan.DType) ([]byte, error) {
	var data []byte
	switch dtype {
	case sampan.Int64:
		data = sampan.Bytes(t.Int64Data)
	case sampan.Float32:
		data = sampan.Bytes(t.FloatData)
	case sampan.Int32:
		data = sampan.Bytes(t.IntData)
	case sampan.Float64:
		data = sampan.Bytes(t.Float64Data)
	case sampan.Bool:
		data = sampan.Bytes(t.BoolData)
	case sampan.Complex64:
		data = sampan.Bytes(t.Complex64Data)
	case sampan.Complex128:
		data = sampan.Bytes(t.Complex128Data)
	case sampan.String:
		texts, err := sampan.OfStrings(sampan.Shape{int64(len(t.Data))}, t.Data)
		return texts.Data, err
	}
	if len(data) == 0 && len(t.TensorContent) > 0 {
		data = aligned(t.TensorContent, dtype)
	}
	if data == nil {
		data = []byte{}
	}
	return data, nil
}

// tensor checks what was found and makes a tensor of it, which shares its memory.
// Errors do not name the tensor.
func (f *found) tensor() (sampan.Tensor, error) {
	dtype, ok := elemtype.ToDType(f.elemType)
	if !ok {
		return sampan.Tensor{}, fmt.Errorf("elem_type %d is not known", f.elemType)
	}
	elements, err := f.elements(dtype)
	if err != nil {
		return sampan.Tensor{}, err
	}
	shape, err := f.checkShape(elements)
	if err != nil {
		return sampan.Tensor{}, err
	}
	n, ok := shape.Elements()
	if !ok {
		return sampan.Tensor{}, fmt.Errorf("shape %v is too large", shape)
	}
	if n != elements {
		return sampan.Tensor{}, f.mismatch(dtype, elements, shape, n)
	}
	out := sampan.Tensor{DType: dtype, Shape: shape, Data: f.data}
	if len(f.lod) > 0 {
		out.LoD, err = fromLoD(f.lod, out.Rows())
	}
	return out, err
}

// elements counts them, and sees to it that they are in one field, which is the one for
// their type or tensor_content.
func (f *found) elements(dtype sampan.DType) (int64, error) {
	own := -1
	for i := range dataFields {
		if dataFields[i].dtype == dtype {
			own = i
		} else if f.values[i] > 0 {
			return 0, fmt.Errorf("data in %s, but elem_type %d (%s) takes %s",
				dataFields[i].name, f.elemType, dtype, fieldName(dtype))
		}
	}
	values := 0
	if own >= 0 {
		values = f.values[own]
	}
	switch {
	case f.content > 0 && dtype == sampan.String:
		return 0, fmt.Errorf("data in tensor_content, but elem_type %d (%s) takes %s", f.elemType, dtype, fieldName(dtype))
	case f.content > 0 && values > 0:
		return 0, fmt.Errorf("data in both %s and tensor_content", fieldName(dtype))
	case f.content > 0:
		return f.raw(dtype)
	case dtype == sampan.Complex64 || dtype == sampan.Complex128:
		if values%2 != 0 {
			return 0, fmt.Errorf("an odd number of values in %s, want real and imaginary parts", fieldName(dtype))
		}
		values /= 2
	}
	return int64(values), nil
}

// raw counts the elements in tensor_content.
func (f *found) raw(dtype sampan.DType) (int64, error) {
	width := dtype.Bits() / 8
	if f.content%width != 0 {
		return 0, fmt.Errorf("%d bytes of %s, want a multiple of %d", f.content, dtype, width)
	}
	if dtype == sampan.Bool {
		for i, b := range f.data {
			if b > 1 {
				return 0, fmt.Errorf("bool element %d is %d, want 0 or 1", i, b)
			}
		}
	}
	return int64(f.content / width), nil
}

// mismatch says that the data does not fill the shape, which wants so many elements.
func (f *found) mismatch(dtype sampan.DType, elements int64, shape sampan.Shape, want int64) error {
	if f.content == 0 && fieldName(dtype) != content {
		return fmt.Errorf("%s for shape %v, want %d", counted(elements, dtype), shape, want)
	}
	size, ok := dtype.Size(want)
	if !ok {
		return fmt.Errorf("shape %v is too large", shape)
	}
	return fmt.Errorf("%d bytes of %s for shape %v, want %d", f.content, dtype, shape, size)
}

// checkShape is the shape; a tensor with data and no shape is a vector.
func (f *found) checkShape(elements int64) (sampan.Shape, error) {
	if len(f.shape) == 0 {
		if elements == 0 {
			return nil, fmt.Errorf("neither shape nor data")
		}
		return append(f.shape, elements), nil
	}
	if len(f.shape) > maxRank {
		return nil, fmt.Errorf("shape has %d sizes, want at most %d", len(f.shape), maxRank)
	}
	for _, d := range f.shape {
		if d < 0 {
			return nil, fmt.Errorf("shape %v has a negative size", f.shape)
		}
	}
	return f.shape, nil
}

// dataFields are the fields that carry elements one by one, by their number less one.
var dataFields = [...]struct {
	name     string
	dtype    sampan.DType
	encoding encoding
	length   func(*generalmodel.Tensor) int
}{
	{"int64_data", sampan.Int64, asVarint, func(t *generalmodel.Tensor) int { return len(t.Int64Data) }},
	{"float_data", sampan.Float32, asFixed4, func(t *generalmodel.Tensor) int { return len(t.FloatData) }},
	{"int_data", sampan.Int32, asVarint, func(t *generalmodel.Tensor) int { return len(t.IntData) }},
	{"float64_data", sampan.Float64, asFixed8, func(t *generalmodel.Tensor) int { return len(t.Float64Data) }},
	{"uint32_data", sampan.Invalid, asVarint, func(t *generalmodel.Tensor) int { return len(t.Uint32Data) }},
	{"bool_data", sampan.Bool, asVarint, func(t *generalmodel.Tensor) int { return len(t.BoolData) }},
	{"complex64_data", sampan.Complex64, asFixed4, func(t *generalmodel.Tensor) int { return len(t.Complex64Data) }},
	{"complex128_data", sampan.Complex128, asFixed8, func(t *generalmodel.Tensor) int { return len(t.Complex128Data) }},
	{"data", sampan.String, asText, func(t *generalmodel.Tensor) int { return len(t.Data) }},
}

// content is the field of elements without one of their own.
const content = "tensor_content"

// fieldName is the field in which elements of a type travel.
func fieldName(d sampan.DType) string {
	for _, f := range dataFields {
		if f.dtype == d {
			return f.name
		}
	}
	return content
}

// counted is a number of elements in words: "12 floats", "1 string".
func counted(n int64, d sampan.DType) string {
	noun := d.String()
	switch d {
	case sampan.Float32:
		noun = "float"
	case sampan.Float64:
		noun = "double"
	}
	if n != 1 {
		noun += "s"
	}
	return strconv.FormatInt(n, 10) + " " + noun
}

// aligned returns data, or a copy of it where its address does not suit the type.
func aligned(data []byte, d sampan.DType) []byte {
	width := d.Bits() / 8
	if d == sampan.Complex64 || d == sampan.Complex128 {
		width /= 2
	}
	if width <= 1 || uintptr(unsafe.Pointer(unsafe.SliceData(data)))%uintptr(width) == 0 {
		return data
	}
	moved := make([]byte, len(data))
	copy(moved, data)
	return moved
}

// label names a tensor for messages: by its public name or, without one, its place.
func label(what, name, alias string, i int) string {
	if alias != "" {
		name = alias
	}
	if name == "" {
		return what + " " + strconv.Itoa(i)
	}
	return what + " " + strconv.Quote(brief(name))
}

// brief cuts a text from outside for a message.
func brief[S string | []byte](text S) string {
	const most = 64
	if len(text) <= most {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return strings.ToValidUTF8(string(text[:most]), "") + "…"
}
