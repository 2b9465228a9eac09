package http

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol/consts"
	"github.com/cloudwego/hertz/pkg/route"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/wire"
)

// front has the handlers.
type front struct {
	service Service
	name    string
	maxBody int
}

// The general model service's paths: short and fully qualified.
var generalPaths = []string{
	"/GeneralModelService/",
	"/baidu.paddle_serving.predictor.general_model.GeneralModelService/",
}

func (f *front) routes(r *route.Engine) {
	r.GET("/healthz", f.healthz)
	r.GET("/readyz", f.readyz)
	r.GET("/v1/models", f.models)
	r.POST("/:name/prediction", f.prediction)
	for _, path := range generalPaths {
		r.POST(path+"inference", f.general)
		r.POST(path+"debug", f.general)
	}
	r.NoRoute(func(_ context.Context, c *app.RequestContext) {
		renderError(c, sampan.Errorf(sampan.NotFound, "path %q is not known; POST /%s/prediction predicts, GET /v1/models lists", c.Path(), f.name))
	})
	r.NoMethod(func(_ context.Context, c *app.RequestContext) {
		renderStatus(c, consts.StatusMethodNotAllowed, string(c.Method())+" is not allowed on "+string(c.Path()))
	})
}

// recovery answers a panic with 500 and keeps the connection's server alive.
func recovery(ctx context.Context, c *app.RequestContext) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("an HTTP call panicked", "path", string(c.Path()), "panic", p, "stack", string(debug.Stack()))
			renderError(c, sampan.Errorf(sampan.Internal, "internal error"))
		}
	}()
	c.Next(ctx)
}

func (f *front) healthz(_ context.Context, c *app.RequestContext) {
	c.SetStatusCode(consts.StatusOK)
	c.SetContentType("text/plain; charset=utf-8")
	c.Response.SetBodyString("ok\n")
}

func (f *front) readyz(_ context.Context, c *app.RequestContext) {
	if !f.service.Ready() {
		renderError(c, sampan.Errorf(sampan.Unavailable, "the server is loading or draining"))
		return
	}
	c.SetContentType("text/plain; charset=utf-8")
	c.Response.SetBodyString("ready\n")
}

// buffers hold bodies and replies between calls.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// maxKept bounds the buffers that are kept.
const maxKept = 1 << 20

func release(b *[]byte) {
	if cap(*b) <= maxKept {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}

// prediction is the feed/fetch dialect.
func (f *front) prediction(ctx context.Context, c *app.RequestContext) {
	if name := c.Param("name"); name != f.name {
		renderError(c, sampan.Errorf(sampan.NotFound, "service %q is not known; this server has %q", name, f.name))
		return
	}
	buffer := buffers.Get().(*[]byte)
	defer release(buffer)
	body, err := readBody(c, (*buffer)[:0], f.maxBody)
	if *buffer = body; err != nil {
		renderError(c, err)
		return
	}
	req, err := wire.DecodeFeed(body, f.feeds())
	if err != nil {
		renderError(c, err)
		return
	}
	reply, err := f.service.Predict(ctx, req)
	if err != nil {
		renderError(c, err)
		return
	}
	out, err := wire.AppendResult(nil, reply)
	if err != nil {
		renderError(c, err)
		return
	}
	c.SetContentType(jsonType)
	c.Response.SetBodyRaw(out)
}

// feeds describes what the first model of the graph takes.
func (f *front) feeds() []wire.FeedVar {
	models := f.service.Models()
	if len(models) == 0 {
		return nil
	}
	inputs := models[0].Signature.Inputs
	feeds := make([]wire.FeedVar, len(inputs))
	for i, in := range inputs {
		feeds[i] = wire.FeedVar{Name: in.Name, Alias: in.Alias, DType: in.DType, LoD: in.LoD}
		if len(in.Shape) > 0 {
			feeds[i].Shape = in.Shape[1:]
		}
	}
	return feeds
}
