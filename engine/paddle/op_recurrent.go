package paddle

import (
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// dynamicLSTM translates lstm: a network over sequences of rows on which the product
// with the input's weights has been made. Weight is [size 4·size] for the gates c i f
// o; Bias has theirs and, with use_peepholes, the weights of the state for i f o.
func dynamicLSTM(o *op) {
	x, weight, bias := o.input("Input"), o.input("Weight"), o.input("Bias")
	s, size := o.onlyLevel(x), o.stateSize(weight, 4)
	gate := o.activation("gate_activation", "sigmoid")
	candidate, state := o.activation("candidate_activation", "tanh"), o.activation("cell_activation", "tanh")
	flat := o.node("Reshape", []string{bias.name, o.integers(-1)})
	var peepholes []string
	if o.attrs.boolean("use_peepholes", true) {
		for at := int64(4); at < 7; at++ {
			peepholes = append(peepholes, o.part(flat, at*size, (at+1)*size))
		}
	}
	peek := func(gate, state string, at int) string {
		if peepholes == nil {
			return gate
		}
		return o.node("Add", []string{gate, o.node("Mul", []string{state, peepholes[at]})})
	}
	x.name = o.node("Add", []string{x.name, o.part(flat, 0, 4*size)})
	out := o.overSequences(x, s, []string{o.firstState("H0", x, s, size), o.firstState("C0", x, s, size)}, func(x string, before []string) []string {
		hidden, cell := before[0], before[1]
		gates := o.nodeN("Split", 4, []string{o.node("Add", []string{x, o.node("MatMul", []string{hidden, weight.name})})}, attrInt("axis", 1))
		input, forget := gate(peek(gates[1], cell, 0)), gate(peek(gates[2], cell, 1))
		cell = o.node("Add", []string{
			o.node("Mul", []string{candidate(gates[0]), input}), o.node("Mul", []string{cell, forget}),
		})
		output := gate(peek(gates[3], cell, 2))
		return []string{o.node("Mul", []string{output, state(cell)}), cell}
	})
	o.output("Hidden", out[0])
	o.output("Cell", out[1])
	o.setLoD("Hidden", s.offsets)
	o.setLoD("Cell", s.offsets)
}

// dynamicGRU translates gru: a network over sequences of rows on which the product with
// the input's weights has been made.
func dynamicGRU(o *op) {
	x, weight := o.input("Input"), o.input("Weight")
	s, size := o.onlyLevel(x), o.stateSize(weight, 3)
	if bias, given := o.optional("Bias"); given {
		x.name = o.node("Add", []string{x.name, o.node("Reshape", []string{bias.name, o.integers(-1)})})
	}
	step := o.gruStep(weight, size, o.activation("gate_activation", "sigmoid"), o.activation("activation", "tanh"))
	out := o.overSequences(x, s, []string{o.firstState("H0", x, s, size)}, func(x string, before []string) []string {
		return []string{step(x, before[0])}
	})
	o.output("Hidden", out[0])
	o.setLoD("Hidden", s.offsets)
}

// gruStep returns one step of gru and gru_unit, of the rows x with biases and the state
// before them. Weight holds one behind the other [size 2·size] for the gates u r and
// [size size] for the candidate.
func (o *op) gruStep(weight value, size int64, gate, candidate func(string) string) func(x, before string) string {
	flat := o.node("Reshape", []string{weight.name, o.integers(-1)})
	ofGates := o.node("Reshape", []string{o.part(flat, 0, 2*size*size), o.integers(size, 2*size)})
	ofCandidate := o.node("Reshape", []string{o.part(flat, 2*size*size, toEnd), o.integers(size, size)})
	sizes := o.integers(2*size, size)
	original := o.attrs.boolean("origin_mode", false)
	return func(x, before string) string {
		parts := o.nodeN("Split", 2, []string{x, sizes}, attrInt("axis", 1))
		gates := gate(o.node("Add", []string{parts[0], o.node("MatMul", []string{before, ofGates})}))
		both := o.nodeN("Split", 2, []string{gates}, attrInt("axis", 1))
		update, kept := both[0], o.node("Mul", []string{both[1], before})
		now := candidate(o.node("Add", []string{parts[1], o.node("MatMul", []string{kept, ofCandidate})}))
		if original {
			before, now = now, before
		}
		change := o.node("Mul", []string{update, o.node("Sub", []string{now, before})})
		return o.node("Add", []string{before, change})
	}
}

// gruUnit translates gru_unit, one step of gru.
func gruUnit(o *op) {
	x, before, weight := o.input("Input"), o.input("HiddenPrev"), o.input("Weight")
	size := o.stateSize(weight, 3)
	if bias, given := o.optional("Bias"); given {
		x.name = o.node("Add", []string{x.name, o.node("Reshape", []string{bias.name, o.integers(-1)})})
	}
	step := o.gruStep(weight, size, o.numberedActivation("gate_activation", 1), o.numberedActivation("activation", 2))
	o.output("Hidden", step(x.name, before.name))
}

// activations are the functions of gates by Paddle's names; their order has the
// numbers that gru_unit uses.
var activations = []struct{ name, opType string }{
	{"identity", "Identity"}, {"sigmoid", "Sigmoid"}, {"tanh", "Tanh"}, {"relu", "Relu"},
}

// activation reads the name of a function.
func (o *op) activation(attr, missing string) func(string) string {
	name := o.attrs.text(attr, missing)
	for _, a := range activations {
		if a.name == name {
			return func(x string) string { return o.node(a.opType, []string{x}) }
		}
	}
	o.fail("%s is %q, want identity, sigmoid, tanh or relu", attr, name)
	return func(string) string { return "" }
}

// numberedActivation reads the number of a function.
func (o *op) numberedActivation(attr string, missing int64) func(string) string {
	n := o.attrs.integer(attr, missing)
	if n < 0 || n >= int64(len(activations)) {
		o.fail("%s is %d, want 0 to %d", attr, n, len(activations)-1)
		return func(string) string { return "" }
	}
	return func(x string) string { return o.node(activations[n].opType, []string{x}) }
}

// stateSize reads the size of a state from the weights for so many gates, [size
// gates·size].
func (o *op) stateSize(weight value, gates int64) int64 {
	if w := weight.shape; len(w) != 2 || w[0] < 1 || w[1] != gates*w[0] {
		o.fail("input Weight has shape %v, want [size %d·size]", weight.shape, gates)
		return 1
	}
	return weight.shape[0]
}

// firstState returns the state before the first rows, [sequences size], zeros where
// the input is not given.
func (o *op) firstState(parameter string, x value, s segments, size int64) string {
	if v, given := o.optional(parameter); given {
		return v.name
	}
	shape := o.node("Concat", []string{o.node("Shape", []string{s.lengths}), o.integers(size)}, attrInt("axis", 0))
	return o.node("Expand", []string{o.scalar(x.dtype, 0), shape})
}

// overSequences runs a network over the rows of all sequences at once, from the last
// on where is_reverse says so. Step makes of rows [sequences ...] and the states before
// them the states after them; these are returned for every row.
func (o *op) overSequences(x value, s segments, states []string, step func(x string, before []string) []string) []string {
	ids := o.ids(s)
	place := o.node("Sub", []string{o.count(s.rows), o.gather(s.starts, ids)})
	if o.attrs.boolean("is_reverse", false) {
		last := o.node("Sub", []string{o.gather(s.lengths, ids), o.integer(1)})
		place = o.node("Sub", []string{last, place})
	}
	// at has the row for each step and sequence, and the number of rows where none is.
	count := o.node("Shape", []string{s.lengths})
	flat := o.node("Add", []string{o.node("Mul", []string{place, count}), ids})
	shape := o.node("Concat", []string{o.longest(s.lengths), count}, attrInt("axis", 0))
	none := o.node("Expand", []string{s.rows, o.node("Mul", []string{o.longest(s.lengths), count})})
	at := o.node("Reshape", []string{
		o.node("ScatterElements", []string{none, flat, o.count(s.rows)}, attrInt("axis", 0)), shape,
	})
	steps := o.gather(o.withRow(x, o.scalar(x.dtype, 0)), at)

	var inputs []*onnx.ValueInfoProto
	var before []string
	for range states {
		argument := o.argument("state", x.dtype)
		inputs, before = append(inputs, argument), append(before, argument.Name)
	}
	rows := o.argument("rows", x.dtype)
	body := o.subgraph(append(inputs, rows), func() []string {
		after := step(rows.Name, before)
		var out []string
		for _, v := range after {
			out = append(out, o.node("Identity", []string{v}))
		}
		return append(after, out...)
	})
	made := o.nodeN("Scan", 2*len(states), append(states, steps), attrInt("num_scan_inputs", 1), attrGraph("body", body))
	var out []string
	for _, all := range made[len(states):] {
		list := o.node("Concat", []string{o.integers(-1), o.node("Shape", []string{all}, attrInt("start", 2))}, attrInt("axis", 0))
		out = append(out, o.gather(o.node("Reshape", []string{all, list}), flat))
	}
	return out
}
