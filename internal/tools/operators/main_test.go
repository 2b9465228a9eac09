package main

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
)

func TestDocument(t *testing.T) {
	got := string(document(
		[]paddle.Support{{Name: "a", PIR: []string{"x", "y"}}, {Name: "b", Notes: "no 1|2"}, {Name: "c"}},
		map[string]string{"a": "second", "b": "first"},
		map[string][]string{"a": {"p", "q", "r"}, "b": {"p", "q", "r", "s", "t"}},
	))
	_, got, _ = strings.Cut(got, "whole networks are tested beside them.\n")
	want := `
3 operators.

## first

| operator | Paddle 3 | notes | cases |
|---|---|---|---|
| b |  | no 1\|2 | p, q, r and 2 more |

## other

| operator | Paddle 3 | notes | cases |
|---|---|---|---|
| c |  |  |  |

## second

| operator | Paddle 3 | notes | cases |
|---|---|---|---|
| a | x, y |  | p, q, r |
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRows(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "op_x.go", `package paddle
var ops = map[string]operator{"one": {translate: f}, "two": {}}
var names = map[string]string{"three": "no operator"}
`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"one", "two"}, rows(f)); d != "" {
		t.Error(d)
	}
}

// The tables and cases that are there are found.
func TestRepository(t *testing.T) {
	families, err := readFamilies(fixture.Repo("engine", "paddle"))
	if err != nil {
		t.Fatal(err)
	}
	cases, err := readCases(filepath.Join(fixture.Repo("engine", "paddle"), "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	if got := families["matmul_v2"]; got != "matmul" {
		t.Errorf("matmul_v2 is of the family %q, want matmul", got)
	}
	if len(cases["matmul_v2"]) == 0 {
		t.Error("matmul_v2 has no cases")
	}
}
