package engine

import (
	"context"
	"errors"

	"github.com/sampanml/sampan"
)

// Live is the newest version of a model in a repository, whichever that is at the time of
// a call. Make one with [Repository.Live].
type Live struct {
	repository *Repository
	name       string
	signature  *Signature
}

// Live follows a model that is loaded. The versions to come must have its signature: see
// [KeepSignature].
func (r *Repository) Live(name string) (*Live, error) {
	m, err := r.Model(name, "")
	if err != nil {
		return nil, err
	}
	return &Live{repository: r, name: name, signature: m.Signature()}, nil
}

// Name under which the model is served.
func (l *Live) Name() string { return l.name }

// Signature is that of every version.
func (l *Live) Signature() *Signature { return l.signature }

// Run is that of the newest version. A call that meets a version as it is replaced runs
// on its successor.
func (l *Live) Run(ctx context.Context, inputs []sampan.Tensor) ([]sampan.Tensor, error) {
	for {
		m, err := l.repository.Model(l.name, "")
		if err != nil {
			return nil, sampan.Errorf(sampan.Unavailable, "model %q is being loaded; try again later", l.name)
		}
		outputs, err := m.Run(ctx, inputs)
		if err == nil || !errors.Is(err, ErrClosed) {
			return outputs, err
		}
		if next, _ := l.repository.Model(l.name, ""); next == m {
			return nil, err
		}
	}
}

// KeepSignature refuses a version that cannot take the place of the one before: graphs
// and callers go by the signature. It is meant for RepositoryOptions.Accept.
func KeepSignature(m, replaces *Model) error {
	if replaces == nil {
		return nil
	}
	if err := m.Signature().Same(replaces.Signature()); err != nil {
		return sampan.Errorf(sampan.FailedPrecondition, "another signature: %w; restart the server to serve it", err)
	}
	return nil
}
