package rpc

import (
	"context"
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
	after := 1500 * time.Millisecond
	f := listen(t, func(_ context.Context, req *sampan.Request) (*sampan.Reply, error) {
		if len(req.Inputs) > 0 {
			return echo(t.Context(), req)
		}
		err := sampan.Errorf(sampan.ResourceExhausted, "full")
		err.RetryAfter = after
		return nil, err
	}, Options{})
	conn, err := grpc.NewClient(f.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, after = range []time.Duration{1500 * time.Millisecond, 0} {
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
		if got != after {
			t.Errorf("retry after %v, want %v", got, after)
		}
	}
}
