package bench

import (
	"bufio"
	"io"
	"net"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/internal/baidu"
	"github.com/sampanml/sampan/kitex_gen/baidurpc"
)

// baiduEcho answers baidu_std's requests one after the other, a goroutine for each
// connection. Replies leave together when no request is left to be read.
type baiduEcho struct {
	listener net.Listener
	reply    []byte

	mu     sync.Mutex
	conns  map[net.Conn]bool
	serves sync.WaitGroup
}

func (e *baiduEcho) serve() error {
	for {
		conn, err := e.listener.Accept()
		if err != nil {
			return err
		}
		e.mu.Lock()
		e.conns[conn] = true
		e.mu.Unlock()
		e.serves.Go(func() {
			// Its error is the end of the connection.
			_ = e.answer(conn)
			_ = conn.Close()
			e.mu.Lock()
			delete(e.conns, conn)
			e.mu.Unlock()
		})
	}
}

func (e *baiduEcho) answer(conn net.Conn) error {
	in, out := bufio.NewReaderSize(conn, 64<<10), bufio.NewWriterSize(conn, 64<<10)
	var body, frame []byte
	for {
		head, err := in.Peek(baidu.HeaderSize)
		if err != nil {
			return err
		}
		h, err := baidu.ParseHeader(head, maxBody)
		if err != nil {
			return err
		}
		if cap(body) < h.Body {
			body = make([]byte, h.Body)
		}
		if _, err := in.Discard(baidu.HeaderSize); err != nil {
			return err
		}
		if _, err := io.ReadFull(in, body[:h.Body]); err != nil {
			return err
		}
		request, err := h.Split(body[:h.Body])
		if err != nil {
			return err
		}
		frame, err = baidu.Start(frame[:0], &baidurpc.RpcMeta{
			Response:      &baidurpc.RpcResponseMeta{ErrorCode: proto.Int32(0)},
			CorrelationId: request.Meta.CorrelationId,
		})
		if err != nil {
			return err
		}
		frame = append(frame, e.reply...)
		if err := baidu.Finish(frame); err != nil {
			return err
		}
		if _, err := out.Write(frame); err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

// stop ends the connections and waits for their goroutines.
func (e *baiduEcho) stop() bool {
	_ = e.listener.Close()
	e.mu.Lock()
	for conn := range e.conns {
		_ = conn.Close()
	}
	e.mu.Unlock()
	e.serves.Wait()
	return true
}
