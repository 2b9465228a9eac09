package rpc

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan/internal/baidu"
)

// strangers closes connections that speak none of the dialects, and says so in the log
// at most once a second.
type strangers struct {
	remote.ServerTransHandler
	count atomic.Int64
	// logged is when the last line was written, in nanoseconds since the epoch; untold
	// how many connections came since.
	logged, untold atomic.Int64
}

// NewTransHandler is called once, when the server starts.
func (s *strangers) NewTransHandler(*remote.ServerOption) (remote.ServerTransHandler, error) {
	return s, nil
}

// ProtocolMatch looks at the first bytes without taking them.
func (s *strangers) ProtocolMatch(_ context.Context, conn net.Conn) error {
	c, ok := conn.(netpoll.Connection)
	if !ok {
		return nil
	}
	if first, err := c.Reader().Peek(4); err != nil || !ours(string(first)) && !isKitex(c.Reader()) {
		return nil
	}
	return errOther
}

// ours knows the dialects that four bytes tell.
func ours(first string) bool {
	return methodPrefixes[first] || first == baidu.Magic || first == "PRI "
}

// isKitex knows TTHeader and framed protobuf by the magic behind the length.
func isKitex(r netpoll.Reader) bool {
	first, err := r.Peek(8)
	if err != nil {
		return false
	}
	return codec.IsTTHeader(first) || binary.BigEndian.Uint32(first[4:])&codec.MagicMask == codec.ProtobufV1Magic
}

// OnActive is called when a connection is a stranger's.
func (s *strangers) OnActive(ctx context.Context, _ net.Conn) (context.Context, error) {
	return ctx, nil
}

// OnRead closes the connection, by returning an error.
func (s *strangers) OnRead(_ context.Context, conn net.Conn) error {
	s.count.Add(1)
	s.untold.Add(1)
	now, last := time.Now().UnixNano(), s.logged.Load()
	if now-last >= int64(time.Second) && s.logged.CompareAndSwap(last, now) {
		var first []byte
		if c, ok := conn.(netpoll.Connection); ok {
			first, _ = c.Reader().Peek(min(8, c.Reader().Len()))
		}
		slog.Warn("closed connections that speak none of the port's protocols",
			"connections", s.untold.Swap(0), "last", conn.RemoteAddr(), "began", fmt.Sprintf("%q", first))
	}
	return errOther
}

// OnInactive is of no interest.
func (s *strangers) OnInactive(context.Context, net.Conn) {}

// OnError is of no interest: OnRead has said it.
func (s *strangers) OnError(context.Context, error, net.Conn) {}

// SetPipeline is not of interest here.
func (s *strangers) SetPipeline(*remote.TransPipeline) {}
