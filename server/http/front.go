package http

import (
	"bytes"
	"context"
	"log/slog"
	"runtime/debug"

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

func (f *front) routes(r *route.Engine) {
	r.GET("/healthz", f.healthz)
	r.GET("/readyz", f.readyz)
	r.GET("/v1/models", f.models)
	r.POST("/:name/prediction", f.prediction)
	f.generalRoutes(r)
	r.NoRoute(f.noRoute)
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
	out, err := f.answer(ctx, c, f.feed)
	if err != nil {
		renderError(c, err)
		return
	}
	c.SetContentType(jsonType)
	c.Response.SetBodyRaw(out)
}

// answer takes a call from body to reply, whatever its dialect.
func (f *front) answer(ctx context.Context, c *app.RequestContext, codec bodyCodec) ([]byte, error) {
	conn := c.GetConn().(*connection)
	body, err := expanded(c, conn, f.maxBody)
	if err != nil {
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
	out := conn.borrow()
	if *out, err = codec.encode(*out, reply, req); err != nil {
		return nil, err
	}
	return compress(c, conn, *out), nil
}

// refuse answers a request that could not be read, in the form of the dialect that its
// path belongs to.
func (f *front) refuse(c *app.RequestContext, err error) {
	if path := c.Request.Header.RequestURI(); bytes.HasSuffix(path, []byte("/prediction")) || bytes.HasPrefix(path, []byte("/v1/")) {
		renderError(c, err)
		return
	}
	f.generalError(c, err)
}
