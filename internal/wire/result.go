package wire

import (
	"math"
	"strconv"

	"github.com/sampanml/sampan"
)

// AppendResult appends a reply in the old web service's dialect: every output under its
// public name, as lists nested by its shape.
//
//	{"result":{"price":[[18.901151657104492]]}}
//
// With more than one engine the outputs lie under each one's name. An output with
// sequences has its offsets beside it, `"price.lod":[0,2,5]` (a list of lists if there
// are two levels). Floats are written as by [AppendJSON], float16 and bfloat16 among
// them, and strings likewise. Complex numbers and types narrower than a byte are
// Unimplemented, a tensor that contradicts itself is Internal; dst is then returned as
// it came.
func AppendResult(dst []byte, reply *sampan.Reply) ([]byte, error) {
	w := writer{buf: dst}
	w.open('{')
	w.name("result")
	w.open('{')
	for _, o := range reply.Outputs {
		if len(reply.Outputs) > 1 {
			w.name(o.Engine)
			w.open('{')
		}
		for i := range o.Tensors {
			n := &o.Tensors[i]
			if err := w.result(n.Public(), n.Tensor); err != nil {
				return dst, sampan.Errorf(sampan.CodeOf(err), "%s: %w", label("output", n.Name, n.Alias, i), err)
			}
		}
		if len(reply.Outputs) > 1 {
			w.close('}')
		}
	}
	w.close('}')
	w.close('}')
	return w.buf, nil
}

func (w *writer) result(name string, t sampan.Tensor) error {
	w.name(name)
	if err := w.nested(t); err != nil {
		return err
	}
	switch len(t.LoD) {
	case 0:
	case 1:
		w.name(name + ".lod")
		w.buf = appendList(w.buf, t.LoD[0], appendInt)
	default:
		w.name(name + ".lod")
		w.buf = appendList(w.buf, t.LoD, func(dst []byte, level []int64) []byte {
			return appendList(dst, level, appendInt)
		})
	}
	return nil
}

// nested writes a tensor's elements.
func (w *writer) nested(t sampan.Tensor) error {
	switch t.DType {
	case sampan.Float32:
		return writeNested(w, t, appendFloat[float32])
	case sampan.Float64:
		return writeNested(w, t, appendFloat[float64])
	case sampan.Float16:
		return writeNested(w, t, func(dst []byte, h sampan.F16) []byte { return appendFloat(dst, h.Float32()) })
	case sampan.BFloat16:
		return writeNested(w, t, func(dst []byte, b sampan.BF16) []byte { return appendFloat(dst, b.Float32()) })
	case sampan.Int8:
		return writeNested(w, t, appendInt[int8])
	case sampan.Int16:
		return writeNested(w, t, appendInt[int16])
	case sampan.Int32:
		return writeNested(w, t, appendInt[int32])
	case sampan.Int64:
		return writeNested(w, t, appendInt[int64])
	case sampan.Uint8:
		return writeNested(w, t, appendUint[uint8])
	case sampan.Uint16:
		return writeNested(w, t, appendUint[uint16])
	case sampan.Uint32:
		return writeNested(w, t, appendUint[uint32])
	case sampan.Uint64:
		return writeNested(w, t, appendUint[uint64])
	case sampan.Bool:
		return writeNested(w, t, strconv.AppendBool)
	case sampan.String:
		elements, err := t.Strings()
		if err != nil {
			return sampan.Errorf(sampan.Internal, "%w", err)
		}
		return nest(w, t.Shape, elements, appendText)
	}
	return sampan.Errorf(sampan.Unimplemented, "%s elements cannot be written in this dialect", t.DType)
}

func writeNested[T sampan.Element](w *writer, t sampan.Tensor, put func([]byte, T) []byte) error {
	elements, err := view[T](t)
	if err != nil {
		return sampan.Errorf(sampan.Internal, "%w", err)
	}
	return nest(w, t.Shape, elements, put)
}

// maxEmpty bounds the brackets that a tensor without elements is written with.
const maxEmpty = 1 << 16

func nest[T any](w *writer, shape sampan.Shape, elements []T, put func([]byte, T) []byte) error {
	if len(shape) == 0 {
		w.buf = put(w.buf, elements[0])
		return nil
	}
	if len(elements) == 0 && brackets(shape) > maxEmpty {
		return sampan.Errorf(sampan.Internal, "shape %v has too many empty lists to write", shape)
	}
	w.buf = appendNest(w.buf, shape, elements, put)
	return nil
}

// brackets is the number of lists that are written for a shape with a zero in it, or a
// number beyond maxEmpty.
func brackets(shape sampan.Shape) int64 {
	total, rows := int64(1), int64(1)
	for _, d := range shape {
		if d == 0 {
			break
		}
		if d > maxEmpty || rows > maxEmpty {
			return math.MaxInt64
		}
		rows *= d
		total += rows
	}
	return total
}

func appendNest[T any](dst []byte, shape sampan.Shape, elements []T, put func([]byte, T) []byte) []byte {
	if len(shape) == 1 {
		return appendList(dst, elements, put)
	}
	dst = append(dst, '[')
	rows := int(shape[0])
	for i := range rows {
		if i > 0 {
			dst = append(dst, ',')
		}
		size := len(elements) / rows
		dst = appendNest(dst, shape[1:], elements[i*size:(i+1)*size], put)
	}
	return append(dst, ']')
}
