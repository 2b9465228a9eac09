package sampan

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Tensor is an array: element type, shape, and one contiguous little-endian buffer in
// row-major order.
//
// Data holds the elements at their natural size; types narrower than a byte are
// packed, the first element in the low bits. A string tensor's Data holds each
// element as a four-byte little-endian length and the bytes. Data should be aligned to
// the element size, as any buffer from make or [New] is; [View] refuses others.
//
// Ownership: whoever makes a Tensor owns its buffer and lends it. A callee may read it
// until it returns and keeps nothing; a reply's tensors belong to the caller from the
// return on and stay unchanged. The zero Tensor is not valid.
type Tensor struct {
	DType DType
	Shape Shape
	Data  []byte
	// LoD divides the rows into sequences; nil for most tensors.
	LoD LoD
}

// Element is a Go type that mirrors a fixed-width element type.
type Element interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 |
		bool | complex64 | complex128 | F16 | BF16
}

// New makes a zeroed tensor of a fixed-width type.
func New(d DType, shape Shape) (Tensor, error) {
	n, ok := shape.Elements()
	size, fits := d.Size(n)
	if !ok || !fits {
		return Tensor{}, Errorf(InvalidArgument, "no tensor of %s with shape %v can be made", d, shape)
	}
	return Tensor{DType: d, Shape: shape, Data: make([]byte, size)}, nil
}

// Of makes a tensor that shares the memory of data.
func Of[T Element](shape Shape, data []T) (Tensor, error) {
	if n, ok := shape.Elements(); !ok || n != int64(len(data)) {
		return Tensor{}, Errorf(InvalidArgument, "%d elements do not fill shape %v", len(data), shape)
	}
	return Tensor{DType: DTypeOf[T](), Shape: shape, Data: Bytes(data)}, nil
}

// OfStrings makes a string tensor with a copy of each element.
func OfStrings[S ~string | ~[]byte](shape Shape, elements []S) (Tensor, error) {
	if n, ok := shape.Elements(); !ok || n != int64(len(elements)) {
		return Tensor{}, Errorf(InvalidArgument, "%d elements do not fill shape %v", len(elements), shape)
	}
	size := 0
	for _, e := range elements {
		if uint64(len(e)) > math.MaxUint32 {
			return Tensor{}, Errorf(InvalidArgument, "a string of %d bytes is too long", len(e))
		}
		size += 4 + len(e)
	}
	data := make([]byte, 0, size)
	for _, e := range elements {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(e)))
		data = append(data, e...)
	}
	return Tensor{DType: String, Shape: shape, Data: data}, nil
}

// View returns the elements without a copy; the slice shares the tensor's memory.
func View[T Element](t Tensor) ([]T, error) {
	if d := DTypeOf[T](); d != t.DType {
		return nil, Errorf(InvalidArgument, "tensor has %s elements, not %s", t.DType, d)
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	var zero T
	if len(t.Data) == 0 {
		return []T{}, nil
	}
	p := unsafe.Pointer(unsafe.SliceData(t.Data))
	if uintptr(p)%unsafe.Alignof(zero) != 0 {
		return nil, Errorf(InvalidArgument, "tensor data is not aligned to %d bytes", unsafe.Alignof(zero))
	}
	if t.DType == Bool {
		for i, b := range t.Data {
			if b > 1 {
				return nil, Errorf(InvalidArgument, "bool element %d is %d, want 0 or 1", i, b)
			}
		}
	}
	return unsafe.Slice((*T)(p), len(t.Data)/int(unsafe.Sizeof(zero))), nil
}

// Strings returns a copy of a string tensor's elements.
func (t Tensor) Strings() ([]string, error) {
	if t.DType != String {
		return nil, Errorf(InvalidArgument, "tensor has %s elements, not strings", t.DType)
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	n, _ := t.Shape.Elements()
	out := make([]string, 0, n)
	for rest := t.Data; len(rest) > 0; {
		end := 4 + int(binary.LittleEndian.Uint32(rest))
		out = append(out, string(rest[4:end]))
		rest = rest[end:]
	}
	return out, nil
}

// Rows is the size of the outermost dimension; 1 for a scalar.
func (t Tensor) Rows() int64 {
	if len(t.Shape) == 0 {
		return 1
	}
	return t.Shape[0]
}

// Validate checks that type, shape, data and LoD agree.
func (t Tensor) Validate() error {
	if !t.DType.Valid() {
		return Errorf(InvalidArgument, "dtype %s is not known", t.DType)
	}
	n, ok := t.Shape.Elements()
	if !ok {
		return Errorf(InvalidArgument, "shape %v is negative or too large", t.Shape)
	}
	if t.DType == String {
		if err := validStrings(t.Data, n); err != nil {
			return err
		}
	} else if size, ok := t.DType.Size(n); !ok || size != len(t.Data) {
		return Errorf(InvalidArgument, "%d bytes of %s do not fill shape %v", len(t.Data), t.DType, t.Shape)
	}
	if t.LoD == nil {
		return nil
	}
	return t.LoD.Validate(t.Rows())
}

func validStrings(data []byte, want int64) error {
	n := int64(0)
	for ; len(data) > 0; n++ {
		if len(data) < 4 {
			return Errorf(InvalidArgument, "string %d has no whole length", n)
		}
		size := uint64(binary.LittleEndian.Uint32(data))
		if uint64(len(data)-4) < size {
			return Errorf(InvalidArgument, "string %d has length %d with %d bytes left", n, size, len(data)-4)
		}
		data = data[4+size:]
	}
	if n != want {
		return Errorf(InvalidArgument, "%d strings, want %d for the shape", n, want)
	}
	return nil
}

// DTypeOf returns the element type that T mirrors.
func DTypeOf[T Element]() DType {
	var zero T
	switch any(zero).(type) {
	case float32:
		return Float32
	case float64:
		return Float64
	case int8:
		return Int8
	case int16:
		return Int16
	case int32:
		return Int32
	case int64:
		return Int64
	case uint8:
		return Uint8
	case uint16:
		return Uint16
	case uint32:
		return Uint32
	case uint64:
		return Uint64
	case bool:
		return Bool
	case complex64:
		return Complex64
	case complex128:
		return Complex128
	case F16:
		return Float16
	}
	return BFloat16
}

// Bytes returns the memory of data without a copy.
func Bytes[T Element](data []T) []byte {
	var zero T
	if len(data) == 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), len(data)*int(unsafe.Sizeof(zero)))
}
