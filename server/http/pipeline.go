package http

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol/consts"
	"github.com/cloudwego/hertz/pkg/route"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/deadline"
	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
	"github.com/sampanml/sampan/ops"
)

// Pipeline answers the calls of the pipeline service.
type Pipeline interface {
	// Answer takes one call. An error is what the transport has to say; other faults are
	// in the answer's err_no and err_msg. It may keep the request.
	Answer(ctx context.Context, req *pipelineserving.Request) (*pipelineserving.Response, error)
	// Call takes one call that is no message: the caller's values, and those of the last
	// op.
	Call(ctx context.Context, name string, c ops.Call) ([]ops.Value, error)
	// Ready reports whether calls are wanted.
	Ready() bool
	// Models lists those of the ops.
	Models() []Model
}

// NewPipeline makes a server of POST /NAME/METHOD as the gateway of Paddle Serving's
// pipelines answers it, beside the built-in pages.
func NewPipeline(p Pipeline, o Options) (*Server, error) {
	f := &pipelineFront{front: &front{name: o.Name, maxBody: o.MaxBody, calls: o.Calls, about: o.Pages, service: pipelinePages{p}}, pipeline: p}
	return newServer(f.front, o, f.routes)
}

// pipelinePages are what the pages ask a service for.
type pipelinePages struct{ Pipeline }

// Predict is not asked for by any page.
func (pipelinePages) Predict(context.Context, *sampan.Request) (*sampan.Reply, error) {
	return nil, sampan.Errorf(sampan.Unimplemented, "a pipeline answers POST /NAME/METHOD")
}

// pipelineFront has the handlers.
type pipelineFront struct {
	*front
	pipeline Pipeline
}

func (f *pipelineFront) routes(r *route.Engine) {
	r.POST("/:name/:method", f.call)
	if f.about.Front != nil {
		r.GET("/", f.frontPage)
	}
	for _, p := range f.pages() {
		if p.path != "/list" && p.path != "/protobufs" {
			r.GET(p.path, func(_ context.Context, c *app.RequestContext) { p.serve(c) })
		}
	}
	r.NoRoute(func(_ context.Context, c *app.RequestContext) { gatewayText(c, consts.StatusNotFound, "Not Found") })
	r.NoMethod(func(_ context.Context, c *app.RequestContext) {
		gatewayText(c, consts.StatusMethodNotAllowed, "Method Not Allowed")
	})
}

func gatewayText(c *app.RequestContext, status int, text string) {
	c.SetStatusCode(status)
	c.SetContentType("text/plain; charset=utf-8")
	c.Response.Header.Set("X-Content-Type-Options", "nosniff")
	c.Response.SetBodyString(text + "\n")
}

func (f *pipelineFront) call(ctx context.Context, c *app.RequestContext) {
	began := metrics.Now()
	if isUpload(&c.Request) {
		err := f.upload(ctx, c)
		f.calls.Done(began, err)
		if err != nil {
			gatewayError(c, err)
		}
		return
	}
	resp, err := f.answer(ctx, c)
	f.calls.Done(began, err)
	if err != nil {
		gatewayError(c, err)
		return
	}
	out := c.GetConn().(*connection).borrow()
	*out = appendPipelineJSON(*out, resp)
	c.SetContentType(jsonType)
	c.Response.SetBodyRaw(*out)
}

func (f *pipelineFront) answer(ctx context.Context, c *app.RequestContext) (*pipelineserving.Response, error) {
	req, err := parsePipelineJSON(c.Request.BodyBytes())
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	// An op that is left behind may read the method when the request's memory has another.
	req.Name, req.Method = c.Param("name"), strings.Clone(c.Param("method"))
	ctx, cancel, err := within(ctx, c)
	if err != nil {
		return nil, err
	}
	defer cancel()
	return f.pipeline.Answer(ctx, req)
}

// within gives a call the deadline that its caller wants.
func within(ctx context.Context, c *app.RequestContext) (context.Context, func(), error) {
	text := c.Request.Header.Get("Grpc-Timeout")
	if text == "" {
		return ctx, func() {}, nil
	}
	timeout, err := grpcTimeout(text)
	if err != nil {
		return ctx, nil, sampan.Errorf(sampan.InvalidArgument, "invalid grpc-timeout: %s", text)
	}
	ctx, cancel := deadline.WithTimeout(ctx, timeout)
	return ctx, cancel, nil
}

// grpcTimeout reads digits and a unit, as gRPC's header has them.
func grpcTimeout(text string) (time.Duration, error) {
	units := map[byte]time.Duration{
		'H': time.Hour, 'M': time.Minute, 'S': time.Second, 'm': time.Millisecond, 'u': time.Microsecond, 'n': time.Nanosecond,
	}
	unit, known := units[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 63)
	if !known || err != nil {
		return 0, errors.New("not a timeout")
	}
	if n > uint64(math.MaxInt64/unit) {
		return math.MaxInt64, nil
	}
	return time.Duration(n) * unit, nil
}

// gatewayStatuses are those of the gateway where they differ from ours.
var gatewayStatuses = map[sampan.Code]int{sampan.Canceled: consts.StatusRequestTimeout}

// gatewayError answers what never reached the service, in the gateway's form.
func gatewayError(c *app.RequestContext, err error) {
	status, known := gatewayStatuses[sampan.CodeOf(err)]
	if !known {
		status = statusOf(err, statuses)
	}
	retryAfter(c, status, err)
	text := err.Error()
	if sampan.CodeOf(err) == sampan.DeadlineExceeded {
		text = context.DeadlineExceeded.Error()
	}
	quoted := quote(text)
	c.SetStatusCode(status)
	c.SetContentType(jsonType)
	c.Response.SetBodyString(fmt.Sprintf(`{"error":%s,"code":%d,"message":%s,"details":[]}`, quoted, sampan.CodeOf(err), quoted))
}
