package server

import (
	"context"
	"errors"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// live is the newest version of a model in the repository, whichever that is at the
// time of a call. It is what the graph's ops hold.
type live struct {
	repository *engine.Repository
	name       string
	signature  *engine.Signature
}

// Name under which the model is served.
func (l *live) Name() string { return l.name }

// Signature is that of every version.
func (l *live) Signature() *engine.Signature { return l.signature }

// Run is that of the newest version. A call that meets a version as it is replaced runs
// on its successor.
func (l *live) Run(ctx context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
	for {
		m, err := l.repository.Model(l.name, "")
		if err != nil {
			return nil, sampan.Errorf(sampan.Unavailable, "model %q is being loaded; try again later", l.name)
		}
		outputs, err := m.Run(ctx, inputs)
		if err == nil || !errors.Is(err, engine.ErrClosed) {
			return outputs, err
		}
		if next, _ := l.repository.Model(l.name, ""); next == m {
			return nil, err
		}
	}
}

// keepSignature refuses a version that cannot take the place of the one before: the
// graph and its callers go by the signature.
func keepSignature(m, replaces *engine.Model) error {
	if replaces == nil {
		return nil
	}
	if err := m.Signature().Same(replaces.Signature()); err != nil {
		return sampan.Errorf(sampan.FailedPrecondition, "another signature: %w; restart the server to serve it", err)
	}
	return nil
}
