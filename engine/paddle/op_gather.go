package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
)

// gatherOps take elements by their places.
var gatherOps = map[string]operator{
	"gather":          {translate: gather},
	"gather_nd":       {translate: gatherND},
	"index_sample":    {translate: indexSample},
	"index_select":    {translate: indexSelect},
	"lookup_table":    {translate: lookup(true)},
	"lookup_table_v2": {translate: lookup(false)},
	"masked_select":   {translate: maskedSelect},
	"multiplex":       {translate: multiplex},
	"take_along_axis": {translate: takeAlongAxis},
	"where":           {translate: choose},
	"where_index":     {translate: whereIndex},
}

// indices returns a list of places; Paddle takes a matrix of one column for a list.
func (o *op) indices(index value) string {
	if len(index.shape) == 2 {
		return o.node("Reshape", []string{index.name, o.integers(-1)})
	}
	return index.name
}

// gather takes parts along an axis.
func gather(o *op) {
	x, index, axis := o.input("X"), o.input("Index"), o.axisOf("Axis", "axis")
	o.output("Out", o.node("Gather", []string{x.name, o.indices(index)}, attrInt("axis", axis)))
}

func indexSelect(o *op) {
	x, index, axis := o.input("X"), o.input("Index"), o.attrs.integer("dim", 0)
	o.output("Out", o.node("Gather", []string{x.name, o.indices(index)}, attrInt("axis", axis)))
}

// gatherND takes parts at places that each name the first dimensions' indices.
func gatherND(o *op) {
	x, index := o.input("X"), o.input("Index")
	o.output("Out", o.node("GatherND", []string{x.name, o.cast(index, sampan.Int64)}))
}

// indexSample takes of each row the elements at that row's places.
func indexSample(o *op) {
	x, index := o.input("X"), o.input("Index")
	o.output("Out", o.node("GatherElements", []string{x.name, index.name}, attrInt("axis", 1)))
}

// takeAlongAxis takes elements whose place along an axis is given. In the other
// dimensions both values have the same sizes, or one of them 1.
func takeAlongAxis(o *op) {
	x, index := o.input("Input"), o.input("Index")
	rank := o.rank(x)
	axis := o.axis(o.attrs.integer("Axis", 0), rank)
	if o.err != nil {
		return
	}
	x.name, index.name = o.alike(x, index, axis), o.alike(index, x, axis)
	o.output("Result", o.node("GatherElements", []string{x.name, index.name}, attrInt("axis", int64(axis))))
}

// alike gives x the sizes of another value in all dimensions but one, where it has 1
// and the other may have more.
func (o *op) alike(x, other value, except int) string {
	if len(x.shape) != len(other.shape) {
		o.fail("shapes %v and %v, want as many dimensions", x.shape, other.shape)
		return ""
	}
	var sizes []string
	grows := false
	for i := range x.shape {
		if i == except {
			sizes = append(sizes, o.integers(1))
			continue
		}
		grows = grows || x.shape[i] == 1 && other.shape[i] != 1
		sizes = append(sizes, o.dim(other, i))
	}
	if !grows {
		return x.name
	}
	return o.expanded(x.dtype, x.name, o.node("Concat", sizes, attrInt("axis", 0)))
}

// lookup takes rows of a table, and zeros for the number padding_idx. The first version
// has a last dimension of 1 on its numbers.
func lookup(column bool) translator {
	return func(o *op) {
		table, ids := o.input("W"), o.input("Ids")
		if column {
			ids.name = o.node("Squeeze", []string{ids.name, o.integers(-1)})
		}
		rows := o.gather(table.name, ids.name)
		if padding := o.attrs.integer("padding_idx", -1); padding != -1 {
			empty := o.test(ids.dtype, "Equal", ids.name, o.scalar(ids.dtype, float64(padding)))
			empty = o.node("Unsqueeze", []string{empty, o.integers(-1)})
			rows = o.where(table.dtype, empty, o.scalar(table.dtype, 0), rows)
		}
		o.output("Out", rows)
	}
}

// choose takes elements of X where Condition is true and of Y where it is not.
func choose(o *op) {
	condition, x, y := o.input("Condition"), o.input("X"), o.input("Y")
	o.output("Out", o.where(x.dtype, o.cast(condition, sampan.Bool), x.name, y.name))
}

// whereIndex lists the places of the elements that are not zero, one in a row.
func whereIndex(o *op) {
	x := o.input("Condition")
	places := o.node("NonZero", []string{o.cast(x, sampan.Bool)})
	o.output("Out", o.node("Transpose", []string{places}, attrInts("perm", []int64{1, 0})))
}

// maskedSelect lists the elements for which Mask is true.
func maskedSelect(o *op) {
	x, mask := o.input("X"), o.input("Mask")
	if !slices.Equal(x.shape, mask.shape) {
		sizes := o.node("Shape", []string{mask.name})
		mask.name = o.expanded(mask.dtype, mask.name, o.node("Shape", []string{x.name}))
		x.name = o.expanded(x.dtype, x.name, sizes)
	}
	list := func(name string) string { return o.node("Reshape", []string{name, o.integers(-1)}) }
	o.output("Y", o.node("Compress", []string{list(x.name), list(mask.name)}, attrInt("axis", 0)))
}

// multiplex takes each row from the value whose number Ids has for it.
func multiplex(o *op) {
	all, ids := o.inputs("X"), o.input("Ids")
	if len(all) == 0 {
		o.fail("input X has no variables")
	}
	var list []string
	for _, x := range all {
		list = append(list, o.node("Unsqueeze", []string{x.name, o.integers(0)}))
	}
	from := o.node("Reshape", []string{o.cast(ids, sampan.Int64), o.integers(-1, 1)})
	rows := o.count(o.node("Shape", []string{ids.name}, attrInt("end", 1)))
	row := o.node("Unsqueeze", []string{rows, o.integers(1)})
	places := o.node("Concat", []string{from, row}, attrInt("axis", 1))
	o.output("Out", o.node("GatherND", []string{o.node("Concat", list, attrInt("axis", 0)), places}))
}
