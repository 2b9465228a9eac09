package http

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/route"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/metrics"
)

// Pages are what the built-in pages tell. brpc has most of them, under the same names.
type Pages struct {
	// Version of the program.
	Version string
	// Metrics are on /metrics, /brpc_metrics and /vars.
	Metrics *metrics.Registry
	// Calls are all so far; Connections those that are open.
	Calls       func() metrics.Summary
	Connections func() int64
	// Memory of the requests under way.
	Memory *engine.Memory
	// Front is a pipeline's own page, in HTML, at /; nil for none.
	Front []byte
}

// page is a built-in page.
type page struct {
	path, about string
	serve       func(c *app.RequestContext)
}

func (f *front) pages() []page {
	list := []page{
		{"/health", "OK while the program runs", func(c *app.RequestContext) { plain(c, "OK") }},
		{"/healthz", "the same", func(c *app.RequestContext) { plain(c, "ok\n") }},
		{"/readyz", "ready, or 503 while loading or draining", f.readyz},
		{"/v1/models", "the models, as JSON", f.models},
		{"/list", "the services and their methods, as JSON", listing},
		{"/protobufs", "the names of services and messages", protobufs},
	}
	if f.about.Metrics != nil {
		list = append(list,
			page{"/status", "state, models, calls and their latency", f.status},
			page{"/version", "the program's version", func(c *app.RequestContext) { plain(c, f.about.Version) }},
			page{"/vars", "numbers, a line each; /vars/NAME has those that begin so", f.vars},
			page{"/metrics", "all numbers and histograms in Prometheus' text format", f.prometheus},
			page{"/brpc_metrics", "the same", f.prometheus},
		)
	}
	return list
}

func (f *front) pageRoutes(r *route.Engine) {
	list := f.pages()
	var index strings.Builder
	for _, p := range list {
		fmt.Fprintf(&index, "%s : %s\n", p.path, p.about)
		r.Any(p.path, func(_ context.Context, c *app.RequestContext) { p.serve(c) })
	}
	name := f.name
	if f.signature != nil {
		name = "MODEL"
	}
	fmt.Fprintf(&index, "/%s/prediction : POST {\"feed\":[…],\"fetch\":[…]}\n/%s/inference : POST a request, JSON or protobuf\n", name, shortService)
	for _, path := range []string{"/", "/index"} {
		r.Any(path, func(_ context.Context, c *app.RequestContext) { plain(c, index.String()) })
	}
	if f.about.Metrics != nil {
		r.Any("/vars/:name", func(_ context.Context, c *app.RequestContext) { f.vars(c) })
	}
}

func plain(c *app.RequestContext, text string) {
	c.SetContentType("text/plain")
	c.Response.SetBodyString(text)
}

func listing(c *app.RequestContext) {
	c.SetContentType(jsonType)
	c.Response.SetBodyString(`{"service":[{"name":"` + shortService + `","method":[` +
		`{"name":"inference","input_type":".` + general + `Request","output_type":".` + general + `Response"},` +
		`{"name":"debug","input_type":".` + general + `Request","output_type":".` + general + `Response"}]}]}`)
}

func protobufs(c *app.RequestContext) {
	var text strings.Builder
	for _, name := range []string{shortService, "ModelOutput", "Request", "Response", "Tensor"} {
		text.WriteString(general + name + "\n")
	}
	plain(c, text.String())
}

func (f *front) prometheus(c *app.RequestContext) {
	c.SetContentType(metrics.ContentType)
	c.Response.SetBodyRaw(f.about.Metrics.AppendText(nil))
}

func (f *front) vars(c *app.RequestContext) {
	c.SetContentType("text/plain")
	c.Response.SetBodyRaw(f.about.Metrics.AppendVars(nil, c.Param("name")))
}

// status has brpc's lines: latencies are in microseconds.
func (f *front) status(c *app.RequestContext) {
	var b strings.Builder
	state := "ready"
	if !f.service.Ready() {
		state = "not ready"
	}
	fmt.Fprintf(&b, "version: %s\nstate: %s\nconnection_count: %d\n", f.about.Version, state, f.about.Connections())
	if m := f.about.Memory; m != nil {
		fmt.Fprintf(&b, "memory of requests: %d bytes, limit %d\n", m.InUse(), m.Limit())
	}
	for _, m := range f.service.Models() {
		b.WriteString(statusLine(m))
	}
	s := f.about.Calls()
	fmt.Fprintf(&b, "\n[%s]\ninference (Request) returns (Response)\ncount: %d\nerror: %d\n", fullService, s.Count, s.Errors)
	for _, l := range []struct {
		name string
		time time.Duration
	}{{"latency", s.Mean()}, {"latency_50", s.Quantile(0.5)}, {"latency_90", s.Quantile(0.9)}, {"latency_99", s.Quantile(0.99)}} {
		fmt.Fprintf(&b, "%s: %d\n", l.name, l.time.Microseconds())
	}
	plain(c, b.String())
}

// statusLine is a version's: "model: uci version 2 ready, stable".
func statusLine(m Model) string {
	line := "model: " + m.Name
	if m.Version != "" {
		line += " version " + m.Version
	}
	line += " " + m.State
	if m.Memory > 0 {
		line += fmt.Sprintf(", %d bytes in use", m.Memory)
	}
	for _, label := range m.Labels {
		line += ", " + label
	}
	if m.Reason != "" {
		line += ": " + strings.ReplaceAll(m.Reason, "\n", "; ")
	}
	return line + "\n"
}
