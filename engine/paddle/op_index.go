package paddle

import (
	"github.com/sampanml/sampan"
)

// indexOps find elements, take them by their index, and put them.
var indexOps = map[string]operator{
	"arg_max":         {translate: extreme("ArgMax")},
	"arg_min":         {translate: extreme("ArgMin")},
	"argsort":         {translate: argSort},
	"diag_v2":         {translate: diag},
	"diagonal":        {translate: diagonalOf},
	"gather":          {translate: gatherRows},
	"gather_nd":       {translate: gatherND},
	"index_sample":    {translate: indexSample},
	"index_select":    {translate: indexSelect},
	"lookup_table":    {translate: lookup},
	"lookup_table_v2": {translate: lookup},
	"masked_select":   {translate: maskedSelect},
	"one_hot_v2":      {translate: oneHot},
	"put_along_axis":  {translate: putAlongAxis, notes: "Reduce assign, add or mul, with include_self"},
	"scatter":         {translate: scatter},
	"scatter_nd_add":  {translate: scatterAdd},
	"searchsorted":    {translate: searchSorted},
	"take_along_axis": {translate: takeAlongAxis},
	"top_k":           {translate: topK},
	"top_k_v2":        {translate: topK},
	"trace":           {translate: trace},
	"tril_triu":       {translate: triangle},
	"unique":          {translate: unique},
	"where":           {translate: choose},
	"where_index":     {translate: whereIndex},
}

// extreme finds the place of the largest or smallest element along an axis, or,
// flattened, of all.
func extreme(opType string) translator {
	return func(o *op) {
		x, axis, keep := o.input("X"), o.attrs.integer("axis", -1), o.attrs.boolean("keepdims", false)
		to := o.dtypeAttr("dtype", sampan.Int64)
		y := o.as(opType, x)
		if o.attrs.boolean("flatten", false) {
			flat := o.node("Reshape", []string{y.name, o.integers(-1)})
			place := o.convert(o.node(opType, []string{flat}, attrInt("axis", 0), attrInt("keepdims", 0)), sampan.Int64, to)
			if keep {
				rank := o.rank(x)
				ones := make([]int64, rank)
				for i := range ones {
					ones[i] = 1
				}
				o.output("Out", o.node("Reshape", []string{place, o.integers(ones...)}))
				return
			}
			o.output("Out", o.number(place))
			return
		}
		place := o.node(opType, []string{y.name}, attrInt("axis", axis), attrInt("keepdims", flag(keep)))
		o.lowered("Out", o.convert(place, sampan.Int64, to))
	}
}

// argSort sorts along an axis; equal elements keep their order.
func argSort(o *op) {
	x := o.input("X")
	rank := o.rank(x)
	if o.err == nil && rank == 0 {
		o.output("Out", x.name)
		o.output("Indices", o.integer(0))
		return
	}
	axis := o.axis(o.attrs.integer("axis", -1), rank)
	if o.err != nil {
		return
	}
	o.sorted(x, o.measure(merged(x, axis, axis+1)), int64(axis), o.attrs.boolean("descending", false))
}

// sorted binds Out and Indices to the first k elements in order.
func (o *op) sorted(x value, k string, axis int64, descending bool) {
	y := o.as("TopK", x)
	both := o.nodeN("TopK", 2, []string{y.name, k}, attrInt("axis", axis), attrInt("largest", flag(descending)))
	o.output("Out", o.convert(both[0], y.dtype, x.dtype))
	o.output("Indices", both[1])
	// The first version of top_k declares int32 and writes int64.
	o.setDType("Indices", sampan.Int64)
}

// topK finds the k largest or smallest elements along an axis.
func topK(o *op) {
	x := o.input("X")
	k := o.integers(o.attrs.integer("k", 1))
	if v, given := o.optional("K"); given {
		k = o.node("Reshape", []string{o.cast(v, sampan.Int64), o.integers(1)})
	}
	o.sorted(x, k, o.attrs.integer("axis", -1), o.attrs.boolean("largest", true))
}

// gatherRows takes parts along an axis.
func gatherRows(o *op) {
	axis := o.attrs.integer("axis", 0)
	if v, given := o.optional("Axis"); given {
		axis = o.only(v, "the axis")
	}
	o.takeAlong(o.input("X"), o.input("Index"), axis)
}

func indexSelect(o *op) { o.takeAlong(o.input("X"), o.input("Index"), o.attrs.integer("dim", 0)) }

// takeAlong takes parts by a list of indices; one of shape [n 1] counts as a list.
func (o *op) takeAlong(x, index value, axis int64) {
	name := index.name
	if len(index.shape) == 2 && index.shape[1] == 1 {
		name = o.node("Reshape", []string{name, o.integers(-1)})
	}
	o.output("Out", o.node("Gather", []string{x.name, name}, attrInt("axis", axis)))
}

func gatherND(o *op) {
	x, index := o.input("X"), o.input("Index")
	o.output("Out", o.node("GatherND", []string{x.name, o.cast(index, sampan.Int64)}))
}

// indexSample takes for each row elements of its own.
func indexSample(o *op) {
	x, index := o.input("X"), o.input("Index")
	o.output("Out", o.node("GatherElements", []string{x.name, index.name}, attrInt("axis", 1)))
}

// takeAlongAxis takes elements by an index of their own along an axis, with the index
// broadcast along the others.
func takeAlongAxis(o *op) {
	x, index, axis := o.input("Input"), o.input("Index"), o.attrs.integer("Axis", 0)
	o.output("Result", o.node("GatherElements", []string{x.name, o.spread(x, index, axis)}, attrInt("axis", axis)))
}

// spread broadcasts an index to x's sizes other than that of the axis.
func (o *op) spread(x, index value, axis int64) string {
	at := o.axis(axis, o.rank(x))
	same := o.rank(index) == len(x.shape)
	for i := range index.shape {
		same = same && (i == at || index.shape[i] == x.shape[i])
	}
	if same || o.err != nil {
		return index.name
	}
	list := []string{o.measure(merged(index, at, at+1))}
	if at > 0 {
		list = append([]string{o.node("Shape", []string{x.name}, attrInt("end", int64(at)))}, list...)
	}
	if at+1 < len(x.shape) {
		list = append(list, o.node("Shape", []string{x.name}, attrInt("start", int64(at+1))))
	}
	return o.node("Expand", []string{index.name, o.node("Concat", list, attrInt("axis", 0))})
}

// putAlongAxis is the other way of takeAlongAxis.
func putAlongAxis(o *op) {
	x, index, v, axis := o.input("Input"), o.input("Index"), o.input("Value"), o.attrs.integer("Axis", 0)
	at := o.spread(x, index, axis)
	put := o.node("Expand", []string{o.cast(v, x.dtype), o.node("Shape", []string{at})})
	if !o.attrs.boolean("Include_self", true) {
		o.failCode(sampan.Unimplemented, "Include_self is false")
	}
	reduction := ""
	switch how := o.attrs.text("Reduce", "assign"); how {
	case "assign":
		reduction = "none"
	case "add":
		reduction = "add"
	case "mul", "multiply":
		reduction = "mul"
	default:
		o.failCode(sampan.Unimplemented, "Reduce %q is not supported", how)
	}
	o.output("Result", o.node("ScatterElements", []string{x.name, at, put}, attrInt("axis", axis), attrText("reduction", reduction)))
}

// scatter puts rows in the place of others, or, without overwrite, the sum of all rows
// that are put in one place.
func scatter(o *op) {
	x, updates := o.input("X"), o.input("Updates")
	ids := o.node("Reshape", []string{o.cast(o.input("Ids"), sampan.Int64), o.integers(-1, 1)})
	if o.attrs.boolean("overwrite", true) {
		o.output("Out", o.node("ScatterND", []string{x.name, ids, updates.name}))
		return
	}
	zeros := o.node("Expand", []string{o.scalar(x.dtype, 0), o.node("Shape", []string{updates.name})})
	cleared := o.node("ScatterND", []string{x.name, ids, zeros})
	o.output("Out", o.node("ScatterND", []string{cleared, ids, updates.name}, attrText("reduction", "add")))
}

func scatterAdd(o *op) {
	x, index, updates := o.input("X"), o.input("Index"), o.input("Updates")
	o.output("Out", o.node("ScatterND", []string{x.name, o.cast(index, sampan.Int64), updates.name}, attrText("reduction", "add")))
}

// lookup takes rows of a table; the first version's ids have a last dimension of 1. The
// row padding_idx is zeros.
func lookup(o *op) {
	table, ids := o.input("W"), o.input("Ids")
	index := ids
	if o.desc.GetType() == "lookup_table" {
		index.name = o.node("Squeeze", []string{ids.name, o.integers(-1)})
	}
	rows := o.node("Gather", []string{table.name, index.name})
	if padding := o.attrs.integer("padding_idx", -1); padding != -1 {
		if padding < 0 && len(table.shape) > 0 {
			padding += table.shape[0]
		}
		is := o.node("Unsqueeze", []string{o.two("Equal", index.name, o.scalar(ids.dtype, float64(padding))), o.integers(-1)})
		rows = o.node("Where", []string{is, o.scalar(table.dtype, 0), rows})
	}
	o.output("Out", rows)
}

// maskedSelect lists the elements where the mask is true.
func maskedSelect(o *op) {
	x, mask := o.input("X"), o.input("Mask")
	flat := o.integers(-1)
	where := o.node("Expand", []string{mask.name, o.node("Shape", []string{x.name})})
	y := o.as("Compress", x)
	all := o.node("Expand", []string{y.name, o.node("Shape", []string{where})})
	chosen := o.node("Compress", []string{o.node("Reshape", []string{all, flat}), o.node("Reshape", []string{where, flat})}, attrInt("axis", 0))
	o.output("Y", o.convert(chosen, y.dtype, x.dtype))
}

// whereIndex lists the places of elements that are not 0, one a row.
func whereIndex(o *op) {
	places := o.node("NonZero", []string{o.input("Condition").name})
	o.output("Out", o.node("Transpose", []string{places}, attrInts("perm", []int64{1, 0})))
}

// oneHot makes of each number a row that is 1 at that place.
func oneHot(o *op) {
	x := o.input("X")
	depth := o.integers(o.attrs.integer("depth", -1))
	if v, given := o.optional("depth_tensor"); given {
		depth = o.node("Reshape", []string{o.cast(v, sampan.Int64), o.integers(1)})
	}
	to := o.dtypeAttr("dtype", sampan.Float32)
	zeroOne := o.node("Concat", []string{o.constant(sampan.Float32, sampan.Shape{1}, make([]byte, 4)), o.one()}, attrInt("axis", 0))
	o.output("Out", o.convert(o.node("OneHot", []string{x.name, depth, zeroOne}), sampan.Float32, to))
}

// one is a list of the number 1.
func (o *op) one() string {
	data, _ := encode(sampan.Float32, 1)
	return o.constant(sampan.Float32, sampan.Shape{1}, data)
}

// searchSorted counts for each value the numbers before it in a sorted row.
func searchSorted(o *op) {
	row, v := o.as("Less", o.input("SortedSequence")), o.as("Less", o.input("Values"))
	comparison := "Less"
	if o.attrs.boolean("right", false) {
		comparison = "LessOrEqual"
	}
	before := o.two(comparison, o.node("Unsqueeze", []string{row.name, o.integers(-2)}), o.node("Unsqueeze", []string{v.name, o.integers(-1)}))
	if len(row.shape) == 1 {
		before = o.two(comparison, row.name, o.node("Unsqueeze", []string{v.name, o.integers(-1)}))
	}
	number := o.node("Cast", []string{before}, attrInt("to", int64(sampan.Int64)))
	count := o.node("ReduceSum", []string{number, o.integers(-1)}, attrInt("keepdims", 0))
	to := sampan.Int64
	if o.attrs.boolean("out_int32", false) {
		to = sampan.Int32
	}
	o.output("Out", o.convert(count, sampan.Int64, to))
}

// unique lists the different elements in order, with where each came from.
func unique(o *op) {
	x := o.input("X")
	if !o.attrs.boolean("is_sorted", false) || len(o.attrs.list("axis")) > 0 {
		o.failCode(sampan.Unimplemented, "unique without sorting, or along an axis, is not supported")
	}
	to := o.dtypeAttr("dtype", sampan.Int64)
	y := o.as("Unique", x)
	all := o.nodeN("Unique", 4, []string{y.name}, attrInt("sorted", 1))
	o.output("Out", o.convert(all[0], y.dtype, x.dtype))
	for i, parameter := range []string{"Indices", "Index", "Counts"} {
		if len(o.arguments(o.desc.Outputs, parameter)) > 0 {
			o.output(parameter, o.convert(all[i+1], sampan.Int64, to))
		}
	}
}

// choose takes elements of X where Condition is true, and of Y elsewhere.
func choose(o *op) {
	condition, x, y := o.input("Condition"), o.input("X"), o.input("Y")
	o.output("Out", o.where(x.dtype, o.cast(condition, sampan.Bool), x.name, y.name))
}
