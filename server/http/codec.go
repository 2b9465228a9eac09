package http

import (
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// bodyCodec is one form of requests and replies. What decode returns keeps nothing of
// the body.
type bodyCodec struct {
	decode func(body []byte) (*sampan.Request, error)
	encode func(reply *sampan.Reply, req *sampan.Request) ([]byte, error)
}

// jsonCodec is the general model service's message as JSON.
var jsonCodec = bodyCodec{
	decode: wire.DecodeJSON,
	encode: func(reply *sampan.Reply, req *sampan.Request) ([]byte, error) {
		return wire.AppendJSON(nil, reply, req)
	},
}

// protoCodec is the same message as it is.
var protoCodec = bodyCodec{
	decode: func(body []byte) (*sampan.Request, error) {
		var m generalmodel.Request
		if err := proto.Unmarshal(body, &m); err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "the body is not a %s message", m.ProtoReflect().Descriptor().FullName())
		}
		return wire.FromRequest(&m)
	},
	encode: func(reply *sampan.Reply, req *sampan.Request) ([]byte, error) {
		m, err := wire.ToResponse(reply, req)
		if err != nil {
			return nil, err
		}
		return proto.Marshal(m)
	},
}

// feedCodec is the feed/fetch dialect for what the first model of the graph takes.
func feedCodec(models []Model) bodyCodec {
	var feeds []wire.FeedVar
	if len(models) > 0 {
		for _, in := range models[0].Signature.Inputs {
			v := wire.FeedVar{Name: in.Name, Alias: in.Alias, DType: in.DType, LoD: in.LoD}
			if len(in.Shape) > 0 {
				v.Shape = in.Shape[1:]
			}
			feeds = append(feeds, v)
		}
	}
	return bodyCodec{
		decode: func(body []byte) (*sampan.Request, error) { return wire.DecodeFeed(body, feeds) },
		encode: func(reply *sampan.Reply, _ *sampan.Request) ([]byte, error) { return wire.AppendResult(nil, reply) },
	}
}
