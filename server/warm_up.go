package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/wire"
	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/http"
)

// warmUpFile has requests, one a line, that a model beside it is warmed up with.
const warmUpFile = "warmup.jsonl"

// Bounds of the file.
const (
	maxWarmUpBytes = 64 << 20
	maxWarmUpLines = 1000
)

// recorded reads the requests beside a model; for a version, those beside all versions
// where it has none of its own.
func recorded(path string, s *engine.Signature) ([]engine.Recorded, error) {
	dirs := []string{path}
	if _, err := strconv.Atoi(filepath.Base(path)); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, dir := range dirs {
		out, err := readRecorded(filepath.Join(dir, warmUpFile), s)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			continue
		}
		return out, err
	}
	return nil, nil
}

func readRecorded(file string, s *engine.Signature) ([]engine.Recorded, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxWarmUpBytes {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s has %d bytes, want at most %d", file, info.Size(), maxWarmUpBytes)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseRecorded(file, data, s)
}

// parseRecorded reads a request from each line that is not empty: feed and fetch as
// /NAME/prediction takes them, or the general model service's message as JSON.
func parseRecorded(file string, data []byte, s *engine.Signature) ([]engine.Recorded, error) {
	var out []engine.Recorded
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		where := fmt.Sprintf("%s:%d", file, number)
		if len(out) == maxWarmUpLines {
			return nil, sampan.Errorf(sampan.InvalidArgument, "%s: more than %d requests", where, maxWarmUpLines)
		}
		inputs, err := parseRequest(line, s)
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %w", where, err)
		}
		out = append(out, engine.Recorded{Where: where, Inputs: inputs})
	}
	return out, nil
}

// parseRequest reads a request and puts its tensors into the order of the signature.
func parseRequest(body []byte, s *engine.Signature) ([]sampan.Tensor, error) {
	var kind struct {
		Tensor json.RawMessage `json:"tensor"`
	}
	// What is no JSON is told by the decoder of the feed.
	_ = json.Unmarshal(body, &kind)
	var req *sampan.Request
	var err error
	if kind.Tensor == nil {
		req, err = wire.DecodeFeed(body, http.FeedVars(s))
	} else if m, fault := wire.ParseJSON(body); fault != nil {
		err = fault
	} else {
		req, err = wire.FromRequest(m)
	}
	if err != nil {
		return nil, err
	}
	given := ops.Output{Tensors: req.Inputs}
	inputs := make([]sampan.Tensor, len(s.Inputs))
	for i := range s.Inputs {
		at := given.Find(&s.Inputs[i])
		if at < 0 {
			return nil, sampan.Errorf(sampan.InvalidArgument, "input %q is missing", s.Inputs[i].Alias)
		}
		inputs[i] = req.Inputs[at].Tensor
	}
	return inputs, nil
}
