package rpc

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
)

// reflector answers gRPC server reflection with grpc-go's implementation. Versions v1
// and v1alpha have the same messages.
type reflector struct {
	server reflectionpb.ServerReflectionServer
}

func newReflection() *reflector {
	return &reflector{reflection.NewServerV1(reflection.ServerOptions{Services: services{}})}
}

// services lists what reflection advertises.
type services struct{}

func (services) GetServiceInfo() map[string]grpc.ServiceInfo {
	return map[string]grpc.ServiceInfo{
		generalModelService:                   {},
		"grpc.health.v1.Health":               {},
		"grpc.reflection.v1.ServerReflection": {},
	}
}

func (r *reflector) info(ctx context.Context, s *grpcStream) error {
	err := r.server.ServerReflectionInfo(&reflectionStream{ctx, s})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return callError(ctx, err)
}

// reflectionStream is the stream that grpc-go's implementation wants. It uses Context,
// Send and Recv alone.
type reflectionStream struct {
	ctx    context.Context
	stream *grpcStream
}

func (r *reflectionStream) Context() context.Context { return r.ctx }

func (r *reflectionStream) Send(m *reflectionpb.ServerReflectionResponse) error {
	return r.stream.send(m)
}

func (r *reflectionStream) Recv() (*reflectionpb.ServerReflectionRequest, error) {
	var m reflectionpb.ServerReflectionRequest
	if err := r.stream.receive(&m); err != nil {
		return nil, err
	}
	return &m, nil
}

var errUnused = errors.New("not used by reflection")

func (r *reflectionStream) SetHeader(metadata.MD) error  { return errUnused }
func (r *reflectionStream) SendHeader(metadata.MD) error { return errUnused }
func (r *reflectionStream) SetTrailer(metadata.MD)       {}
func (r *reflectionStream) SendMsg(any) error            { return errUnused }
func (r *reflectionStream) RecvMsg(any) error            { return errUnused }
