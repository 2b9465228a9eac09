package paddle

import (
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

var recurrentOps = map[string]operator{
	"crf_decoding": {translate: crfDecoding},
	"gru":          {translate: dynamicGRU},
	"gru_unit":     {translate: gruUnit, notes: "of the outputs only Hidden"},
	"lstm":         {translate: dynamicLSTM},
	"rnn":          {translate: rnn},
}

// cell is a kind of recurrent network: how ONNX calls it and how Paddle's weights
// become ONNX's.
type cell struct {
	opType string
	// gates tells for each of ONNX's gates which of Paddle's it is.
	gates []int
	// states is how many tensors the state has.
	states int
	// resetAfter says that GRU's reset gate works on what the product with the state
	// gave.
	resetAfter bool
	// activation of a simple cell; empty where it is ONNX's default.
	activation string
}

// cells has Paddle's modes. The gates are i f c o in Paddle and i o f c in ONNX, for
// GRU r z c and z r c; Paddle's GRU resets what the product with the state gave.
var cells = map[string]cell{
	"LSTM":     {opType: "LSTM", gates: []int{0, 3, 1, 2}, states: 2},
	"GRU":      {opType: "GRU", gates: []int{1, 0, 2}, states: 1, resetAfter: true},
	"RNN_TANH": {opType: "RNN", gates: []int{0}, states: 1},
	"RNN_RELU": {opType: "RNN", gates: []int{0}, states: 1, activation: "Relu"},
}

// attributes are those of the ONNX operator.
func (c cell) attributes(hidden, directions int64) []*onnx.AttributeProto {
	attrs := []*onnx.AttributeProto{attrInt("hidden_size", hidden)}
	if c.resetAfter {
		attrs = append(attrs, attrInt("linear_before_reset", 1))
	}
	if directions == 2 {
		attrs = append(attrs, attrText("direction", "bidirectional"))
	}
	if c.activation != "" {
		attrs = append(attrs, attrTexts("activations", slices.Repeat([]string{c.activation}, int(directions))...))
	}
	return attrs
}

// rnn translates layers of recurrent networks, one way or both: Input is [steps batch
// size], each state [layers·directions batch hidden_size].
func rnn(o *op) {
	x, n := o.input("Input"), o.network()
	if o.err != nil {
		return
	}
	rows, last := x.name, make([][]string, n.states)
	for layer := range n.layers {
		made := o.layer(n, layer, rows)
		for i, state := range made[1:] {
			last[i] = append(last[i], state)
		}
		// [steps directions batch hidden] becomes [steps batch directions·hidden].
		rows = o.node("Reshape", []string{
			o.node("Transpose", []string{made[0]}, attrInts("perm", []int64{0, 2, 1, 3})), o.integers(0, 0, n.directions*n.hidden),
		})
	}
	o.output("Out", rows)
	o.lastStates(last)
}

// network is what an rnn operator describes.
type network struct {
	cell
	hidden, layers, directions int64
	first                      []value
	// weights has for each layer and direction those of the input and of the state, and
	// behind all of them the biases likewise.
	weights []value
	// lengths are those of the sequences, int32 [batch], none says which are 0, [batch
	// 1]. Both are empty where all have all steps.
	lengths, none string
}

// network reads an rnn operator.
func (o *op) network() network {
	n := network{
		hidden: o.attrs.integer("hidden_size", 100), layers: o.attrs.integer("num_layers", 1), directions: 1,
		first: o.inputs("PreState"), weights: o.inputs("WeightList"),
	}
	mode := o.attrs.text("mode", "")
	n.cell = cells[mode]
	if n.opType == "" {
		o.fail("mode is %q, want LSTM, GRU, RNN_TANH or RNN_RELU", mode)
	}
	if o.attrs.boolean("is_bidirec", false) {
		n.directions = 2
	}
	if !o.attrs.boolean("is_test", false) && o.attrs.float("dropout_prob", 0) > 0 {
		o.failCode(sampan.Unimplemented, "is_test is false: the program is one for training")
	}
	if len(n.first) != n.states {
		o.fail("input PreState has %d variables, want %d", len(n.first), n.states)
	}
	if all := int64(len(n.weights)); n.layers < 1 || n.layers > all || all != 4*n.layers*n.directions {
		o.fail("input WeightList has %d variables for %d layers and %d directions, want 4 for each", all, n.layers, n.directions)
	}
	if l, given := o.optional("SequenceLength"); given {
		n.lengths = o.cast(l, sampan.Int32)
		n.none = o.alongRows(o.node("Equal", []string{n.lengths, o.scalar(sampan.Int32, 0)}), 2)
	}
	return n
}

// layer adds the operator for one layer and returns what it makes of the rows x: its
// rows, [steps directions batch hidden], and its last states.
func (o *op) layer(n network, layer int64, x string) []string {
	from, to := layer*n.directions, (layer+1)*n.directions
	biases := n.weights[len(n.weights)/2:]
	var w, r, b []string
	for at := from; at < to; at++ {
		w = append(w, o.arranged(n.weights[2*at].name, n.gates))
		r = append(r, o.arranged(n.weights[2*at+1].name, n.gates))
		ofInput, ofState := o.arranged(biases[2*at].name, n.gates), o.arranged(biases[2*at+1].name, n.gates)
		b = append(b, o.node("Concat", []string{ofInput, ofState}, attrInt("axis", 0)))
	}
	inputs := []string{x, o.stacked(w), o.stacked(r), o.stacked(b), n.lengths}
	var first []string
	for _, s := range n.first {
		first = append(first, o.part(s.name, from, to))
	}
	made := o.nodeN(n.opType, 1+n.states, append(inputs, first...), n.attributes(n.hidden, n.directions)...)
	if n.none != "" {
		// onnxruntime's last state of no steps is zero, Paddle's is the first state.
		for i := range first {
			made[1+i] = o.node("Where", []string{n.none, first[i], made[1+i]})
		}
	}
	return made
}

// lastStates binds the layers' last states to the output State, which may be left out.
func (o *op) lastStates(last [][]string) {
	targets := o.arguments(o.desc.Outputs, "State")
	if len(targets) == 0 {
		return
	}
	if len(targets) != len(last) {
		o.fail("output State has %d variables, want %d", len(targets), len(last))
		return
	}
	for i, all := range last {
		o.bind(targets[i], o.node("Concat", all, attrInt("axis", 0)))
	}
}

// arranged brings the gates, which share x's first dimension, into the given order.
func (o *op) arranged(x string, order []int) string {
	if len(order) == 1 {
		return x
	}
	gates := o.nodeN("Split", len(order), []string{x}, attrInt("axis", 0))
	list := make([]string, len(order))
	for i, at := range order {
		list[i] = gates[at]
	}
	return o.node("Concat", list, attrInt("axis", 0))
}

// stacked makes one tensor of equal ones, along a new first dimension.
func (o *op) stacked(list []string) string {
	rows := make([]string, len(list))
	for i, x := range list {
		rows[i] = o.node("Unsqueeze", []string{x, o.integers(0)})
	}
	if len(rows) == 1 {
		return rows[0]
	}
	return o.node("Concat", rows, attrInt("axis", 0))
}
