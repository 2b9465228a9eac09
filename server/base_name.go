package server

import (
	"path/filepath"
	"strings"
)

// baseName is a model's name by default: that of its directory, or of its file
// without the extension.
func baseName(path string) string {
	base := filepath.Base(filepath.Clean(path))
	return strings.TrimSuffix(base, ".onnx")
}
