//go:build cgo

package paddle

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
)

// onnxruntime has nothing to warn of when it loads the models of the corpus and the real
// ones. Its warnings go to the standard error of a process, so they have one of their
// own. Lines of errors are runs into buffers whose size an earlier run foretold wrong;
// they are made again.
func TestNoWarnings(t *testing.T) {
	library := fixture.ONNXRuntime(t)
	cmd := exec.Command(os.Args[0], "-test.run=^(TestCorpus|TestRealModels)$")
	cmd.Env = append(os.Environ(), onnx.LogEnv+"=warning", onnx.LibraryEnv+"="+library)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "[W:onnxruntime") {
			t.Error(line)
		}
	}
}
