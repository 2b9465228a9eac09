package http

import (
	"context"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// general is the general model service: JSON, or protobuf where the request says so.
func (f *front) general(ctx context.Context, c *app.RequestContext) {
	buffer := buffers.Get().(*[]byte)
	defer release(buffer)
	body, err := readBody(c, (*buffer)[:0], f.maxBody)
	if *buffer = body; err != nil {
		renderError(c, err)
		return
	}
	contentType := string(c.ContentType())
	codec := jsonCodec
	if isProto(contentType) {
		codec = protoCodec
	} else {
		contentType = jsonType
	}
	req, err := codec.decode(body)
	if err != nil {
		renderError(c, err)
		return
	}
	reply, err := f.service.Predict(ctx, req)
	if err != nil {
		renderError(c, err)
		return
	}
	out, err := codec.encode(reply, req)
	if err != nil {
		renderError(c, err)
		return
	}
	c.SetContentType(contentType)
	c.Response.SetBodyRaw(out)
}

// isProto reports whether a body of that type is protobuf; anything else is JSON,
// curl's form type included.
func isProto(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.TrimSpace(media)
	return media == "application/proto" || media == "application/x-protobuf"
}

// bodyCodec is one form of the service's messages.
type bodyCodec struct {
	decode func(body []byte) (*sampan.Request, error)
	encode func(reply *sampan.Reply, req *sampan.Request) ([]byte, error)
}

var jsonCodec = bodyCodec{
	decode: wire.DecodeJSON,
	encode: func(reply *sampan.Reply, req *sampan.Request) ([]byte, error) {
		return wire.AppendJSON(nil, reply, req)
	},
}

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
