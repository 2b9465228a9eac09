package http

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/cloudwego/hertz/pkg/app"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// modelList is the reply of GET /v1/models.
type modelList struct {
	Models []modelEntry `json:"models"`
}

type modelEntry struct {
	Name    string       `json:"name"`
	Version string       `json:"version"`
	Labels  []string     `json:"labels,omitempty"`
	State   string       `json:"state"`
	Reason  string       `json:"reason,omitempty"`
	Memory  int64        `json:"memory,omitempty"`
	Inputs  []modelField `json:"inputs"`
	Outputs []modelField `json:"outputs"`
}

// modelField is an input or output; shape has -1 where a size is not fixed.
type modelField struct {
	Name  string       `json:"name"`
	Alias string       `json:"alias"`
	DType string       `json:"dtype"`
	Shape sampan.Shape `json:"shape"`
	LoD   bool         `json:"lod,omitempty"`
}

func (f *front) models(c *app.RequestContext) {
	list := modelList{Models: []modelEntry{}}
	for _, m := range f.service.Models() {
		entry := modelEntry{Name: m.Name, Version: m.Version, Labels: m.Labels, State: m.State, Reason: m.Reason, Memory: m.Memory}
		if m.Signature != nil {
			entry.Inputs, entry.Outputs = modelFields(m.Signature.Inputs), modelFields(m.Signature.Outputs)
		}
		list.Models = append(list.Models, entry)
	}
	body, err := json.Marshal(list)
	if err != nil {
		renderError(c, err)
		return
	}
	c.SetContentType(jsonType)
	c.Response.SetBodyRaw(body)
}

func modelFields(fields []engine.Field) []modelField {
	out := make([]modelField, len(fields))
	for i, f := range fields {
		out[i] = modelField{Name: f.Name, Alias: f.Alias, DType: f.DType.String(), Shape: f.Shape, LoD: f.LoD}
	}
	return out
}

// Models makes the list of what a repository has, and of what it could not load.
func Models(status []engine.ModelStatus, memory *engine.Memory) []Model {
	var out []Model
	for _, m := range status {
		if len(m.Versions) == 0 {
			out = append(out, withoutVersions(m))
		}
		for _, v := range m.Versions {
			entry := Model{
				Name: m.Name, Version: v.Version, State: string(v.State), Reason: cmp.Or(m.Reason, v.Reason),
				Memory: memory.Share(m.Name).InUse(),
			}
			for _, label := range slices.Sorted(maps.Keys(m.Labels)) {
				if m.Labels[label] == v.Version {
					entry.Labels = append(entry.Labels, label)
				}
			}
			if v.Model != nil {
				entry.Signature = v.Model.Signature()
			}
			out = append(out, entry)
		}
	}
	return out
}

// withoutVersions is the entry of a model that has none: it was unloaded, or could not
// even be looked at.
func withoutVersions(m engine.ModelStatus) Model {
	if m.Off {
		return Model{Name: m.Name, State: string(engine.Unloaded), Reason: "it was unloaded on purpose"}
	}
	return Model{Name: m.Name, State: string(engine.Failed), Reason: m.Reason}
}
