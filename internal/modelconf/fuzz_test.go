package modelconf

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/configure"
)

// FuzzParse reads the bytes as either form. What is accepted is whole, and says the
// same once it is written in the other form, or written anew.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"serving_server_conf.prototxt", "serving_server_conf.stream.prototxt"} {
		data, err := os.ReadFile(fixture.Repo("examples", "fit_a_line", "uci_housing_model", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`feed_var { name: "a" alias_name: "b" feed_type: 20 shape: [-1, 3] } fetch_var < name: "y" is_lod_tensor: true >`))
	f.Add([]byte("\x0a\x05\x0a\x01z\x48\x01\x12\x03\x0a\x01y"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := Parse(data); err == nil {
			checkWhole(t, c)
			var m configure.GeneralModelConfig
			if err := prototext.Unmarshal(data, &m); err != nil {
				t.Fatal(err)
			}
			binary, err := proto.Marshal(&m)
			if err != nil {
				t.Fatal(err)
			}
			same(t, c, binary, ParseBinary)
			text, binary, err := c.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			same(t, c, text, Parse)
			same(t, c, binary, ParseBinary)
		}
		if c, err := ParseBinary(data); err == nil {
			checkWhole(t, c)
			var m configure.GeneralModelConfig
			if err := proto.Unmarshal(data, &m); err != nil {
				t.Fatal(err)
			}
			text, err := prototext.Marshal(&m)
			if err != nil {
				t.Fatal(err)
			}
			same(t, c, text, Parse)
		}
	})
}

func same(t *testing.T, want *Conf, data []byte, parse func([]byte) (*Conf, error)) {
	t.Helper()
	got, err := parse(data)
	if err != nil {
		t.Fatalf("the other form: %v", err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("the other form (-want +got):\n%s", d)
	}
}

func checkWhole(t *testing.T, c *Conf) {
	t.Helper()
	for _, list := range [][]Var{c.Feeds, c.Fetches} {
		if len(list) == 0 {
			t.Fatal("an empty list was accepted")
		}
		seen := map[string]bool{}
		for _, v := range list {
			if v.Name == "" || v.Alias == "" || !v.DType.Valid() || seen[v.Alias] {
				t.Fatalf("%+v was accepted", v)
			}
			seen[v.Alias] = true
			for _, d := range v.Shape {
				if d < -1 {
					t.Fatalf("shape %v was accepted", v.Shape)
				}
			}
		}
	}
}
