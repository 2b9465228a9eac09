package main

import (
	"testing"

	"github.com/sampanml/sampan/client"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/engine/paddle"
	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/server/pipeline"
	"github.com/sampanml/sampan/server/pipeline/pipelinetest"
)

const sample = "0.0137, -0.1136, 0.2553, -0.0692, 0.0582, -0.0727, -0.1583, -0.0584, 0.6283, 0.4919, 0.1856, 0.0795, -0.0332"

// Both forms of the pipeline answer what Paddle Serving's documentation has.
func TestAnswer(t *testing.T) {
	backend, err := onnx.Open(fixture.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	o := pipeline.Options{Backend: backend, Translators: []engine.Translator{paddle.Format{}}}
	for name, make := range map[string]func(pipeline.Options) *pipeline.Service{
		"Go":   func(o pipeline.Options) *pipeline.Service { return service("config.yml", o) },
		"YAML": func(o pipeline.Options) *pipeline.Service { return pipeline.Declared("config.yml", o) },
	} {
		t.Run(name, func(t *testing.T) {
			c := pipelinetest.Serve(t, make, o)
			for feed, want := range map[string]string{
				sample:                "[[18.901152]]",
				sample + ";" + sample: "[[18.901152]\n [18.901152]]",
			} {
				answer, err := c.Predict(t.Context(), client.Feed{"x": feed}, []string{"price"})
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := answer.Text("price"); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
}
