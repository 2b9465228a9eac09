package npy

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/sampanml/sampan"
)

// descrs are the dtypes as numpy.save writes them.
var descrs = map[sampan.DType]string{
	sampan.Bool: "|b1", sampan.Int8: "|i1", sampan.Uint8: "|u1", sampan.Int16: "<i2", sampan.Uint16: "<u2",
	sampan.Int32: "<i4", sampan.Uint32: "<u4", sampan.Int64: "<i8", sampan.Uint64: "<u8",
	sampan.Float16: "<f2", sampan.Float32: "<f4", sampan.Float64: "<f8", sampan.Complex64: "<c8", sampan.Complex128: "<c16",
}

// Append writes an array as numpy.save does, in format version 1. Types that numpy lacks
// are Unimplemented.
func Append(dst []byte, t sampan.Tensor) ([]byte, error) {
	descr, ok := descrs[t.DType]
	if !ok {
		return dst, sampan.Errorf(sampan.Unimplemented, "an array of %s cannot be written as .npy", t.DType)
	}
	if err := t.Validate(); err != nil {
		return dst, err
	}
	dims := make([]string, len(t.Shape))
	for i, d := range t.Shape {
		dims[i] = fmt.Sprint(d)
	}
	shape := strings.Join(dims, ", ")
	if len(dims) == 1 {
		shape += ","
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape)
	// numpy leaves room for the first dimension to grow, and the elements begin at a
	// multiple of 64.
	const before, align, grown = len(magic) + 4, 64, 21
	if len(dims) > 0 {
		header += strings.Repeat(" ", max(0, grown-len(dims[0])))
	}
	header += strings.Repeat(" ", align-(before+len(header)+1)%align) + "\n"
	dst = append(dst, magic...)
	dst = append(dst, 1, 0)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(header)))
	dst = append(dst, header...)
	return append(dst, t.Data...), nil
}
