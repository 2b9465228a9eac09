package config

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan"
)

// FuzzParse checks that what is accepted lies in its ranges, and what is not has a
// message.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, a := range archives(f, folder) {
			overrides := ""
			if o := a.file("overrides"); o != nil {
				overrides = string(o.Data)
			}
			f.Add(string(a.file("config.yml").Data), overrides)
		}
	}
	f.Fuzz(func(t *testing.T, file, overrides string) {
		o := Options{Known: []string{"ops"}, KnownOp: []string{"after"}}
		if overrides != "" {
			o.Overrides = strings.Split(overrides, "\n")
		}
		c, err := Parse("config.yml", []byte(file), o)
		if err != nil {
			if err.Error() == "" || sampan.CodeOf(err) != sampan.InvalidArgument {
				t.Fatalf("%v, %v", c, err)
			}
			return
		}
		check(t, c)
	})
}

func check(t *testing.T, c *Config) {
	t.Helper()
	within := func(n, least, most int) bool { return n >= least && n <= most }
	port := func(n int) bool { return n == 0 || within(n, minPort, maxPort) }
	const most, longest = math.MaxInt32, math.MaxInt32 * time.Second
	d := c.DAG
	if !port(c.RPCPort) || !port(c.HTTPPort) || c.RPCPort == c.HTTPPort || !within(c.WorkerNum, 0, most) ||
		!within(d.Retry, 1, most) || !within(d.ChannelSize, 0, most) || !within(d.PrometheusPort, 0, maxPort) ||
		d.TracerInterval < 0 || d.TracerInterval > longest {
		t.Fatalf("accepted %+v", c)
	}
	names := map[string]bool{}
	for _, op := range c.Ops {
		if op.Name == "" || names[op.Name] || !within(op.Concurrency, 0, most) || !within(op.Retry, 1, most) ||
			!within(op.BatchSize, 1, most) || op.Timeout < 0 || op.Timeout > longest || op.BatchDelay < 0 ||
			op.BatchDelay > 0 && op.BatchSize == 1 || op.Local != nil && len(op.Endpoints) > 0 || slices.Contains(op.Endpoints, "") {
			t.Fatalf("accepted %+v", op)
		}
		names[op.Name] = true
		if l := op.Local; l != nil {
			onGPU := l.DeviceType == GPU || l.DeviceType == TensorRT
			if !within(l.ThreadNum, 0, most) || !within(l.DeviceType, CPU, Ascend910) || onGPU != (len(l.Devices) > 0) ||
				slices.ContainsFunc(l.Devices, func(n int) bool { return n < 0 }) {
				t.Fatalf("accepted %+v", *l)
			}
		}
	}
}
