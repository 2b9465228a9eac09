package client

import (
	"context"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/client"
	chain "github.com/cloudwego/kitex/pkg/endpoint"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/rpcinfo/remoteinfo"
	"github.com/cloudwego/kitex/pkg/stats"
	"github.com/cloudwego/kitex/pkg/transmeta"
	protocol "github.com/cloudwego/kitex/transport"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/kitex_gen/generalmodel/generalmodelservice"
)

const (
	service = "GeneralModelService"
	method  = "inference"
)

// window is gRPC's flow-control window: at the protocol's 64 KiB an image tensor waits
// for the other side's permission several times.
const window = 1 << 20

// frame is room for TTHeader's own bytes, which count in the codec's limit.
const frame = 64 << 10

// kitexTransport is TTHeader and gRPC: one Kitex client that serves all endpoints.
type kitexTransport struct {
	kitex client.Client
	// name puts the model's name into a call's context; nil without one.
	name func(ctx context.Context) context.Context
}

// newKitex makes the Kitex client. It resolves nothing: the middleware puts the endpoint
// into each call.
func newKitex(config Config) (transport, error) {
	opts := []client.Option{
		client.WithDestService(service),
		client.WithMiddleware(direct),
		client.WithConnectTimeout(config.ConnectTimeout),
		client.WithStatsLevel(stats.LevelDisabled),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithMetaHandler(transmeta.ClientHTTP2Handler),
	}
	switch config.Transport {
	case GRPC:
		opts = append(opts,
			client.WithTransportProtocol(protocol.GRPC),
			client.WithDialer(grpcDialer{}),
			client.WithGRPCConnPoolSize(uint32(config.MaxConns)),
			client.WithGRPCInitialWindowSize(window),
			client.WithGRPCInitialConnWindowSize(window))
	case Mux:
		opts = append(opts,
			client.WithTransportProtocol(protocol.TTHeaderFramed),
			client.WithConnPool(newMuxPool(config)),
			client.WithTransHandlerFactory(muxFactory{}),
			client.WithCodec(codec.NewDefaultCodecWithSizeLimit(config.MaxMessageBytes+frame)))
	default:
		opts = append(opts,
			client.WithTransportProtocol(protocol.TTHeaderFramed),
			client.WithConnPool(newPool(config)),
			client.WithCodec(codec.NewDefaultCodecWithSizeLimit(config.MaxMessageBytes+frame)))
	}
	k, err := client.NewClient(generalmodelservice.NewServiceInfo(), opts...)
	if err != nil {
		return nil, err
	}
	return &kitexTransport{k, naming(config)}, nil
}

// naming says how the model of the config travels.
func naming(config Config) func(context.Context) context.Context {
	switch {
	case config.Model == "":
		return nil
	case config.Transport == GRPC:
		return func(ctx context.Context) context.Context {
			return metadata.AppendToOutgoingContext(ctx, modelKey, config.Model)
		}
	}
	return func(ctx context.Context) context.Context { return metainfo.WithValue(ctx, modelKey, config.Model) }
}

func (t *kitexTransport) send(ctx context.Context, e *endpoint, body []byte, deadline time.Time) (*generalmodel.Response, error) {
	c := &call{body: body, endpoint: e, ctx: ctx, deadline: deadline}
	if c.outer.Context = ctx; t.name != nil {
		c.outer.Context = t.name(ctx)
	}
	if err := t.kitex.Call(&c.outer, method, c, &c.reply); err != nil {
		return nil, faultOf(ctx, e.address, err)
	}
	return c.reply.message, nil
}

func (t *kitexTransport) close() error { return t.kitex.(interface{ Close() error }).Close() }

// call is one attempt at one endpoint: Kitex's codecs take the encoded message from it.
type call struct {
	body     []byte
	reply    reply
	endpoint *endpoint
	// ctx is the caller's, deadline the earlier of its and the config's.
	ctx      context.Context
	deadline time.Time
	outer    quiet
	inner    live
}

// Size and FastWrite are what both codecs ask for first.
func (c *call) Size() int                      { return len(c.body) }
func (c *call) FastWrite(to []byte) int        { return copy(to, c.body) }
func (c *call) Marshal([]byte) ([]byte, error) { return c.body, nil }
func (c *call) Unmarshal([]byte) error         { return errNotRead }

// reply is where the codecs put the answer.
type reply struct{ message *generalmodel.Response }

func (r *reply) Marshal([]byte) ([]byte, error) { return nil, errNotWritten }
func (r *reply) Unmarshal(body []byte) error {
	r.message = new(generalmodel.Response)
	return proto.Unmarshal(body, r.message)
}

// quiet hides a context's end from Kitex, which would otherwise run the call in a
// goroutine of its own and, when the context ends, return while that one still reads
// the feed. [direct] brings the end back once that choice is made.
type quiet struct{ context.Context }

func (*quiet) Done() <-chan struct{}       { return nil }
func (*quiet) Err() error                  { return nil }
func (*quiet) Deadline() (time.Time, bool) { return time.Time{}, false }

// live has Kitex's values and the call's end.
type live struct {
	context.Context
	call *call
}

func (l *live) Done() <-chan struct{}       { return l.call.ctx.Done() }
func (l *live) Err() error                  { return l.call.ctx.Err() }
func (l *live) Deadline() (time.Time, bool) { return l.call.deadline, true }

// direct is the middleware that sends a call to its endpoint within its time. Over
// TTHeader the time that is left travels in the header and bounds the reading; over
// gRPC the transport takes it from the context.
func direct(next chain.Endpoint) chain.Endpoint {
	return func(ctx context.Context, request, response any) error {
		c := request.(*call)
		info := rpcinfo.GetRPCInfo(ctx)
		remoteinfo.AsRemoteInfo(info.To()).SetInstance(c.endpoint.instance)
		config := rpcinfo.AsMutableRPCConfig(info.Config())
		_ = config.SetRPCTimeout(left(c.deadline))
		config.LockConfig(rpcinfo.BitRPCTimeout)
		c.inner = live{ctx, c}
		return next(&c.inner, request, response)
	}
}

// left is the time until a deadline. The header has whole milliseconds, and 0 would
// stand for no limit.
func left(deadline time.Time) time.Duration {
	return max(time.Until(deadline), time.Millisecond)
}
