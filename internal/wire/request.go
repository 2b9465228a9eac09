package wire

import (
	"unicode/utf8"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// FromRequest reads a request message. The tensors share its memory: it must stay
// unchanged while they are in use.
//
// A tensor's elements come in the field of its elem_type or, for every type but
// strings, as raw bytes in tensor_content. Data without a shape is a vector. The flat
// lod opens a new level where it falls to 0. A tensor that contradicts itself is
// InvalidArgument: `tensor "x": 12 floats for shape [1 13], want 13`.
func FromRequest(m *generalmodel.Request) (*sampan.Request, error) {
	if n := len(m.GetTensor()); n > maxTensors {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%d tensors, want at most %d", n, maxTensors)
	}
	r := &sampan.Request{
		Inputs:  make([]sampan.Named, len(m.GetTensor())),
		Outputs: m.GetFetchVarNames(),
		Profile: m.GetProfileServer(),
		LogID:   m.GetLogId(),
	}
	for i, t := range m.GetTensor() {
		tensor, err := fromTensor(t)
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %w", label("tensor", t.GetName(), t.GetAliasName(), i), err)
		}
		r.Inputs[i] = sampan.Named{Name: t.GetName(), Alias: t.GetAliasName(), Tensor: tensor}
	}
	return r, nil
}

// ToRequest makes the message for a request; it shares the tensors' memory, which must
// stay unchanged until it has been sent. A type that the protocol cannot name, such as
// uint16, is Unimplemented; a tensor that contradicts itself, a size beyond 32 bits and
// a string that is not UTF-8 are InvalidArgument. A scalar arrives with shape [1].
func ToRequest(r *sampan.Request) (*generalmodel.Request, error) {
	m := &generalmodel.Request{
		Tensor:        make([]*generalmodel.Tensor, len(r.Inputs)),
		FetchVarNames: r.Outputs,
		ProfileServer: r.Profile,
		LogId:         r.LogID,
	}
	for i := range r.Inputs {
		n := &r.Inputs[i]
		t := &generalmodel.Tensor{}
		err := toTensor(t, n, sampan.InvalidArgument)
		if err == nil {
			err = checkText(t.Data, sampan.InvalidArgument)
		}
		if err != nil {
			return nil, sampan.Errorf(sampan.CodeOf(err), "%s: %w", label("input", n.Name, n.Alias, i), err)
		}
		m.Tensor[i] = t
	}
	return m, nil
}

// checkText refuses strings that protobuf would refuse when the message is encoded,
// where nobody could say any more which tensor it was.
func checkText(elements []string, fault sampan.Code) error {
	for i, s := range elements {
		if !utf8.ValidString(s) {
			return sampan.Errorf(fault, "string %d is not UTF-8, as this protocol wants", i)
		}
	}
	return nil
}
