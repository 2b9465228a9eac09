package zoo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sampanml/sampan"
)

func TestIndexFaults(t *testing.T) {
	good := `"task":"T","sha256":"` + strings.Repeat("a", 64) + `","size":1,"licence":"MIT"`
	for _, c := range []struct{ index, want string }{
		{``, "index i.json: EOF"},
		{`{"models":[]} {}`, "something follows the object"},
		{`{"modles":[]}`, `unknown field "modles"`},
		{`{"models":[{"name":"a",` + good + `}]}`, `model "a": url "", path "": want one of them`},
		{`{"models":[{"name":"a","url":"http://h/a.zip","path":"b",` + good + `}]}`, `url "http://h/a.zip", path "b": want one of them`},
		{`{"models":[{"name":"../a","path":"b",` + good + `}]}`, `name "../a": want letters, digits and . _ + -`},
		{`{"models":[{"name":".a","path":"b",` + good + `}]}`, `name ".a": want`},
		{`{"models":[{"name":"a","path":"../b",` + good + `}]}`, `path "../b": want a path beside the index`},
		{`{"models":[{"name":"a","path":"/etc",` + good + `}]}`, `path "/etc": want a path beside the index`},
		{`{"models":[{"name":"a","path":"b","model":"../c",` + good + `}]}`, `model "../c": want a path within the model`},
		{`{"models":[{"name":"a","url":"file:///etc/passwd",` + good + `}]}`, `"file:///etc/passwd": want http://, https:// or s3://`},
		{`{"models":[{"name":"a","url":"https://h/",` + good + `}]}`, `"https://h/": want a host and a path`},
		{`{"models":[{"name":"a","url":"https://h/x",` + good + `}]}`, `want a name that ends with .onnx, .tar`},
		{`{"models":[{"name":"a","path":"b",` + good + `},{"name":"a","path":"c",` + good + `}]}`, `model "a" is there twice`},
		{`{"models":[{"name":"a","path":"b","sha256":"A","size":-1}]}`, "task is missing\nlicence is missing\nsha256 \"A\": want 64 digits of 0-9 and a-f\nsize -1: want 1 to 1099511627776 bytes"},
		{`{"models":[{"name":"a","path":"b","description":"\u001b[2J",` + good + `}]}`, `description "\x1b[2J": want one line of at most 200 bytes`},
		{`{"models":[{"name":"a","path":"b\n",` + good + `}]}`, `path "b\n": want a path beside the index`},
		{`{"models":[{"name":"a","size":1e30}]}`, "cannot unmarshal number 1e30"},
	} {
		_, err := ReadIndex(fstest.MapFS{"i.json": {Data: []byte(c.index)}}, "i.json")
		refused(t, err, sampan.InvalidArgument, c.want)
	}
	_, err := ReadIndex(fstest.MapFS{"i.json": {Data: bytes.Repeat([]byte(" "), maxIndex+1)}}, "i.json")
	refused(t, err, sampan.InvalidArgument, "more than 16 MiB, want an index")
	_, err = OpenIndex(t.Context(), filepath.Join(t.TempDir(), "none.json"))
	refused(t, err, sampan.NotFound, "no such file or directory")
	_, err = OpenIndex(t.Context(), "ftp://h/x")
	refused(t, err, sampan.InvalidArgument, `index: "ftp://h/x/index.json": want http://, https:// or s3://`)
	_, err = OpenIndex(t.Context(), "http://127.0.0.1:1/x.json")
	refused(t, err, sampan.Unavailable, "http://127.0.0.1:1/x.json: dial tcp 127.0.0.1:1: connect: connection refused")
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, IndexFile), indexOf(t, entry("lac", "lac", []byte("x"))), 0o600); err != nil {
		t.Fatal(err)
	}
	mine, err := OpenIndex(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	theirs := serve(t, nil, entry("lac", "theirs.zip", []byte("y")), entry("senta", "senta.zip", []byte("z")))
	both := []*Index{mine, theirs}
	if m, err := Find(both, "lac"); err != nil || m.Path != "lac" || m.Origin() != filepath.Join(dir, IndexFile) {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := Find(both, "senta"); err != nil || !strings.HasPrefix(m.Origin(), "http://127.0.0.1") {
		t.Errorf("%+v, %v", m, err)
	}
	_, err = Find(both, "sneta")
	refused(t, err, sampan.NotFound, `no index has a model "sneta"; did you mean "senta"?`)
	_, err = Find(both, "resnet50")
	refused(t, err, sampan.NotFound, `no index has a model "resnet50", of 2 models`)
}

func FuzzIndex(f *testing.F) {
	f.Add(indexOf(f, entry("a", "b/c.tar.gz", []byte("x"))))
	f.Add([]byte(`{"models":[{"name":"a","url":"s3://b/c.zip"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		index, err := parseIndex(data, &Index{Origin: "i"})
		if (index == nil) == (err == nil) {
			t.Fatalf("%v, %v", index, err)
		}
		if err == nil {
			for _, m := range Models([]*Index{index}) {
				if !filepath.IsLocal(m.Name) || m.Path != "" && !filepath.IsLocal(m.Path) {
					t.Errorf("%+v", m)
				}
			}
		}
	})
}
