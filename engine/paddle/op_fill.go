package paddle

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// fillOps make values of numbers that the program states.
var fillOps = map[string]operator{
	"assign":                        {translate: assign},
	"assign_value":                  {translate: assignValue},
	"cast":                          {translate: cast},
	"empty":                         {translate: fillConstant},
	"eye":                           {translate: eye},
	"fill_any":                      {translate: fillLike},
	"fill_any_like":                 {translate: fillLike},
	"fill_constant":                 {translate: fillConstant},
	"fill_constant_batch_size_like": {translate: fillBatchLike},
	"fill_zeros_like":               {translate: fillLike},
	"fill_zeros_like2":              {translate: fillLike},
	"linspace":                      {translate: linspace},
	"memcpy":                        {translate: assign},
	"print":                         {translate: printed},
	"range":                         {translate: rangeOf},
	"share_data":                    {translate: assign},
}

// dtypeOf reads an element type from an attribute; -1 stands for missing.
func (o *op) dtypeOf(attr string, missing sampan.DType) sampan.DType {
	if o.attrs.byName[attr] == nil {
		return missing
	}
	v := o.attrs.integer(attr, -1)
	if v == -1 {
		return missing
	}
	d := dtypes[paddle.VarType_Type(v)]
	if !d.Valid() {
		o.failCode(sampan.Unimplemented, "%s %d is not supported", attr, v)
	}
	return d
}

// assign hands a value on.
func assign(o *op) {
	o.output("Out", o.input("X").name)
}

// printed hands a value on that Paddle also prints.
func printed(o *op) {
	o.output("Out", o.input("In").name)
}

// cast converts elements.
func cast(o *op) {
	x := o.input("X")
	o.output("Out", o.cast(x, o.dtypeOf("out_dtype", sampan.Invalid)))
}

// assignValue states all elements of a value. They are in a list of scalars or, in
// programs before Paddle 2.5, in one named after their type.
func assignValue(o *op) {
	o.output("Out", o.stated(o.dtypeOf("dtype", sampan.Float32), o.attrs.integers("shape", nil)))
}

// filling reads the number that fills a value: from str_value, in digits, or value.
func (o *op) filling() exactNumber {
	text := strings.TrimSpace(o.attrs.text("str_value", ""))
	if text == "" {
		return fraction(o.attrs.number("value", 0))
	}
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return wholeNumber(v)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		o.fail("str_value is %q, want a number", text)
	}
	return fraction(v)
}

// filledWith makes a value of one number; shape is a list. Small ones of a known shape are
// constants.
func (o *op) filledWith(n exactNumber, d sampan.DType, shape string) string {
	element, ok := n.encode(d)
	if !ok {
		o.fail("the number is out of the range of type %s", d)
		return ""
	}
	if k, ok := o.known(shape); ok {
		count, fits := sampan.Shape(k.values).Elements()
		if fits && count <= mostFolded {
			return o.constant(d, k.values, bytes.Repeat(element, int(count)))
		}
	}
	as := &onnx.TensorProto{DataType: int32(d), Dims: []int64{1}, RawData: element}
	return o.node("ConstantOfShape", []string{shape}, &onnx.AttributeProto{Name: "value", Type: onnx.AttributeProto_TENSOR, T: as})
}

// fillConstant makes a value of one number, which may be in a tensor.
func fillConstant(o *op) {
	d := o.dtypeOf("dtype", sampan.Float32)
	shape := o.list("ShapeTensorList", "ShapeTensor", "shape")
	if v, given := o.optional("ValueTensor"); given {
		one := o.node("Reshape", []string{o.cast(v, d), o.integers()})
		o.output("Out", o.expanded(d, one, shape))
		return
	}
	o.output("Out", o.filledWith(o.filling(), d, shape))
}

// fillLike makes a value of one number with the shape of another.
func fillLike(o *op) {
	x := o.input("X")
	o.output("Out", o.filledWith(o.filling(), o.dtypeOf("dtype", x.dtype), o.sizesOf(x)))
}

// fillBatchLike makes a value of one number; one of its sizes is another value's.
func fillBatchLike(o *op) {
	x, shape := o.input("Input"), o.attrs.integers("shape", nil)
	from, to := o.attrs.integer("input_dim_idx", 0), o.attrs.integer("output_dim_idx", 0)
	if to < 0 || to >= int64(len(shape)) {
		o.fail("output_dim_idx is %d for shape %v", to, shape)
		return
	}
	parts := []string{o.integers(shape[:to]...), o.dim(x, o.axis(from, o.rank(x))), o.integers(shape[to+1:]...)}
	list := o.node("Concat", parts, attrInt("axis", 0))
	o.output("Out", o.filledWith(o.filling(), o.dtypeOf("dtype", sampan.Float32), list))
}

// eye makes a matrix with ones on its diagonal.
func eye(o *op) {
	d := o.dtypeOf("dtype", sampan.Float32)
	rows, columns := o.attrs.integer("num_rows", 0), o.attrs.integer("num_columns", -1)
	if columns < 0 {
		columns = rows
	}
	as := computedAs("EyeLike", d)
	zeros := o.node("ConstantOfShape", []string{o.integers(rows, columns)})
	o.output("Out", o.convert(o.node("EyeLike", []string{zeros}, attrInt("dtype", int64(as))), as, d))
}

// rangeOf lists numbers from Start to before End in steps.
func rangeOf(o *op) {
	var inputs []string
	d := o.input("Start").dtype
	for _, name := range []string{"Start", "End", "Step"} {
		inputs = append(inputs, o.node("Reshape", []string{o.cast(o.input(name), d), o.integers()}))
	}
	o.output("Out", o.calc(d, "Range", inputs...))
}

// linspace lists Num numbers from Start to Stop, computed as float64: those of the first
// half from Start on, the others back from Stop.
func linspace(o *op) {
	const d = sampan.Float64
	number := func(parameter string) string {
		return o.node("Reshape", []string{o.cast(o.input(parameter), d), o.integers()})
	}
	start, stop := number("Start"), number("Stop")
	count := o.node("Reshape", []string{o.cast(o.input("Num"), sampan.Int64), o.integers(1)})
	places := o.convert(o.count(count), sampan.Int64, d)
	last := o.convert(o.node("Sub", []string{count, o.integers(1)}), sampan.Int64, d)
	step := o.calc(d, "Div", o.calc(d, "Sub", stop, start), o.calc(d, "Max", last, o.scalar(d, 1)))
	first := o.test(d, "LessOrEqual", o.calc(d, "Mul", places, o.scalar(d, 2)), last)
	forward := o.calc(d, "Add", start, o.calc(d, "Mul", step, places))
	back := o.calc(d, "Sub", stop, o.calc(d, "Mul", step, o.calc(d, "Sub", last, places)))
	o.output("Out", o.convert(o.where(d, first, forward, back), d, o.dtypeOf("dtype", sampan.Float32)))
}
