package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/modelconf"
)

// source is a model on disk, read and translated.
type source struct {
	from string
	found
	signature *modelconf.Conf
	// model is what a translator made.
	model []byte
	took  LoadTime
}

func (s *source) read(o Options) (err error) {
	if s.found, err = locate(s.from, o.Translators); err != nil {
		return err
	}
	if o.Conf != "" {
		s.conf = o.Conf
	}
	if s.conf != "" {
		if s.signature, err = modelconf.Load(s.conf); err != nil {
			return sampan.Errorf(sampan.InvalidArgument, "%w", err)
		}
	}
	if s.translator == nil {
		return nil
	}
	start := time.Now()
	if s.model, err = s.translator.Translate(s.dir); err != nil {
		return fmt.Errorf("%s: %w", s.dir, err)
	}
	s.took.Translate = time.Since(start)
	return nil
}

// start makes the sessions and a model of them, and warms it up.
func (s *source) start(ctx context.Context, o Options) (*Model, error) {
	var share *Share
	if o.Memory != nil {
		share = o.Memory.Share(o.Name)
	}
	a := Artifact{Path: s.path, Bytes: s.model, Threads: o.Threads, Unoptimised: o.Unoptimised, Memory: share}
	start := time.Now()
	session, err := loadSessions(ctx, o.Backend, a, o.Sessions)
	if err != nil {
		return nil, err
	}
	s.took.Session = time.Since(start)
	session = foldLoD(session)
	all := session.Signature()
	sig, err := merge(all, s.signature, s.translator != nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.conf, err), session.Close())
	}
	m := &Model{
		name: o.Name, version: o.Version, dir: filepath.Clean(s.from),
		signature: sig.Signature, session: session,
		sessionOutputs: len(all.Outputs), took: s.took,
		limits: Limits{Runs: o.Concurrency, Threads: o.Threads}, memory: share,
	}
	if !isIdentity(sig.inputs, len(all.Inputs)) {
		m.inputs = sig.inputs
	}
	if !isIdentity(sig.outputs, len(all.Outputs)) {
		m.outputs = sig.outputs
	}
	if m.scheduler, err = newScheduler(m, all.Inputs, o); err != nil {
		return nil, errors.Join(err, session.Close())
	}
	if o.WarmUp > 0 {
		m.limits.Cost = m.warmUp(ctx, o.WarmUp)
	}
	return m, nil
}
