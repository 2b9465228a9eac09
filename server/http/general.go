package http

import (
	"bytes"
	"context"
	"strconv"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol/consts"
	"github.com/cloudwego/hertz/pkg/route"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/baidu"
)

// The general model service's names: short and fully qualified.
const (
	shortService = "GeneralModelService"
	general      = "baidu.paddle_serving.predictor.general_model."
	fullService  = general + shortService
)

// generalRoutes are brpc's rules: any method will do, and so does what stands behind
// the method's name.
func (f *front) generalRoutes(r *route.Engine) {
	for _, service := range []string{shortService, fullService} {
		for _, method := range []string{"inference", "debug"} {
			path := "/" + service + "/" + method
			r.Any(path, f.general)
			r.Any(path+"/*more", f.general)
		}
		r.Any("/"+service, f.noMethod)
		r.Any("/"+service+"/", f.noMethod)
	}
}

// modelHeader names the model that a call to the general model service is for: NAME or
// NAME:VERSION.
const modelHeader = "Sampan-Model"

// general is the general model service: protobuf where the request's Content-Type says
// so, else JSON. The reply has the same type, or none.
func (f *front) general(ctx context.Context, c *app.RequestContext) {
	codec, contentType := jsonCodec, c.Request.Header.ContentType()
	if isProto(contentType) {
		codec = protoCodec
	}
	out, err := f.answer(ctx, c, codec, string(c.Request.Header.Peek(modelHeader)))
	if err != nil {
		f.generalError(c, err)
		return
	}
	if len(contentType) == 0 {
		c.Response.Header.SetNoDefaultContentType(true)
	} else {
		c.Response.Header.SetContentTypeBytes(contentType)
	}
	c.Response.SetBodyRaw(out)
}

// isProto reports whether a body of that type is protobuf; anything else is JSON,
// curl's form type included.
func isProto(contentType []byte) bool {
	media, _, _ := bytes.Cut(contentType, []byte{';'})
	media = bytes.TrimSpace(media)
	return bytes.EqualFold(media, []byte("application/proto")) || bytes.EqualFold(media, []byte("application/x-protobuf"))
}

// generalStatuses are brpc's.
var generalStatuses = map[sampan.Code]int{
	sampan.InvalidArgument:    consts.StatusBadRequest,
	sampan.FailedPrecondition: consts.StatusBadRequest,
	sampan.NotFound:           consts.StatusNotFound,
	sampan.Unimplemented:      consts.StatusNotFound,
	sampan.ResourceExhausted:  consts.StatusServiceUnavailable,
	sampan.Unavailable:        consts.StatusServiceUnavailable,
	sampan.DeadlineExceeded:   consts.StatusGatewayTimeout,
	sampan.Canceled:           499,
}

// generalError answers as brpc does: the code in a header and before the text.
func (f *front) generalError(c *app.RequestContext, err error) {
	status, number := statusOf(err, generalStatuses), baidu.Number(sampan.CodeOf(err))
	retryAfter(c, status, err)
	c.SetStatusCode(status)
	c.SetContentType("text/plain")
	c.Response.Header.Set("x-bd-error-code", strconv.Itoa(int(number)))
	c.Response.SetBodyString(baidu.Text(c.GetConn().LocalAddr().String(), number, err.Error()))
}

// noMethod answers a path that names the service alone.
func (f *front) noMethod(_ context.Context, c *app.RequestContext) {
	f.generalError(c, sampan.Errorf(sampan.NotFound, "Missing method name for service=%s. Available methods are: \n"+
		"rpc inference (Request) returns (Response);\nrpc debug (Request) returns (Response);\n", shortService))
}

// noRoute answers every other path.
func (f *front) noRoute(_ context.Context, c *app.RequestContext) {
	f.generalError(c, sampan.Errorf(sampan.NotFound, "Fail to find method on `%s'; GET /index lists what there is", c.Path()))
}
