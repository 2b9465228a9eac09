package paddle

import (
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// pirCreation has the operators that make values of nothing, or of a shape.
var pirCreation = map[string]*pirRule{
	"arange":               rule("range", "Start End Step", "Out", "").with(ofOneType),
	"assign_value":         rule("assign_value", "", "Out", "").with(stated),
	"assign_value_":        rule("assign_value", "-!", "Out", "").with(stated),
	"empty":                rule("empty", "shape:ints|ShapeTensor", "Out", ""),
	"eye":                  rule("eye", "num_rows:int num_columns:int", "Out", ""),
	"fill":                 rule("fill_any", "X value:float", "Out", ""),
	"full":                 rule("fill_constant", "", "Out", "").with(exact),
	"full_batch_size_like": rule("fill_constant_batch_size_like", "Input", "Out", ""),
	"full_int_array":       rule("assign_value", "", "Out", "value>values").with(stated),
	"full_like":            rule("fill_any_like", "X value:float", "Out", ""),
	"full_with_tensor":     rule("fill_constant", "str_value:text|ValueTensor shape:ints|ShapeTensor", "Out", ""),
	"gaussian":             rule("gaussian_random", "shape:ints|ShapeTensor", "Out", ""),
	"linspace":             rule("linspace", "Start Stop Num", "Out", "").with(ofOneType),
	"meshgrid":             rule("meshgrid", "X", "Out", ""),
	"uniform":              rule("uniform_random", "shape:ints|ShapeTensor min:float max:float", "Out", ""),
}

// exact writes a number in digits, as a float cannot hold every integer.
func exact(c *pirCall, desc *paddle.OpDesc) {
	k := pirConstant{numbers: []float64{c.attrs.number("value", 0)}}
	desc.Attrs = append(desc.Attrs, k.attribute("str_value", "text"))
}

// stated writes the numbers of a list in the attribute of their type, and their shape
// where the program leaves it out.
func stated(c *pirCall, desc *paddle.OpDesc) {
	shaped, count := false, 0
	for _, attr := range desc.Attrs {
		switch attr.GetName() {
		case "values":
			list := scalars(attr)
			count = len(list)
			typed(attr, list, paddle.VarType_Type(c.attrs.integer("dtype", -1)))
		case "shape":
			shaped = true
		}
	}
	if !shaped {
		desc.Attrs = append(desc.Attrs, longsOf("shape", []int64{int64(count)}))
	}
}

// typed makes an attribute of assign_value of numbers of a dtype. Types that have no
// attribute of their own keep the scalars.
func typed(attr *paddle.OpDesc_Attr, list []*paddle.Scalar, dtype paddle.VarType_Type) {
	attr.Reset()
	set := func(name string, kind paddle.AttrType) {
		attr.Name, attr.Type = &name, &kind
	}
	switch dtype {
	case paddle.VarType_BOOL:
		set("bool_values", paddle.AttrType_INTS)
		for _, s := range list {
			if number(s) != 0 {
				attr.Ints = append(attr.Ints, 1)
			} else {
				attr.Ints = append(attr.Ints, 0)
			}
		}
	case paddle.VarType_INT32:
		set("int32_values", paddle.AttrType_INTS)
		for _, s := range list {
			attr.Ints = append(attr.Ints, int32(number(s)))
		}
	case paddle.VarType_INT64:
		set("int64_values", paddle.AttrType_LONGS)
		for _, s := range list {
			attr.Longs = append(attr.Longs, integer(s))
		}
	case paddle.VarType_FP32:
		set("fp32_values", paddle.AttrType_FLOATS)
		for _, s := range list {
			attr.Floats = append(attr.Floats, float32(number(s)))
		}
	case paddle.VarType_FP64:
		set("fp64_values", paddle.AttrType_FLOAT64S)
		for _, s := range list {
			attr.Float64S = append(attr.Float64S, number(s))
		}
	default:
		set("values", paddle.AttrType_SCALARS)
		attr.Scalars = list
	}
}

// number is a scalar as a float.
func number(s *paddle.Scalar) float64 {
	switch s.GetType() {
	case paddle.Scalar_BOOLEAN:
		if s.GetB() {
			return 1
		}
		return 0
	case paddle.Scalar_LONG:
		return float64(s.GetI())
	}
	return s.GetR()
}

// integer is a scalar as an integer.
func integer(s *paddle.Scalar) int64 {
	if s.GetType() == paddle.Scalar_LONG {
		return s.GetI()
	}
	return int64(number(s))
}

// scalars returns the numbers of a list.
func scalars(attr *paddle.OpDesc_Attr) []*paddle.Scalar {
	out := attr.Scalars
	fraction := func(v float64) { out = append(out, &paddle.Scalar{Type: paddle.Scalar_FLOAT64.Enum(), R: &v}) }
	whole := func(v int64) { out = append(out, &paddle.Scalar{Type: paddle.Scalar_LONG.Enum(), I: &v}) }
	for _, v := range attr.Ints {
		whole(int64(v))
	}
	for _, v := range attr.Longs {
		whole(v)
	}
	for _, v := range attr.Floats {
		fraction(float64(v))
	}
	for _, v := range attr.Float64S {
		fraction(v)
	}
	for _, v := range attr.Bools {
		out = append(out, &paddle.Scalar{Type: paddle.Scalar_BOOLEAN.Enum(), B: &v})
	}
	return out
}

// ofOneType converts the operands to the result's type, other than a count.
func ofOneType(c *pirCall, desc *paddle.OpDesc) {
	if len(desc.Outputs) == 0 {
		return
	}
	want := c.vars[desc.Outputs[0].Arguments[0]].GetType()
	for _, binding := range desc.Inputs {
		if binding.GetParameter() == "Num" {
			continue
		}
		for i, name := range binding.Arguments {
			binding.Arguments[i] = c.converted(name, want.GetLodTensor().GetTensor().GetDataType())
		}
	}
}

// converted returns a variable that has another's elements as a dtype.
func (c *pirCall) converted(name string, dtype paddle.VarType_Type) string {
	have := c.vars[name].GetType().GetLodTensor().GetTensor()
	if have == nil || have.GetDataType() == dtype {
		return name
	}
	into := c.free(name + "_cast")
	v := &paddle.VarDesc{Name: &into, Type: &paddle.VarType{
		Type: paddle.VarType_DENSE_TENSOR.Enum(),
		LodTensor: &paddle.VarType_LoDTensorDesc{
			Tensor: &paddle.VarType_TensorDesc{DataType: &dtype, Dims: have.Dims},
		},
	}}
	c.vars[into] = v
	c.blocks[c.block].Vars = append(c.blocks[c.block].Vars, v)
	desc := &paddle.OpDesc{Outputs: bind(nil, "Out", []string{into})}
	if value := c.constants[name].attribute("str_value", "text"); value != nil {
		desc.Type = proto.String("fill_constant")
		desc.Attrs = []*paddle.OpDesc_Attr{value, longsOf("shape", have.Dims), intOf("dtype", int32(dtype))}
	} else {
		desc.Type = proto.String("cast")
		desc.Inputs = bind(nil, "X", []string{name})
		desc.Attrs = []*paddle.OpDesc_Attr{intOf("out_dtype", int32(dtype))}
	}
	c.emit(c.block, c.op.fullName(), desc)
	return into
}
