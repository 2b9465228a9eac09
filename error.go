package sampan

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Error is the one error that crosses rooms: made where the fault is found, given
// context on the way up, mapped once at each border. Its text names the field, what
// came and what was wanted, and nothing of the server's inside.
type Error struct {
	Code Code
	// Op is the graph node in which it happened; may be empty.
	Op string
	// Model is the model's name; may be empty.
	Model string
	// RetryAfter is when a caller may try again, with [ResourceExhausted]; 0 where it
	// is not known.
	RetryAfter time.Duration
	Err        error
}

// Errorf makes an error with a code. As with fmt.Errorf, %w wraps.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Error returns the text without the code: `model "uci": input "x": shape [1 12],
// want [-1 13]`.
func (e *Error) Error() string {
	text := "unknown error"
	if e.Err != nil {
		text = e.Err.Error()
	}
	if e.Model != "" {
		text = fmt.Sprintf("model %q: %s", e.Model, text)
	}
	if e.Op != "" {
		text = fmt.Sprintf("op %q: %s", e.Op, text)
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the outermost [Error] in err's chain; Canceled and
// DeadlineExceeded for the context errors, Internal for everything else.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return DeadlineExceeded
	}
	return Internal
}

// ContextError turns the end of a context into an [Error].
func ContextError(ctx context.Context) *Error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Errorf(DeadlineExceeded, "the deadline passed before the answer was ready")
	}
	return Errorf(Canceled, "the caller left before the answer was ready")
}
