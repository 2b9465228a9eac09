package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// mostFolded bounds the elements of constants that are computed with.
const mostFolded = 64

// known is a constant of integers: a list, or a number without dimensions.
type known struct {
	dtype  sampan.DType
	list   bool
	values []int64
}

// known returns a value that is constant and small.
func (o *op) known(name string) (known, bool) {
	t := o.constants[name]
	if t == nil || len(t.Dims) > 1 || len(t.RawData) > 8*mostFolded {
		return known{}, false
	}
	values, ok := decodeIntegers(sampan.DType(t.DataType), t.RawData)
	return known{sampan.DType(t.DataType), len(t.Dims) == 1, values}, ok
}

// folded computes a node whose inputs are known: the arithmetic of shapes, so that
// operators see numbers where they need them.
func (o *op) folded(opType string, inputs []string, attrs []*onnx.AttributeProto) (string, bool) {
	fold, ok := folds[opType]
	if !ok {
		return "", false
	}
	in := make([]known, len(inputs))
	for i, name := range inputs {
		if in[i], ok = o.known(name); !ok {
			return "", false
		}
	}
	result, ok := fold(in, attrs)
	if !ok || len(result.values) > mostFolded {
		return "", false
	}
	var shape sampan.Shape
	if result.list {
		shape = sampan.Shape{int64(len(result.values))}
	}
	var data []byte
	for _, v := range result.values {
		element, ok := encodeInteger(result.dtype, v)
		if !ok {
			return "", false
		}
		data = append(data, element...)
	}
	return o.constant(result.dtype, shape, data), true
}

// folds computes what ONNX's operators do with lists and numbers; they report false for
// all else.
var folds = map[string]func(in []known, attrs []*onnx.AttributeProto) (known, bool){
	"Add": foldPairs(func(a, b int64) (int64, bool) { return a + b, true }),
	"Sub": foldPairs(func(a, b int64) (int64, bool) { return a - b, true }),
	"Mul": foldPairs(func(a, b int64) (int64, bool) { return a * b, true }),
	"Div": foldPairs(func(a, b int64) (int64, bool) {
		if b == 0 {
			return 0, false
		}
		return a / b, true
	}),
	"Max":       foldPairs(func(a, b int64) (int64, bool) { return max(a, b), true }),
	"Min":       foldPairs(func(a, b int64) (int64, bool) { return min(a, b), true }),
	"Cast":      foldCast,
	"Concat":    foldConcat,
	"Gather":    foldGather,
	"Reshape":   foldReshape,
	"Slice":     foldSlice,
	"Squeeze":   func(in []known, _ []*onnx.AttributeProto) (known, bool) { return in[0].reshaped(false) },
	"Unsqueeze": func(in []known, _ []*onnx.AttributeProto) (known, bool) { return in[0].reshaped(!in[0].list) },
}

// reshaped makes a list of a number, or a number of a list of one.
func (k known) reshaped(list bool) (known, bool) {
	if k.list == list || len(k.values) != 1 {
		return k, false
	}
	k.list = list
	return k, true
}

// foldPairs works on two lists of the same length, or with a number for each element.
func foldPairs(f func(a, b int64) (int64, bool)) func([]known, []*onnx.AttributeProto) (known, bool) {
	return func(in []known, _ []*onnx.AttributeProto) (known, bool) {
		if len(in) != 2 || in[0].dtype != in[1].dtype {
			return known{}, false
		}
		out := known{dtype: in[0].dtype, list: in[0].list || in[1].list}
		n := max(len(in[0].values), len(in[1].values))
		for i := range n {
			var pair [2]int64
			for j, k := range in {
				switch len(k.values) {
				case n:
					pair[j] = k.values[i]
				case 1:
					pair[j] = k.values[0]
				default:
					return known{}, false
				}
			}
			v, ok := f(pair[0], pair[1])
			if !ok {
				return known{}, false
			}
			out.values = append(out.values, v)
		}
		return out, true
	}
}

func foldCast(in []known, attrs []*onnx.AttributeProto) (known, bool) {
	out := in[0]
	out.dtype = sampan.DType(attrs[0].I)
	return out, whole(out.dtype) && out.dtype != sampan.Bool
}

func foldConcat(in []known, _ []*onnx.AttributeProto) (known, bool) {
	out := known{dtype: in[0].dtype, list: true}
	for _, k := range in {
		if !k.list || k.dtype != out.dtype {
			return known{}, false
		}
		out.values = append(out.values, k.values...)
	}
	return out, true
}

func foldGather(in []known, attrs []*onnx.AttributeProto) (known, bool) {
	data, index := in[0], in[1]
	out := known{dtype: data.dtype, list: index.list}
	if !data.list || slices.ContainsFunc(attrs, func(a *onnx.AttributeProto) bool { return a.I != 0 }) {
		return known{}, false
	}
	for _, i := range index.values {
		if i < 0 {
			i += int64(len(data.values))
		}
		if i < 0 || i >= int64(len(data.values)) {
			return known{}, false
		}
		out.values = append(out.values, data.values[i])
	}
	return out, true
}

func foldReshape(in []known, _ []*onnx.AttributeProto) (known, bool) {
	out, shape := in[0], in[1].values
	switch {
	case len(shape) == 0 && len(out.values) == 1:
		out.list = false
	case len(shape) == 1 && (shape[0] == -1 || shape[0] > 0 && shape[0] == int64(len(out.values))):
		out.list = true
	default:
		return known{}, false
	}
	return out, true
}

func foldSlice(in []known, _ []*onnx.AttributeProto) (known, bool) {
	step := int64(1)
	for i, k := range in[1:] {
		if len(k.values) != 1 {
			return known{}, false
		}
		if i == 3 {
			step = k.values[0]
		}
	}
	n := int64(len(in[0].values))
	if !in[0].list || step != 1 {
		return known{}, false
	}
	place := func(i int64) int64 {
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n)
	}
	from, to := place(in[1].values[0]), place(in[2].values[0])
	out := in[0]
	out.values = out.values[from:max(from, to)]
	return out, true
}
