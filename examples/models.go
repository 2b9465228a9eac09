// Package examples has the models that ship with Sampan, and an index of them.
//
// A model is a directory examples/EXAMPLE/NAME_model, and a line in index.json:
// `sampan models list` shows it from then on. The test says which size and checksum
// belong there.
package examples

import "embed"

// Models has index.json and the models.
//
//go:embed index.json all:*/*_model
var Models embed.FS
