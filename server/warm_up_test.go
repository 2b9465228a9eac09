package server

import (
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// pair takes x [-1 2] and ids [-1 1].
var pair = &engine.Signature{Inputs: []engine.Field{
	{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{-1, 2}},
	{Name: "ids", Alias: "words", DType: sampan.Int64, Shape: sampan.Shape{-1, 1}},
}}

const (
	feedLine    = `{"feed":[{"x":[1,2],"words":[3]}],"fetch":[]}`
	messageLine = `{"tensor":[{"name":"ids","elem_type":0,"shape":[1,1],"int64_data":[3]},{"alias_name":"x","elem_type":1,"shape":[1,2],"float_data":[1,2]}]}`
)

func TestRecordedRequests(t *testing.T) {
	out, err := parseRecorded("f", []byte(feedLine+"\n\n  "+messageLine), pair)
	if err != nil || len(out) != 2 {
		t.Fatalf("%d requests, %v", len(out), err)
	}
	for i, where := range []string{"f:1", "f:3"} {
		in := out[i].Inputs
		if out[i].Where != where || in[0].DType != sampan.Float32 || in[1].DType != sampan.Int64 || !in[0].Shape.Equal(sampan.Shape{1, 2}) {
			t.Errorf("request %d: %+v", i, out[i])
		}
	}
	for text, want := range map[string]string{
		feedLine + "\n{":                       `f:2: `,
		feedLine + "\n\nfeed":                  `f:3: `,
		`{"feed":[{"x":[1,2]}],"fetch":[]}`:    `f:1: `,
		`{"tensor":[{"name":"x"}]}`:            `f:1: `,
		`{"tensor":[]}`:                        `f:1: input "x" is missing`,
		strings.Repeat(feedLine+"\n", 1001):    `f:1001: more than 1000 requests`,
		`{"feed":[{"x":[1],"words":[3]}],"f":`: `f:1: `,
	} {
		_, err := parseRecorded("f", []byte(text), pair)
		if err == nil || !strings.HasPrefix(err.Error(), want) || sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

func FuzzRecorded(f *testing.F) {
	f.Add([]byte(feedLine + "\n" + messageLine))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := parseRecorded("f", data, pair)
		if err != nil && sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("code %s: %v", sampan.CodeOf(err), err)
		}
		for _, r := range out {
			if len(r.Inputs) != 2 {
				t.Errorf("%d inputs", len(r.Inputs))
			}
		}
	})
}
