package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/numpytext"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/ops/steps"
)

// Value is a text, an array, or any Go value under a name.
type Value = ops.Value

// Result is what an op gives, in the order in which the answer has it.
type Result = []Value

// Text is a text under a name.
func Text(name, text string) Value { return Value{Name: name, Data: text} }

// Array is an array under a name.
func Array(name string, t sampan.Tensor) Value { return Value{Name: name, Data: t} }

// Inputs are what an op gets: what the caller said of the call, and what the ops before
// gave. Those that were skipped, or did not go on to this one, are not among them.
type Inputs struct {
	frame *ops.Frame
	// model is the op's; nil if it has none.
	model model
}

// Method is the last element of the call's path, /NAME/METHOD.
func (in Inputs) Method() string { return in.frame.Call.Method }

// LogID is the caller's mark for the call.
func (in Inputs) LogID() int64 { return in.frame.Call.LogID }

// ClientIP is the caller's address as the caller gives it.
func (in Inputs) ClientIP() string { return in.frame.Call.ClientIP }

// Only is what the only op before gave. It is an error where there are several.
func (in Inputs) Only() ([]Value, error) {
	var only *ops.Output
	for _, from := range in.frame.Inputs {
		if from.Skipped {
			continue
		}
		if only != nil {
			return nil, sampan.Errorf(sampan.Internal, "op %q takes the values of one op; %q and %q are before it", in.frame.Node, only.Node, from.Node)
		}
		only = from
	}
	return only.Values, nil
}

// Of is what the op of that name gave; nil if it was skipped or is not before this one.
func (in Inputs) Of(op string) []Value {
	for _, from := range in.frame.Inputs {
		if from.Node == op && !from.Skipped {
			return from.Values
		}
	}
	return nil
}

// From are the names of the ops that gave something.
func (in Inputs) From() []string {
	names := make([]string, 0, len(in.frame.Inputs))
	for _, from := range in.frame.Inputs {
		if !from.Skipped {
			names = append(names, from.Node)
		}
	}
	return names
}

// Value is what the first op before that has the name gives under it; of several values
// under one name, as a caller may send them, the last.
func (in Inputs) Value(name string) (any, error) {
	for _, from := range in.frame.Inputs {
		for _, v := range slices.Backward(from.Values) {
			if v.Name == name {
				return v.Data, nil
			}
		}
	}
	return nil, sampan.Errorf(sampan.InvalidArgument, "%q is missing; want it among %s", name, in.names())
}

// Text is a value that has to be a text.
func (in Inputs) Text(name string) (string, error) {
	v, err := in.Value(name)
	if err != nil {
		return "", err
	}
	text, ok := v.(string)
	if !ok {
		return "", sampan.Errorf(sampan.InvalidArgument, "%q is %s, want a text", name, steps.Kind(v))
	}
	return text, nil
}

// Tensor is a value that has to be an array, or a text that is one as clients write it.
func (in Inputs) Tensor(name string) (sampan.Tensor, error) {
	v, err := in.Value(name)
	if err != nil {
		return sampan.Tensor{}, err
	}
	return asTensor(Value{Name: name, Data: v})
}

// names lists what there is, for messages.
func (in Inputs) names() string {
	var names []string
	for _, from := range in.frame.Inputs {
		for i := range from.Values {
			names = append(names, from.Values[i].Name)
		}
	}
	if names == nil {
		return "the call's keys, which are none"
	}
	return quoted(names)
}

func asTensor(v Value) (sampan.Tensor, error) {
	switch data := v.Data.(type) {
	case sampan.Tensor:
		return data, nil
	case string:
		t, err := numpytext.Parse([]byte(data))
		if err != nil {
			return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%q: %w", v.Name, err)
		}
		return t, nil
	}
	return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%q is %s, want an array", v.Name, steps.Kind(v.Data))
}

// asTensorOrText makes an array without dimensions of a text.
func asTensorOrText(v Value) (sampan.Tensor, error) {
	if text, ok := v.Data.(string); ok {
		return sampan.OfStrings(sampan.Shape{}, []string{text})
	}
	return asTensor(v)
}

func numbered(name string, i int) string { return fmt.Sprintf("%s.%d", name, i) }

// publicNames lists arrays for messages.
func publicNames(arrays []sampan.Named) string {
	if len(arrays) == 0 {
		return "nothing"
	}
	names := make([]string, len(arrays))
	for i := range arrays {
		names[i] = arrays[i].Public()
	}
	return quoted(names)
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strconv.Quote(name)
	}
	return strings.Join(out, ", ")
}
