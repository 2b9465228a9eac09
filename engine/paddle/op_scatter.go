package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// scatterOps put elements at places.
var scatterOps = map[string]operator{
	"index_add":      {translate: indexAdd},
	"index_put":      {translate: indexPut, notes: "a mask beside other indices is not supported"},
	"put_along_axis": {translate: putAlongAxis, notes: "Reduce can be assign, add, mul or multiply, with Include_self"},
	"scatter":        {translate: scatter},
	"scatter_nd_add": {translate: scatterNDAdd},
	"shard_index":    {translate: shardIndex},
}

// scatter replaces rows or, without overwrite, makes them the sums of what is put there.
func scatter(o *op) {
	x, ids, updates := o.input("X"), o.input("Ids"), o.input("Updates")
	places := o.node("Reshape", []string{o.cast(ids, sampan.Int64), o.integers(-1, 1)})
	if ids.shape != nil && len(ids.shape) == 0 {
		updates.name = o.node("Unsqueeze", []string{updates.name, o.integers(0)})
	}
	if o.attrs.boolean("overwrite", true) {
		o.output("Out", o.node("ScatterND", []string{x.name, places, updates.name}))
		return
	}
	zeros := o.calc(x.dtype, "Sub", updates.name, updates.name)
	cleared := o.node("ScatterND", []string{x.name, places, zeros})
	o.output("Out", o.node("ScatterND", []string{cleared, places, updates.name}, attrText("reduction", "add")))
}

// scatterNDAdd adds parts at places that each name the first dimensions' indices.
func scatterNDAdd(o *op) {
	x, index, updates := o.input("X"), o.input("Index"), o.input("Updates")
	o.output("Out", o.node("ScatterND", []string{x.name, o.cast(index, sampan.Int64), updates.name}, attrText("reduction", "add")))
}

// putAlongAxis puts, adds or multiplies elements whose place along an axis is given.
func putAlongAxis(o *op) {
	x, index, v := o.input("Input"), o.input("Index"), o.input("Value")
	attrs := []*onnx.AttributeProto{attrInt("axis", o.attrs.integer("Axis", 0))}
	how := o.attrs.text("Reduce", "assign")
	switch how {
	case "assign":
	case "add":
		attrs = append(attrs, attrText("reduction", "add"))
	case "mul", "multiply":
		attrs = append(attrs, attrText("reduction", "mul"))
	default:
		o.failCode(sampan.Unimplemented, "Reduce %q is not supported", how)
	}
	if how != "assign" && !o.attrs.boolean("Include_self", true) {
		o.failCode(sampan.Unimplemented, "Include_self false is not supported")
	}
	updates := o.expanded(v.dtype, v.name, o.sizesOf(index))
	o.output("Result", o.node("ScatterElements", []string{x.name, index.name, updates}, attrs...))
}

// shardIndex numbers anew what is in one of nshards parts of index_num numbers and makes
// the rest ignore_value.
func shardIndex(o *op) {
	x := o.input("X")
	d := x.dtype
	total, shards := o.attrs.integer("index_num", 0), o.attrs.integer("nshards", 0)
	shard, ignore := o.attrs.integer("shard_id", 0), o.attrs.integer("ignore_value", -1)
	if total < 1 || shards < 1 || shard < 0 || shard >= shards {
		o.fail("shard_id is %d of %d, for %d numbers", shard, shards, total)
		return
	}
	size := o.scalar(d, float64((total+shards-1)/shards))
	own := o.test(d, "Equal", o.calc(d, "Div", x.name, size), o.scalar(d, float64(shard)))
	o.output("Out", o.where(d, own, o.calc(d, "Mod", x.name, size), o.scalar(d, float64(ignore))))
}

// indexAdd adds parts at places along an axis.
func indexAdd(o *op) {
	x, index, v := o.input("X"), o.input("Index"), o.input("AddValue")
	rank := o.rank(x)
	axis := o.axis(o.attrs.integer("axis", 0), rank)
	if o.err != nil {
		return
	}
	shape := slices.Repeat([]int64{1}, rank)
	shape[axis] = -1
	places := o.node("Reshape", []string{index.name, o.integers(shape...)})
	places = o.expanded(index.dtype, places, o.sizesOf(v))
	o.output("Out", o.node("ScatterElements", []string{x.name, places, v.name}, attrInt("axis", int64(axis)), attrText("reduction", "add")))
}

// indexPut puts parts at places of which each index has one dimension's, or at those
// where one mask is true. Indices and parts broadcast.
func indexPut(o *op) {
	x, all, v := o.input("x"), o.inputs("indices"), o.input("value")
	if len(all) == 0 {
		o.fail("input indices has no variables")
		return
	}
	var places string
	dims := len(all)
	if all[0].dtype == sampan.Bool {
		dims = o.rank(all[0])
		if len(all) > 1 {
			o.failCode(sampan.Unimplemented, "a mask beside other indices is not supported")
		}
		places = o.node("Transpose", []string{o.node("NonZero", []string{all[0].name})}, attrInts("perm", []int64{1, 0}))
	} else {
		var columns []string
		for i := range all {
			column := o.cast(all[i], sampan.Int64)
			for j, other := range all {
				if i != j {
					column = o.node("Expand", []string{column, o.sizesOf(other)})
				}
			}
			columns = append(columns, o.node("Unsqueeze", []string{column, o.integers(-1)}))
		}
		places = o.node("Concat", columns, attrInt("axis", -1))
	}
	shape := o.node("Concat", []string{
		o.node("Shape", []string{places}, attrInt("end", -1)),
		o.node("Shape", []string{x.name}, attrInt("start", int64(dims))),
	}, attrInt("axis", 0))
	inputs := []string{x.name, places, o.expanded(v.dtype, v.name, shape)}
	if o.attrs.boolean("accumulate", false) {
		o.output("out", o.node("ScatterND", inputs, attrText("reduction", "add")))
		return
	}
	o.output("out", o.node("ScatterND", inputs))
}
