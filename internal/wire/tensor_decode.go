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

// fromTensor reads one tensor of a message; the result shares its memory. Errors do
// not name the tensor.
func fromTensor(t *generalmodel.Tensor) (sampan.Tensor, error) {
	if t == nil {
		t = &generalmodel.Tensor{}
	}
	dtype, ok := elemtype.ToDType(t.ElemType)
	if !ok {
		return sampan.Tensor{}, fmt.Errorf("elem_type %d is not known", t.ElemType)
	}
	p, err := payloadOf(t, dtype)
	if err != nil {
		return sampan.Tensor{}, err
	}
	shape, err := fromShape(t.Shape, p.elements)
	if err != nil {
		return sampan.Tensor{}, err
	}
	n, ok := shape.Elements()
	if !ok {
		return sampan.Tensor{}, fmt.Errorf("shape %v is too large", shape)
	}
	if n != p.elements {
		return sampan.Tensor{}, p.mismatch(shape, n)
	}
	out := sampan.Tensor{DType: dtype, Shape: shape, Data: p.data}
	if dtype == sampan.String {
		if out, err = sampan.OfStrings(shape, t.Data); err != nil {
			return sampan.Tensor{}, err
		}
	}
	if len(t.Lod) > 0 {
		out.LoD, err = fromLoD(t.Lod, out.Rows())
	}
	return out, err
}

// payload is the data of one tensor in whichever field it came.
type payload struct {
	dtype    sampan.DType
	elements int64
	data     []byte
	raw      bool
}

// payloadOf finds the data and sees to it that there is only one.
func payloadOf(t *generalmodel.Tensor, dtype sampan.DType) (payload, error) {
	p := typedPayload(t, dtype)
	for _, f := range dataFields {
		if f.dtype != dtype && f.length(t) > 0 {
			return p, fmt.Errorf("data in %s, but elem_type %d (%s) takes %s",
				f.name, t.ElemType, dtype, fieldName(dtype))
		}
	}
	content := t.TensorContent
	switch {
	case len(content) == 0:
		if dtype == sampan.Complex64 && len(t.Complex64Data)%2 != 0 ||
			dtype == sampan.Complex128 && len(t.Complex128Data)%2 != 0 {
			return p, fmt.Errorf("an odd number of values in %s, want real and imaginary parts", fieldName(dtype))
		}
		return p, nil
	case dtype == sampan.String:
		return p, fmt.Errorf("data in tensor_content, but elem_type %d (%s) takes %s", t.ElemType, dtype, fieldName(dtype))
	case len(p.data) > 0:
		return p, fmt.Errorf("data in both %s and tensor_content", fieldName(dtype))
	}
	width := dtype.Bits() / 8
	if len(content)%width != 0 {
		return p, fmt.Errorf("%d bytes of %s, want a multiple of %d", len(content), dtype, width)
	}
	if dtype == sampan.Bool {
		for i, b := range content {
			if b > 1 {
				return p, fmt.Errorf("bool element %d is %d, want 0 or 1", i, b)
			}
		}
	}
	return payload{dtype, int64(len(content) / width), aligned(content, dtype), true}, nil
}

func typedPayload(t *generalmodel.Tensor, dtype sampan.DType) payload {
	p := payload{dtype: dtype}
	switch dtype {
	case sampan.Int64:
		p.elements, p.data = int64(len(t.Int64Data)), sampan.Bytes(t.Int64Data)
	case sampan.Float32:
		p.elements, p.data = int64(len(t.FloatData)), sampan.Bytes(t.FloatData)
	case sampan.Int32:
		p.elements, p.data = int64(len(t.IntData)), sampan.Bytes(t.IntData)
	case sampan.Float64:
		p.elements, p.data = int64(len(t.Float64Data)), sampan.Bytes(t.Float64Data)
	case sampan.Bool:
		p.elements, p.data = int64(len(t.BoolData)), sampan.Bytes(t.BoolData)
	case sampan.Complex64:
		p.elements, p.data = int64(len(t.Complex64Data)/2), sampan.Bytes(t.Complex64Data)
	case sampan.Complex128:
		p.elements, p.data = int64(len(t.Complex128Data)/2), sampan.Bytes(t.Complex128Data)
	case sampan.String:
		p.elements = int64(len(t.Data))
	default:
		p.data, p.raw = []byte{}, true
	}
	return p
}

// mismatch says that the data does not fill the shape.
func (p *payload) mismatch(shape sampan.Shape, want int64) error {
	if !p.raw {
		return fmt.Errorf("%s for shape %v, want %d", counted(p.elements, p.dtype), shape, want)
	}
	size, ok := p.dtype.Size(want)
	if !ok {
		return fmt.Errorf("shape %v is too large", shape)
	}
	return fmt.Errorf("%d bytes of %s for shape %v, want %d", len(p.data), p.dtype, shape, size)
}

// fromShape widens the dimensions; a tensor with data and no shape is a vector.
func fromShape(dims []int32, elements int64) (sampan.Shape, error) {
	if len(dims) == 0 {
		if elements == 0 {
			return nil, fmt.Errorf("neither shape nor data")
		}
		return sampan.Shape{elements}, nil
	}
	if len(dims) > maxRank {
		return nil, fmt.Errorf("shape has %d sizes, want at most %d", len(dims), maxRank)
	}
	shape := make(sampan.Shape, len(dims))
	negative := false
	for i, d := range dims {
		shape[i] = int64(d)
		negative = negative || d < 0
	}
	if negative {
		return nil, fmt.Errorf("shape %v has a negative size", shape)
	}
	return shape, nil
}

// dataFields are the fields that carry elements one by one.
var dataFields = [...]struct {
	name   string
	dtype  sampan.DType
	length func(*generalmodel.Tensor) int
}{
	{"int64_data", sampan.Int64, func(t *generalmodel.Tensor) int { return len(t.Int64Data) }},
	{"float_data", sampan.Float32, func(t *generalmodel.Tensor) int { return len(t.FloatData) }},
	{"int_data", sampan.Int32, func(t *generalmodel.Tensor) int { return len(t.IntData) }},
	{"float64_data", sampan.Float64, func(t *generalmodel.Tensor) int { return len(t.Float64Data) }},
	{"uint32_data", sampan.Invalid, func(t *generalmodel.Tensor) int { return len(t.Uint32Data) }},
	{"bool_data", sampan.Bool, func(t *generalmodel.Tensor) int { return len(t.BoolData) }},
	{"complex64_data", sampan.Complex64, func(t *generalmodel.Tensor) int { return len(t.Complex64Data) }},
	{"complex128_data", sampan.Complex128, func(t *generalmodel.Tensor) int { return len(t.Complex128Data) }},
	{"data", sampan.String, func(t *generalmodel.Tensor) int { return len(t.Data) }},
}

// fieldName is the field in which elements of a type travel.
func fieldName(d sampan.DType) string {
	for _, f := range dataFields {
		if f.dtype == d {
			return f.name
		}
	}
	return "tensor_content"
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
