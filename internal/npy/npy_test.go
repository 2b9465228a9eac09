package npy

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// file writes a header and elements as format version 1 does.
func file(header, elements string) string {
	length := binary.LittleEndian.AppendUint16(nil, uint16(len(header)))
	return magic + "\x01\x00" + string(length) + header + elements
}

func array(descr, shape, elements string) string {
	return file(fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }     \n", descr, shape), elements)
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       sampan.Tensor
	}{
		{"a matrix", array("<i2", "(1, 2)", "\x01\x00\x02\x00"), sampan.Tensor{DType: sampan.Int16, Shape: sampan.Shape{1, 2}, Data: []byte{1, 0, 2, 0}}},
		{"a list", array("|u1", "(3,)", "abc"), sampan.Tensor{DType: sampan.Uint8, Shape: sampan.Shape{3}, Data: []byte("abc")}},
		{"a scalar", array("|b1", "()", "\x01"), sampan.Tensor{DType: sampan.Bool, Shape: sampan.Shape{}, Data: []byte{1}}},
		{"nothing", array("<f8", "(0, 7)", ""), sampan.Tensor{DType: sampan.Float64, Shape: sampan.Shape{0, 7}, Data: []byte{}}},
		{"no last comma, Fortran's order of a list", file("{'shape':(2,),'fortran_order':True,'descr':'|i1'}", "xy"),
			sampan.Tensor{DType: sampan.Int8, Shape: sampan.Shape{2}, Data: []byte("xy")}},
		{"version 2", magic + "\x02\x00\x37\x00\x00\x00{'descr': '|i1', 'fortran_order': False, 'shape': (), }x",
			sampan.Tensor{DType: sampan.Int8, Shape: sampan.Shape{}, Data: []byte("x")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decode([]byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDecodeFaults(t *testing.T) {
	const wrong = "the header is not as numpy writes it: "
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "it is not a .npy file"},
		{"a zip", "PK\x03\x04", "it is not a .npy file"},
		{"a pickle", "\x80\x04\x95", "it is not a .npy file"},
		{"the magic alone", magic, "it is not a .npy file"},
		{"a later version", magic + "\x04\x00", "format version 4.0, want 1 to 3"},
		{"no length", magic + "\x01\x00\x01", "it ends within the header"},
		{"a header that is longer than the file", magic + "\x02\x00\xff\xff\xff\xff{}", "it ends within the header: 2 bytes, want 4294967295"},
		{"a huge header", magic + "\x02\x00\x11\x27\x00\x00" + strings.Repeat(" ", 10_001), "the header has 10001 bytes, more than 10000 are not read"},
		{"a gigantic shape", array("<f4", "(4611686018427387904, 4)", "abcd"), "4 bytes of elements do not make float32 [4611686018427387904 4]"},
		{"gigabytes", array("<f4", "(1000000000,)", ""), "0 bytes of elements do not make float32 [1000000000]"},
		{"cut", array("<f4", "(2,)", "abcdefg"), "7 bytes of elements do not make float32 [2]"},
		{"more", array("<f4", "(1,)", "abcdefg"), "7 bytes of elements do not make float32 [1]"},
		{"a size beyond int64", array("<f4", "(99999999999999999999,)", ""), wrong + `want a size at "99999999999999999999"`},
		{"a negative size", array("<f4", "(-1,)", ""), wrong + `want a size at "-1,), }     \n"`},
		{"many dimensions", array("<f4", "("+strings.Repeat("1,", 65)+")", ""), wrong + "more than 64 dimensions"},
		{"objects", array("|O", "(1,)", "\x80\x04\x95"), "the array holds Python objects, which are not read; want numbers"},
		{"texts", array("<U3", "(1,)", ""), `elements "<U3" are not supported; want numbers`},
		{"big-endian", array(">f4", "(1,)", "abcd"), `the elements ">f4" are big-endian, want little-endian`},
		{"no element type", array("", "(1,)", ""), "the header has no descr"},
		{"structures", file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "abcd"), wrong + "an array of structures is not supported"},
		{"Fortran's order", file("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}", "abcd"),
			"the array is in Fortran's order; save numpy.ascontiguousarray of it"},
		{"no dictionary", file("[]", ""), wrong + `want "{" at "[]"`},
		{"another key", file("{'kind': 1}", ""), wrong + `key "kind" is not known`},
		{"a key too few", file("{'descr': '<f4', 'shape': ()}", "abcd"), wrong + "2 keys, want descr, fortran_order and shape"},
		{"a text without end", file("{'descr", ""), wrong + "a text does not end"},
		{"code", file("{'descr': __import__('os')}", ""), wrong + `want "'" at "__import__('os')}"`},
		{"more after it", file("{} {}", ""), wrong + `"{}" follows the dictionary`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Decode([]byte(c.data)); err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	if err := os.WriteFile(path, []byte(array("|u1", "(2,)", "ab")), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Load(path); err != nil || string(got.Data) != "ab" {
		t.Error(got, err)
	}
	if _, err := Load(dir); err == nil || err.Error() != dir+" is not a file" {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || err.Error() != path+": it is not a .npy file" {
		t.Error(err)
	}
	if err := os.Truncate(path, maxFile+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || err.Error() != path+": 4294967297 bytes, more than 4294967296 are not read" {
		t.Error(err)
	}
	if _, err := Load(filepath.Join(dir, "none")); sampan.CodeOf(err) != sampan.NotFound {
		t.Error(err)
	}
}

// The files are numpy's own, from real Paddle's inputs and outputs.
func TestLoadsWhatNumpyWrites(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixture.Shared(t, "paddle_corpus"), "*", "*.npy"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, want more than 100 (%v)", len(files), err)
	}
	for _, path := range files {
		if _, err := Load(path); err != nil {
			t.Error(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(array("<f4", "(1, 2)", "abcdefgh")))
	f.Add([]byte(array("<c16", "()", "abcdefghabcdefgh")))
	f.Add([]byte(array("|O", "(1,)", "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := Decode(data)
		if err != nil {
			return
		}
		if err := x.Validate(); err != nil {
			t.Fatal(err)
		}
		if len(x.Data) > len(data) {
			t.Fatalf("%d bytes of elements from %d", len(x.Data), len(data))
		}
	})
}
