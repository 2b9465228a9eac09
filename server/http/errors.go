package http

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol/consts"

	"github.com/sampanml/sampan"
)

const jsonType = "application/json"

// statuses maps codes; 499 is the field's number for a caller who left.
var statuses = map[sampan.Code]int{
	sampan.InvalidArgument:    consts.StatusBadRequest,
	sampan.FailedPrecondition: consts.StatusBadRequest,
	sampan.NotFound:           consts.StatusNotFound,
	sampan.ResourceExhausted:  consts.StatusTooManyRequests,
	sampan.DeadlineExceeded:   consts.StatusGatewayTimeout,
	sampan.Canceled:           499,
	sampan.Unavailable:        consts.StatusServiceUnavailable,
	sampan.Unimplemented:      consts.StatusNotImplemented,
	sampan.Internal:           consts.StatusInternalServerError,
}

// fault is an error with an HTTP status of its own, whatever the dialect.
type fault struct {
	status int
	error
}

func (f fault) Unwrap() error { return f.error }

// statusOf is the HTTP status of an error by a dialect's table.
func statusOf(err error, table map[sampan.Code]int) int {
	var own fault
	if errors.As(err, &own) {
		return own.status
	}
	if status, known := table[sampan.CodeOf(err)]; known {
		return status
	}
	return consts.StatusInternalServerError
}

// renderError makes the error reply of every dialect without a form of its own:
// {"error": "text"}.
func renderError(c *app.RequestContext, err error) {
	status := statusOf(err, statuses)
	retryAfter(c, status, err)
	renderStatus(c, status, err.Error())
}

func renderStatus(c *app.RequestContext, status int, text string) {
	body, err := json.Marshal(map[string]string{"error": text})
	if err != nil {
		body = []byte(`{"error":"internal error"}`)
	}
	c.SetStatusCode(status)
	c.SetContentType(jsonType)
	c.Response.SetBodyRaw(body)
}

// retryAfter tells a caller who was refused for want of room when to come again.
func retryAfter(c *app.RequestContext, status int, err error) {
	if status != consts.StatusTooManyRequests && status != consts.StatusServiceUnavailable {
		return
	}
	after := time.Second
	var known *sampan.Error
	if errors.As(err, &known) {
		after = max(after, known.RetryAfter)
	}
	c.Response.Header.Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
}
