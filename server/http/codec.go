package http

import (
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// bodyCodec is one form of requests and replies. What decode returns keeps nothing of
// the body; encode appends to dst.
type bodyCodec struct {
	decode func(body []byte) (*sampan.Request, error)
	encode func(dst []byte, reply *sampan.Reply, req *sampan.Request) ([]byte, error)
}

// unreadable begins as brpc's text does.
const unreadable = "Fail to parse http body as baidu.paddle_serving.predictor.general_model.Request"

// jsonCodec is the general model service's message as JSON.
var jsonCodec = bodyCodec{
	decode: func(body []byte) (*sampan.Request, error) {
		m, err := wire.ParseJSON(body)
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, unreadable+", %w", err)
		}
		return wire.FromRequest(m)
	},
	encode: wire.AppendJSON,
}

// protoCodec is the same message as it is.
var protoCodec = bodyCodec{
	decode: func(body []byte) (*sampan.Request, error) {
		var m generalmodel.Request
		if proto.Unmarshal(body, &m) != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, unreadable)
		}
		return wire.FromRequest(&m)
	},
	encode: func(dst []byte, reply *sampan.Reply, req *sampan.Request) ([]byte, error) {
		m, err := wire.ToResponse(reply, req)
		if err != nil {
			return dst, err
		}
		return proto.MarshalOptions{}.MarshalAppend(dst, m)
	},
}
