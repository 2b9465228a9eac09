package rpc

import (
	"context"

	"github.com/cloudwego/kitex/pkg/rpcinfo"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
)

// Pipeline answers the calls of the pipeline service.
type Pipeline interface {
	// Answer takes one call. An error is what the transport has to say; other faults are
	// in the answer's err_no and err_msg. It may keep the request.
	Answer(ctx context.Context, req *pipelineserving.Request) (*pipelineserving.Response, error)
}

const pipelineService = "baidu.paddle_serving.pipeline_serving.PipelineService"

// pipelineInference is a call over gRPC.
func (g *grpcFront) pipelineInference(ctx context.Context, s *grpcStream) error {
	began := metrics.Now()
	err := g.pipelineInfer(ctx, s)
	g.calls.Done(began, err)
	return err
}

func (g *grpcFront) pipelineInfer(ctx context.Context, s *grpcStream) error {
	req := &pipelineserving.Request{}
	if err := s.receiveOnly(req); err != nil {
		if sampan.CodeOf(err) == sampan.InvalidArgument {
			// Python's gRPC says so of a message that it cannot read.
			err = sampan.Errorf(sampan.Internal, "Exception deserializing request!")
		}
		return callError(ctx, err)
	}
	resp, err := g.pipeline.Answer(ctx, req)
	if err != nil {
		return err
	}
	return callError(ctx, s.send(resp))
}

// ttheaderPipeline answers what Kitex decoded from TTHeader and framed protobuf.
type ttheaderPipeline struct {
	pipeline Pipeline
	calls    *metrics.Calls
}

var _ pipelineserving.PipelineService = (*ttheaderPipeline)(nil)

// Inference takes a call.
func (h *ttheaderPipeline) Inference(ctx context.Context, req *pipelineserving.Request) (*pipelineserving.Response, error) {
	began := metrics.Now()
	if timeout := rpcinfo.GetRPCInfo(ctx).Config().RPCTimeout(); timeout > 0 {
		var cancel func()
		ctx, cancel = deadline.WithTimeout(ctx, timeout)
		defer cancel()
	}
	resp, err := h.pipeline.Answer(ctx, req)
	h.calls.Done(began, err)
	if err != nil {
		return nil, kitexError(ctx, err)
	}
	return resp, nil
}
