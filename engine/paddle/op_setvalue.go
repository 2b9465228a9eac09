package paddle

import (
	"github.com/sampanml/sampan"
)

// setValue puts a value in the place of a part. The places are those that the same part
// of the numbers 0, 1, 2, … in X's shape holds.
func setValue(o *op) {
	x, none := o.input("Input"), o.attrs.integers("none_axes", nil)
	count := o.node("Reshape", []string{o.node("Size", []string{x.name}), o.integers(1)})
	places := o.ranged(
		value{name: o.node("Reshape", []string{o.count(count), o.sizesOf(x)}), shape: x.shape},
		ranges{
			axes:    o.attrs.integers("axes", nil),
			single:  o.attrs.integers("decrease_axes", nil),
			starts:  o.list("StartsTensorList", "", "starts"),
			ends:    o.list("EndsTensorList", "", "ends"),
			strides: o.list("StepsTensorList", "", "steps"),
			inFront: true,
		})
	if len(none) > 0 {
		places = o.node("Unsqueeze", []string{places, o.integers(none...)})
	}
	put := o.expanded(x.dtype, o.newValue(x.dtype), o.node("Shape", []string{places}))
	flat := func(v string) string { return o.node("Reshape", []string{v, o.integers(-1)}) }
	result := o.node("ScatterElements", []string{flat(x.name), flat(places), flat(put)}, attrInt("axis", 0))
	o.output("Out", o.node("Reshape", []string{result, o.sizesOf(x)}))
}

// newValue is what is put: a tensor, or numbers with a shape in attributes.
func (o *op) newValue(d sampan.DType) string {
	if v, given := o.optional("ValueTensor"); given {
		return o.cast(v, d)
	}
	return o.stated(d, o.attrs.integers("shape", nil))
}
