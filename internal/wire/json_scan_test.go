package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// documents have every construct of JSON, right and wrong.
var documents = []string{
	`{}`, `[]`, `null`, `true`, `false`, `0`, `""`, ` {} `, "\t[\r\n]", `{"a":1}`, `{"a":[1,2,{"b":null}],"c":"d"}`, `[[[]]]`,
	`[1,2]`, `[ 1 , 2 ]`, `"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"`, `"é😀"`, `[-1.5e-3,true,false,null,"x"]`, `{"":""}`, `{"a":{"a":{"a":{}}}}`,
	"", " ", "{", "[", `"`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `[1,]`, `[,1]`, `[1 2]`, `{"a" 1}`, `{a:1}`, `{'a':1}`,
	`{"a":1 "b":2}`, `[1}`, `{"a":1]`, `nul`, `nulll`, `tru`, `True`, `TRUE`, `"\x"`, `"\u12"`, `"\u12G4"`, `"\`, "\"\n\"", "\"\x00\"",
	`[1]x`, `[1][2]`, `/**/1`, `[1]//`, `NaN`, `[NaN]`, `[Infinity]`, `[+1]`, `[01]`, `[1.]`, `[.1]`, `[1e]`, `[--1]`, "\ufeff{}", "\x00",
	`["` + "\xff" + `"]`, `"\ud800"`, `"\udc00\ud800"`, `"\ud800\u0041"`, `{"a":"b","a":"c"}`, `[0e1]`, `[-]`, `[1,-]`, "[\v1]", "[\u00a01]",
}

func validBySkip(body []byte) (bool, error) {
	s := scanner{body: body}
	err := s.skip()
	if err == nil {
		err = s.end()
	}
	return err == nil, err
}

func TestSkipAgreesWithEncodingJSON(t *testing.T) {
	for _, doc := range documents {
		if got, err := validBySkip([]byte(doc)); got != json.Valid([]byte(doc)) {
			t.Errorf("%q: %v, want %v", doc, err, json.Valid([]byte(doc)))
		}
	}
}

// TestSkipAgreesOnBrokenDocuments changes documents at random.
func TestSkipAgreesOnBrokenDocuments(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const letters = `{}[]",:\/ 0123456789.eE+-tfnurl` + "\n\x01\xff"
	valid := 0
	for range 200000 {
		doc := []byte(documents[r.IntN(len(documents))])
		for range 1 + r.IntN(2) {
			switch at := r.IntN(len(doc) + 1); {
			case r.IntN(3) == 0 || at == len(doc):
				doc = append(doc[:at], append([]byte{letters[r.IntN(len(letters))]}, doc[at:]...)...)
			case r.IntN(2) == 0:
				doc[at] = letters[r.IntN(len(letters))]
			default:
				doc = append(doc[:at], doc[at+1:]...)
			}
		}
		want := json.Valid(doc)
		if got, err := validBySkip(doc); got != want {
			t.Fatalf("%q: %v, want %v", doc, err, want)
		}
		if want {
			valid++
		}
	}
	if valid < 1000 {
		t.Errorf("%d documents were valid, want more", valid)
	}
}

func TestTextsAgreeWithEncodingJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	parts := []string{"a", "abcdefgh", `\n`, `\b`, `\f`, `\r`, `\t`, `\"`, `\\`, `\/`, `\u0000`, `\u00e9`, `\ud83d\ude00`, `\ud83d`, `\ude00`, `\uFFFD`, "é", "😀", "\xff", "\xf0\x9f", "\u2028", "<>&", "\x7f"}
	for range 20000 {
		text := `"`
		for range r.IntN(12) {
			text += parts[r.IntN(len(parts))]
		}
		text += `"`
		var want string
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		s := scanner{body: []byte(text)}
		got, err := s.string()
		if err != nil || got != want || s.pos != len(text) {
			t.Fatalf("%q: %q, %v, want %q", text, got, err, want)
		}
		// And out again.
		written := appendText(nil, want)
		var back string
		if err := json.Unmarshal(written, &back); err != nil || back != want {
			t.Fatalf("%q was written %q: %v", want, written, err)
		}
		if raw := string(appendText(nil, text)); !json.Valid([]byte(raw)) {
			t.Fatalf("%q was written %q", text, raw)
		}
	}
}

func TestPlain(t *testing.T) {
	for n := range 40 {
		for _, c := range []byte{'"', '\\', 0, 1, 0x1f} {
			b := []byte(strings.Repeat("é~ !#", 8))
			b[n] = c
			if got := plain(b); got != n {
				t.Errorf("%q at %d: found at %d", c, n, got)
			}
		}
		if b := []byte(strings.Repeat("\xff\x7f !#[]", 8)[:n]); plain(b) != n {
			t.Errorf("%d plain bytes: found at %d", n, plain(b))
		}
	}
}

func TestBase64(t *testing.T) {
	tests := map[string]string{
		"AAEC/w==": "\x00\x01\x02\xff", "AAEC/w": "\x00\x01\x02\xff", "AAEC_w==": "\x00\x01\x02\xff", "AAEC_w": "\x00\x01\x02\xff",
		`AAEC\/w==`: "\x00\x01\x02\xff", "": "", "+/+/": "\xfb\xff\xbf", "-_-_": "\xfb\xff\xbf",
	}
	for text, want := range tests {
		s := scanner{body: []byte(`"` + text + `"`)}
		if got, err := s.base64(); err != nil || string(got) != want {
			t.Errorf("%s: %x, %v, want %x", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"@@@": "body: not base64 at byte 0 of 3", "AAEC/w=": "body: not base64 at byte 7 of 7", "A": "body: not base64 at byte 0 of 1", "+_": "body: not base64 at byte 0 of 2", "AA=A": "body: not base64 at byte 2 of 4",
	} {
		s := scanner{body: []byte(`"` + text + `"`)}
		if _, err := s.base64(); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	s := scanner{body: appendBase64(nil, all)}
	if got, err := s.base64(); err != nil || string(got) != string(all) || string(s.body) != `"`+base64.StdEncoding.EncodeToString(all)+`"` {
		t.Errorf("written as %s: %v", s.body, err)
	}
}

func TestDepth(t *testing.T) {
	deepest := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	if ok, err := validBySkip([]byte(deepest)); !ok {
		t.Errorf("100 lists: %v", err)
	}
	var syntax *syntaxError
	if _, err := validBySkip([]byte("[" + deepest + "]")); !errors.As(err, &syntax) || syntax.offset != 100 {
		t.Errorf("101 lists: %v", err)
	}
	brackets := strings.Repeat("[", 10<<20)
	for body, want := range map[string]string{
		brackets:                              "not JSON at byte 100: nested deeper than 100",
		`{"a":` + brackets:                    "not JSON at byte 104: nested deeper than 100",
		`{"tensor":` + brackets:               "not JSON at byte 109: nested deeper than 100",
		`{"feed":` + brackets:                 "not JSON at byte 107: nested deeper than 100",
		strings.Repeat(`{"a":`, 1<<20):        "not JSON at byte 500: nested deeper than 100",
		`{"feed":[{"x":` + brackets:           "not JSON at byte 111: nested deeper than 100",
		`{"fetch":["price"],"feed":{"x":[[[1`: "not JSON at byte 35: the end, want ',' or ']'",
	} {
		_, feedErr := DecodeFeed([]byte(body), testFeeds)
		_, err := readJSON([]byte(body))
		if strings.HasPrefix(body, `{"fe`) {
			err = feedErr
		}
		if err == nil || err.Error() != want {
			t.Errorf("%.40s…: %v, want %s", body, err, want)
		}
	}
}
