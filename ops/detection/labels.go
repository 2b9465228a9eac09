package detection

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
)

// maxLabelBytes bounds a list of labels.
const maxLabelBytes = 16 << 20

// Labels are the names of a model's classes, in their order.
type Labels []string

// LoadLabels reads a file with one label a line.
func LoadLabels(path string) (Labels, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, sampan.Errorf(sampan.NotFound, "open labels: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxLabelBytes+1))
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "read labels: %w", err)
	}
	if len(data) > maxLabelBytes {
		return nil, sampan.Errorf(sampan.InvalidArgument, "labels have more than %d bytes", maxLabelBytes)
	}
	var out Labels
	for line := range bytes.Lines(data) {
		out = append(out, strings.TrimSpace(string(line)))
	}
	return out, nil
}

// Name is a class's label, or its number where there is none.
func (l Labels) Name(class int) string {
	if class >= 0 && class < len(l) && l[class] != "" {
		return l[class]
	}
	return strconv.Itoa(class)
}
