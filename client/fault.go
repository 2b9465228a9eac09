package client

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/codec/perrors"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/codes"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/grpc"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/status"
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/cluster"
)

var (
	errNotRead    = errors.New("a request is not read here")
	errNotWritten = errors.New("a reply is not written here")
)

// located is an error and the endpoint where it came up, which is not in the text.
type located struct {
	error
	endpoint string
}

func (l located) Unwrap() error { return l.error }

// locate notes the endpoint in an error.
func locate(err error, endpoint string) error {
	var e *sampan.Error
	if !errors.As(err, &e) {
		return sampan.Errorf(sampan.Internal, "%w", located{err, endpoint})
	}
	at := *e
	at.Err = located{e.Err, endpoint}
	return &at
}

// EndpointOf returns the host:port of the server that a call of [Client.Predict] asked
// last before it failed; empty where none was asked.
func EndpointOf(err error) string {
	var l located
	if errors.As(err, &l) {
		return l.endpoint
	}
	return ""
}

// connectFault says that an endpoint took no connection; nil for nil.
func connectFault(address string, err error) error {
	var errno syscall.Errno
	switch {
	case err == nil:
		return nil
	case timedOut(err):
		err = errors.New("no answer in time")
	case errors.Is(err, netpoll.ErrConnClosed):
		// netpoll's word for a dial that the other side refused.
		err = syscall.ECONNREFUSED
	case errors.As(err, &errno):
		err = errno
	}
	return sampan.Errorf(sampan.Unavailable, "connect to %s: %w", address, cluster.Mark(cluster.Refused, err))
}

// timedOut knows a dial that took too long. netpoll's error for it has the text alone.
func timedOut(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout() || strings.HasSuffix(err.Error(), "i/o timeout")
}

// errLate says what [sampan.ContextError] does, for a deadline that the context does
// not have.
func errLate() error {
	return sampan.Errorf(sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
}

// faultOf turns what Kitex returned for a call into the one error. What the server
// says comes first: its code and text are kept.
func faultOf(ctx context.Context, address string, err error) error {
	if biz, ok := kerrors.FromBizStatusError(err); ok {
		return sampan.Errorf(codeOf(biz.BizStatusCode()), "%s", biz.BizMessage())
	}
	if ctx.Err() != nil {
		return sampan.ContextError(ctx)
	}
	var (
		trans    *remote.TransError
		protocol perrors.ProtocolError
		said     interface{ GRPCStatus() *status.Status }
		ours     *sampan.Error
	)
	switch {
	case errors.Is(err, kerrors.ErrRPCTimeout), errors.Is(err, netpoll.ErrWriteTimeout):
		return errLate()
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, kerrors.ErrGetConnection):
		return connectFault(address, errors.Unwrap(err))
	case errors.As(err, &said):
		s := said.GRPCStatus()
		code := codeOf(int32(s.Code()))
		// Kitex's words for a stream that was reset, the caller being there still, and
		// for one that ended before the request was written.
		if code == sampan.Canceled || s.Message() == "the stream is done" {
			code = sampan.Unavailable
		}
		return sampan.Errorf(code, "%s: %s", address, s.Message())
	case broken(err):
		return brokenFault(address)
	case errors.As(err, &trans):
		return sampan.Errorf(transCode(trans), "%s: %s", address, trans.Error())
	case errors.As(err, &protocol) && protocol.TypeId() == perrors.InvalidData:
		// The one such fault on the way in: the size is checked before it is read.
		return sampan.Errorf(sampan.ResourceExhausted, "%s: %w", address, protocol)
	}
	return sampan.Errorf(sampan.Internal, "%s: %w", address, err)
}

// brokenFault says that a call has no answer because the connection broke.
func brokenFault(address string) error {
	return sampan.Errorf(sampan.Unavailable, "%s: %w", address, cluster.Mark(cluster.Broken, errBroken))
}

// broken knows the end of a connection.
func broken(err error) bool {
	var http2 grpc.ConnectionError
	if errors.As(err, &http2) {
		return true
	}
	for _, e := range []error{errBroken, netpoll.ErrConnClosed, io.EOF, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// codeOf maps gRPC's codes, those that are not ours to the nearest that is.
func codeOf(number int32) sampan.Code {
	switch codes.Code(number) {
	case codes.Canceled, codes.InvalidArgument, codes.DeadlineExceeded, codes.NotFound,
		codes.ResourceExhausted, codes.FailedPrecondition, codes.Unimplemented,
		codes.Internal, codes.Unavailable:
		return sampan.Code(number)
	case codes.OutOfRange:
		return sampan.InvalidArgument
	case codes.PermissionDenied, codes.Unauthenticated:
		return sampan.FailedPrecondition
	case codes.Aborted:
		return sampan.Unavailable
	}
	return sampan.Internal
}

// transCode maps the kinds of exceptions that travel over TTHeader.
func transCode(e *remote.TransError) sampan.Code {
	switch e.TypeID() {
	case remote.UnknownMethod, remote.UnknownService:
		return sampan.NotFound
	}
	return sampan.Internal
}
