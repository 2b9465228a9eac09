package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/server"
)

// applyGPUs asks the runtime, which is open, for GPUs and gives each model its devices. Lists begin anew where there are more models;
// the first is that of a repository's and a conf directory's models.
func (f *loadFlags) applyGPUs(c *server.Config) error {
	lists := f.gpus
	switch {
	case f.device != "" && f.device != "cpu" && f.device != "gpu":
		return fmt.Errorf("--device %s: want cpu or gpu", f.device)
	case f.device == "gpu" && len(lists) == 0:
		lists = []string{"0"}
	case len(lists) == 0:
		return nil
	}
	devices := make([][]int, len(lists))
	for i, list := range lists {
		var err error
		if devices[i], err = parseGPUs(list); err != nil {
			return err
		}
		if len(devices[i]) == 0 {
			continue
		}
		if err := onnx.Require("CUDA"); err != nil {
			return fmt.Errorf("device %s: %w", list, err)
		}
	}
	if len(c.Models) == 0 {
		c.GPUs = devices[0]
	}
	for i := range c.Models {
		c.Models[i].GPUs = devices[i%len(devices)]
	}
	return nil
}

// parseGPUs reads a list such as "0,1"; nothing and "-1" are the CPU.
func parseGPUs(list string) (devices []int, err error) {
	if list == "" || list == "-1" {
		return nil, nil
	}
	for text := range strings.SplitSeq(list, ",") {
		device, err := strconv.Atoi(text)
		if err != nil || device < 0 {
			return nil, fmt.Errorf("--gpu_ids %q: want numbers such as 0,1, or -1 for the CPU", list)
		}
		devices = append(devices, device)
	}
	return devices, nil
}
