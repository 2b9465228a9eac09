package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"
	"time"

	kitex "github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/loadbalance"
	"github.com/cloudwego/kitex/pkg/stats"
	"github.com/cloudwego/kitex/pkg/transmeta"
	protocol "github.com/cloudwego/kitex/transport"
	"gorgonia.org/tensor"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/dense"
	"github.com/sampanml/sampan/internal/numpytext"
	"github.com/sampanml/sampan/internal/pipewire"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving/pipelineservice"
)

// PipelineClient calls a pipeline over gRPC. Make it with [ConnectPipeline]; it is safe
// for concurrent use.
type PipelineClient struct {
	service pipelineservice.Client
	timeout time.Duration
	address string
}

// PipelineConfig tunes a connection. A zero field stands for its default.
type PipelineConfig struct {
	// Timeout bounds a call whose context has no deadline. Default 20 s.
	Timeout time.Duration
	// ConnectTimeout bounds the making of one connection. Default 2 s.
	ConnectTimeout time.Duration
}

// ConnectPipeline makes a client of a pipeline's endpoints, host:port, which are called in
// turn. One of them has to take a connection.
func ConnectPipeline(ctx context.Context, config PipelineConfig, endpoints ...string) (*PipelineClient, error) {
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = defaultConnectTimeout
	}
	var faults []error
	if len(endpoints) == 0 {
		faults = append(faults, errors.New("no endpoint is given"))
	}
	for _, e := range endpoints {
		if a, err := parseAddress(e); err != nil || a.named {
			faults = append(faults, fmt.Errorf("endpoint %.100q, want host:port", e))
		}
	}
	if len(faults) > 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "connect: %w", errors.Join(faults...))
	}
	own, err := probeAny(ctx, config.ConnectTimeout, endpoints)
	if err != nil {
		return nil, err
	}
	service, err := pipelineservice.NewClient("PipelineService",
		kitex.WithHostPorts(endpoints...),
		kitex.WithLoadBalancer(loadbalance.NewWeightedRoundRobinBalancer()),
		kitex.WithTransportProtocol(protocol.GRPC),
		kitex.WithDialer(grpcDialer{}),
		kitex.WithConnectTimeout(config.ConnectTimeout),
		kitex.WithStatsLevel(stats.LevelDisabled),
		kitex.WithMetaHandler(transmeta.ClientHTTP2Handler),
		kitex.WithGRPCInitialWindowSize(window),
		kitex.WithGRPCInitialConnWindowSize(window))
	if err != nil {
		return nil, sampan.Errorf(sampan.Internal, "connect: %w", err)
	}
	return &PipelineClient{service: service, timeout: config.Timeout, address: own}, nil
}

// probeAny returns this host's own address towards the first endpoint that takes a
// connection, or the reasons why none does.
func probeAny(ctx context.Context, within time.Duration, endpoints []string) (own string, err error) {
	var texts []string
	for _, e := range endpoints {
		dialer := net.Dialer{Timeout: within}
		conn, err := dialer.DialContext(ctx, "tcp", e)
		if err == nil {
			own, _, _ = net.SplitHostPort(conn.LocalAddr().String())
			return own, conn.Close()
		}
		texts = append(texts, connectFault(e, err).Error())
	}
	if ctx.Err() != nil {
		return "", sampan.ContextError(ctx)
	}
	return "", sampan.Errorf(sampan.Unavailable, "%s", strings.Join(slices.Compact(texts), "; "))
}

// Close ends the connections.
func (c *PipelineClient) Close() error {
	if closer, ok := c.service.(interface{ Close() error }); ok {
		return closer.Close()
	}
	return nil
}

// PipelineOption changes one call.
type PipelineOption func(*pipelineCall)

type pipelineCall struct {
	request pipelineserving.Request
	tensors bool
	bytes   bool
}

// AsTensors sends arrays as tensors instead of texts, "pack_tensor_format" in Python.
func AsTensors() PipelineOption { return func(c *pipelineCall) { c.tensors = true } }

// AsBytes sends arrays as numpy.save writes them, "use_tensor_bytes" in Python.
func AsBytes() PipelineOption { return func(c *pipelineCall) { c.tensors, c.bytes = true, true } }

// PipelineProfile asks for the time stamps of every op: see [PipelineAnswer.Profile].
func PipelineProfile() PipelineOption {
	return func(c *pipelineCall) {
		c.request.Key, c.request.Value = append(c.request.Key, profileKey), append(c.request.Value, "1")
	}
}

// PipelineLogID is the caller's mark for the call.
func PipelineLogID(id int64) PipelineOption {
	return func(c *pipelineCall) { c.request.Logid = id }
}

// ServiceName makes the server refuse the call if its name is another.
func ServiceName(name string) PipelineOption {
	return func(c *pipelineCall) { c.request.Name = name }
}

const profileKey = "pipeline.profile"

// PipelineError is an answer's err_no and err_msg.
type PipelineError struct {
	No      int32
	Message string
}

// Error implements error.
func (e *PipelineError) Error() string { return fmt.Sprintf("err_no %d: %s", e.No, e.Message) }

// Predict calls the pipeline. A feed's value is a text, which goes as it is, or what
// [Feed] takes: numbers in any form, which go as numpy prints them unless an option says
// otherwise. fetch are the wanted keys of the answer; none stands for all.
//
// An answer whose err_no is not 0 comes with a [PipelineError]; other errors are the
// connection's. Without a deadline in ctx the call takes [PipelineConfig].Timeout at most.
func (c *PipelineClient) Predict(ctx context.Context, feed Feed, fetch []string, opts ...PipelineOption) (*PipelineAnswer, error) {
	call := &pipelineCall{request: pipelineserving.Request{Clientip: c.address}}
	for _, opt := range opts {
		opt(call)
	}
	if err := call.pack(feed); err != nil {
		return nil, err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	resp, err := c.service.Inference(ctx, &call.request)
	if err != nil {
		return nil, faultOf(ctx, "the pipeline", err)
	}
	a := &PipelineAnswer{resp}
	if resp.GetErrNo() != 0 {
		return a, &PipelineError{resp.GetErrNo(), resp.GetErrMsg()}
	}
	for _, name := range fetch {
		if !slices.Contains(resp.GetKey(), name) {
			return a, sampan.Errorf(sampan.NotFound, "the answer has no %q, it has %s", name, quoted(resp.GetKey()))
		}
	}
	return a, nil
}

// Start is [PipelineClient.Predict] without the wait.
func (c *PipelineClient) Start(ctx context.Context, feed Feed, fetch []string, opts ...PipelineOption) *PipelineFuture {
	f := &PipelineFuture{done: make(chan struct{})}
	go func() {
		defer close(f.done)
		f.answer, f.err = c.Predict(ctx, feed, fetch, opts...)
	}()
	return f
}

// PipelineFuture is a call under way.
type PipelineFuture struct {
	done   chan struct{}
	answer *PipelineAnswer
	err    error
}

// Done is closed when the call has ended.
func (f *PipelineFuture) Done() <-chan struct{} { return f.done }

// Result waits for the call.
func (f *PipelineFuture) Result() (*PipelineAnswer, error) {
	<-f.done
	return f.answer, f.err
}

// pack puts the feed into the message, sorted by name. A value NAME.lod is NAME's
// sequence offsets where arrays go as tensors.
func (c *pipelineCall) pack(feed Feed) error {
	names := make([]string, 0, len(feed))
	for name := range feed {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if base, is := strings.CutSuffix(name, ".lod"); is && c.tensors && feed[base] != nil {
			continue
		}
		if err := c.add(name, feed[name], feed[name+".lod"]); err != nil {
			return sampan.Errorf(sampan.InvalidArgument, "feed %q: %w", name, err)
		}
	}
	return nil
}

func (c *pipelineCall) add(name string, value, lod any) error {
	text, isText := value.(string)
	if isText && !c.tensors {
		c.request.Key, c.request.Value = append(c.request.Key, name), append(c.request.Value, text)
		return nil
	}
	if isText {
		c.request.Tensors = append(c.request.Tensors, pipewire.EncodeText(name, text))
		return nil
	}
	a, err := toArray(value, ownType(value))
	if err != nil {
		return err
	}
	if !c.tensors {
		repr, err := numpytext.AppendRepr(nil, a.Tensor)
		c.request.Key, c.request.Value = append(c.request.Key, name), append(c.request.Value, string(repr))
		return err
	}
	encode := pipewire.Encode
	if c.bytes {
		encode = pipewire.EncodeBytes
	}
	t, err := encode(name, a.Tensor)
	if err != nil {
		return err
	}
	if lod != nil {
		t.Lod, err = flatOffsets(lod)
	}
	c.request.Tensors = append(c.request.Tensors, t)
	return err
}

// ownType is that of a list's elements, as nobody knows what the pipeline wants; int is
// int64.
func ownType(value any) sampan.DType {
	switch v := value.(type) {
	case nil:
		return sampan.Float64
	case sampan.Tensor:
		return v.DType
	case *tensor.Dense:
		t, err := dense.To(v)
		if err != nil {
			return sampan.Float64
		}
		return t.DType
	}
	if l, _, ok := leafOf(reflect.TypeOf(value), sampan.Invalid); ok && l.dtype != sampan.Invalid {
		return l.dtype
	}
	return sampan.Int64
}

// flatOffsets reads a list of integers.
func flatOffsets(lod any) ([]int32, error) {
	a, err := toArray(lod, sampan.Int64)
	if err != nil {
		return nil, fmt.Errorf("lod: %w", err)
	}
	wide, err := sampan.View[int64](a.Tensor)
	if err != nil {
		return nil, fmt.Errorf("lod: %w", err)
	}
	out, err := pipewire.Narrow(wide)
	if err != nil {
		return nil, fmt.Errorf("lod: %w", err)
	}
	return out, nil
}

// PipelineAnswer is what a pipeline answered: texts under names.
type PipelineAnswer struct{ response *pipelineserving.Response }

// Response is the message as it came. It must not be changed.
func (a *PipelineAnswer) Response() *pipelineserving.Response { return a.response }

// Keys are the names of the values, in order.
func (a *PipelineAnswer) Keys() []string { return a.response.GetKey() }

// Text is the value under a name; NotFound if there is none.
func (a *PipelineAnswer) Text(name string) (string, error) {
	at := slices.Index(a.response.GetKey(), name)
	if at < 0 || at >= len(a.response.GetValue()) {
		return "", sampan.Errorf(sampan.NotFound, "the answer has no %q, it has %s", name, quoted(a.response.GetKey()))
	}
	return a.response.Value[at], nil
}

// Tensor reads the value under a name as an array: array([[18.9]], dtype=float32), as
// pipelines give those that their ops made, or a list in a text.
func (a *PipelineAnswer) Tensor(name string) (sampan.Tensor, error) {
	text, err := a.Text(name)
	if err != nil {
		return sampan.Tensor{}, err
	}
	t, err := numpytext.Parse([]byte(text))
	if err != nil {
		return t, sampan.Errorf(sampan.InvalidArgument, "%q: %w", name, err)
	}
	return t, nil
}

// Profile has the time stamps that [PipelineProfile] asked for; empty without.
func (a *PipelineAnswer) Profile() string {
	text, err := a.Text(profileKey)
	if err != nil {
		return ""
	}
	return text
}
