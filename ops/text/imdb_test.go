package text

import (
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/fixture"
)

func TestIMDBAsTheOriginal(t *testing.T) {
	r := open(t, IMDB{Vocabulary: fixture.Shared(t, "imdb", "imdb.vocab")}.Open)
	for _, c := range goldens(t).IMDB.Cases {
		ids, label, err := r.AppendLabelled(nil, c.Line)
		if err != nil || !slices.Equal(ids, c.IDs) || label != c.Label[0] {
			t.Errorf("%q: %v, label %d, error %v; want %v, %d", c.Line, ids, label, err, c.IDs, c.Label[0])
		}
		if ids, err = r.Append(nil, c.Line); err != nil || !slices.Equal(ids, c.OnlyIDs) {
			t.Errorf("%q: only words %v, %v; want %v", c.Line, ids, err, c.OnlyIDs)
		}
	}
}

// The models of the shared data count lines.
func TestIMDBByLines(t *testing.T) {
	var g struct {
		Cases []struct {
			Text string
			IDs  []int64
		}
	}
	readJSON(t, fixture.Shared(t, "goldens", "e2e", "imdb.json"), &g)
	r := open(t, IMDB{Vocabulary: fixture.Shared(t, "imdb", "imdb.vocab"), UnknownByLines: true}.Open)
	if r.Unknown() != 10000 {
		t.Errorf("unknown words have %d, want 10000", r.Unknown())
	}
	if len(g.Cases) < 8 {
		t.Fatalf("%d goldens", len(g.Cases))
	}
	for _, c := range g.Cases {
		if ids, err := r.Append(nil, c.Text); err != nil || !slices.Equal(ids, c.IDs) {
			t.Errorf("%q: %v, %v; want %v", c.Text, ids, err, c.IDs)
		}
	}
}

func TestIMDBFaults(t *testing.T) {
	r := open(t, IMDB{Vocabulary: file(t, "good\nbad\n")}.Open)
	for _, c := range []struct{ line, want string }{
		{"good | x", `label " x": want a whole number after the last |`},
		{"good |", `label "": want a whole number after the last |`},
		{"", `label "": want a whole number after the last |`},
		{"a\xffb | 1", `text: byte 1 is 0xff, want UTF-8`},
	} {
		ids, _, err := r.AppendLabelled(nil, c.line)
		refused(t, err, sampan.InvalidArgument, c.want)
		if len(ids) != 0 {
			t.Errorf("%q: ids %v with an error", c.line, ids)
		}
	}
	if ids, label, err := r.AppendLabelled(nil, "7"); len(ids) != 0 || label != 7 || err != nil {
		t.Errorf("a label alone: %v, %d, %v", ids, label, err)
	}
	if ids, err := r.Append(nil, "GOOD!<br />bad"); !slices.Equal(ids, []int64{0, 2, 1}) || err != nil {
		t.Errorf("after faults: %v, %v", ids, err)
	}
}

func TestIMDBLongTexts(t *testing.T) {
	r := open(t, IMDB{Vocabulary: file(t, "good\nbad\n")}.Open)
	for _, unit := range []string{"a", "good ", "<br />", "Σ'", "\t", "!"} {
		if _, err := r.Append(nil, strings.Repeat(unit, 1<<20/len(unit))); err != nil {
			t.Errorf("%q: %v", unit, err)
		}
	}
	ids := make([]int64, 0, 64)
	if n := testing.AllocsPerRun(100, func() { ids, _ = r.Append(ids[:0], "A GOOD film,<br />not bad!") }); n > maxAllocations {
		t.Errorf("%v allocations", n)
	}
}

func FuzzIMDB(f *testing.F) {
	r := open(f, IMDB{Vocabulary: file(f, "good\nbad\n\u0085\n")}.Open)
	f.Add("A good<br />film, not (very) bad! | 1")
	f.Add("ΑΣ\u0085\x1c | 0")
	f.Fuzz(func(t *testing.T, line string) {
		ids, err := r.Append(nil, line)
		if len(ids) > len(line) {
			t.Errorf("%d ids of %d bytes", len(ids), len(line))
		}
		for _, id := range ids {
			if id < 0 || id > r.Unknown() {
				t.Errorf("id %d", id)
			}
		}
		again, _, labelled := r.AppendLabelled(nil, line)
		if labelled == nil && (err != nil || len(again) > len(ids)) {
			t.Errorf("words %v, %v; with a label %v", ids, err, again)
		}
	})
}
