package rpc

import (
	"context"
	"errors"

	"github.com/cloudwego/kitex/pkg/serviceinfo"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/metrics"
)

// framed answers what Kitex decoded from framed protobuf.
type framed struct {
	service Service
	calls   *metrics.Calls
}

// framedService is the general model service to Kitex, with messages of our own in the
// place of the generated ones. Its second method is the same as the first, as in the
// original.
func framedService() *serviceinfo.ServiceInfo {
	method := serviceinfo.NewMethodInfo(
		func(ctx context.Context, handler, request, reply any) error {
			return handler.(*framed).inference(ctx, request.(*framedRequest).call, reply.(*framedReply))
		},
		func() any { return new(framedRequest) },
		func() any { return new(framedReply) },
		false, serviceinfo.WithStreamingMode(serviceinfo.StreamingUnary))
	return &serviceinfo.ServiceInfo{
		ServiceName:  shortService,
		Methods:      map[string]serviceinfo.MethodInfo{"inference": method, "debug": method},
		PayloadCodec: serviceinfo.Protobuf,
		Extra:        map[string]any{serviceinfo.PackageName: generalModelPackage},
	}
}

// inference runs a request.
func (h *framed) inference(ctx context.Context, c *call, reply *framedReply) error {
	began := metrics.Now()
	err := c.predict(ctx, h.service, "")
	h.calls.Done(began, err)
	if err != nil {
		return framedError(err)
	}
	reply.call = c
	return nil
}

// framedError gives an error the form in which it reaches the caller, Kitex's exception:
// the protocol has no place for a code. A status would arrive as an empty success.
func framedError(err error) error {
	return errors.New(sampan.CodeOf(err).String() + ": " + err.Error())
}
