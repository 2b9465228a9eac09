// Package onnxfile reads what an ONNX file says of itself: who wrote it, which
// operators it has and which other files hold its weights. The weights themselves are
// passed over.
//
// One invariant: the memory taken is bounded by the names in the file, not by its
// weights nor by any length that it claims.
package onnxfile

import (
	"bufio"
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
)

// Summary is what a file says of itself.
type Summary struct {
	IRVersion int64
	// Producer is the program that wrote the file and its version; may be empty.
	Producer string
	Opsets   []Opset
	// Operators are the kinds of nodes in all graphs, the most frequent first.
	Operators []Operator
	// External are the files beside this one that hold weights.
	External []string
}

// Opset is a set of operators that the model uses.
type Opset struct {
	// Domain is empty for ONNX's own.
	Domain  string
	Version int64
}

// Operator is a kind of node.
type Operator struct {
	// Name has the domain in front where it is not ONNX's own.
	Name  string
	Count int
}

// Load reads the file at path.
func Load(path string) (*Summary, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, sampan.Errorf(sampan.NotFound, "%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s is not a file", path)
	}
	s, err := read(&walker{r: bufio.NewReader(f)}, info.Size())
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s is not an ONNX model, or it is damaged: %w", path, err)
	}
	return s, nil
}

// summary grows while the file is read.
type summary struct {
	Summary
	*walker
	name, version string
	counts        map[string]int
}

func read(w *walker, size int64) (*Summary, error) {
	s := &summary{walker: w, counts: map[string]int{}}
	if err := w.message(size, s.model); err != nil {
		return nil, err
	}
	s.Producer = strings.TrimSpace(s.name + " " + s.version)
	for name, n := range s.counts {
		s.Operators = append(s.Operators, Operator{name, n})
	}
	slices.SortFunc(s.Operators, func(a, b Operator) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Name, b.Name))
	})
	slices.Sort(s.External)
	s.External = slices.Compact(s.External)
	return &s.Summary, nil
}

// The numbers are those of onnx.proto.

func (s *summary) model(f field) (err error) {
	switch f.number {
	case 1:
		s.IRVersion = int64(f.value)
	case 2:
		s.name, err = s.text(f)
	case 3:
		s.version, err = s.text(f)
	case 7:
		err = s.message(f.size, s.graph)
	case 8:
		var o Opset
		err = s.message(f.size, func(f field) (err error) {
			switch f.number {
			case 1:
				o.Domain, err = s.text(f)
			case 2:
				o.Version = int64(f.value)
			}
			return err
		})
		s.Opsets = append(s.Opsets, o)
	case 25:
		err = s.message(f.size, s.function)
	}
	return err
}

func (s *summary) graph(f field) error {
	switch f.number {
	case 1:
		return s.node(f)
	case 5:
		return s.message(f.size, s.tensor)
	}
	return nil
}

func (s *summary) function(f field) error {
	if f.number == 7 {
		return s.node(f)
	}
	return nil
}

func (s *summary) node(f field) error {
	var name, domain string
	err := s.message(f.size, func(f field) (err error) {
		switch f.number {
		case 4:
			name, err = s.text(f)
		case 5:
			err = s.message(f.size, s.attribute)
		case 7:
			domain, err = s.text(f)
		}
		return err
	})
	if domain != "" && domain != "ai.onnx" {
		name = domain + "." + name
	}
	s.counts[name]++
	return err
}

func (s *summary) attribute(f field) error {
	switch f.number {
	case 5, 10:
		return s.message(f.size, s.tensor)
	case 6, 11:
		return s.message(f.size, s.graph)
	}
	return nil
}

// tensor looks for the entry "location" of external_data.
func (s *summary) tensor(f field) error {
	if f.number != 13 {
		return nil
	}
	var key, value string
	err := s.message(f.size, func(f field) (err error) {
		switch f.number {
		case 1:
			key, err = s.text(f)
		case 2:
			value, err = s.text(f)
		}
		return err
	})
	if key == "location" {
		s.External = append(s.External, value)
	}
	return err
}
