package rpc

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/loan"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/internal/ttheader"
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

// shortPipeline is the service's name over TTHeader.
const shortPipeline = "PipelineService"

// answerPipeline is a call over TTHeader.
func (t *ttheaderFront) answerPipeline(ctx context.Context, asked *ttheader.Call, reply *ttheader.Reply) (*loan.Memory, error) {
	req := &pipelineserving.Request{}
	if err := proto.Unmarshal(asked.Message, req); err != nil {
		return exception(reply, ttheader.ProtocolError, plainProto(err).Error()), nil
	}
	var resp *pipelineserving.Response
	err := t.call(ctx, asked.Timeout, func(ctx context.Context) (err error) {
		resp, err = t.pipeline.Answer(ctx, req)
		return err
	})
	if err != nil {
		return refused(reply, err)
	}
	out := forReply(ttheader.Room + len(asked.Method) + proto.Size(resp))
	if out.Bytes, err = (proto.MarshalOptions{UseCachedSize: true}).MarshalAppend(reply.Append(out.Bytes), resp); err != nil {
		out.Give()
		return refused(reply, sampan.Errorf(sampan.Internal, "encode the reply: %w", plainProto(err)))
	}
	return out, ttheader.Finish(out.Bytes)
}

// framedPipeline answers what Kitex decoded from framed protobuf.
type framedPipeline struct {
	pipeline Pipeline
	calls    *metrics.Calls
}

var _ pipelineserving.PipelineService = (*framedPipeline)(nil)

// Inference takes a call.
func (h *framedPipeline) Inference(ctx context.Context, req *pipelineserving.Request) (*pipelineserving.Response, error) {
	began := metrics.Now()
	resp, err := h.pipeline.Answer(ctx, req)
	h.calls.Done(began, err)
	if err != nil {
		return nil, framedError(err)
	}
	return resp, nil
}
