package engine

import (
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

// cores is the number of processors that the tests see, on every machine.
const cores = 4

func TestMain(m *testing.M) {
	runtime.GOMAXPROCS(cores)
	goleak.VerifyTestMain(m)
}
