package zoo

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

// unpacked unpacks bytes into a new directory, beside which nothing may appear.
func unpacked(t testing.TB, data []byte, f format) (string, error) {
	t.Helper()
	dir := t.TempDir()
	path, to := filepath.Join(dir, "archive"), filepath.Join(dir, "to")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	archive, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	err = unpack(archive, f, to)
	if beside, _ := os.ReadDir(dir); len(beside) != 2 {
		t.Errorf("there is %v in the directory around", beside)
	}
	return to, err
}

func TestUnpack(t *testing.T) {
	members := []member{{"m/", ""}, {"m/a", "alpha"}, {"./m/deep/er/b", "beta"}, {"c", ""}}
	want := map[string]string{"m/a": "alpha", "m/deep/er/b": "beta", "c": ""}
	for f, data := range map[format][]byte{tarball: tarOf(t, members...), gzipped: gzipOf(t, tarOf(t, members...)), zipped: zipOf(t, members...)} {
		to, err := unpacked(t, data, f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, files(t, to)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestUnpackPaths(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"../evil", "leads out of the archive"},
		{"a/../../evil", "leads out of the archive"},
		{"a/../b", "leads out of the archive"},
		{"/etc/evil", "leads out of the archive"},
		{"..", "leads out of the archive"},
		{`a\..\evil`, "is no plain text"},
		{"a\nb", "is no plain text"},
		{"a\xff", "is no plain text"},
		{strings.Repeat("d/", 40) + "x", "deeper than 32 directories"},
		{strings.Repeat("x", 1025), "longer than 1024 bytes"},
	} {
		for f, data := range map[format][]byte{tarball: tarOf(t, member{c.name, "x"}), zipped: zipOf(t, member{c.name, "x"})} {
			_, err := unpacked(t, data, f)
			refused(t, err, sampan.InvalidArgument, c.want)
		}
	}
	for _, members := range [][]member{{{"a", "1"}, {"a", "2"}}, {{"a", "1"}, {"a/b", "2"}}, {{"a/b", "1"}, {"a", "2"}}, {{"a", "1"}, {"./a", "2"}}, {{"a", "1"}, {"a/", ""}}} {
		for f, data := range map[format][]byte{tarball: tarOf(t, members...), zipped: zipOf(t, members...)} {
			_, err := unpacked(t, data, f)
			refused(t, err, sampan.InvalidArgument, "is there twice, or within a file")
		}
	}
}

func TestUnpackLinks(t *testing.T) {
	for _, kind := range []byte{tar.TypeSymlink, tar.TypeLink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := w.WriteHeader(&tar.Header{Name: "l", Linkname: "/etc", Typeflag: kind}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := unpacked(t, b.Bytes(), tarball)
		refused(t, err, sampan.InvalidArgument, `"l" is a link or a device`)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "l"}
	h.SetMode(fs.ModeSymlink | 0o777)
	if f, err := w.CreateHeader(h); err != nil {
		t.Fatal(err)
	} else if _, err := f.Write([]byte("/etc")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := unpacked(t, b.Bytes(), zipped)
	refused(t, err, sampan.InvalidArgument, `"l" is a link or a device`)
}

func TestUnpackBounds(t *testing.T) {
	zeros := strings.Repeat("\x00", freeBytes+1)
	for f, data := range map[format][]byte{gzipped: gzipOf(t, tarOf(t, member{"bomb", zeros})), zipped: zipOf(t, member{"bomb", zeros})} {
		_, err := unpacked(t, data, f)
		refused(t, err, sampan.ResourceExhausted, "the archive has more than 67108864 bytes of files")
	}
	var many []member
	for i := range maxFiles + 1 {
		many = append(many, member{fmt.Sprintf("%d/", i), ""})
	}
	_, err := unpacked(t, tarOf(t, many...), tarball)
	refused(t, err, sampan.ResourceExhausted, "the archive has more than 10000 files")
}

// A zip whose directory alone would fill the memory.
func TestUnpackDirectoryOfAZip(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range 300 {
		h := &zip.FileHeader{Name: fmt.Sprint(i), Comment: strings.Repeat("x", 60_000)}
		if _, err := w.CreateHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := unpacked(t, b.Bytes(), zipped)
	refused(t, err, sampan.InvalidArgument, "its directory is too large")
}

func TestUnpackBroken(t *testing.T) {
	whole := gzipOf(t, tarOf(t, member{"a", strings.Repeat("alpha", 1000)}))
	for f, data := range map[format][]byte{gzipped: whole[:len(whole)/2], tarball: tarOf(t, member{"a", "alpha"})[:514], zipped: zipOf(t, member{"a", "alpha"})[:40]} {
		_, err := unpacked(t, data, f)
		refused(t, err, sampan.InvalidArgument, "the archive: ")
	}
	_, err := unpacked(t, nil, tarball)
	refused(t, err, sampan.InvalidArgument, "there are no files in it")
	wrong := zipOf(t, member{"a", "alpha"})
	copy(wrong[bytes.Index(wrong, []byte("PK\x01\x02"))+16:], "\x00\x00\x00\x00")
	_, err = unpacked(t, wrong, zipped)
	refused(t, err, sampan.InvalidArgument, `"a": zip: checksum error`)
}

func FuzzUnpack(f *testing.F) {
	members := []member{{"m/", ""}, {"m/a", "alpha"}, {"./b", ""}}
	f.Add(tarOf(f, members...), byte(tarball))
	f.Add(gzipOf(f, tarOf(f, members...)), byte(gzipped))
	f.Add(zipOf(f, members...), byte(zipped))
	f.Add(zipOf(f, member{"../evil", "x"}), byte(zipped))
	f.Fuzz(func(t *testing.T, data []byte, kind byte) {
		to, err := unpacked(t, data, tarball+format(kind%3))
		if err == nil && len(files(t, to)) == 0 {
			// Directories alone are nothing, but no danger.
			return
		}
		_ = filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() && !d.Type().IsRegular() {
				t.Errorf("%s: %v %v", path, d, err)
			}
			return nil
		})
	})
}
