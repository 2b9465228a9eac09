package text

import (
	"math"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
)

// PythonHash names one of the hashes that Python has had for texts.
type PythonHash string

// The hashes, by the versions of Python.
const (
	// Python2: up to 2.7, the same in every process.
	Python2 PythonHash = "python2"
	// Python3: 3.4 to 3.10, SipHash-2-4, the same only under one PYTHONHASHSEED.
	Python3 PythonHash = "python3"
	// Python311: 3.11 and later, SipHash-1-3, likewise.
	Python311 PythonHash = "python3.11"
)

// Criteo describes the reader of click logs of Paddle Serving's criteo_ctr examples:
// lines of a label, 13 numbers and 26 categories, separated by tabs.
//
// The original makes a category's id with Python's hash. Since Python 3 that differs
// from process to process unless the environment variable PYTHONHASHSEED is set, so
// ids are only worth something under the hash and the seed that the model was trained
// with. Here Hash and Seed say which; the default is Python 2's, the only one that was
// the same for everybody.
type Criteo struct {
	// SparseFeatureDim is how many ids there are; 0 means the examples' 1000001.
	SparseFeatureDim int64 `yaml:"sparse_feature_dim"`
	// Hash of the categories; "" means [Python2].
	Hash PythonHash `yaml:"hash"`
	// Seed is PYTHONHASHSEED, for Python 3's hashes.
	Seed uint32 `yaml:"seed"`
}

// The columns of a line after the label.
const (
	criteoNumbers    = 13
	criteoCategories = 26
)

// CriteoSample is a line of a click log.
type CriteoSample struct {
	// Label is 1 for a click and 0 for none; -1 where the line has no label.
	Label int64
	// Dense has the numbers, each less its minimum and divided by its range; 0 where
	// the line has none.
	Dense [criteoNumbers]float32
	// Sparse has the categories' ids, from 0 to SparseFeatureDim-1.
	Sparse [criteoCategories]int64
}

// The minima and ranges of the numbers, from criteo_reader.py.
var (
	criteoMinimum = [criteoNumbers]float64{1: -3}
	criteoRange   = [criteoNumbers]float64{20, 603, 100, 50, 64000, 500, 100, 50, 500, 10, 10, 10, 50}
)

// Validate checks the fields.
func (c Criteo) Validate() error {
	if c.SparseFeatureDim < 0 {
		return sampan.Errorf(sampan.InvalidArgument, "sparse_feature_dim %d: want a positive number", c.SparseFeatureDim)
	}
	switch c.Hash {
	case "", Python2, Python3, Python311:
	default:
		return sampan.Errorf(sampan.InvalidArgument, "hash %q: want %q, %q or %q", c.Hash, Python2, Python3, Python311)
	}
	if c.Seed != 0 && (c.Hash == "" || c.Hash == Python2) {
		return sampan.Errorf(sampan.InvalidArgument, "seed %d: Python 2's hash has none", c.Seed)
	}
	return nil
}

// Read reads a line, as process_line. Columns after the last category are left out.
func (c Criteo) Read(line string) (CriteoSample, error) {
	var sample CriteoSample
	if err := c.Validate(); err != nil {
		return sample, err
	}
	if err := valid(line); err != nil {
		return sample, err
	}
	line = strings.TrimRight(line, "\n")
	label, rest, more := strings.Cut(line, "\t")
	var err error
	if sample.Label, err = criteoLabel(label); err != nil {
		return sample, err
	}
	var buffer [64]byte
	for column := 1; column <= criteoNumbers+criteoCategories; column++ {
		if !more {
			return sample, sampan.Errorf(sampan.InvalidArgument, "%d columns, want a label, %d numbers and %d categories with tabs between", column, criteoNumbers, criteoCategories)
		}
		var field string
		field, rest, more = strings.Cut(rest, "\t")
		if i := column - 1; i < criteoNumbers {
			sample.Dense[i], err = criteoNumber(field, i)
		} else {
			key := strconv.AppendInt(buffer[:0], int64(column), 10)
			sample.Sparse[i-criteoNumbers] = c.id(append(key, field...))
		}
		if err != nil {
			return sample, sampan.Errorf(sampan.InvalidArgument, "column %d: %w", column, err)
		}
	}
	return sample, nil
}

// id is Python's hash(key) % SparseFeatureDim, which is never negative.
func (c Criteo) id(key []byte) int64 {
	dim := c.SparseFeatureDim
	if dim == 0 {
		dim = 1000001
	}
	var h int64
	switch c.Hash {
	case Python3:
		h = hashPython3(key, 2, 4, c.Seed)
	case Python311:
		h = hashPython3(key, 1, 3, c.Seed)
	default:
		h = hashPython2(key)
	}
	if h %= dim; h < 0 {
		h += dim
	}
	return h
}

func criteoLabel(text string) (int64, error) {
	if text == "" {
		return -1, nil
	}
	label, err := strconv.ParseInt(strip(text), 10, 64)
	if err != nil {
		return 0, sampan.Errorf(sampan.InvalidArgument, "label %q: want a whole number", clip(text))
	}
	return label, nil
}

// criteoNumber is column i's number, scaled.
func criteoNumber(text string, i int) (float32, error) {
	if text == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(strip(text), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, sampan.Errorf(sampan.InvalidArgument, "%q: want a number", clip(text))
	}
	return float32((v - criteoMinimum[i]) / criteoRange[i]), nil
}
