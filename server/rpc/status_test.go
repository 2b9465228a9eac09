package rpc

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/sampanml/sampan"
)

// A caller is told when to try again as gRPC's libraries understand it.
func TestRetryInfo(t *testing.T) {
	var after atomic.Int64
	f := listen(t, func(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
		if len(req.Inputs) > 0 {
			return echo(ctx, req)
		}
		err := sampan.Errorf(sampan.ResourceExhausted, "full")
		err.RetryAfter = time.Duration(after.Load())
		return nil, err
	}, Options{})
	conn, err := grpc.NewClient(f.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, want := range []time.Duration{1500 * time.Millisecond, 0} {
		after.Store(int64(want))
		err = conn.Invoke(t.Context(), "/"+generalModelService+"/inference", &emptypb.Empty{}, &emptypb.Empty{})
		s := status.Convert(err)
		if s.Message() != "full" || sampan.Code(s.Code()) != sampan.ResourceExhausted {
			t.Fatalf("got %v", err)
		}
		var got time.Duration
		for _, d := range s.Details() {
			if info, ok := d.(*errdetails.RetryInfo); ok {
				got = info.GetRetryDelay().AsDuration()
			}
		}
		if got != want {
			t.Errorf("retry after %v, want %v", got, want)
		}
	}
}
