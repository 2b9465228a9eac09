package baidu

import (
	"fmt"
	"strings"

	"github.com/sampanml/sampan"
)

// Error codes of brpc, and the one that Paddle Serving's services answer when an op
// fails.
const (
	NoService   int32 = 1001
	NoMethod    int32 = 1002
	BadRequest  int32 = 1003
	NotAllowed  int32 = 1004
	TimedOut    int32 = 1008
	Overcrowded int32 = 1011
	LogOff      int32 = 2003
	Limit       int32 = 2004
	OpFailed    int32 = -5100
)

// Stopping is brpc's text, beside [LogOff], for a call that a server does not begin any
// more.
const Stopping = "Server is stopping"

// Number is the error code that a fault of ours travels with.
func Number(code sampan.Code) int32 {
	switch code {
	case sampan.InvalidArgument, sampan.FailedPrecondition:
		return BadRequest
	case sampan.NotFound, sampan.Unimplemented:
		return NoMethod
	case sampan.ResourceExhausted:
		return Limit
	case sampan.DeadlineExceeded:
		return TimedOut
	case sampan.Canceled:
		return Overcrowded
	case sampan.Unavailable:
		return LogOff
	}
	return OpFailed
}

// Code is the way back. The numbers below 1000 are those of Linux's errno.
func Code(number int32) sampan.Code {
	switch number {
	case NoService, NoMethod:
		return sampan.NotFound
	case BadRequest, 22:
		return sampan.InvalidArgument
	case NotAllowed, 1:
		return sampan.FailedPrecondition
	case TimedOut:
		return sampan.DeadlineExceeded
	case Limit, Overcrowded:
		return sampan.ResourceExhausted
	case LogOff:
		return sampan.Unavailable
	}
	return sampan.Internal
}

// Text is an error's text as brpc's servers write it: `[127.0.0.1:9393][E1003]text`.
// The address is the server's.
func Text(address string, number int32, text string) string {
	return fmt.Sprintf("[%s][E%d]%s", address, number, text)
}

// Plain is a text without what [Text] put in front.
func Plain(text string) string {
	if _, rest, ok := strings.Cut(text, "][E"); ok && strings.HasPrefix(text, "[") {
		if _, plain, ok := strings.Cut(rest, "]"); ok {
			return plain
		}
	}
	return text
}
