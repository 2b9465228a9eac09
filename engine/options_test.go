package engine

import (
	"context"
	"errors"
	"testing"
)

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name                        string
		o                           Options
		concurrency, threads, queue int
		version                     string
	}{
		{"defaults", Options{}, cores, 1, 1024, "1"},
		{"given", Options{Concurrency: 2, Threads: 1, Queue: 7, Version: "3"}, 2, 1, 7, "3"},
		{"threads for one run", Options{Concurrency: 1}, 1, cores, 1024, "1"},
		{"threads for two runs", Options{Concurrency: 2}, 2, cores / 2, 1024, "1"},
		{"threads for three runs", Options{Concurrency: 3}, 3, 1, 1024, "1"},
		{"more runs than processors", Options{Concurrency: 100}, cores, 1, 1024, "1"},
		{"more threads than processors", Options{Concurrency: 2, Threads: 100}, 2, cores / 2, 1024, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Name, c.o.Backend = "m", &fake{}
			got, err := c.o.withDefaults()
			if err != nil {
				t.Fatal(err)
			}
			if got.Concurrency != c.concurrency || got.Threads != c.threads || got.Queue != c.queue || got.Version != c.version {
				t.Errorf("concurrency %d, threads %d, queue %d, version %q; want %d, %d, %d, %q",
					got.Concurrency, got.Threads, got.Queue, got.Version, c.concurrency, c.threads, c.queue, c.version)
			}
		})
	}
}

func TestOptionsReachTheBackend(t *testing.T) {
	f := &fake{}
	load(t, f, "", Options{Concurrency: 2, Unoptimised: true})
	if f.loaded.Threads != cores/2 || !f.loaded.Unoptimised {
		t.Errorf("got %+v, want %d threads and no optimisation", f.loaded, cores/2)
	}
}

func TestOptionFaults(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Backend: &fake{}}, "a model needs a name"},
		{Options{Name: "m"}, `model "m": no backend to run it`},
		{Options{Name: "m", Backend: &fake{}, Concurrency: -1}, `model "m": concurrency -1, threads 0, queue 0, queue bytes 0: none may be negative`},
		{Options{Name: "m", Backend: &fake{}, Threads: -2}, `model "m": concurrency 0, threads -2, queue 0, queue bytes 0: none may be negative`},
		{Options{Name: "m", Backend: &fake{}, Queue: -3}, `model "m": concurrency 0, threads 0, queue -3, queue bytes 0: none may be negative`},
	} {
		_, err := Open(context.Background(), directory(t, map[string]string{"model.onnx": ""}), c.o)
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestBackendFaultIsKept(t *testing.T) {
	cause := errors.New("no memory")
	_, err := Open(context.Background(), directory(t, map[string]string{"model.onnx": ""}), Options{Name: "m", Backend: &fake{fault: cause}})
	if !errors.Is(err, cause) {
		t.Errorf("%v does not wrap the backend's error", err)
	}
}
