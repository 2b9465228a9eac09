package paddle

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// large writes a model of so many layers of 4 MB and returns its directory.
func large(t testing.TB, layers int) string {
	t.Helper()
	const width = 1 << 10
	dir := t.TempDir()
	vars := []*paddle.VarDesc{tensor("x0", -1, width)}
	ops := []*paddle.OpDesc{feedOp("x0", 0)}
	var params []byte
	one := record(t, paddle.VarType_FP32, []int64{width, width}, make([]byte, 4*width*width))
	for i := range layers {
		x, w, y := fmt.Sprint("x", i), fmt.Sprintf("w%03d", i), fmt.Sprint("x", i+1)
		vars = append(vars, weight(w, width, width), tensor(y, -1, width))
		ops = append(ops, opDesc("matmul_v2", bindings{"X": {x}, "Y": {w}}, bindings{"Out": {y}}))
		params = append(params, one...)
	}
	ops = append(ops, fetchOp(fmt.Sprint("x", layers), 0))
	for name, data := range map[string][]byte{"m.pdmodel": net(t, vars, ops...), "m.pdiparams": params} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Translating takes the memory of the parameters twice: as they are read, and in the
// ONNX model.
func TestMemory(t *testing.T) {
	dir := large(t, 4)
	info, err := os.Stat(filepath.Join(dir, "m.pdiparams"))
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := (Format{}).Translate(dir); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took, most := after.TotalAlloc-before.TotalAlloc, uint64(info.Size())*21/10; took > most {
		t.Errorf("%d bytes of parameters took %d, want at most %d", info.Size(), took, most)
	}
}

// The model has 100 MB. To compare: reading its files.
func BenchmarkTranslateLarge(b *testing.B) {
	dir := large(b, 25)
	files, _ := Format{}.Find(dir)
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, name := range files {
				if _, err := os.ReadFile(name); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("translate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (Format{}).Translate(dir); err != nil {
				b.Fatal(err)
			}
		}
	})
}
