package paddle

import (
	"math"
	"slices"

	"github.com/sampanml/sampan"
)

const interpolationNotes = "a scale together with OutSize is not supported"

var interpolationOps = map[string]operator{
	"bicubic_interp":      {translate: interpolate("cubic", 2, false), notes: cubicNotes},
	"bicubic_interp_v2":   {translate: interpolate("cubic", 2, true), notes: interpolationNotes + "; " + cubicNotes},
	"bilinear_interp":     {translate: interpolate("linear", 2, false)},
	"bilinear_interp_v2":  {translate: interpolate("linear", 2, true), notes: interpolationNotes},
	"linear_interp":       {translate: interpolate("linear", 1, false)},
	"linear_interp_v2":    {translate: interpolate("linear", 1, true), notes: interpolationNotes},
	"nearest_interp":      {translate: interpolate("nearest", 0, false)},
	"nearest_interp_v2":   {translate: interpolate("nearest", 0, true), notes: interpolationNotes},
	"trilinear_interp":    {translate: interpolate("linear", 3, false)},
	"trilinear_interp_v2": {translate: interpolate("linear", 3, true), notes: interpolationNotes},
}

const cubicNotes = "channels last, and a size of 1 without align_corners, are not supported"

// interpolate translates what gives the spatial dimensions, n of them or any number
// if n is 0, other sizes. In the second version a scale, where there is one, says how
// far apart the places in x are; in the first the sizes always do.
func interpolate(method string, n int, second bool) translator {
	return func(o *op) {
		x, back := o.channelsFirst(o.input("X"), "data_layout")
		rank := o.rank(x)
		if o.err == nil && (n > 0 && rank != n+2 || rank < 3 || rank > 5) {
			o.fail("shape %v, want %d dimensions", x.shape, max(n, 2)+2)
		}
		if o.err != nil {
			return
		}
		if method == "cubic" && o.channelsLast("data_layout") {
			// onnxruntime (1.28) moves the Transpose behind the Resize and then fails.
			o.failCode(sampan.Unimplemented, "channels last are not supported")
		}
		t := o.interpolationTarget(x, second)
		if method == "nearest" && !t.exact {
			o.output("Out", back(o.nearest(x, t)))
			return
		}
		o.output("Out", back(o.resize(x, t, method)))
	}
}

// interpolationTarget says what the spatial dimensions become.
type interpolationTarget struct {
	// scale, float32 [dimensions], multiplies the sizes; or, if it is "", sizes,
	// int64 [dimensions], are the new ones.
	scale, sizes string
	// known are the new sizes where the program states them.
	known []int64
	// corners says that the outermost elements stay where they are.
	corners bool
	// exact says that the places in x are computed without rounding, because the
	// scales are powers of 2.
	exact bool
}

// interpolationTarget reads the new sizes: from SizeTensor, OutSize, Scale or scale, or
// out_d, out_h and out_w, whichever comes first. Only where OutSize is not there, scale
// counts for sizes.
func (o *op) interpolationTarget(x value, second bool) interpolationTarget {
	n := len(x.shape) - 2
	t := interpolationTarget{corners: o.attrs.boolean("align_corners", true)}
	parts := o.inputs("SizeTensor")
	whole, given := o.optional("OutSize")
	scale, factors := o.scaleTensor(n), o.scaleNumbers(n, second)
	switch {
	case len(parts) > 0:
		t.sizes = o.joined(parts)
	case given && second && (scale != "" || factors != nil):
		o.failCode(sampan.Unimplemented, "a scale together with OutSize is not supported")
	case given:
		t.sizes = o.node("Reshape", []string{o.cast(whole, sampan.Int64), o.integers(-1)})
	case scale != "":
		t.scale = scale
	case factors != nil:
		t.scale = o.numbers(factors)
		t.exact = !t.corners && !slices.ContainsFunc(factors, func(v float32) bool { return !isPowerOf2(v) })
	default:
		for _, attr := range []string{"out_d", "out_h", "out_w"}[3-n:] {
			t.known = append(t.known, o.attrs.integer(attr, 0))
		}
		if slices.Min(t.known) < 1 {
			o.fail("out_d, out_h and out_w end with %v and no scale or OutSize is there", t.known)
		}
		t.sizes = o.integers(t.known...)
		t.exact = !t.corners
		for i, size := range t.known {
			t.exact = t.exact && x.shape[2+i] > 0 && isPowerOf2(float32(size)/float32(x.shape[2+i]))
		}
	}
	if t.scale != "" && !second {
		t.sizes, t.scale = o.scaled(x, t.scale), ""
	}
	return t
}

func isPowerOf2(v float32) bool {
	fraction, _ := math.Frexp(float64(v))
	return fraction == 0.5
}

// scaleTensor returns the input Scale, which has one number for all dimensions or one
// for each.
func (o *op) scaleTensor(n int) string {
	v, given := o.optional("Scale")
	if !given {
		return ""
	}
	list := o.node("Reshape", []string{o.cast(v, sampan.Float32), o.integers(-1)})
	return o.node("Expand", []string{list, o.integers(int64(n))})
}

// scaleNumbers reads the attribute scale: one number in the first version, 0 for none,
// one for each dimension in the second, which leaves shorter lists aside.
func (o *op) scaleNumbers(n int, second bool) []float32 {
	var list []float32
	if second {
		list = o.attrs.floats("scale", nil)
	} else if v := o.attrs.float("scale", 0); v > 0 {
		list = slices.Repeat([]float32{v}, n)
	}
	if len(list) < n {
		return nil
	}
	for _, v := range list[:n] {
		if !(v > 0) {
			o.fail("scale is %v, want numbers above 0", list)
		}
	}
	return list[:n]
}

// scaled are the sizes of x times the scale, cut to integers.
func (o *op) scaled(x value, scale string) string {
	old := o.node("Cast", []string{o.measureEach(x, 2, len(x.shape))}, attrInt("to", int64(sampan.Float32)))
	return o.node("Cast", []string{o.node("Mul", []string{old, scale})}, attrInt("to", int64(sampan.Int64)))
}

// resize uses ONNX's operator. As Paddle's, pytorch_half_pixel takes the first element
// where only one is wanted.
func (o *op) resize(x value, t interpolationTarget, method string) string {
	places := "pytorch_half_pixel"
	switch {
	case t.corners:
		places = "align_corners"
	case method == "nearest" || method == "linear" && o.attrs.integer("align_mode", 1) == 1:
		places = "asymmetric"
	}
	if method == "cubic" && !t.corners && slices.Contains(t.known, 1) {
		o.failCode(sampan.Unimplemented, "a size of 1 without align_corners is not supported")
	}
	inputs := []string{x.name, ""}
	if t.scale != "" {
		inputs = append(inputs, o.node("Concat", []string{o.numbers([]float32{1, 1}), t.scale}, attrInt("axis", 0)))
	} else {
		all := o.node("Concat", []string{o.measureEach(x, 0, 2), t.sizes}, attrInt("axis", 0))
		inputs = append(inputs, "", all)
	}
	return o.node("Resize", inputs, attrText("mode", method), attrText("nearest_mode", "floor"),
		attrText("coordinate_transformation_mode", places))
}

// nearest takes elements one dimension after the other, each at its place times the
// ratio of the sizes, all in float32: Paddle's interpolate_kernel.cc rounds so, which
// decides between neighbours.
func (o *op) nearest(x value, t interpolationTarget) string {
	n := len(x.shape) - 2
	toFloat := attrInt("to", int64(sampan.Float32))
	old := o.measureEach(x, 2, 2+n)
	sizes := t.sizes
	if sizes == "" {
		sizes = o.scaled(x, t.scale)
	}
	one := o.numbers([]float32{1})
	var ratio string
	switch from, to := o.node("Cast", []string{old}, toFloat), o.node("Cast", []string{sizes}, toFloat); {
	case t.corners:
		ratio = o.node("Div", []string{
			o.node("Sub", []string{from, one}),
			o.node("Max", []string{o.node("Sub", []string{to, one}), one}),
		})
	case t.scale != "":
		ratio = o.node("Div", []string{one, t.scale})
	default:
		ratio = o.node("Div", []string{from, to})
	}
	result := x.name
	for i := range n {
		at := int64(i)
		number := o.node("Cast", []string{o.count(o.part(sizes, at, at+1))}, toFloat)
		place := o.node("Mul", []string{number, o.part(ratio, at, at+1)})
		if t.corners {
			place = o.node("Cast", []string{place}, attrInt("to", int64(sampan.Float64)))
			place = o.node("Add", []string{place, o.scalar(sampan.Float64, 0.5)})
		}
		index := o.node("Cast", []string{place}, attrInt("to", int64(sampan.Int64)))
		result = o.node("Gather", []string{result, index}, attrInt("axis", 2+at))
	}
	return result
}

// numbers adds a list of float32 as an initialiser.
func (o *op) numbers(values []float32) string {
	var data []byte
	for _, v := range values {
		element, _ := encode(sampan.Float32, float64(v))
		data = append(data, element...)
	}
	return o.constant(sampan.Float32, sampan.Shape{int64(len(values))}, data)
}
