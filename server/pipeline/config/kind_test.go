package config

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What PyYAML 6.0.3's FullLoader makes of each, seen there. Differently from it, 1:30
// (90 there) is a text, 1e3 and 09 (texts there) are fractions, and 0o10 (a text there)
// is an integer: none of them is what a key wants, or nobody writes it.
func TestKind(t *testing.T) {
	for written, want := range map[string]kind{
		"~": null, "null": null, "Null": null, "NULL": null, "": null, "nULL": text,
		"yes": boolean, "On": boolean, "TRUE": boolean, "off": boolean, "No": boolean, "False": boolean,
		"y": text, "tRUE": text, "oN": text, "'yes'": text, `"no"`: text, "!!str yes": text, "!!bool 'yes'": boolean,
		"010": integer, "1_000": integer, "0x1F": integer, "0b11": integer, "+3": integer, "-0": integer, "!!int '5'": integer,
		"'5'": text, "!!str 5": text, "0,1": text, "127.0.0.1:9393": text,
		"0.5": other, "1.5": other, ".inf": other, "2001-01-01": other, "!own 5": other,
		"- 5": list, "[]": list, "{}": mapping,
		"1:30": text, "1e3": other, "09": other, "0o10": integer,
	} {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte("k: "+strings.Replace(written, "- ", "\n- ", 1)), &n); err != nil {
			t.Fatalf("%q: %v", written, err)
		}
		if got := kindOf(n.Content[0].Content[1]); got != want {
			t.Errorf("%q is %s, want %s", written, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for written, want := range map[string]int64{"010": 8, "1_000": 1000, "0x1F": 31, "0b11": 3, "+3": 3, "-0": 0, "1__0": 10} {
		if got, ok := number(&yaml.Node{Value: written}); !ok || got != want {
			t.Errorf("%q is %d, %t, want %d", written, got, ok, want)
		}
	}
}
