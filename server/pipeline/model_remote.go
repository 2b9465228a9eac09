package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// remoteModel is one behind the network, on a server of Sampan's or of Paddle Serving's.
// It implements [model].
type remoteModel struct {
	client *client.Client
	fetch  []string
}

// transports are the client types of config.yml.
var transports = map[string]client.Transport{"brpc": client.BaiduStd, "grpc": client.GRPC}

// connect opens the client of an op; nothing is sent yet.
func connect(ctx context.Context, kind, conf string, fetch, endpoints []string) (*remoteModel, error) {
	transport, ok := transports[kind]
	if !ok {
		return nil, fmt.Errorf("client_type %q is not known, want brpc, grpc or pipeline_grpc", kind)
	}
	c, err := client.Load(conf)
	if err != nil {
		return nil, fmt.Errorf("client_config: %w", err)
	}
	for _, name := range fetch {
		if !slices.ContainsFunc(c.Fetches(), func(v client.Var) bool { return v.Alias == name }) {
			return nil, fmt.Errorf("fetch_list: %q is not known; the client config has %s", name, aliases(c.Fetches()))
		}
	}
	if err := c.ConnectWith(ctx, client.Config{Transport: transport}, endpoints...); err != nil {
		return nil, err
	}
	return &remoteModel{client: c, fetch: fetch}, nil
}

// inputs implements [model].
func (m *remoteModel) inputs() []string {
	names := make([]string, len(m.client.Feeds()))
	for i, v := range m.client.Feeds() {
		names[i] = v.Alias
	}
	return names
}

// outputs implements [model].
func (m *remoteModel) outputs() []string {
	if len(m.fetch) > 0 {
		return m.fetch
	}
	names := make([]string, len(m.client.Fetches()))
	for i, v := range m.client.Fetches() {
		names[i] = v.Alias
	}
	return names
}

// check implements [model].
func (m *remoteModel) check(run []sampan.Named) error {
	for i := range run {
		name := run[i].Public()
		if _, of := lodOf(run, i); !of && m.variable(name) == nil {
			return fmt.Errorf("input %q is not known; the model takes %s", name, aliases(m.client.Feeds()))
		}
	}
	for _, v := range m.client.Feeds() {
		if !slices.ContainsFunc(run, func(n sampan.Named) bool { return n.Public() == v.Alias }) {
			return fmt.Errorf("input %q is missing; got %s", v.Alias, publicNames(run))
		}
	}
	return nil
}

func (m *remoteModel) variable(name string) *client.Var {
	feeds := m.client.Feeds()
	for i := range feeds {
		if feeds[i].Alias == name {
			return &feeds[i]
		}
	}
	return nil
}

// run implements [model].
func (m *remoteModel) run(ctx context.Context, run []sampan.Named) ([]sampan.Named, error) {
	feed := client.Feed{}
	for i := range run {
		if _, is := lodOf(run, i); is {
			continue
		}
		v := m.variable(run[i].Public())
		t, err := cast(run[i].Tensor, v.DType)
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "input %q: %w", v.Alias, err)
		}
		if t.LoD, err = sequences(run, i); err != nil {
			return nil, err
		}
		feed[v.Alias] = t
	}
	result, err := m.client.Predict(ctx, feed, m.fetch, client.Batch())
	if err != nil {
		return nil, remoteError(ctx, err)
	}
	var out []sampan.Named
	for _, engine := range result.Reply().Outputs {
		out = append(out, engine.Tensors...)
	}
	return out, nil
}

// remoteError tells a call that the other side refused from one that it never answered.
func remoteError(ctx context.Context, err error) error {
	if ctx.Err() == nil && sampan.CodeOf(err) == sampan.Unavailable {
		return &Failure{No: ClientError, Message: fmt.Sprintf("the service behind the op did not answer: %v", err)}
	}
	return err
}

func aliases(vars []client.Var) string {
	names := make([]string, len(vars))
	for i, v := range vars {
		names[i] = fmt.Sprintf("%q", v.Alias)
	}
	return strings.Join(names, ", ")
}
