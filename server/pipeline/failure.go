package pipeline

import (
	"errors"
	"fmt"

	"github.com/sampanml/sampan"
)

// The numbers that a reply's err_no has, as Paddle Serving gives them. Those from 50 to
// 99, and any other that an op returns with [Errorf], are the op's own.
const (
	OK int32 = 0
	// QueueFull is ours: as many calls are under way as may be.
	QueueFull int32 = 2004
	// NoService: the call's name is not the service's.
	NoService int32 = 3002
	// InvalidParams: the feed has not the names of the model's inputs.
	InvalidParams int32 = 5000
	// Timeout: the op did not end in time, however often it was tried.
	Timeout int32 = 6000
	// WrongType: the result is neither all texts nor all arrays, or the like.
	WrongType int32 = 7000
	// BadPackage: the call's keys, values and tensors contradict each other.
	BadPackage int32 = 8000
	// ClientError: a service that an op calls did not answer.
	ClientError int32 = 9000
	// Unknown: an op or its model failed.
	Unknown int32 = 10000
)

// Failure is an answer that is an error: err_no and err_msg.
type Failure struct {
	No      int32
	Message string
	// cause is what an op or its model said; nil where there is nothing else to say.
	cause error
}

// Error implements error.
func (f *Failure) Error() string { return f.Message }

// Unwrap gives what an op or its model said.
func (f *Failure) Unwrap() error { return f.cause }

// codes are those of failures for callers who do not get the number.
var codes = map[int32]sampan.Code{
	QueueFull: sampan.ResourceExhausted, NoService: sampan.NotFound, InvalidParams: sampan.InvalidArgument,
	Timeout: sampan.DeadlineExceeded, BadPackage: sampan.InvalidArgument, ClientError: sampan.Unavailable,
	WrongType: sampan.Internal, Unknown: sampan.Internal,
}

// plain is an error for callers who get no err_no: what the op said, or else the failure
// by its code. An op's own number is FailedPrecondition.
func plain(err error) error {
	var failure *Failure
	if !errors.As(err, &failure) {
		return err
	}
	if failure.cause != nil {
		return failure.cause
	}
	code, known := codes[failure.No]
	if !known {
		return sampan.Errorf(sampan.FailedPrecondition, "%d: %s", failure.No, failure.Message)
	}
	return sampan.Errorf(code, "%s", failure.Message)
}

// Errorf is an op's own error, a business code such as 51: the caller gets number and
// text as they are.
func Errorf(no int32, format string, args ...any) error {
	return &Failure{No: no, Message: fmt.Sprintf(format, args...)}
}

// hookFailed is the failure of an op's own code, as clients of Paddle Serving know it.
func hookFailed(hook string, logID int64, err error) *Failure {
	return &Failure{Unknown, fmt.Sprintf("Log_id: %d  Raise_msg: %v  ClassName: Op._run_%s.<locals>.%s_help  FunctionName: %s_help",
		logID, err, hook, hook, hook), err}
}

// processFailed is the failure of an op's run. mark is what names the call in it.
func processFailed(no int32, op, mark string, number int64, reason error) *Failure {
	return &Failure{no, fmt.Sprintf("[%s] failed to predict. (%s) [%s|0] Failed to process(batch: [%d]): %v.%s",
		op, mark, op, number, reason, seeLog), reason}
}

// wrongFeed is the failure of a feed that is not the model's.
func wrongFeed(op string, number int64, reason error) *Failure {
	const helper = "feed_fetch_list_check_helper"
	return &Failure{InvalidParams, fmt.Sprintf("[%s] failed to predict. Log_id: %d  Raise_msg:  invalid arg list: %v  ClassName: Op.process.<locals>.%s  FunctionName: %s.%s",
		op, number, reason, helper, helper, seeLog), sampan.Errorf(sampan.InvalidArgument, "op %q: %w", op, reason)}
}

// seeLog ends the messages of failed runs, as it does in Paddle Serving.
const seeLog = " Please check the input dict and checkout PipelineServingLogs/pipeline.log for more details."

// full is the failure of a call for which there is no place.
func full(what string, most int) *Failure {
	return &Failure{No: QueueFull, Message: fmt.Sprintf("%s has %d calls under way, which is the most (channel_size); try again later", what, most)}
}

// transport tells whether an error is the call's own end, which the caller hears of from
// the transport and not in an answer.
func transport(err error) bool {
	switch sampan.CodeOf(err) {
	case sampan.Canceled, sampan.DeadlineExceeded:
		return true
	}
	return false
}
