package paddle

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/onnx"
)

// What the models claim to be: opset 17 came with IR version 8.
const (
	opset     = 17
	irVersion = 8
)

// Format is the Paddle inference format; the zero value is ready. It implements
// engine.Translator.
type Format struct {
	// Program and Params name the files in the model's directory with the program and
	// with all parameters. What is empty is looked for under the names that Paddle
	// gives such files.
	Program, Params string
}

// Find reports whether dir holds a Paddle model, and the paths of its files: the
// program first, then the parameter files that are there.
func (f Format) Find(dir string) (files []string, ok bool) {
	fsys := os.DirFS(dir)
	l, err := f.locate(fsys)
	if err != nil || len(l.programs) == 0 {
		return nil, false
	}
	for _, name := range l.files(fsys) {
		files = append(files, filepath.Join(dir, filepath.FromSlash(name)))
	}
	return files, true
}

// Translate makes an ONNX model of the Paddle model in dir: the feeds are its inputs
// and the fetches its outputs, in Paddle's order and under Paddle's names. Files that
// are missing are NotFound, what the translator does not know is Unimplemented,
// everything else that is wrong with the files InvalidArgument.
func (f Format) Translate(dir string) (model []byte, err error) {
	return f.translate(os.DirFS(dir))
}

func (f Format) translate(fsys fs.FS) ([]byte, error) {
	l, err := f.locate(fsys)
	if err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	p, err := l.read(fsys)
	if err != nil {
		return nil, err
	}
	if err := p.checkOperators(); err != nil {
		return nil, err
	}
	params, err := readParameters(fsys, l.params, p)
	if err != nil {
		return nil, err
	}
	g, err := buildGraph(p, params)
	if err != nil {
		return nil, err
	}
	model := &onnx.ModelProto{
		IrVersion:    irVersion,
		ProducerName: "sampan",
		OpsetImport:  []*onnx.OperatorSetIdProto{{Version: opset}},
		Graph:        g.proto(),
	}
	if size := proto.Size(model); size > math.MaxInt32 {
		return nil, sampan.Errorf(sampan.Unimplemented, "the ONNX model would have %d bytes; more than %d cannot be loaded from memory", size, math.MaxInt32)
	}
	out, err := proto.Marshal(model)
	if err != nil {
		return nil, sampan.Errorf(sampan.Internal, "write the ONNX model: %w", err)
	}
	return out, nil
}
