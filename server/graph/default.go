package graph

import (
	"fmt"
	"strings"

	"github.com/sampanml/sampan/ops"
)

// Default describes the graph of a server that was given models alone: a reader, one
// infer op for each model in order, a response, each depending on the one before.
//
// types replace the infer ops in order: "Type" takes the next model, "Type:0" owns
// none. Models that are left over get infer ops. Nodes are called Type_N, N counting
// the nodes of the type from 0.
func Default(models []ops.Model, types []string) Spec {
	s := Spec{Name: "default"}
	numbers := map[string]int{}
	add := func(kind string, model ops.Model) {
		node := NodeSpec{Name: fmt.Sprintf("%s_%d", kind, numbers[kind]), Type: kind, Model: model}
		numbers[kind]++
		if n := len(s.Nodes); n > 0 {
			node.Depends = []string{s.Nodes[n-1].Name}
		}
		s.Nodes = append(s.Nodes, node)
	}
	add(ops.GeneralReader, nil)
	for _, kind := range types {
		var model ops.Model
		kind, modelless := strings.CutSuffix(kind, ":0")
		if !modelless && len(models) > 0 {
			model, models = models[0], models[1:]
		}
		add(kind, model)
	}
	for _, model := range models {
		add(ops.GeneralInfer, model)
	}
	add(ops.GeneralResponse, nil)
	return s
}
