// Package npy reads arrays from the files that numpy.save writes, format versions 1
// to 3 (numpy.lib.format describes them). Arrays of Python objects, which are pickles,
// are refused.
//
// One invariant: no memory is taken for more than the file has.
package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/sampanml/sampan"
)

// maxFile bounds a file, in bytes.
const maxFile = 4 << 30

// Load reads a file. The errors name it.
func Load(path string) (sampan.Tensor, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return sampan.Tensor{}, sampan.Errorf(sampan.NotFound, "%w", err)
	case !info.Mode().IsRegular():
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%s is not a file", path)
	case info.Size() > maxFile:
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%s: %d bytes, more than %d are not read", path, info.Size(), int64(maxFile))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	t, err := Decode(data)
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "%s: %w", path, err)
	}
	return t, nil
}

// magic begins every file; a byte each for the version's two numbers follows.
const magic = "\x93NUMPY"

// Decode reads an array. The tensor has memory of its own.
func Decode(data []byte) (sampan.Tensor, error) {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok || len(rest) < 2 {
		return sampan.Tensor{}, fmt.Errorf("it is not a .npy file")
	}
	version, width := rest[0], 2
	switch version {
	case 1:
	case 2, 3:
		width = 4
	default:
		return sampan.Tensor{}, fmt.Errorf("format version %d.%d, want 1 to 3", rest[0], rest[1])
	}
	rest = rest[2:]
	if len(rest) < width {
		return sampan.Tensor{}, fmt.Errorf("it ends within the header")
	}
	length := uint64(binary.LittleEndian.Uint16(rest))
	if width == 4 {
		length = uint64(binary.LittleEndian.Uint32(rest))
	}
	rest = rest[width:]
	if length > uint64(len(rest)) {
		return sampan.Tensor{}, fmt.Errorf("it ends within the header: %d bytes, want %d", len(rest), length)
	}
	h, err := parseHeader(string(rest[:length]))
	if err != nil {
		return sampan.Tensor{}, err
	}
	return h.tensor(rest[length:])
}

// tensor checks the elements against the header and copies them.
func (h header) tensor(data []byte) (sampan.Tensor, error) {
	dtype, err := parseDescr(h.descr)
	if err != nil {
		return sampan.Tensor{}, err
	}
	if h.fortran && len(h.shape) > 1 {
		return sampan.Tensor{}, fmt.Errorf("the array is in Fortran's order; save numpy.ascontiguousarray of it")
	}
	n, ok := h.shape.Elements()
	size, fits := dtype.Size(n)
	if !ok || !fits || size != len(data) {
		return sampan.Tensor{}, fmt.Errorf("%d bytes of elements do not make %s %v", len(data), dtype, h.shape)
	}
	t := sampan.Tensor{DType: dtype, Shape: h.shape, Data: bytes.Clone(data)}
	return t, t.Validate()
}

// dtypes are numpy's codes of little-endian element types, without the byte order.
var dtypes = map[string]sampan.DType{
	"b1": sampan.Bool,
	"i1": sampan.Int8, "i2": sampan.Int16, "i4": sampan.Int32, "i8": sampan.Int64,
	"u1": sampan.Uint8, "u2": sampan.Uint16, "u4": sampan.Uint32, "u8": sampan.Uint64,
	"f2": sampan.Float16, "f4": sampan.Float32, "f8": sampan.Float64,
	"c8": sampan.Complex64, "c16": sampan.Complex128,
}

func parseDescr(descr string) (sampan.DType, error) {
	if descr == "" {
		return sampan.Invalid, fmt.Errorf("the header has no descr")
	}
	order, code := descr[0], descr[1:]
	dtype, known := dtypes[code]
	switch {
	case strings.HasPrefix(code, "O"):
		return sampan.Invalid, fmt.Errorf("the array holds Python objects, which are not read; want numbers")
	case known && order == '>':
		return sampan.Invalid, fmt.Errorf("the elements %q are big-endian, want little-endian", descr)
	case !known || order != '<' && order != '|':
		return sampan.Invalid, fmt.Errorf("elements %q are not supported; want numbers", descr)
	}
	return dtype, nil
}
