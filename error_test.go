package sampan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/sampanml/sampan"
)

// TestCode has gRPC's numbers and names.
func TestCode(t *testing.T) {
	for number, want := range map[uint8]string{
		1: "Canceled", 3: "InvalidArgument", 4: "DeadlineExceeded", 5: "NotFound", 8: "ResourceExhausted",
		9: "FailedPrecondition", 12: "Unimplemented", 13: "Internal", 14: "Unavailable", 0: "Unknown", 2: "Unknown",
	} {
		if got := sampan.Code(number).String(); got != want {
			t.Errorf("code %d is %s, want %s", number, got, want)
		}
	}
}

func TestErrorText(t *testing.T) {
	cause := errors.New(`input "x": shape [1 12], want [-1 13]`)
	tests := []struct {
		err  *sampan.Error
		want string
	}{
		{&sampan.Error{Err: cause}, `input "x": shape [1 12], want [-1 13]`},
		{&sampan.Error{Err: cause, Model: "uci"}, `model "uci": input "x": shape [1 12], want [-1 13]`},
		{&sampan.Error{Err: cause, Op: "infer_0"}, `op "infer_0": input "x": shape [1 12], want [-1 13]`},
		{&sampan.Error{Err: cause, Op: "infer_0", Model: "uci"}, `op "infer_0": model "uci": input "x": shape [1 12], want [-1 13]`},
		{&sampan.Error{}, "unknown error"},
		{&sampan.Error{Model: "uci"}, `model "uci": unknown error`},
		{sampan.Errorf(sampan.Internal, "%d of %w", 1, io.EOF), "1 of EOF"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

func TestErrorWraps(t *testing.T) {
	err := fmt.Errorf("outer: %w", sampan.Errorf(sampan.NotFound, "inner: %w", io.EOF))
	if !errors.Is(err, io.EOF) {
		t.Error("the cause is lost")
	}
	var e *sampan.Error
	if !errors.As(err, &e) || e.Code != sampan.NotFound {
		t.Errorf("%+v, want NotFound", e)
	}
}

func TestCodeOf(t *testing.T) {
	tests := map[string]struct {
		err  error
		want sampan.Code
	}{
		"an Error":           {sampan.Errorf(sampan.NotFound, "x"), sampan.NotFound},
		"wrapped":            {fmt.Errorf("y: %w", sampan.Errorf(sampan.NotFound, "x")), sampan.NotFound},
		"outermost":          {sampan.Errorf(sampan.Unavailable, "y: %w", sampan.Errorf(sampan.NotFound, "x")), sampan.Unavailable},
		"over a context":     {sampan.Errorf(sampan.Unavailable, "y: %w", context.Canceled), sampan.Unavailable},
		"joined":             {errors.Join(io.EOF, sampan.Errorf(sampan.NotFound, "x")), sampan.NotFound},
		"cancelled":          {fmt.Errorf("y: %w", context.Canceled), sampan.Canceled},
		"deadline":           {fmt.Errorf("y: %w", context.DeadlineExceeded), sampan.DeadlineExceeded},
		"any other":          {io.EOF, sampan.Internal},
		"none, which is one": {nil, sampan.Internal},
	}
	for name, test := range tests {
		if got := sampan.CodeOf(test.err); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestContextError(t *testing.T) {
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	if err := sampan.ContextError(ctx); err.Code != sampan.DeadlineExceeded {
		t.Errorf("%v %v, want DeadlineExceeded", err.Code, err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	cancel()
	if err := sampan.ContextError(ctx); err.Code != sampan.Canceled {
		t.Errorf("%v %v, want Canceled", err.Code, err)
	}
}
