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
	"github.com/sampanml/sampan/internal/metrics"
)

// front has the handlers.
type front struct {
	service Service
	name    string
	maxBody int
	feed    bodyCodec
	calls   *metrics.Calls
	about   Pages
}

func newFront(service Service, o Options) *front {
	return &front{
		service: service, name: o.Name, maxBody: o.MaxBody, feed: feedCodec(service.Models()), calls: o.Calls, about: o.Pages,
	}
}

func (f *front) routes(r *route.Engine) {
	f.pageRoutes(r)
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

func (f *front) readyz(c *app.RequestContext) {
	if !f.service.Ready() {
		renderError(c, sampan.Errorf(sampan.Unavailable, "the server is loading or draining"))
		return
	}
	plain(c, "ready\n")
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
	conn, began := c.GetConn().(*connection), metrics.Now()
	req, reply, err := f.predict(ctx, c, codec)
	if err != nil {
		f.calls.Done(began, err)
		return nil, err
	}
	encoding, out := metrics.Instant(0), conn.borrow()
	if large(reply) {
		encoding = metrics.Now()
	}
	*out, err = codec.encode(*out, reply, req)
	f.calls.Encoded(began, encoding, err)
	if err != nil {
		return nil, err
	}
	return compress(c, conn, *out), nil
}

func (f *front) predict(ctx context.Context, c *app.RequestContext, codec bodyCodec) (*sampan.Request, *sampan.Reply, error) {
	body, err := expanded(c, c.GetConn().(*connection), f.maxBody)
	if err != nil {
		return nil, nil, err
	}
	req, err := codec.decode(body)
	if err != nil {
		return nil, nil, err
	}
	reply, err := f.service.Predict(ctx, req)
	return req, reply, err
}

// large tells replies of which it is of interest how long they take to write.
func large(reply *sampan.Reply) bool {
	size := 0
	for _, o := range reply.Outputs {
		for i := range o.Tensors {
			size += len(o.Tensors[i].Tensor.Data)
		}
	}
	return size > largeReply
}

// largeReply is in bytes of the tensors.
const largeReply = 4 << 10

// refuse answers a request that could not be read, in the form of the dialect that its
// path belongs to.
func (f *front) refuse(c *app.RequestContext, err error) {
	if path := c.Request.Header.RequestURI(); bytes.HasSuffix(path, []byte("/prediction")) || bytes.HasPrefix(path, []byte("/v1/")) {
		renderError(c, err)
		return
	}
	f.generalError(c, err)
}
