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
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/metrics"
)

// front has the handlers.
type front struct {
	service   Service
	name      string
	signature func(model string) (*engine.Signature, error)
	maxBody   int
	// only is the codec of the feed/fetch dialect where there is one name; feeds are
	// those of the others.
	only  bodyCodec
	feeds feedCodecs
	calls *metrics.Calls
	about Pages
}

func newFront(service Service, o Options) *front {
	f := &front{
		service: service, name: o.Name, signature: o.Signature, maxBody: o.MaxBody, calls: o.Calls, about: o.Pages,
	}
	if o.Signature == nil {
		first := o.Takes
		if models := service.Models(); first == nil && len(models) > 0 {
			first = models[0].Signature
		}
		f.only = feedCodec(first)
	}
	return f
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
	name := c.Param("name")
	codec, err := f.feed(name)
	if err != nil {
		renderError(c, err)
		return
	}
	out, err := f.answer(ctx, c, codec, name)
	if err != nil {
		renderError(c, err)
		return
	}
	c.SetContentType(jsonType)
	c.Response.SetBodyRaw(out)
}

// feed is the codec of the feed/fetch dialect for a model.
func (f *front) feed(name string) (bodyCodec, error) {
	if f.signature == nil {
		if name != f.name {
			return bodyCodec{}, sampan.Errorf(sampan.NotFound, "service %q is not known; this server has %q", name, f.name)
		}
		return f.only, nil
	}
	signature, err := f.signature(name)
	if err != nil {
		return bodyCodec{}, err
	}
	return f.feeds.of(name, signature), nil
}

// answer takes a call to a model from body to reply, whatever its dialect.
func (f *front) answer(ctx context.Context, c *app.RequestContext, codec bodyCodec, model string) ([]byte, error) {
	conn, began := c.GetConn().(*connection), metrics.Now()
	req, reply, err := f.predict(ctx, c, codec, model)
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

func (f *front) predict(ctx context.Context, c *app.RequestContext, codec bodyCodec, model string) (*sampan.Request, *sampan.Reply, error) {
	body, err := expanded(c, c.GetConn().(*connection), f.maxBody)
	if err != nil {
		return nil, nil, err
	}
	req, err := codec.decode(body)
	if err != nil {
		return nil, nil, err
	}
	req.Model = model
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
