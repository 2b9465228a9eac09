package onnx

import (
	"context"
	"fmt"
	"os"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// Backend loads models into onnxruntime. Make one with [Open].
type Backend struct{}

var _ engine.Backend = (*Backend)(nil)

// Open finds onnxruntime and starts it. library is the path of the shared library;
// where it is empty, the environment variable [LibraryEnv], the directory of the
// program and the system's library path are tried. The runtime is process-wide: every
// Open after the first has to mean the same library.
func Open(library string) (*Backend, error) {
	if err := start(library); err != nil {
		return nil, err
	}
	return &Backend{}, nil
}

// Load makes a session with the threads that the artifact asks for. A file that is
// not a model is InvalidArgument.
func (*Backend) Load(ctx context.Context, m engine.Artifact) (engine.Session, error) {
	if ctx.Err() != nil {
		return nil, sampan.ContextError(ctx)
	}
	what := "the translated model"
	if m.Path != "" {
		what = m.Path
		if info, err := os.Stat(m.Path); err != nil {
			return nil, sampan.Errorf(sampan.NotFound, "%w", err)
		} else if info.Size() == 0 {
			return nil, sampan.Errorf(sampan.InvalidArgument, "%s is empty, want an ONNX model", m.Path)
		}
	} else if len(m.Bytes) == 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s is empty", what)
	}
	options, err := sessionOptions(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer options.Destroy()
	var s *ort.DynamicAdvancedSession
	if m.Path != "" {
		s, err = ort.NewDynamicAdvancedSession(m.Path, nil, nil, options)
	} else {
		s, err = ort.NewDynamicAdvancedSessionWithONNXData(m.Bytes, nil, nil, options)
	}
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: onnxruntime cannot load it: %w", what, plain(err))
	}
	session, err := newSession(s, m.Memory)
	if err != nil {
		s.Destroy()
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return session, nil
}

// optimisations are the levels by name.
var optimisations = map[string]ort.GraphOptimizationLevel{
	"":         ort.GraphOptimizationLevelEnableAll,
	"none":     ort.GraphOptimizationLevelDisableAll,
	"basic":    ort.GraphOptimizationLevelEnableBasic,
	"extended": ort.GraphOptimizationLevelEnableExtended,
	"all":      ort.GraphOptimizationLevelEnableAll,
}

// sessionOptions bounds the session's threads and keeps them from spinning: spinning
// burns a core while the server is idle.
func sessionOptions(m engine.Artifact) (*ort.SessionOptions, error) {
	level, known := optimisations[m.Runtime.Optimisation]
	if !known {
		return nil, sampan.Errorf(sampan.InvalidArgument, "optimisation %q, want none, basic, extended or all", m.Runtime.Optimisation)
	}
	if m.Unoptimised {
		level = ort.GraphOptimizationLevelDisableAll
	}
	mode := ort.ExecutionMode(ort.ExecutionModeSequential)
	if m.Runtime.InterThreads > 1 {
		mode = ort.ExecutionModeParallel
	}
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	set := []func() error{
		func() error { return o.SetIntraOpNumThreads(max(1, m.Threads)) },
		func() error { return o.SetInterOpNumThreads(max(1, m.Runtime.InterThreads)) },
		func() error { return o.SetExecutionMode(mode) },
		func() error { return o.AddSessionConfigEntry("session.intra_op.allow_spinning", "0") },
		func() error { return o.AddSessionConfigEntry("session.inter_op.allow_spinning", "0") },
		func() error { return o.SetGraphOptimizationLevel(level) },
		func() error { return o.SetCpuMemArena(!m.Runtime.NoArena) },
	}
	for _, p := range m.Runtime.Providers {
		set = append(set, func() error { return appendProvider(o, p) })
	}
	for _, f := range set {
		if err := f(); err != nil {
			o.Destroy()
			return nil, err
		}
	}
	return o, nil
}
