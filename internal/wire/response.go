package wire

import (
	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// ToResponse makes the message for a reply; it shares the tensors' memory, which must
// stay unchanged until it has been sent. The request's log id and profile flag are
// echoed; req may be nil. A type that the protocol cannot name, such as uint16, is
// Unimplemented; a tensor that contradicts itself, a size beyond 32 bits and a string
// that is not UTF-8 are Internal. A scalar arrives with shape [1].
func ToResponse(reply *sampan.Reply, req *sampan.Request) (*generalmodel.Response, error) {
	m, err := toResponse(reply, req)
	if err != nil {
		return nil, err
	}
	for _, o := range m.Outputs {
		for i, t := range o.Tensor {
			if err := checkText(t.Data, sampan.Internal); err != nil {
				return nil, sampan.Errorf(sampan.Internal, "%s: %w", label("output", t.Name, t.AliasName, i), err)
			}
		}
	}
	return m, nil
}

// toResponse lets any bytes pass as text.
func toResponse(reply *sampan.Reply, req *sampan.Request) (*generalmodel.Response, error) {
	room := &oneTensor{}
	m := &room.response
	m.Outputs, m.ProfileTime = room.outputs[:0], reply.Profile
	if req != nil {
		m.LogId, m.ProfileServer = req.LogID, req.Profile
	}
	for i, o := range reply.Outputs {
		out, tensors := &room.output, room.tensors[:0]
		if i > 0 {
			out, tensors = &generalmodel.ModelOutput{}, nil
		}
		out.EngineName = o.Engine
		for j := range o.Tensors {
			n, t := &o.Tensors[j], &room.tensor
			if i+j > 0 {
				t = &generalmodel.Tensor{}
			}
			if err := toTensor(t, n, sampan.Internal); err != nil {
				return nil, sampan.Errorf(sampan.CodeOf(err), "%s: %w", label("output", n.Name, n.Alias, j), err)
			}
			tensors = append(tensors, t)
		}
		out.Tensor = tensors
		m.Outputs = append(m.Outputs, out)
	}
	return m, nil
}

// oneTensor is a response with one tensor, the usual one, in one piece of memory.
type oneTensor struct {
	response generalmodel.Response
	output   generalmodel.ModelOutput
	tensor   generalmodel.Tensor
	outputs  [1]*generalmodel.ModelOutput
	tensors  [1]*generalmodel.Tensor
}

// FromResponse reads a response message. The tensors share its memory. A tensor that
// contradicts itself and a message that carries an error of its own (err_no) are
// Internal: the fault is the server's.
func FromResponse(m *generalmodel.Response) (*sampan.Reply, error) {
	if m.GetErrNo() != 0 {
		return nil, sampan.Errorf(sampan.Internal, "the server answered error %d: %s", m.ErrNo, m.ErrMsg)
	}
	reply := &sampan.Reply{
		Outputs: make([]sampan.Output, len(m.GetOutputs())),
		Profile: m.GetProfileTime(),
	}
	for i, o := range m.GetOutputs() {
		tensors := make([]sampan.Named, len(o.GetTensor()))
		for j, t := range o.GetTensor() {
			tensor, err := fromTensor(t)
			if err != nil {
				return nil, sampan.Errorf(sampan.Internal, "reply: %s: %w", label("tensor", t.GetName(), t.GetAliasName(), j), err)
			}
			tensors[j] = sampan.Named{Name: t.GetName(), Alias: t.GetAliasName(), Tensor: tensor}
		}
		reply.Outputs[i] = sampan.Output{Engine: o.GetEngineName(), Tensors: tensors}
	}
	return reply, nil
}
