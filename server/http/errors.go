package http

import (
	"encoding/json"
	"errors"

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

// renderError is the one place where errors become replies: {"error": "text"} for
// every dialect so far.
func renderError(c *app.RequestContext, err error) {
	status, known := statuses[sampan.CodeOf(err)]
	if !known {
		status = consts.StatusInternalServerError
	}
	if errors.Is(err, errTooLarge) {
		// The rest of the body is not read, so the connection cannot go on.
		status = consts.StatusRequestEntityTooLarge
		c.SetConnectionClose()
	}
	if status == consts.StatusTooManyRequests || status == consts.StatusServiceUnavailable {
		c.Response.Header.Set("Retry-After", "1")
	}
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
