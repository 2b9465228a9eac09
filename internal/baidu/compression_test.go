package baidu

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

func TestCompression(t *testing.T) {
	for _, text := range []string{"", "a", strings.Repeat("sampan ", 10000)} {
		for _, c := range []Compression{None, Snappy, Gzip, Zlib} {
			out, err := c.Compress([]byte("before"), []byte(text))
			if err != nil || !bytes.HasPrefix(out, []byte("before")) {
				t.Fatalf("%v: %.20q %v", c, out, err)
			}
			message := out[len("before"):]
			if c != None && len(text) > 1000 && len(message) > len(text)/10 {
				t.Errorf("%v: %d bytes of %d", c, len(message), len(text))
			}
			if plain, err := c.Expand(message, len(text)); err != nil || string(plain) != text {
				t.Errorf("%v: %d bytes come back as %d (%v)", c, len(text), len(plain), err)
			}
			if len(text) == 0 || c == None {
				continue
			}
			if _, err := c.Expand(message, len(text)-1); sampan.CodeOf(err) != sampan.ResourceExhausted {
				t.Errorf("%v above the bound: %v", c, err)
			}
			if _, err := c.Expand(message[:len(message)-1], len(text)); sampan.CodeOf(err) != sampan.InvalidArgument {
				t.Errorf("%v cut short: %v", c, err)
			}
		}
	}
}

func TestUnknownCompression(t *testing.T) {
	const want = "compress_type 9 is not known; known are 0 none, 1 snappy, 2 gzip, 3 zlib"
	if _, err := Compression(9).Expand(nil, 1); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := Compression(9).Compress(nil, nil); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
