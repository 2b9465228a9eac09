package onnx_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/internal/onnxmodel"
	pb "github.com/sampanml/sampan/kitex_gen/onnx"
)

func TestOutputsAreBoundedByMemory(t *testing.T) {
	const limit = 64 << 20
	memory := engine.NewMemory(limit)
	unknown := load(t, engine.Artifact{Bytes: onnxmodel.Filler(), Runtime: engine.Runtime{NoArena: true}, Memory: memory.Share("unknown")})
	known := load(t, engine.Artifact{Bytes: identity(t, pb.TensorProto_FLOAT, param("n")), Memory: memory.Share("known")})
	for range 2 {
		// A gigabyte, which the runtime makes before anybody knows.
		out := make([]sampan.Tensor, 1)
		err := unknown.Run(context.Background(), []sampan.Tensor{tensor(t, sampan.Shape{2}, int64(1<<14), 1<<14)}, out)
		want := `output "zeros": 1073741824 bytes are wanted, requests under way use 0, the limit is 67108864 (--memory_limit)`
		if sampan.CodeOf(err) != sampan.ResourceExhausted || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		// One whose size is known before it is made.
		large, err := sampan.New(sampan.Float32, sampan.Shape{limit/4 + 1})
		if err != nil {
			t.Fatal(err)
		}
		out[0] = sampan.Tensor{}
		if err := known.Run(context.Background(), []sampan.Tensor{large}, out); sampan.CodeOf(err) != sampan.ResourceExhausted {
			t.Errorf("got %v, want ResourceExhausted", err)
		}
		out[0] = sampan.Tensor{}
		if err := unknown.Run(context.Background(), []sampan.Tensor{tensor(t, sampan.Shape{2}, int64(3), 4)}, out); err != nil {
			t.Errorf("the next request: %v", err)
		} else if !out[0].Shape.Equal(sampan.Shape{3, 4}) {
			t.Errorf("the next request: shape %v", out[0].Shape)
		}
		if n := memory.InUse(); n != 0 {
			t.Errorf("%d bytes are in use at the end", n)
		}
	}
	// Shapes whose bytes are no int64.
	out := make([]sampan.Tensor, 1)
	if err := unknown.Run(context.Background(), []sampan.Tensor{tensor(t, sampan.Shape{2}, int64(1<<40), 1<<40)}, out); err == nil {
		t.Error("a shape that overflows: no error")
	}
}

func TestProviders(t *testing.T) {
	b := backend(t)
	known, err := onnx.Providers()
	if err != nil || !slices.Contains(known, "CPU") {
		t.Fatalf("%q %v", known, err)
	}
	bytes := identity(t, pb.TensorProto_FLOAT, param("n"))
	load(t, engine.Artifact{Bytes: bytes, Runtime: engine.Runtime{
		Optimisation: "basic", InterThreads: 2, NoArena: true, Providers: []engine.Provider{{Name: "cpu"}}}})
	for _, c := range []struct {
		runtime engine.Runtime
		code    sampan.Code
		want    string
	}{
		{engine.Runtime{Providers: []engine.Provider{{Name: "Abacus"}}}, sampan.FailedPrecondition, `execution provider "Abacus" is not in onnxruntime 1.`},
		{engine.Runtime{Optimisation: "most"}, sampan.InvalidArgument, `optimisation "most", want none, basic, extended or all`},
	} {
		_, err := b.Load(context.Background(), engine.Artifact{Bytes: bytes, Runtime: c.runtime})
		if sampan.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if slices.Contains(known, "CUDA") {
		return
	}
	_, err = b.Load(context.Background(), engine.Artifact{Bytes: bytes, Runtime: engine.Runtime{Providers: []engine.Provider{engine.CUDA("0")}}})
	if sampan.CodeOf(err) != sampan.FailedPrecondition || !strings.Contains(err.Error(), "which has CPU") {
		t.Errorf("CUDA without CUDA: %v", err)
	}
}

// A run of minutes ends soon after its deadline, and the session is free again.
func TestLongRunIsStopped(t *testing.T) {
	s := load(t, engine.Artifact{Bytes: onnxmodel.Slow(512, 20_000)})
	x, err := sampan.New(sampan.Float32, sampan.Shape{512, 512})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		err := s.Run(ctx, []sampan.Tensor{x}, make([]sampan.Tensor, 1))
		cancel()
		took := time.Since(start)
		if sampan.CodeOf(err) != sampan.DeadlineExceeded {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		// Far from the run's own time, whatever else the machine does.
		if took > 10*time.Second {
			t.Errorf("it came back after %v", took)
		}
		t.Logf("a deadline of 100ms: back after %v", took.Round(time.Millisecond))
	}
}

// Loading, running and unloading a model of a megabyte again and again leaves nothing
// behind: a session that stayed would cost more than that each time.
func TestLoadingLeaksNothing(t *testing.T) {
	const cycles, settled = 500, 100
	r := engine.NewRepository(engine.RepositoryOptions{})
	source := engine.Source{Name: "m", Path: fixture.Shared(t, "ctr", "deepfm.onnx"), Options: engine.Options{Backend: backend(t), WarmUp: 2}}
	if err := r.Add(source); err != nil {
		t.Fatal(err)
	}
	var first, after int64
	for i := range cycles {
		if err := r.Load(context.Background(), "m"); err != nil {
			t.Fatal(err)
		}
		m, err := r.Model("m", "")
		if err != nil {
			t.Fatal(err)
		}
		if m.Limits().Cost == 0 {
			t.Fatal("the model was not run")
		}
		if err := r.Unload("m"); err != nil {
			t.Fatal(err)
		}
		switch i {
		case 0:
			first = resident(t)
		case settled:
			after = resident(t)
		}
	}
	last := resident(t)
	t.Logf("resident: %d MiB after the first cycle, %d after %d, %d after %d", first>>20, after>>20, settled, last>>20, cycles)
	if grown := last - after; grown > 64<<20 {
		t.Errorf("the process grew by %d MiB in the last %d cycles", grown>>20, cycles-settled)
	}
}

// resident is the memory that the process has, in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(data), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
