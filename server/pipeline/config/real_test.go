package config

import (
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan/internal/fixture"
)

// Every config.yml of Paddle Serving's examples loads without a warning.
func TestRealFiles(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(fixture.Shared(t, "configs", "pipeline"), "*.yml"))
	if err != nil || len(paths) < 24 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	paths = append(paths, fixture.Shared(t, "fit_a_line", "config_cpu.yml"))
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			c, err := Load(path, Options{Strict: true})
			if err != nil {
				t.Fatal(err)
			}
			if c.RPCPort == 0 || c.HTTPPort == 0 || len(c.Ops) == 0 {
				t.Errorf("%+v", c)
			}
			for _, op := range c.Ops {
				t.Logf("op %s: %d at once, endpoints %v, local %+v", op.Name, op.Concurrency, op.Endpoints, op.Local)
			}
			for _, note := range c.Notes {
				t.Log(note)
			}
		})
	}
}
