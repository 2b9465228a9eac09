package convert

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/modelconf"
	"github.com/sampanml/sampan/internal/onnxfile"
)

// Source is a model to convert.
type Source struct {
	// Conf is the signature: the feeds in the model's order, the fetches in that of
	// their names, as the original has them.
	Conf modelconf.Conf
	// files reads the model's files, under the names that the server's directory has.
	files func() ([]file, error)
}

// Names of the model's files where the caller names none; the original's.
const (
	programName    = "model.pdmodel"
	pirProgramName = "model.json"
	paramsName     = "params.pdiparams"
)

// Paddle reads the signature of the Paddle model in dir. Its operators need not be
// supported. Files that format names keep their names; all parameters end in one file.
func Paddle(dir string, format paddle.Format) (*Source, error) {
	summary, err := format.Inspect(dir)
	if err != nil {
		return nil, err
	}
	s := &Source{}
	for _, v := range summary.Feeds {
		s.Conf.Feeds = append(s.Conf.Feeds, variable(v.Name, v.DType, v.Shape, v.LoDLevel > 0))
	}
	for _, v := range summary.Fetches {
		s.Conf.Fetches = append(s.Conf.Fetches, variable(v.Name, v.DType, v.Shape, v.LoDLevel > 0))
	}
	name := programName
	if path.Ext(summary.Program) == ".json" {
		name = pirProgramName
	}
	s.files = func() ([]file, error) {
		program, params, err := format.Combine(dir)
		if err != nil {
			return nil, err
		}
		files := []file{{name: path.Base(cmp.Or(format.Program, name)), data: program}}
		if params != nil {
			files = append(files, file{name: path.Base(cmp.Or(format.Params, paramsName)), data: params})
		}
		return files, nil
	}
	return s, s.sort()
}

// ONNX reads the signature of an ONNX file by loading it. The file keeps its name.
func ONNX(ctx context.Context, model string, backend engine.Backend) (*Source, error) {
	m, err := engine.Open(ctx, model, engine.Options{Name: filepath.Base(model), Backend: backend})
	if err != nil {
		return nil, err
	}
	s := &Source{}
	for _, f := range m.Signature().Inputs {
		s.Conf.Feeds = append(s.Conf.Feeds, variable(f.Name, f.DType, f.Shape, f.LoD))
	}
	for _, f := range m.Signature().Outputs {
		s.Conf.Fetches = append(s.Conf.Fetches, variable(f.Name, f.DType, f.Shape, f.LoD))
	}
	s.files = func() ([]file, error) { return onnxFiles(model) }
	if err := m.Close(); err != nil {
		return nil, err
	}
	return s, s.sort()
}

// onnxFiles are the model's file and those beside it that hold weights.
func onnxFiles(model string) ([]file, error) {
	summary, err := onnxfile.Load(model)
	if err != nil {
		return nil, err
	}
	files := []file{{name: filepath.Base(model), from: model}}
	for _, name := range summary.External {
		if !filepath.IsLocal(name) || filepath.Base(name) != name {
			return nil, sampan.Errorf(sampan.InvalidArgument, "%s has weights in %q, want files beside it", model, name)
		}
		files = append(files, file{name: name, from: filepath.Join(filepath.Dir(model), name)})
	}
	return files, nil
}

func variable(name string, dtype sampan.DType, shape sampan.Shape, lod bool) modelconf.Var {
	return modelconf.Var{Name: name, Alias: name, DType: dtype, Shape: modelconf.FileShape(shape, lod), LoD: lod}
}

func (s *Source) sort() error {
	if len(s.Conf.Feeds) == 0 || len(s.Conf.Fetches) == 0 {
		return sampan.Errorf(sampan.InvalidArgument, "the model has %d feeds and %d fetches, want at least one of each", len(s.Conf.Feeds), len(s.Conf.Fetches))
	}
	slices.SortStableFunc(s.Conf.Fetches, func(a, b modelconf.Var) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// AliasFeeds gives the feeds their public names, one for each, in order.
func (s *Source) AliasFeeds(names []string) error { return alias("feeds", s.Conf.Feeds, names) }

// AliasFetches gives the fetches their public names, one for each, in order.
func (s *Source) AliasFetches(names []string) error { return alias("fetches", s.Conf.Fetches, names) }

func alias(what string, vars []modelconf.Var, names []string) error {
	if len(names) != len(vars) {
		have := make([]string, len(vars))
		for i, v := range vars {
			have[i] = v.Name
		}
		return sampan.Errorf(sampan.InvalidArgument, "%d names for %d %s (%s)", len(names), len(vars), what, strings.Join(have, ", "))
	}
	for i, name := range names {
		switch {
		case name == "":
			return sampan.Errorf(sampan.InvalidArgument, "name %d is empty", i+1)
		case slices.Contains(names[:i], name):
			return sampan.Errorf(sampan.InvalidArgument, "%q is there twice", name)
		}
		vars[i].Alias = name
	}
	return nil
}

// Write makes the server's and the client's directory, which may be the same, and
// returns those that took the place of earlier ones.
func (s *Source) Write(server, client string) (replaced []string, err error) {
	text, binary, err := s.Conf.Marshal()
	if err != nil {
		return nil, err
	}
	model, err := s.files()
	if err != nil {
		return nil, err
	}
	conf := func(name string) []file {
		return []file{{name: name + ".prototxt", data: text}, {name: name + ".stream.prototxt", data: binary}}
	}
	outputs := []output{
		{server, append(model, conf("serving_server_conf")...)},
		{client, conf("serving_client_conf")},
	}
	if filepath.Clean(server) == filepath.Clean(client) {
		outputs = []output{{server, append(outputs[0].files, outputs[1].files...)}}
	}
	return write(outputs)
}
