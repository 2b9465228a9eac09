package http

import (
	"encoding/json"

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
