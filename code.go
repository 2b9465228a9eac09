package sampan

// Code says what kind of fault an [Error] is. The numbers are gRPC's, so that a
// border maps them without a table of its own.
type Code uint8

// The nine codes. Each names the side that has to act.
const (
	// Canceled: the caller left before the answer was ready.
	Canceled Code = 1
	// InvalidArgument: the request is wrong whatever the server's state, such as a
	// shape or dtype mismatch or an unknown input.
	InvalidArgument Code = 3
	// DeadlineExceeded: the answer would not have been, or was not, ready in time.
	DeadlineExceeded Code = 4
	// NotFound: no such model, version or method.
	NotFound Code = 5
	// ResourceExhausted: a bound was met, such as a full queue or a body too large.
	ResourceExhausted Code = 8
	// FailedPrecondition: the request is right but the server's state does not allow
	// it, such as a model that is not loaded.
	FailedPrecondition Code = 9
	// Unimplemented: there is no such op or feature here.
	Unimplemented Code = 12
	// Internal: the runtime failed or an op panicked.
	Internal Code = 13
	// Unavailable: the server is loading or draining; another one, or the same one
	// later, may answer.
	Unavailable Code = 14
)

// String returns the code's name as gRPC spells it, such as "InvalidArgument".
func (c Code) String() string {
	switch c {
	case Canceled:
		return "Canceled"
	case InvalidArgument:
		return "InvalidArgument"
	case DeadlineExceeded:
		return "DeadlineExceeded"
	case NotFound:
		return "NotFound"
	case ResourceExhausted:
		return "ResourceExhausted"
	case FailedPrecondition:
		return "FailedPrecondition"
	case Unimplemented:
		return "Unimplemented"
	case Internal:
		return "Internal"
	case Unavailable:
		return "Unavailable"
	}
	return "Unknown"
}
