package zoo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/nearest"
)

// Index is a list of models in one place.
type Index struct {
	// Origin is the place, for people.
	Origin string
	// Entries in the order of the file.
	Entries []Entry

	// One of them is where the entries' paths are.
	files fs.FS
	base  *url.URL
}

// Model is an entry of an index.
type Model struct {
	Entry
	index *Index
}

// Origin is the place of the index that has the model.
func (m Model) Origin() string { return m.index.Origin }

// IndexFile is an index's name in its directory.
const IndexFile = "index.json"

// maxIndex bounds an index, in bytes.
const maxIndex = 16 << 20

// OpenIndex reads an index: a file or a directory with index.json, or the address of
// either (http, https, s3).
func OpenIndex(ctx context.Context, place string) (*Index, error) {
	if !strings.Contains(place, "://") {
		if info, err := os.Stat(place); err == nil && info.IsDir() {
			place = filepath.Join(place, IndexFile)
		}
		index, err := ReadIndex(os.DirFS(filepath.Dir(place)), filepath.Base(place))
		if index != nil {
			index.Origin = place
		}
		return index, err
	}
	if !strings.HasSuffix(place, ".json") {
		place = strings.TrimSuffix(place, "/") + "/" + IndexFile
	}
	u, err := parseRemote(place)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "index: %w", err)
	}
	data, err := readRemote(ctx, u)
	if err != nil {
		return nil, err
	}
	return parseIndex(data, &Index{Origin: place, base: u.JoinPath("..")})
}

// ReadIndex reads an index of a file system, in which its paths are too.
func ReadIndex(files fs.FS, name string) (*Index, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, sampan.Errorf(sampan.NotFound, "index: %w", err)
	}
	defer file.Close()
	data, err := readBounded(file)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "index %s: %w", name, err)
	}
	if dir := path.Dir(name); dir != "." {
		if files, err = fs.Sub(files, dir); err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "index %s: %w", name, err)
		}
	}
	return parseIndex(data, &Index{Origin: name, files: files})
}

// indexTime bounds the reading of an index.
const indexTime = 2 * time.Minute

func readRemote(ctx context.Context, u *url.URL) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, indexTime)
	defer cancel()
	body, err := get(ctx, u, 0)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := readBounded(body)
	if err != nil {
		return nil, sampan.Errorf(sampan.Unavailable, "%s: %w", u.Redacted(), err)
	}
	return data, nil
}

func readBounded(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxIndex+1))
	if err == nil && len(data) > maxIndex {
		return nil, errors.New("more than 16 MiB, want an index")
	}
	return data, err
}

// parseIndex reads {"models": [ENTRY, …]}, with every fault at once.
func parseIndex(data []byte, index *Index) (*Index, error) {
	var file struct {
		Models []Entry `json:"models"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&file)
	if _, more := decoder.Token(); err == nil && more != io.EOF {
		err = errors.New("something follows the object")
	}
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "index %s: %w", index.Origin, err)
	}
	var faults []error
	seen := map[string]bool{}
	for i := range file.Models {
		e := &file.Models[i]
		fault := e.validate()
		switch {
		case fault != nil:
		case seen[e.Name]:
			fault = sampan.Errorf(sampan.InvalidArgument, "model %q is there twice", e.Name)
		case e.Path != "" && index.base != nil && formatOf(e.Path) == directory:
			fault = sampan.Errorf(sampan.InvalidArgument, "model %q: path %q: want a name that ends with .onnx, .tar, .tar.gz, .tgz or .zip", e.Name, e.Path)
		}
		if fault != nil {
			faults = append(faults, fault)
		}
		seen[e.Name] = true
	}
	if len(faults) > 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "index %s: %w", index.Origin, errors.Join(faults...))
	}
	index.Entries = file.Models
	return index, nil
}

// Models are all models of some indexes. Of models with the same name the first counts.
func Models(indexes []*Index) []Model {
	var out []Model
	seen := map[string]bool{}
	for _, index := range indexes {
		for _, e := range index.Entries {
			if !seen[e.Name] {
				out = append(out, Model{e, index})
			}
			seen[e.Name] = true
		}
	}
	return out
}

// Find looks a model up by its name.
func Find(indexes []*Index, name string) (Model, error) {
	all := Models(indexes)
	var names []string
	for _, m := range all {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	if near := nearest.Name(name, names); near != "" {
		return Model{}, sampan.Errorf(sampan.NotFound, "no index has a model %q; did you mean %q?", name, near)
	}
	return Model{}, sampan.Errorf(sampan.NotFound, "no index has a model %q, of %d models", name, len(all))
}
