package bench

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/internal/wire"
)

// rpcTarget calls through the SDK.
type rpcTarget struct {
	client *client.Client
	packed *client.Packed
}

func newRPCTarget(ctx context.Context, config Config, endpoint string, c *client.Client, r *sampan.Request) (target, error) {
	packed, err := client.Pack(r)
	if err != nil {
		return nil, err
	}
	if err := connect(ctx, config, endpoint, c); err != nil {
		return nil, err
	}
	return &rpcTarget{client: c, packed: packed}, nil
}

// connect connects the SDK to what is measured.
func connect(ctx context.Context, config Config, endpoint string, c *client.Client) error {
	if len(config.Variants) > 0 {
		return c.ConnectVariants(ctx, config.Variants...)
	}
	if len(config.Endpoints) > 0 {
		return c.ConnectWith(ctx, config.Tuning, config.Endpoints...)
	}
	transport, err := client.ParseTransport(string(config.Protocol))
	if err != nil {
		return err
	}
	// A failure is to be counted, not mended.
	tuning := client.Config{Transport: transport, Timeout: config.Timeout, Retries: -1}
	if config.Protocol == TTHeader {
		tuning.MaxConns = config.Concurrency
	}
	return c.ConnectWith(ctx, tuning, endpoint)
}

func (t *rpcTarget) worker(ctx context.Context) (func() error, func()) {
	return func() error {
		_, err := t.client.Send(ctx, t.packed)
		return err
	}, func() {}
}

// sample encodes the reply again, which gives as many bytes as came.
func (t *rpcTarget) sample(ctx context.Context) ([]byte, error) {
	out, err := t.client.Send(ctx, t.packed)
	if err != nil {
		return nil, err
	}
	m, err := wire.ToResponse(out.Reply(), nil)
	if err != nil {
		return nil, err
	}
	body, err := proto.Marshal(m)
	if err != nil {
		return nil, sampan.Errorf(sampan.Internal, "encode the reply: %w", err)
	}
	return body, nil
}

func (t *rpcTarget) close() error { return t.client.Close() }
