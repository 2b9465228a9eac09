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
// size], each state [layers·directions batch hidden_size]. WeightList has for each
// layer and direction the weights of the input and of the state, and behind all of
// them the biases likewise.
func rnn(o *op) {
	x, states, weights := o.input("Input"), o.inputs("PreState"), o.inputs("WeightList")
	mode := o.attrs.text("mode", "")
	kind, ok := cells[mode]
	if !ok {
		o.fail("mode is %q, want LSTM, GRU, RNN_TANH or RNN_RELU", mode)
	}
	hidden, layers, directions := o.attrs.integer("hidden_size", 100), o.attrs.integer("num_layers", 1), int64(1)
	if o.attrs.boolean("is_bidirec", false) {
		directions = 2
	}
	if !o.attrs.boolean("is_test", false) && o.attrs.float("dropout_prob", 0) > 0 {
		o.failCode(sampan.Unimplemented, "is_test is false: the program is one for training")
	}
	if len(states) != kind.states && ok {
		o.fail("input PreState has %d variables, want %d", len(states), kind.states)
	}
	if layers < 1 || layers > int64(len(weights)) || int64(len(weights)) != 4*layers*directions {
		o.fail("input WeightList has %d variables for %d layers and %d directions, want 4 for each", len(weights), layers, directions)
	}
	lengths, none := "", ""
	if l, given := o.optional("SequenceLength"); given {
		lengths = o.cast(l, sampan.Int32)
		none = o.alongRows(o.node("Equal", []string{lengths, o.scalar(sampan.Int32, 0)}), 2)
	}
	if o.err != nil {
		return
	}
	half := len(weights) / 2
	in, last := x.name, make([][]string, kind.states)
	for layer := range int(layers) {
		first := layer * int(directions)
		var w, r, b []string
		for at := first; at < first+int(directions); at++ {
			w = append(w, o.arranged(weights[2*at].name, kind.gates))
			r = append(r, o.arranged(weights[2*at+1].name, kind.gates))
			b = append(b, o.node("Concat", []string{
				o.arranged(weights[half+2*at].name, kind.gates), o.arranged(weights[half+2*at+1].name, kind.gates),
			}, attrInt("axis", 0)))
		}
		inputs := []string{in, o.stacked(w), o.stacked(r), o.stacked(b), lengths}
		for _, s := range states {
			inputs = append(inputs, o.part(s.name, int64(first), int64(first)+directions))
		}
		made := o.nodeN(kind.opType, 1+kind.states, inputs, kind.attributes(hidden, directions)...)
		for i, state := range made[1:] {
			// onnxruntime's last state of no steps is zero, Paddle's the first state.
			if none != "" {
				state = o.node("Where", []string{none, inputs[5+i], state})
			}
			last[i] = append(last[i], state)
		}
		// [steps directions batch hidden] becomes [steps batch directions·hidden].
		in = o.node("Reshape", []string{
			o.node("Transpose", []string{made[0]}, attrInts("perm", []int64{0, 2, 1, 3})), o.integers(0, 0, directions*hidden),
		})
	}
	o.output("Out", in)
	o.lastStates(last)
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
