package paddle

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

// testdata/encrypted is the tutorial's model, its parameters in one file, encrypted by
// Paddle 2.6.2's CipherFactory with the key 00 01 … 0f.
func encryptedKey() []byte {
	key := make([]byte, 16)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func TestEncrypted(t *testing.T) {
	dir := filepath.Join("testdata", "encrypted")
	e := Encrypted{Key: encryptedKey()}
	if files, ok := e.Find(dir); !ok || len(files) != 2 {
		t.Errorf("found %q %v", files, ok)
	}
	if _, ok := e.Find("testdata"); ok {
		t.Error("found an encrypted model where there is none")
	}
	got, err := e.Translate(dir)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Format{}.Translate(fixture.Repo("examples", "fit_a_line", "uci_housing_model"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the model is another one than the plain files make")
	}
}

func TestEncryptedFaults(t *testing.T) {
	whole := filepath.Join("testdata", "encrypted")
	broken := t.TempDir()
	for name, content := range map[string]string{encryptedProgram: "short", encryptedParams: ""} {
		if err := os.WriteFile(filepath.Join(broken, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		dir  string
		key  []byte
		want string
	}{
		{whole, nil, "a key of 0 bytes, want 16, 24 or 32"},
		{whole, make([]byte, 17), "a key of 17 bytes, want 16, 24 or 32"},
		{whole, make([]byte, 16), "the key may be wrong: "},
		{broken, encryptedKey(), "encrypt_model is too short to be encrypted"},
		{t.TempDir(), encryptedKey(), "no such file"},
	} {
		_, err := Encrypted{Key: c.key}.Translate(c.dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || sampan.CodeOf(err) == sampan.Internal {
			t.Errorf("%s: %v, want %q", c.dir, err, c.want)
		}
	}
}
