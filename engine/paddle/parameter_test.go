package paddle

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// Every real model's parameters are read to the last byte, whether or not its
// operators are known.
func TestRealParameters(t *testing.T) {
	var dirs []string
	for _, pattern := range []string{"fit_a_line/uci_housing_model", "paddle/*", "paddle_corpus/*", "paddle_corpus/*/legacy"} {
		found, err := filepath.Glob(filepath.Join(fixture.Shared(t), filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		dirs = append(dirs, found...)
	}
	programs, parameters := 0, 0
	for _, dir := range dirs {
		fsys := os.DirFS(dir)
		l, err := locate(fsys)
		if err != nil || l.check() != nil {
			continue
		}
		p, err := l.read(fsys)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		all, err := readParameters(fsys, l.params, p)
		if err != nil || len(all) != len(p.persistable) {
			t.Errorf("%s: %d parameters, want %d (%v)", dir, len(all), len(p.persistable), err)
		}
		programs++
		parameters += len(all)
	}
	if programs != 63 || parameters < 600 {
		t.Errorf("%d programs with %d parameters, want 63 with at least 600", programs, parameters)
	}
}

func TestParameterFaults(t *testing.T) {
	good := record(t, paddle.VarType_FP32, []int64{1}, make([]byte, 4))
	at := func(offset int, b ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[offset:], b)
		return out
	}
	huge := []byte{255, 255, 255, 255, 255, 255, 255, 255}
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"version", at(0, 1), "version 1, want 0"},
		{"LoD levels", at(4, huge...), "LoD level: 8 bytes, want 17179869184"},
		{"LoD level", append(at(4, 1)[:12], huge...), "LoD level: 0 bytes, want 18446744073709551615"},
		{"no LoD size", at(4, 1)[:15], "size of a LoD level: 3 bytes, want 8"},
		{"tensor version", at(12, 2), "version 2 of the tensor, want 0"},
		{"description size", at(16, 255, 255, 255, 255), "description: 8 bytes, want 4294967295"},
		{"description", at(20, 255, 255, 255, 255), "the description of dtype and shape is damaged"},
		{"element type", record(t, paddle.VarType_STRINGS, []int64{1}, nil), "element type STRINGS is not supported"},
		{"negative", record(t, paddle.VarType_FP32, []int64{-1, 2}, nil), "shape [-1 2] is negative or too large"},
		{"overflow", record(t, paddle.VarType_INT8, []int64{math.MaxInt64, 3}, nil), "shape [9223372036854775807 3] is negative or too large"},
		{"overflow of bytes", record(t, paddle.VarType_FP64, []int64{1 << 31, 1 << 30}, nil), "shape [2147483648 1073741824] is negative or too large"},
		{"lies", record(t, paddle.VarType_FP64, []int64{1 << 40}, make([]byte, 8)), "8 bytes of data, want 8796093022208 for shape [1099511627776]"},
		{"rank", record(t, paddle.VarType_FP64, make([]int64, 17), nil), "17 dimensions, more than 16 are not supported"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, err := decodeParameter(c.data); err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	levels := append(at(4, 1)[:12], 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8)
	levels = append(levels, good[12:]...)
	if p, rest, err := decodeParameter(append(levels, 9)); err != nil || len(p.data) != 4 || len(rest) != 1 {
		t.Errorf("with a LoD level: %v, %v, %v", p, rest, err)
	}
}
