package engine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
)

// found is a model on disk, before it is read.
type found struct {
	// path of an ONNX file; empty for a directory in another format.
	path string
	// translator of the directory; nil for an ONNX file.
	translator Translator
	// dir holds the model.
	dir string
	// conf is the signature file, if there is one.
	conf string
}

// confFiles are the signature's names beside a model, in order of preference.
var confFiles = []string{"serving_server_conf.prototxt", "serving_server_conf.stream.prototxt"}

// Locate looks for the model that [Open] would load from path and returns its ONNX
// file; empty if it is one that a translator reads.
func Locate(path string, translators ...Translator) (file string, err error) {
	f, err := locate(path, translators)
	return f.path, err
}

// locate says what kind of model path is.
func locate(path string, translators []Translator) (found, error) {
	info, err := os.Stat(path)
	if err != nil {
		return found{}, sampan.Errorf(sampan.NotFound, "%s: %w", path, reason(err))
	}
	if !info.IsDir() {
		if !strings.EqualFold(filepath.Ext(path), ".onnx") {
			return found{}, sampan.Errorf(sampan.InvalidArgument,
				"%s is a file of another kind; want an .onnx file or a model directory", path)
		}
		return found{path: path, dir: filepath.Dir(path)}, nil
	}
	f := found{dir: path}
	for _, name := range confFiles {
		if conf := filepath.Join(path, name); isFile(conf) {
			f.conf = conf
			break
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return found{}, sampan.Errorf(sampan.InvalidArgument, "%s: %w", path, reason(err))
	}
	var names, onnx []string
	for _, e := range entries {
		names = append(names, e.Name())
		if strings.EqualFold(filepath.Ext(e.Name()), ".onnx") && !e.IsDir() {
			onnx = append(onnx, e.Name())
		}
	}
	switch {
	case slices.Contains(onnx, "model.onnx"):
		f.path = filepath.Join(path, "model.onnx")
		return f, nil
	case len(onnx) == 1:
		f.path = filepath.Join(path, onnx[0])
		return f, nil
	case len(onnx) > 1:
		return found{}, sampan.Errorf(sampan.InvalidArgument,
			"%s holds several models (%s); name one file, or call one model.onnx", path, list(onnx))
	}
	for _, t := range translators {
		if _, ok := t.Find(path); ok {
			f.translator = t
			return f, nil
		}
	}
	has := "it is empty"
	if len(names) > 0 {
		has = "it has " + list(names)
	}
	return found{}, sampan.Errorf(sampan.NotFound,
		"%s holds no model; want one *.onnx file, or a Paddle program (__model__ or *.pdmodel) with its parameters; %s", path, has)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// reason strips the operation and the path, which the message has already.
func reason(err error) error {
	if e, ok := err.(*os.PathError); ok {
		return e.Err
	}
	return err
}

// list joins names, cut after the first few.
func list(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
