package http

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	hertzerrors "github.com/cloudwego/hertz/pkg/common/errors"
	hertznetpoll "github.com/cloudwego/hertz/pkg/network/netpoll"
	"github.com/cloudwego/hertz/pkg/protocol/consts"
	"github.com/cloudwego/hertz/pkg/protocol/http1/req"
	"github.com/cloudwego/hertz/pkg/protocol/http1/resp"
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan"
)

// connection is one client's. Between requests it lies with the poller, without a
// goroutine.
type connection struct {
	hertznetpoll.Conn
	server *Server
	// calls ends when the client has left.
	calls context.Context
	// borrowed are the buffers of the request under way.
	borrowed []*[]byte
	// timed says that there is a time until which the request has to be there.
	timed bool
}

// errClose says that the connection has to be closed.
var errClose = errors.New("the connection is closed")

// serve reads a request and answers it. Hertz's own loop has neither a limit on the
// whole time that a request takes to arrive, nor room for refusals in the dialect's
// form, and reads beyond the end of a body.
func (c *connection) serve() error {
	pool := c.server.engine.GetCtxPool()
	call := pool.Get().(*app.RequestContext)
	defer func() {
		call.Reset()
		pool.Put(call)
	}()
	call.SetConn(c)
	c.timed = false
	refused := false
	switch err := c.receive(call); {
	case err == nil:
		c.server.engine.ServeHTTP(c.calls, call)
	case gone(err):
		return errClose
	default:
		// What follows of the request cannot be told from the next one.
		refused = true
		c.server.front.refuse(call, err)
	}
	closing := refused || c.server.stopping.Load() || call.Request.Header.ConnectionClose() || call.Response.ConnectionClose()
	switch {
	case closing:
		call.Response.Header.Set(consts.HeaderConnection, "close")
	case !call.Request.Header.IsHTTP11():
		call.Response.Header.Set(consts.HeaderConnection, "keep-alive")
	}
	if err := c.send(call); err != nil {
		return errClose
	}
	if refused {
		c.linger()
	}
	if closing {
		return errClose
	}
	return nil
}

// receive reads a request, its body included.
func (c *connection) receive(call *app.RequestContext) error {
	err := req.ReadHeaderWithLimit(&call.Request.Header, c, maxHeader)
	switch {
	case errors.Is(err, hertzerrors.ErrHeaderTooLarge):
		return fault{consts.StatusRequestHeaderFieldsTooLarge, sampan.Errorf(sampan.InvalidArgument, "the headers are larger than %d bytes", maxHeader)}
	case errors.Is(err, netpoll.ErrReadTimeout):
		return late("headers", c.server.options.HeaderTime)
	case err != nil && gone(err):
		return err
	case err != nil:
		return sampan.Errorf(sampan.InvalidArgument, "the request is not HTTP/1.1")
	}
	if err := checkFraming(&call.Request.Header); err != nil {
		return err
	}
	body, err := c.body(call)
	if err == nil {
		call.Request.SetBodyRaw(body)
	}
	return err
}

// gone says that the client has left before its request was complete.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, hertzerrors.ErrNothingRead) || errors.Is(err, netpoll.ErrConnClosed) || errors.Is(err, netpoll.ErrEOF)
}

// send writes the reply and gives back what the request took.
func (c *connection) send(call *app.RequestContext) error {
	call.Response.SkipBody = call.IsHead()
	if err := resp.Write(&call.Response, c); err != nil {
		return err
	}
	if err := c.Release(); err != nil {
		return err
	}
	if err := c.SetWriteTimeout(c.server.options.allowed(len(call.Response.BodyBytes()))); err != nil {
		return err
	}
	// After a failure the poller may still look at the buffers: they are not used again.
	if err := c.Flush(); err != nil {
		return err
	}
	for _, b := range c.borrowed {
		release(b)
	}
	c.borrowed = c.borrowed[:0]
	return nil
}

// linger passes over what a refused client still sends, for a moment: if the connection
// were closed at once, the reply would be lost with it.
func (c *connection) linger() {
	if c.within(time.Now(), lingerTime) != nil {
		return
	}
	for {
		if _, err := c.Conn.Peek(1); err != nil {
			return
		}
		if c.Skip(c.Len()) != nil || c.Release() != nil {
			return
		}
	}
}

// lingerTime is how long a refused client has to read the reply.
const lingerTime = 500 * time.Millisecond

// Peek is the connection's. The clock is asked where it has to wait.
func (c *connection) Peek(n int) ([]byte, error) {
	if !c.timed && n > c.Len() {
		if err := c.within(time.Now(), c.server.options.HeaderTime); err != nil {
			return nil, err
		}
	}
	return c.Conn.Peek(n)
}

// within says until when what is waited for has to be there.
func (c *connection) within(began time.Time, granted time.Duration) error {
	c.timed = true
	return c.SetReadDeadline(began.Add(granted))
}

// borrow takes a buffer that is given back when the reply has been sent.
func (c *connection) borrow() *[]byte {
	b := buffers.Get().(*[]byte)
	c.borrowed = append(c.borrowed, b)
	return b
}
