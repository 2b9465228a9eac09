package paddle

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// differs are the operators that the two formats write differently for good reasons,
// or in different numbers.
var differs = []string{
	"assign", "cast", "feed", "fetch", "fill_constant", "scale", // more or fewer
	"p_norm",        // the earlier program has one as frobenius_norm
	"pool3d",        // exclusive, which means nothing for the largest
	"reduce_sum",    // reduce_all is false for no axes, which are all
	"reshape2",      // -1 for a size that the other knows; computed shapes come as one tensor
	"slice",         // infer_flags is left empty where all are 1
	"split",         // by number or by sizes, the other is left out
	"strided_slice", // the smallest number for an end before the first element
}

// The corpus's networks were written in both formats by real Paddle: what a Paddle 3
// program is lowered to has the same operators as the earlier program, with the same
// inputs and the same attributes as far as both have them.
func TestTwins(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixture.Shared(t, "paddle_corpus"), "*", "pir.json"))
	if err != nil || len(files) != 49 {
		t.Fatalf("%d programs, want 49 (%v)", len(files), err)
	}
	compared := map[string]bool{}
	for _, file := range files {
		fsys := os.DirFS(filepath.Dir(file))
		earlier, err := readProgram(fsys, "legacy.pdmodel")
		if err != nil {
			t.Fatal(err)
		}
		later, err := readPIR(fsys, "pir.json")
		if err != nil {
			t.Fatal(err)
		}
		theirs, ours := byType(earlier), byType(later)
		for name := range ours {
			if slices.Contains(differs, name) || len(ours[name]) != len(theirs[name]) {
				continue
			}
			compared[name] = true
			both := common(theirs[name], ours[name])
			if diff := cmp.Diff(described(theirs[name], both), described(ours[name], both)); diff != "" {
				t.Errorf("%s: %s: earlier (-), later (+): %s", filepath.Base(filepath.Dir(file)), name, diff)
			}
		}
	}
	if len(compared) < 150 {
		t.Errorf("%d operators were compared, want at least 150", len(compared))
	}
}

func byType(p *program) map[string][]*paddle.OpDesc {
	out := map[string][]*paddle.OpDesc{}
	for _, b := range p.blocks {
		for _, o := range b.Ops {
			out[o.GetType()] = append(out[o.GetType()], o)
		}
	}
	return out
}

// common are the attributes that operators of both programs have.
func common(a, b []*paddle.OpDesc) map[string]bool {
	names := func(ops []*paddle.OpDesc) map[string]bool {
		out := map[string]bool{}
		for _, o := range ops {
			for _, attr := range o.Attrs {
				out[attr.GetName()] = true
			}
		}
		return out
	}
	out, others := names(a), names(b)
	maps.DeleteFunc(out, func(name string, _ bool) bool { return !others[name] })
	return out
}

// described tells each operator's inputs, with how many variables, and attributes.
func described(ops []*paddle.OpDesc, attributes map[string]bool) []string {
	var out []string
	for _, o := range ops {
		var parts []string
		for _, b := range o.Inputs {
			if len(b.Arguments) > 0 {
				parts = append(parts, fmt.Sprintf("%s×%d", b.GetParameter(), len(b.Arguments)))
			}
		}
		for _, a := range o.Attrs {
			if attributes[a.GetName()] {
				parts = append(parts, fmt.Sprintf("%s=%v", a.GetName(), attributeValue(a)))
			}
		}
		slices.Sort(parts)
		out = append(out, strings.Join(parts, " "))
	}
	slices.Sort(out)
	return out
}

// attributeValue is an attribute's value whatever the width of its numbers.
func attributeValue(a *paddle.OpDesc_Attr) any {
	if isEmpty(a) {
		return "[]"
	}
	switch a.GetType() {
	case paddle.AttrType_INT:
		return a.GetI()
	case paddle.AttrType_LONG:
		return a.GetL()
	case paddle.AttrType_FLOAT:
		return a.GetF()
	case paddle.AttrType_FLOAT64:
		return float32(a.GetFloat64())
	case paddle.AttrType_STRING:
		return a.GetS()
	case paddle.AttrType_BOOLEAN:
		return a.GetB()
	case paddle.AttrType_INTS:
		return a.Ints
	case paddle.AttrType_LONGS:
		return a.Longs
	case paddle.AttrType_FLOATS:
		return a.Floats
	case paddle.AttrType_FLOAT64S:
		return a.Float64S
	case paddle.AttrType_STRINGS:
		return a.Strings
	case paddle.AttrType_BLOCK:
		return fmt.Sprint("block ", a.GetBlockIdx())
	}
	var out []float64
	for _, s := range a.Scalars {
		out = append(out, number(s))
	}
	return out
}
