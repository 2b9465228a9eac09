package config_test

import (
	"fmt"

	"github.com/sampanml/sampan/server/config"
)

// Everything that is wrong with a directory is said at once.
func ExampleLoad() {
	_, err := config.Load("testdata")
	fmt.Println(err)
	// Output:
	// testdata/workflow.prototxt: no such file or directory
	// testdata/resource.prototxt: no such file or directory
	// testdata/infer_service.prototxt: no such file or directory
}
