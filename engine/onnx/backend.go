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
		return nil, fmt.Errorf("onnxruntime: session options: %w", err)
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
	session, err := newSession(s)
	if err != nil {
		s.Destroy()
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return session, nil
}

// sessionOptions bounds the session's threads and keeps them from spinning: spinning
// burns a core while the server is idle.
func sessionOptions(m engine.Artifact) (*ort.SessionOptions, error) {
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	level := ort.GraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll)
	if m.Unoptimised {
		level = ort.GraphOptimizationLevelDisableAll
	}
	for _, set := range []func() error{
		func() error { return o.SetIntraOpNumThreads(max(1, m.Threads)) },
		func() error { return o.SetInterOpNumThreads(1) },
		func() error { return o.AddSessionConfigEntry("session.intra_op.allow_spinning", "0") },
		func() error { return o.AddSessionConfigEntry("session.inter_op.allow_spinning", "0") },
		func() error { return o.SetGraphOptimizationLevel(level) },
	} {
		if err := set(); err != nil {
			o.Destroy()
			return nil, err
		}
	}
	return o, nil
}
