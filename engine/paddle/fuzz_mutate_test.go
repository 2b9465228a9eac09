package paddle

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// FuzzMutated translates the corpus's programs with random changes in their structure:
// what a damaged file hardly ever gets to. seed makes the changes.
func FuzzMutated(f *testing.F) {
	var nets []fstest.MapFS
	add := func(program, params string) {
		read := func(name string) *fstest.MapFile {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			return &fstest.MapFile{Data: data}
		}
		net := fstest.MapFS{"m" + filepath.Ext(program): read(program)}
		if _, err := os.Stat(params); err == nil {
			net["m.pdiparams"] = read(params)
		}
		nets = append(nets, net)
	}
	for _, pattern := range []string{"*/legacy.pdmodel", "*/pir.json"} {
		programs, err := filepath.Glob(filepath.Join(fixture.Shared(f, "paddle_corpus"), filepath.FromSlash(pattern)))
		if err != nil || len(programs) == 0 {
			f.Fatalf("%s: %d programs (%v)", pattern, len(programs), err)
		}
		for _, program := range programs {
			add(program, filepath.Join(filepath.Dir(program), "legacy.pdiparams"))
		}
	}
	for _, program := range casePrograms(f) {
		nets = append(nets, fstest.MapFS{"m.pdmodel": {Data: program}})
	}
	for i := range nets {
		f.Add(uint16(i), uint64(1))
		f.Add(uint16(i), uint64(2))
	}
	f.Fuzz(func(t *testing.T, net uint16, seed uint64) {
		fsys := maps.Clone(nets[int(net)%len(nets)])
		r := rand.New(rand.NewPCG(seed, 0))
		if m := fsys["m.pdmodel"]; m != nil {
			fsys["m.pdmodel"] = &fstest.MapFile{Data: mutateProgram(t, m.Data, r)}
		} else {
			fsys["m.json"] = &fstest.MapFile{Data: mutateJSON(t, fsys["m.json"].Data, r)}
		}
		translateAny(t, fsys)
	})
}

// casePrograms are those of the operators' test cases.
func casePrograms(t testing.TB) (out [][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "ops*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct{ Program []byte }
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, c := range cases {
			out = append(out, c.Program)
		}
	}
	return out
}

// interesting are numbers at the borders of what programs state.
var interesting = []int64{0, 1, -1, 2, -2, 3, 7, 16, 100, 1 << 20, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// mutateProgram changes some things of a program.
func mutateProgram(t *testing.T, data []byte, r *rand.Rand) []byte {
	var p paddle.ProgramDesc
	if err := proto.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	for range 1 + r.IntN(3) {
		block := pick(r, p.Blocks)
		if len(block.Ops) == 0 || len(block.Vars) == 0 {
			continue
		}
		op, v := pick(r, block.Ops), pick(r, block.Vars)
		switch r.IntN(8) {
		case 0:
			i := r.IntN(len(block.Ops))
			block.Ops = slices.Delete(slices.Clone(block.Ops), i, i+1)
		case 1:
			block.Ops = append(slices.Clone(block.Ops), op)
		case 2, 3, 4:
			if len(op.Attrs) > 0 {
				mutateAttribute(pick(r, op.Attrs), r)
			}
		case 5:
			if bindings := slices.Concat(op.Inputs, op.Outputs); len(bindings) > 0 {
				b := pick(r, bindings)
				b.Arguments = append(b.Arguments[:r.IntN(len(b.Arguments)+1)], pick(r, block.Vars).GetName())
			}
		case 6:
			if tensor := v.GetType().GetLodTensor().GetTensor(); tensor != nil {
				tensor.Dims = mutateList(tensor.Dims, r)
			}
		case 7:
			if tensor := v.GetType().GetLodTensor().GetTensor(); tensor != nil {
				tensor.DataType = paddle.VarType_Type(r.IntN(8)).Enum()
			}
		}
	}
	return write(t, &p)
}

func mutateAttribute(a *paddle.OpDesc_Attr, r *rand.Rand) {
	n := pick(r, interesting)
	switch r.IntN(10) {
	case 0:
		a.Type = paddle.AttrType(r.IntN(int(paddle.AttrType_SCALARS) + 1)).Enum()
		return
	case 1:
		a.Name = proto.String("another")
		return
	}
	switch a.GetType() {
	case paddle.AttrType_INT:
		a.I = proto.Int32(int32(n))
	case paddle.AttrType_LONG:
		a.L = proto.Int64(n)
	case paddle.AttrType_FLOAT:
		a.F = proto.Float32(pick(r, []float32{float32(n), float32(math.NaN()), float32(math.Inf(1)), 1e-30}))
	case paddle.AttrType_BOOLEAN:
		a.B = proto.Bool(!a.GetB())
	case paddle.AttrType_STRING:
		a.S = proto.String(pick(r, []string{"", "NHWC", "SAME", "VALID", "max", "x", "1e400", "\xff"}))
	case paddle.AttrType_LONGS:
		a.Longs = mutateList(a.Longs, r)
	case paddle.AttrType_INTS:
		a.Ints = mutateList(a.Ints, r)
	case paddle.AttrType_FLOATS:
		a.Floats = mutateList(a.Floats, r)
	case paddle.AttrType_BLOCK:
		a.BlockIdx = proto.Int32(int32(n))
	}
}

// mutateList changes, drops or adds a number.
func mutateList[T int32 | int64 | float32](list []T, r *rand.Rand) []T {
	n := T(pick(r, interesting))
	if len(list) == 0 || r.IntN(4) == 0 {
		return append(slices.Clone(list), n)
	}
	list = slices.Clone(list)
	i := r.IntN(len(list))
	if r.IntN(3) == 0 {
		return slices.Delete(list, i, i+1)
	}
	list[i] = n
	return list
}

// mutateJSON changes some things of a Paddle 3 program.
func mutateJSON(t *testing.T, data []byte, r *rand.Rand) []byte {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		t.Fatal(err)
	}
	var places []func(any)
	var values []any
	var walk func(v any, set func(any))
	walk = func(v any, set func(any)) {
		places, values = append(places, set), append(values, v)
		switch v := v.(type) {
		case []any:
			for i := range v {
				walk(v[i], func(x any) { v[i] = x })
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(v[key], func(x any) { v[key] = x })
			}
		}
	}
	walk(root, func(any) {})
	for range 1 + r.IntN(3) {
		i := r.IntN(len(places))
		switch v := values[i].(type) {
		case json.Number:
			places[i](pick(r, interesting))
		case bool:
			places[i](!v)
		case []any:
			if len(v) > 0 {
				places[i](slices.Delete(slices.Clone(v), 0, 1))
			}
		default:
			places[i](pick(r, values))
		}
	}
	out, err := json.Marshal(root)
	if err != nil {
		return data
	}
	return out
}
