package paddle

import (
	"bytes"
	"strconv"

	"github.com/sampanml/sampan"
)

// creationOps make tensors of numbers that are known, or of a shape.
var creationOps = map[string]operator{
	"assign":                        {translate: assign},
	"assign_value":                  {translate: assignValue},
	"cast":                          {translate: castTo},
	"eye":                           {translate: eye},
	"fill_any_like":                 {translate: fillLike("value")},
	"fill_constant":                 {translate: fillConstant},
	"fill_constant_batch_size_like": {translate: fillBatchLike},
	"fill_zeros_like":               {translate: fillLike("")},
	"linspace":                      {translate: linspace},
	"meshgrid":                      {translate: meshgrid},
	"range":                         {translate: arange},
}

// assign hands its input on.
func assign(o *op) { o.output("Out", o.input("X").name) }

// castTo gives the elements another type.
func castTo(o *op) {
	x, to := o.input("X"), o.dtypeAttr("out_dtype", sampan.Invalid)
	if !to.Valid() {
		o.fail("attribute \"out_dtype\" is missing")
	}
	o.output("Out", o.cast(x, to))
}

// maxFolded bounds the elements of a tensor that becomes a constant of the model.
const maxFolded = 1 << 16

// assignValue states its elements.
func assignValue(o *op) {
	d := o.dtypeAttr("dtype", sampan.Float32)
	o.output("Out", o.stated(d, o.attrs.integers("shape", nil)))
}

// fillConstant fills a shape with a number, which comes as a tensor, in digits, or as a
// float.
func fillConstant(o *op) {
	d := o.dtypeAttr("dtype", sampan.Float32)
	shape, ok := o.integerList("ShapeTensorList", "ShapeTensor", "shape")
	if !ok {
		shape = integerList{o.integers(), []int64{}}
	}
	v, given := o.optional("ValueTensor")
	if given {
		one := o.node("Reshape", []string{o.cast(v, d), o.integers()})
		o.output("Out", o.node("Expand", []string{one, shape.name}))
		return
	}
	element := o.fillElement(d)
	n, whole := sampan.Shape(shape.known).Elements()
	switch {
	case o.err != nil:
	case shape.known == nil || !whole || n > maxFolded:
		o.output("Out", o.node("Expand", []string{o.constant(d, nil, element), shape.name}))
	default:
		o.output("Out", o.constant(d, shape.known, bytes.Repeat(element, int(n))))
	}
}

// fillElement reads the number of an operator that fills: str_value, where it is there,
// holds integers that a float cannot.
func (o *op) fillElement(d sampan.DType) []byte {
	text := o.attrs.text("str_value", "")
	v := float64(o.attrs.float("value", 0))
	if text != "" {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && d == sampan.Int64 {
			return encodeInt64(n)
		}
		v = o.attrs.textNumber("str_value", 0)
	}
	element, ok := encode(d, v)
	if !ok {
		o.fail("%v is no number of type %s", v, d)
	}
	return element
}

// fillLike fills X's shape with the number of an attribute, or with 0.
func fillLike(attr string) translator {
	return func(o *op) {
		x := o.input("X")
		d := o.dtypeAttr("dtype", x.dtype)
		v := 0.0
		if attr != "" {
			v = o.attrs.number(attr, 0)
		}
		element, ok := encode(d, v)
		if !ok {
			o.fail("%v is no number of type %s", v, d)
			return
		}
		o.output("Out", o.node("Expand", []string{o.constant(d, nil, element), o.node("Shape", []string{x.name})}))
	}
}

// fillBatchLike fills a shape of which one size is one of Input's.
func fillBatchLike(o *op) {
	x, d := o.input("Input"), o.dtypeAttr("dtype", sampan.Float32)
	shape := o.attrs.integers("shape", nil)
	from := o.axis(o.attrs.integer("input_dim_idx", 0), o.rank(x))
	to := o.axis(o.attrs.integer("output_dim_idx", 0), len(shape))
	element := o.fillElement(d)
	if o.err != nil {
		return
	}
	var list []string
	for i, n := range shape {
		if i == to {
			list = append(list, o.measure(merged(x, from, from+1)))
		} else {
			list = append(list, o.integers(n))
		}
	}
	o.output("Out", o.node("Expand", []string{o.constant(d, nil, element), o.node("Concat", list, attrInt("axis", 0))}))
}

// eye makes a matrix with ones on its diagonal.
func eye(o *op) {
	d := o.dtypeAttr("dtype", sampan.Float32)
	rows := o.attrs.integer("num_rows", 0)
	columns := o.attrs.integer("num_columns", -1)
	if columns < 0 {
		columns = rows
	}
	n, ok := sampan.Shape{rows, columns}.Elements()
	if !ok || n > maxFolded {
		o.failCode(sampan.Unimplemented, "a matrix of %d × %d is too large", rows, columns)
		return
	}
	one, _ := encode(d, 1)
	data := make([]byte, int(n)*len(one))
	for i := range min(rows, columns) {
		copy(data[int(i*columns+i)*len(one):], one)
	}
	o.output("Out", o.constant(d, sampan.Shape{rows, columns}, data))
}

// arange lists numbers from Start to before End by Step.
func arange(o *op) {
	var inputs []string
	d := o.input("Start").dtype
	y := computedAs("Range", d)
	for _, parameter := range []string{"Start", "End", "Step"} {
		v := o.input(parameter)
		inputs = append(inputs, o.node("Reshape", []string{o.cast(v, y), o.integers()}))
	}
	o.output("Out", o.convert(o.node("Range", inputs), y, d))
}

// linspace lists Num numbers from Start to Stop: the first half counted from Start, the
// second from Stop (linspace_kernel.cc).
func linspace(o *op) {
	d := o.dtypeAttr("dtype", o.input("Start").dtype)
	work := sampan.Float32
	if d == sampan.Float64 {
		work = sampan.Float64
	}
	scalar := func(parameter string, to sampan.DType) string {
		return o.node("Reshape", []string{o.cast(o.input(parameter), to), o.integers()})
	}
	start, stop, num := scalar("Start", work), scalar("Stop", work), scalar("Num", sampan.Int64)
	index := o.node("Range", []string{o.integer(0), num, o.integer(1)})
	last := o.two("Max", o.two("Sub", num, o.integer(1)), o.integer(1))
	number := func(x string) string { return o.node("Cast", []string{x}, attrInt("to", int64(work))) }
	step := o.two("Div", o.two("Sub", stop, start), number(last))
	up := o.two("Add", start, o.two("Mul", number(index), step))
	down := o.two("Sub", stop, o.two("Mul", number(o.two("Sub", last, index)), step))
	firstHalf := o.two("Less", index, o.two("Div", num, o.integer(2)))
	// A list of one is the start.
	firstHalf = o.two("Or", firstHalf, o.two("Equal", num, o.integer(1)))
	o.output("Out", o.convert(o.node("Where", []string{firstHalf, up, down}), work, d))
}

// meshgrid spreads each list along an axis of its own.
func meshgrid(o *op) {
	all := o.inputs("X")
	outputs := o.arguments(o.desc.Outputs, "Out")
	if len(outputs) != len(all) {
		o.fail("%d outputs for %d inputs", len(outputs), len(all))
		return
	}
	var lists, sizes []string
	for _, x := range all {
		list := o.node("Reshape", []string{x.name, o.integers(-1)})
		lists = append(lists, list)
		sizes = append(sizes, o.node("Shape", []string{list}))
	}
	shape := o.node("Concat", sizes, attrInt("axis", 0))
	for i, list := range lists {
		own := make([]int64, len(all))
		for j := range own {
			own[j] = 1
		}
		own[i] = -1
		o.bind(outputs[i], o.node("Expand", []string{o.node("Reshape", []string{list, o.integers(own...)}), shape}))
	}
}
