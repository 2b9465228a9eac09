package modelconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

func TestLoad(t *testing.T) {
	want := &Conf{
		Feeds:   []Var{{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{13}}},
		Fetches: []Var{{Name: "fc_0.tmp_1", Alias: "price", DType: sampan.Float32, Shape: sampan.Shape{1}}},
	}
	for _, name := range []string{"serving_server_conf.prototxt", "serving_server_conf.stream.prototxt"} {
		got, err := Load(fixture.Repo("examples", "fit_a_line", "uci_housing_model", name))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// The files are as paddle_serving_client 0.9.0's inference_model_to_serving wrote them.
func TestLoadsWhatTheOriginalWrites(t *testing.T) {
	texts, err := filepath.Glob(filepath.Join(fixture.Shared(t, "goldens", "serving_conf"), "*", "*_conf.prototxt"))
	if err != nil || len(texts) != 42 {
		t.Fatalf("%d files, want 42 (%v)", len(texts), err)
	}
	for _, path := range texts {
		text, err := Load(path)
		if err != nil {
			t.Error(err)
			continue
		}
		binary, err := Load(strings.TrimSuffix(path, ".prototxt") + ".stream.prototxt")
		if err != nil {
			t.Error(err)
			continue
		}
		if d := cmp.Diff(text, binary); d != "" {
			t.Errorf("%s (-text +binary):\n%s", path, d)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	const fetch = "fetch_var { name: \"y\" fetch_type: 1 }\n"
	for _, c := range []struct{ name, file, data, want string }{
		{"empty", "c.prototxt", "", "0 feed_var and 0 fetch_var, want at least one of each"},
		{"no fetch", "c.prototxt", `feed_var { name: "x" }`, "1 feed_var and 0 fetch_var, want at least one of each"},
		{"unknown field", "c.prototxt", "feed_var {\n  name: \"x\"\n  feed_typ: 1\n}", `line 3:3: unknown field "feed_typ"; did you mean "feed_type"?`},
		{"no name", "c.prototxt", "feed_var { alias_name: \"x\" }\n" + fetch, "feed_var 0 has no name"},
		{"alias twice", "c.prototxt", `feed_var { name: "a" alias_name: "x" } feed_var { name: "x" }` + fetch, `feed_var: alias "x" is there twice`},
		{"type", "c.prototxt", `feed_var { name: "x" feed_type: 12 }` + fetch, `feed_var "x": feed_type 12 is not known`},
		{"fetch type", "c.prototxt", `feed_var { name: "x" } fetch_var { name: "y" alias_name: "z" fetch_type: -1 }`, `fetch_var "z": fetch_type -1 is not known`},
		{"shape", "c.prototxt", `feed_var { name: "x" shape: -2 }` + fetch, `feed_var "x": shape has dimension -2`},
		{"binary, not UTF-8", "c.stream.prototxt", "\x0a\x03\x0a\x01\xff" + "\x12\x03\x0a\x01y", `feed_var 0: name "\xff", alias_name "": want UTF-8`},
		{"binary garbage", "c.stream.prototxt", "feed_var", "the file is not a binary model config"},
		{"binary, unknown at the top", "c.stream.prototxt", "\x18\x01", "unknown field 3"},
		{"binary, unknown inside", "c.stream.prototxt", "\x0a\x03\x0a\x01x" + "\x0a\x05\x0a\x01z\x48\x01" + "\x12\x03\x0a\x01y", "unknown field feed_var[1].9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path)
			if want := path + ": " + c.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}

func TestAliasIsTheNameWhereThereIsNone(t *testing.T) {
	got, err := Parse([]byte(`feed_var { name: "x" is_lod_tensor: true shape: -1 } fetch_var { name: "y" fetch_type: 20 }`))
	if err != nil {
		t.Fatal(err)
	}
	want := &Conf{
		Feeds:   []Var{{Name: "x", Alias: "x", DType: sampan.Int64, Shape: sampan.Shape{-1}, LoD: true}},
		Fetches: []Var{{Name: "y", Alias: "y", DType: sampan.String}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
