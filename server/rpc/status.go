package rpc

import (
	"errors"

	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/codes"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/status"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/sampanml/sampan"
)

// grpcStatus is an error as gRPC's callers see it. When to try again, where that is known,
// is a google.rpc.RetryInfo among the details.
func grpcStatus(err error) *status.Status {
	s := status.New(codes.Code(sampan.CodeOf(err)), err.Error())
	var known *sampan.Error
	if !errors.As(err, &known) || known.RetryAfter <= 0 {
		return s
	}
	detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(known.RetryAfter)})
	if err != nil {
		return s
	}
	return detailed
}
