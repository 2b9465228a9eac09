package rpc

import (
	"context"
	"errors"

	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/transport"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// ttheader answers what Kitex decoded from TTHeader and framed protobuf.
type ttheader struct {
	service Service
	calls   *metrics.Calls
}

var _ generalmodel.GeneralModelService = (*ttheader)(nil)

// Inference runs a request.
func (h *ttheader) Inference(ctx context.Context, req *generalmodel.Request) (*generalmodel.Response, error) {
	began := metrics.Now()
	// Kitex's own middleware for this leaves the timer of every good call behind until
	// the deadline passes.
	if timeout := rpcinfo.GetRPCInfo(ctx).Config().RPCTimeout(); timeout > 0 {
		var cancel func()
		ctx, cancel = deadline.WithTimeout(ctx, timeout)
		defer cancel()
	}
	resp, err := predict(ctx, h.service, req)
	h.calls.Done(began, err)
	if err != nil {
		return nil, kitexError(ctx, err)
	}
	return resp, nil
}

// Debug is Inference: the original has a second method of the same kind.
func (h *ttheader) Debug(ctx context.Context, req *generalmodel.Request) (*generalmodel.Response, error) {
	return h.Inference(ctx, req)
}

// predict is a call between its messages, whatever the transport.
func predict(ctx context.Context, service Service, msg *generalmodel.Request) (*generalmodel.Response, error) {
	req, err := wire.FromRequest(msg)
	if err != nil {
		return nil, err
	}
	req.Model = modelOf(ctx)
	reply, err := service.Predict(ctx, req)
	if err != nil {
		return nil, err
	}
	return wire.ToResponse(reply, req)
}

// kitexError gives an error the form in which its code reaches the caller: a status in
// the TTHeader. Framed messages have no place for it, so there it becomes Kitex's
// exception; a status would arrive as an empty success.
func kitexError(ctx context.Context, err error) error {
	code, text := sampan.CodeOf(err), err.Error()
	if rpcinfo.GetRPCInfo(ctx).Config().TransportProtocol()&transport.TTHeader == 0 {
		return errors.New(code.String() + ": " + text)
	}
	return kerrors.NewGRPCBizStatusError(int32(code), text)
}
