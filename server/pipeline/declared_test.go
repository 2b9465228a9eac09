package pipeline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/server/pipeline"
	"github.com/sampanml/sampan/server/pipeline/pipelinetest"
)

// file writes a config.yml whose models are this repository's.
func file(t testing.TB, text string) string {
	t.Helper()
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "EXAMPLES", examples)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func declared(t testing.TB, text string) *client.PipelineClient {
	t.Helper()
	path := file(t, text)
	return pipelinetest.Serve(t, func(o pipeline.Options) *pipeline.Service { return pipeline.Declared(path, o) }, options(t))
}

const uciModel = `
rpc_port: 9998
name: uci
op:
    uci:
        local_service_conf: {model_config: EXAMPLES/fit_a_line/uci_housing_model}
`

func TestDeclaredConditions(t *testing.T) {
	c := declared(t, `
rpc_port: 9998
name: route
ops:
  - name: count
    post: [array: {from: n}]
    next:
      - {to: few, value: n, below: 10}
      - {to: many, value: n, above: 9.5}
  - {name: few, after: count, post: [str: {from: n, to: few}], give: few}
  - {name: many, after: count, post: [repr: {from: n, to: many}], give: many}
  - {name: answer, after: [few, many]}
`)
	for n, want := range map[string][]string{"7": {"few", "7"}, "12": {"many", "array(12)"}} {
		answer, err := c.Predict(t.Context(), client.Feed{"n": n}, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := answer.Text(answer.Keys()[0])
		if got := []string{answer.Keys()[0], text}; !cmp.Equal(got, want) {
			t.Errorf("%s: %q, want %q", n, got, want)
		}
	}
	if _, err := c.Predict(t.Context(), client.Feed{"n": "[1, 2]"}, nil); err == nil ||
		!strings.Contains(err.Error(), `next: "n": it is an array of int64 with shape [2], want a number`) {
		t.Errorf("a list for a number: %v", err)
	}
}

// TestDeclaredInput has another name for the model's input, an answer of one value among
// several, and the faults of a call.
func TestDeclaredInput(t *testing.T) {
	c := declared(t, uciModel+`
ops:
  - name: uci
    pre: [rows: {from: house, to: numbers}]
    feed: {x: numbers}
    post:
      - str: {from: price, to: text}
      - repr: {from: price, to: exact}
    give: exact
`)
	answer, err := c.Predict(t.Context(), client.Feed{"house": sample}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := answer.Text("exact"); text != "array([[18.901152]], dtype=float32)" || len(answer.Keys()) != 1 {
		t.Errorf("%q, %q", answer.Keys(), text)
	}
	for name, c2 := range map[string]struct {
		feed client.Feed
		want string
	}{
		"nothing":      {client.Feed{}, `"house" is missing`},
		"no number":    {client.Feed{"house": "a, b"}, `rows of "house": could not convert string to float: a`},
		"ragged":       {client.Feed{"house": "1, 2; 3"}, "row 1 has 1 numbers, the first has 2"},
		"too few":      {client.Feed{"house": "1, 2"}, `input "x": shape [1 2], want [-1 13]`},
		"empty text":   {client.Feed{"house": ""}, "could not convert string to float"},
		"half a house": {client.Feed{"house": "1, 2;"}, "could not convert string to float"},
	} {
		if _, err := c.Predict(t.Context(), c2.feed, nil); err == nil || !strings.Contains(err.Error(), c2.want) {
			t.Errorf("%s: %v, want %s", name, err, c2.want)
		}
	}
}

// TestDeclaredFaults tells everything that is wrong at once.
func TestDeclaredFaults(t *testing.T) {
	path := file(t, strings.Replace(uciModel, "9998", "998", 1)+`
    nobody: {timeout: soon}
ops:
  - name: a
    pre:
      - rowz: {from: x}
      - rows: {form: x}
      - reshape: {from: x, shape: [-1, -1]}
      - top: {from: x, k: many}
      - rows
  - {name: b, after: nowhere}
  - {name: uci, befor: a}
  - {after: request}
  - {name: b, next: [{to: x, value: y}]}
  - {name: c, pre: [imdb_words: {from: x, vocabulary: missing.txt}]}
  - {name: d, after: d, next: [{to: e}, {to: c}]}
  - {name: e, after: f, next: [{to: g, when: x}, {to: f, value: y, above: 1}, {value: y}]}
  - {name: f, next: never}
  - {name: g, after: []}
  - g
  - {name: d}
  - {name: last}
`)
	_, err := pipeline.Declared(path, options(t)).Listen(t.Context())
	if err == nil {
		t.Fatal("no fault was found")
	}
	for _, want := range []string{
		`config.yml:2: rpc_port: got 998, want`,
		`config.yml:8: op.nobody.timeout: got "soon", want an integer`,
		`config.yml:8: op.nobody is not an op of the pipeline`,
		`config.yml:10: ops[0]: pre: line 12: step 0: step "rowz" is not known; did you mean "rows"?`,
		`config.yml:10: ops[0]: pre: line 13: step 1: rows: setting "form" is not known`,
		`config.yml:10: ops[0]: pre: line 14: step 2: reshape: shape [-1 -1] has -1 more than once`,
		`config.yml:10: ops[0]: pre: line 15: step 3: top: `,
		`config.yml:10: ops[0]: pre: line 16: step 4: rows: from is missing`,
		`ops[1]: after: op "nowhere" is not known`,
		`ops[2]: befor: is not known; known are name, after, pre, feed, post, give, next`,
		`ops[3]: name is missing`,
		`ops[4]: next: entry 0: want {to: OP, value: NAME, and one of above, below, equals, empty}, or {to: OP} alone`,
		`ops[5]: pre: line 21: step 0: open `,
		`ops[6]: after: op "d" is not known`,
		`config.yml:22: ops[6]: next: entry 1: no op "c" comes after "d"`,
		`ops[7]: after: op "f" is not known`,
		`ops[7]: next: entry 0: when is not known; known are to, value, above, below, equals, empty`,
		`ops[7]: next: entry 2: want {to: OP, value: NAME, `,
		`ops[8]: next: want a list of {to: OP, ...}`,
		`ops[9]: after: want an op or request, or several`,
		`ops[10]: want keys with values`,
		`ops[11]: name: there are two ops "d"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
}

// TestDeclaredForm has one fault each, which nothing else hides.
func TestDeclaredForm(t *testing.T) {
	for text, want := range map[string]string{
		"ops: [{name: uci}, {name: b}, {name: c, after: uci}]":                  `config.yml:7: ops[1]: no op comes after "b", and the answer is that of the last, "c"`,
		"ops: [{name: uci, next: [{to: c}]}, {name: b}, {name: c}]":             `ops[0]: next: entry 0: no op "c" comes after "uci"`,
		"ops: [{name: uci, feed: {y: x}}]":                                      `op "uci": feed: "y" is not known; the model takes "x"`,
		"ops: [{name: uci}, {name: b, feed: {x: price}}]":                       `op "b": feed: the op has no model`,
		"ops: [{name: uci}, {name: b, after: [uci, uci]}]":                      `node "b" depends on "uci" twice`,
		"ops: [{name: uci}, {name: request}]":                                   `ops[1]: name: there are two ops "request"`,
		"ops: {name: uci}":                                                      "ops: want a list of ops",
		"ops: [{name: b}]":                                                      "config.yml:5: op.uci is not an op of the pipeline",
		"ops: [{name: uci, name: b}]":                                           "config.yml:7: ops[0].name: is there twice",
		"ops: [{name: uci, post: [str: {from: price, method: [a]}]}]":           "ops[0]: post: line 7: step 0: ",
		"ops: [{name: uci, next: [{to: b, value: p, above: much}]}, {name: b}]": "ops[0]: next: entry 0: ",
	} {
		_, err := pipeline.Declared(file(t, uciModel+text), options(t)).Listen(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		} else if n := strings.Count(err.Error(), "\n"); n > 0 {
			t.Errorf("%s: %d faults more: %v", text, n, err)
		}
	}
}

// TestServiceFaults are those of a service put together in Go.
func TestServiceFaults(t *testing.T) {
	o := options(t)
	for name, c := range map[string]struct {
		make func() *pipeline.Service
		want []string
	}{
		"two ends": {func() *pipeline.Service {
			svc := pipeline.Parse("uci", []byte("rpc_port: 9998"), o)
			a := svc.Add("a", nil, svc.Request())
			svc.Add("b", nil, a)
			svc.Respond(svc.Add("c", nil, a))
			return svc
		}, []string{`two ends: b, c; want one node that no other depends on`}},
		"everything": {func() *pipeline.Service {
			svc := pipeline.Parse("uci", []byte("rpc_port: 9998\nop: {nobody: {}}"), o)
			svc.Add("a", nil)
			svc.Add("b", nil, nil)
			return svc
		}, []string{`op "a" comes after nothing`, `op "b" comes after nothing`, "no op answers", "config.yml:2: op.nobody is not an op of the pipeline"}},
		"a wrong name": {func() *pipeline.Service {
			svc := pipeline.Parse("a/b", []byte("rpc_port: 9998"), o)
			svc.Respond(svc.Add("a", nil, svc.Request()))
			return svc
		}, []string{`name: got "a/b", want the service's name, one path element`}},
		"an answer in the middle": {func() *pipeline.Service {
			svc := pipeline.Parse("uci", []byte("rpc_port: 9998"), o)
			a := svc.Add("a", nil, svc.Request())
			svc.Add("b", nil, a)
			svc.Respond(a)
			return svc
		}, []string{`op "a" answers, and another comes after it`}},
		"an op of another": {func() *pipeline.Service {
			svc := pipeline.Parse("uci", []byte("rpc_port: 998"), o)
			other := pipeline.Parse("uci", []byte("rpc_port: 9998"), o)
			svc.Respond(svc.Add("b", nil, svc.Request(), other.Add("a", nil, other.Request())))
			return svc
		}, []string{"config.yml:1: rpc_port: got 998", `node "b" depends on "a", which is not there`}},
		"double name": {func() *pipeline.Service {
			svc := pipeline.Parse("uci", []byte("rpc_port: 9998"), o)
			svc.Respond(svc.Add("a", nil, svc.Add("a", nil, svc.Request())))
			return svc
		}, []string{`two nodes have the name "a"`}},
		"no config": {func() *pipeline.Service { return pipeline.New("uci", "nowhere.yml", o) }, []string{"nowhere.yml: no such file"}},
		"no model": {func() *pipeline.Service {
			svc := pipeline.Parse("uci", []byte("rpc_port: 9998\nop: {a: {local_service_conf: {model_config: nowhere}}, b: {local_service_conf: {model_config: nowhere}}}"), o)
			svc.Respond(svc.Add("b", nil, svc.Add("a", nil, svc.Request())))
			return svc
		}, []string{`op "a": `, `op "b": `}},
		"wrong output": {func() *pipeline.Service {
			return chain(t, strings.Replace(uciConfig, "[price]", "[prize]", 1), o, []string{"uci"}, uci{})
		}, []string{`op "uci": fetch_list: "prize" is not known; the model gives "price"`}},
	} {
		_, err := c.make().Listen(t.Context())
		if err == nil {
			t.Errorf("%s: no fault was found", name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: no %q in: %v", name, want, err)
			}
		}
	}
}
