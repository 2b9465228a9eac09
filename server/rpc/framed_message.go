package rpc

import (
	"context"

	"github.com/cloudwego/kitex/pkg/remote"

	"github.com/sampanml/sampan"
)

// framedRequest is a request as Kitex's protobuf codec wants it: a message that reads
// itself.
type framedRequest struct{ call *call }

// ReadPb reads the request. The call ends with the [turn] that ctx is of.
func (r *framedRequest) ReadPb(ctx context.Context, _ string, message []byte) error {
	t := turnOf(ctx)
	t.end()
	t.call = newCall()
	if err := t.call.in.Decode(message); err != nil {
		return remote.NewTransErrorWithMsg(remote.ProtocolError, err.Error())
	}
	r.call = t.call
	return nil
}

// framedReply is a reply as Kitex's protobuf codec wants it: a message that measures
// itself, and then writes itself into the connection's own buffer. Without a call it is
// the empty message, which goes with an error.
type framedReply struct{ call *call }

// Size of the message in bytes.
func (r *framedReply) Size() int {
	if r.call == nil {
		return 0
	}
	return r.call.out.Size()
}

// FastWrite writes the message into memory of its size.
func (r *framedReply) FastWrite(to []byte) int {
	if r.call == nil {
		return 0
	}
	return len(r.call.out.Append(to[:0]))
}

// Marshal appends the message.
func (r *framedReply) Marshal(to []byte) ([]byte, error) {
	if r.call == nil {
		return to, nil
	}
	return r.call.out.Append(to), nil
}

// Unmarshal is not called by a server.
func (r *framedReply) Unmarshal([]byte) error {
	return sampan.Errorf(sampan.Unimplemented, "a server reads no replies")
}

// turn is where the call of a connection lies from its decoding until its reply is
// written, one call after the other.
type turn struct{ call *call }

type turnKey struct{}

func turnOf(ctx context.Context) *turn { return ctx.Value(turnKey{}).(*turn) }

// end ends the call, if there is one.
func (t *turn) end() {
	if t.call != nil {
		t.call.end()
		t.call = nil
	}
}
