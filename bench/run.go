package bench

import (
	"context"

	"github.com/sampanml/sampan"
)

// Run measures a server. It fails before any load where the config is wrong, the server
// takes no connection (Unavailable, with the endpoint named) or the first request is
// not answered (with the server's error); errors later on are counted in the report.
//
// When ctx ends, the requests under way are given up, and Run returns what it has
// measured so far together with the context's error; the report is nil if that was
// before the load. A floor that fails leaves the report as it is, beside the error.
func Run(ctx context.Context, config Config) (*Report, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	t, err := newTarget(ctx, config, config.Endpoint)
	if err != nil {
		return nil, err
	}
	defer t.close()
	reply, err := t.sample(ctx)
	if err != nil {
		return nil, sampan.Errorf(sampan.CodeOf(err), "the first request: %w", err)
	}
	r := &Report{Endpoint: config.target(), Protocol: config.Protocol, Concurrency: config.Concurrency, Rate: config.Rate, Batch: config.Batch}
	r.Measure = config.load(ctx, "server", t)
	if ctx.Err() == nil && config.Echo != nil {
		err = r.echo(ctx, config, reply)
	}
	if err == nil && ctx.Err() == nil && config.Local != nil {
		err = r.local(ctx, config)
	}
	if ctx.Err() != nil {
		err = sampan.ContextError(ctx)
	}
	return r, err
}

// load warms a target up and measures it.
func (c Config) load(ctx context.Context, name string, t target) Measure {
	p := part{
		name: name, target: t, concurrency: c.Concurrency, progress: c.Progress,
		rate: c.Rate,
		// A request may end a little after its timeout.
		longest: 2 * c.Timeout,
	}
	if c.WarmUp > 0 {
		warm := p
		warm.name, warm.duration = "warm-up", c.WarmUp
		warm.run(ctx)
	}
	p.duration, p.requests = c.Duration, c.Requests
	return p.run(ctx).measure()
}

// echo measures what the transport alone can do.
func (r *Report) echo(ctx context.Context, config Config, reply []byte) (err error) {
	endpoint, stop, err := config.Echo(ctx, config.Protocol, reply)
	if err != nil {
		return sampan.Errorf(sampan.CodeOf(err), "start the echo server: %w", err)
	}
	defer func() {
		if e := stop(); err == nil && e != nil {
			err = sampan.Errorf(sampan.CodeOf(e), "stop the echo server: %w", e)
		}
	}()
	t, err := newTarget(ctx, config, endpoint)
	if err != nil {
		return err
	}
	defer t.close()
	if _, err := t.sample(ctx); err != nil {
		return sampan.Errorf(sampan.CodeOf(err), "the first request to the echo server: %w", err)
	}
	r.floor("echo", config.load(ctx, "echo floor", t))
	return nil
}

// local measures what the model alone can do.
func (r *Report) local(ctx context.Context, config Config) error {
	t := single(config.Local)
	if _, err := t.sample(ctx); err != nil {
		return sampan.Errorf(sampan.CodeOf(err), "the first local run: %w", err)
	}
	r.floor("local", config.load(ctx, "local floor", t))
	return nil
}

func (r *Report) floor(name string, m Measure) {
	f := Floor{Name: name, Measure: m}
	if m.QPS > 0 {
		f.Ratio = r.QPS / m.QPS
	}
	r.Floors = append(r.Floors, f)
}
