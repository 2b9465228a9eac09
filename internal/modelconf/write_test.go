package modelconf

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// What the original has written is written again, byte for byte.
func TestMarshalAsTheOriginal(t *testing.T) {
	texts, err := filepath.Glob(filepath.Join(fixture.Shared(t, "goldens", "serving_conf"), "*", "*_conf.prototxt"))
	if err != nil || len(texts) != 42 {
		t.Fatalf("%d files, want 42 (%v)", len(texts), err)
	}
	for _, path := range texts {
		c, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		text, binary, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, path, text)
		equal(t, strings.TrimSuffix(path, ".prototxt")+".stream.prototxt", binary)
	}
}

func equal(t *testing.T, path string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// The text is as google.protobuf 3.20.3 for Python writes the same message.
func TestMarshalEscapes(t *testing.T) {
	c := &Conf{
		Feeds:   []Var{{Name: "a\"b'c\\d\te\r\nf\x00\x7f", Alias: "文", DType: sampan.String, Shape: sampan.Shape{-1}, LoD: true}},
		Fetches: []Var{{Name: "y", Alias: "y", DType: sampan.Complex128}},
	}
	text, binary, err := c.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	want := `feed_var {
  name: "a\"b\'c\\d\te\r\nf\000\177"
  alias_name: "\346\226\207"
  is_lod_tensor: true
  feed_type: 20
  shape: -1
}
fetch_var {
  name: "y"
  alias_name: "y"
  is_lod_tensor: false
  fetch_type: 11
}
`
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Error(d)
	}
	for _, parse := range []func() (*Conf, error){
		func() (*Conf, error) { return Parse(text) },
		func() (*Conf, error) { return ParseBinary(binary) },
	} {
		got, err := parse()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c, got); d != "" {
			t.Error(d)
		}
	}
}

func TestMarshalFaults(t *testing.T) {
	good := []Var{{Name: "x", Alias: "x", DType: sampan.Int8}}
	for _, c := range []struct {
		conf *Conf
		want string
	}{
		{&Conf{Feeds: good, Fetches: []Var{{Name: "n", DType: sampan.Uint64}}}, `fetch "n" has dtype uint64, for which Paddle Serving's files have no number`},
		{&Conf{Feeds: []Var{{Name: "n", DType: sampan.Int8, Shape: sampan.Shape{1 << 31}}}, Fetches: good}, `feed "n" has size 2147483648, which is not an int32`},
		{&Conf{Feeds: []Var{{Name: "\xff", DType: sampan.Int8}}, Fetches: good}, `feed "\xff", alias "": want UTF-8`},
	} {
		if _, _, err := c.conf.Marshal(); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestFileShape(t *testing.T) {
	for _, c := range []struct {
		model sampan.Shape
		lod   bool
		want  sampan.Shape
	}{
		{sampan.Shape{-1, 13}, false, sampan.Shape{13}},
		{sampan.Shape{-1, 3, -1, -1}, false, sampan.Shape{3}},
		{sampan.Shape{1, 3, 320, 320}, false, sampan.Shape{1, 3, 320, 320}},
		{sampan.Shape{}, false, nil},
		{sampan.Shape{-1, 1}, true, sampan.Shape{-1}},
	} {
		if got := FileShape(c.model, c.lod); !got.Equal(c.want) {
			t.Errorf("%v: %v, want %v", c.model, got, c.want)
		}
	}
}
