package rpc

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	kitexclient "github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/ttheader"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/kitex_gen/generalmodel/generalmodelservice"
)

// muxClient is Kitex's own multiplexed client, with one connection.
type muxClient struct{ kitexclient.Client }

func newMuxClient(t *testing.T, address string) muxClient {
	t.Helper()
	c, err := kitexclient.NewClient(generalmodelservice.NewServiceInfo(),
		kitexclient.WithDestService("sampan"),
		kitexclient.WithHostPorts(address),
		kitexclient.WithTransportProtocol(transport.TTHeader),
		kitexclient.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		kitexclient.WithMuxConnection(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.(interface{ Close() error }).Close(); err != nil {
			t.Error(err)
		}
	})
	return muxClient{c}
}

func (c muxClient) inference(req *generalmodel.Request) (*generalmodel.Response, error) {
	args, result := &generalmodelservice.InferenceArgs{Req: req}, new(generalmodelservice.InferenceResult)
	err := c.Call(context.Background(), "inference", args, result)
	return result.GetSuccess(), err
}

// TestKitexMux: calls of Kitex's multiplexed client run at the same time, errors keep
// their codes.
func TestKitexMux(t *testing.T) {
	h := newHeld()
	f := listen(t, func(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
		switch req.LogID {
		case 404:
			return nil, sampan.Errorf(sampan.NotFound, "model %q is not here", "m")
		case 13:
			panic("a secret of the inside")
		}
		return h.predict(ctx, req)
	}, Options{})
	c := newMuxClient(t, f.address)
	const calls = 50
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() {
			if resp, err := c.inference(floats(1)); err != nil || len(resp.Outputs) != 1 {
				t.Errorf("%v %v", resp, err)
			}
		})
	}
	for range calls {
		<-h.entered
	}
	// On the same connection, while the others are held.
	if resp, err := c.inference(floats(13)); err != nil || len(resp.Outputs[0].Tensor[0].FloatData) != 13 {
		t.Errorf("%v %v", resp, err)
	}
	failing := floats(13)
	failing.LogId = 404
	_, err := c.inference(failing)
	if biz, ok := kerrors.FromBizStatusError(err); !ok || biz.BizStatusCode() != int32(sampan.NotFound) || biz.BizMessage() != `model "m" is not here` {
		t.Errorf("an error arrives as %v", err)
	}
	failing.LogId = 13
	if _, err = c.inference(failing); err == nil || strings.Contains(err.Error(), "stack") {
		t.Errorf("a panic arrives as %v", err)
	}
	close(h.release)
	wg.Wait()
}

// TestInOrder: calls on a connection without the flag for replies in any order are
// answered one by one, and end when the caller leaves.
func TestInOrder(t *testing.T) {
	h := newHeld()
	left := make(chan struct{})
	f := listen(t, func(ctx context.Context, req *sampan.Request) (*sampan.Reply, error) {
		switch req.LogID {
		case 1:
			return h.predict(ctx, req)
		case 2:
			<-ctx.Done()
			close(left)
			return nil, sampan.ContextError(ctx)
		}
		return echo(ctx, req)
	}, Options{})
	call := func(number uint32, method string, logID uint64) []byte {
		req := floats(1)
		req.LogId = logID
		message, err := proto.Marshal(req)
		if err != nil {
			t.Fatal(err)
		}
		b := append((&ttheader.Reply{Number: number, Method: []byte(method)}).Append(nil), message...)
		if err := ttheader.Finish(b); err != nil {
			t.Fatal(err)
		}
		// A reply differs from a call in its kind alone, which follows the second magic.
		b[bytes.Index(b, []byte{0x90, 0x01})+3] = byte(ttheader.KindCall)
		return b
	}
	l := f.dial()
	l.send(slices.Concat(call(7, "inference", 1), call(8, "debug", 0), call(9, "other", 0), call(10, "inference", 404)))
	<-h.entered
	close(h.release)
	for number := uint32(7); number <= 10; number++ {
		head := make([]byte, 12)
		if _, err := io.ReadFull(l.in, head); err != nil {
			t.Fatal(err)
		}
		if got := binary.BigEndian.Uint32(head[8:]); got != number {
			t.Errorf("reply %d, want %d", got, number)
		}
		rest := make([]byte, binary.BigEndian.Uint32(head)-8)
		if _, err := io.ReadFull(l.in, rest); err != nil {
			t.Fatal(err)
		}
		if unknown := bytes.Contains(rest, []byte("unknown method other")); unknown != (number == 9) {
			t.Errorf("reply %d: %q", number, rest)
		}
	}
	l.send(call(11, "inference", 2))
	time.AfterFunc(20*time.Millisecond, func() { l.Close() })
	<-left
}

// TestMuxFaults: frames that cannot be served close the connection.
func TestMuxFaults(t *testing.T) {
	f := listen(t, echo, Options{MaxMessage: 1 << 20, ReadTimeout: 100 * time.Millisecond})
	head := func(size uint32) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, size), 0x10000001)
	}
	for name, bytes := range map[string][]byte{
		"4 GiB":        head(1<<32 - 1),
		"half a frame": append(head(100), "abc"...),
		"garbage":      append(head(12), "\xff\xff\xff\xff\xff\xff\xff\xff"...),
		"zero":         head(0),
	} {
		t.Run(name, func(t *testing.T) {
			l := f.dial()
			l.t = t
			l.send(bytes)
			l.closed()
			f.dial().answers()
		})
	}
}

// TestKitexMuxStops: a stop tells the client, whose call under way is answered.
func TestKitexMuxStops(t *testing.T) {
	h := newHeld()
	f := listen(t, h.predict, Options{})
	c := newMuxClient(t, f.address)
	done := make(chan error, 1)
	go func() {
		_, err := c.inference(floats(1))
		done <- err
	}()
	<-h.entered
	stopped := make(chan error, 1)
	go func() { stopped <- f.stop() }()
	select {
	case err := <-stopped:
		t.Fatalf("stopped with a call under way: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(h.release)
	if err := <-done; err != nil {
		t.Errorf("the call under way: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
