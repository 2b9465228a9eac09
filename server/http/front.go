package http

import (
	"context"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol/consts"
	"github.com/cloudwego/hertz/pkg/route"

	"github.com/sampanml/sampan"
)

// front has the handlers.
type front struct {
	service Service
	name    string
	maxBody int
	feed    bodyCodec
}

func newFront(service Service, o Options) *front {
	return &front{service: service, name: o.Name, maxBody: o.MaxBody, feed: feedCodec(service.Models())}
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

// prediction is the feed/fetch dialect.
func (f *front) prediction(ctx context.Context, c *app.RequestContext) {
	if name := c.Param("name"); name != f.name {
		renderError(c, sampan.Errorf(sampan.NotFound, "service %q is not known; this server has %q", name, f.name))
		return
	}
	f.call(ctx, c, f.feed, jsonType)
}

// general is the general model service: JSON, or protobuf where the request says so.
func (f *front) general(ctx context.Context, c *app.RequestContext) {
	if contentType := string(c.ContentType()); isProto(contentType) {
		f.call(ctx, c, protoCodec, contentType)
		return
	}
	f.call(ctx, c, jsonCodec, jsonType)
}

// isProto reports whether a body of that type is protobuf; anything else is JSON,
// curl's form type included.
func isProto(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.TrimSpace(media)
	return media == "application/proto" || media == "application/x-protobuf"
}

// call answers one request, whatever its dialect.
func (f *front) call(ctx context.Context, c *app.RequestContext, codec bodyCodec, replyType string) {
	out, err := f.answer(ctx, c, codec)
	if err != nil {
		renderError(c, err)
		return
	}
	c.SetContentType(replyType)
	c.Response.SetBodyRaw(out)
}

func (f *front) answer(ctx context.Context, c *app.RequestContext, codec bodyCodec) ([]byte, error) {
	buffer := buffers.Get().(*[]byte)
	defer release(buffer)
	body, err := readBody(c, (*buffer)[:0], f.maxBody)
	if *buffer = body; err != nil {
		return nil, err
	}
	req, err := codec.decode(body)
	if err != nil {
		return nil, err
	}
	reply, err := f.service.Predict(ctx, req)
	if err != nil {
		return nil, err
	}
	return codec.encode(reply, req)
}
