package main

import (
	"math"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server/pipeline"
	"github.com/sampanml/sampan/server/pipeline/pipelinetest"
)

// reviews have what onnxruntime 1.26 gives for the two models in Python.
var reviews = []struct {
	text     string
	bow, cnn float64
}{
	{"i am very sad", 0.9640797972679138, 0.8328675627708435},
	{"this movie is wonderful and i loved it", 0.9996867179870605, 0.9982927441596985},
	{"a boring waste of time , terrible acting", 0.00018215754244010895, 0.0014551462372764945},
}

func TestAnswer(t *testing.T) {
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func(pipeline.Options) *pipeline.Service{
		"Go": func(o pipeline.Options) *pipeline.Service {
			svc, err := service("config.yml", "../imdb/imdb.vocab", o)
			if err != nil {
				t.Fatal(err)
			}
			return svc
		},
		"YAML": func(o pipeline.Options) *pipeline.Service { return pipeline.Declared("config.yml", o) },
	} {
		t.Run(name, func(t *testing.T) {
			c := pipelinetest.Serve(t, make, pipeline.Options{Backend: backend})
			for _, r := range reviews {
				answer, err := c.Predict(t.Context(), client.Feed{"words": r.text}, nil)
				if err != nil {
					t.Fatal(err)
				}
				prediction, err := answer.Tensor("prediction")
				if err != nil {
					t.Fatal(err)
				}
				got, err := sampan.View[float64](prediction)
				if err != nil {
					t.Fatal(err)
				}
				if want := (r.bow + r.cnn) / 2; math.Abs(got[1]-want) > 1e-5 {
					t.Errorf("%s: positive %v, want %v", r.text, got[1], want)
				}
			}
		})
	}
}
