package examples

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"testing"

	"github.com/sampanml/sampan/internal/zoo"
)

// maxEmbedded bounds the models in the program, in bytes. A larger one wants a URL.
const maxEmbedded = 16 << 20

func TestIndex(t *testing.T) {
	index, err := zoo.ReadIndex(Models, zoo.IndexFile)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	total := int64(0)
	for _, e := range index.Entries {
		size, sum, err := measure(e.Path)
		if err != nil || size != e.Size || sum != e.SHA256 {
			t.Errorf(`%s: want "sha256": "%s", "size": %d (%v)`, e.Name, sum, size, err)
		}
		listed[e.Path] = true
		total += size
	}
	if total == 0 || total > maxEmbedded {
		t.Errorf("the models have %d bytes, want 1 to %d", total, maxEmbedded)
	}
	models, err := fs.Glob(Models, "*/*_model")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range models {
		if !listed[m] {
			t.Errorf("%s is not in index.json", m)
		}
	}
}

// measure gives size and checksum of a model's file or directory.
func measure(path string) (size int64, sum string, err error) {
	if data, err := fs.ReadFile(Models, path); err == nil {
		return int64(len(data)), fmt.Sprintf("%x", sha256.Sum256(data)), nil
	}
	tree, err := fs.Sub(Models, path)
	if err != nil {
		return 0, "", err
	}
	return zoo.Tree(tree, nil)
}
