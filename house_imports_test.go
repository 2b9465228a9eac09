package sampan_test

import (
	"slices"
	"strings"
	"testing"
)

// room is a row of the table of rooms: what a package may import of this module, and
// which frameworks. "x/..." is x and all below it.
type room struct{ may, frameworks []string }

const (
	kitex   = "github.com/cloudwego/kitex"
	hertz   = "github.com/cloudwego/hertz"
	netpoll = "github.com/cloudwego/netpoll"
	ort     = "github.com/yalue/onnxruntime_go"
)

// frameworks are the owners of code that stays in its rooms.
var frameworks = []string{"github.com/cloudwego/", "github.com/yalue/"}

// rooms has every package. Nobody may import cmd, and only the command bench and
// examples, which is the models that ship.
var rooms = map[string]room{
	".":                                          {},
	"internal/nearest":                           {},
	"internal/fixture":                           {may: []string{"ops/vision"}},
	"internal/deadline":                          {},
	"internal/metrics":                           {may: []string{"."}},
	"internal/listener":                          {frameworks: []string{netpoll}},
	"internal/tools/protoc":                      {},
	"internal/prototxt":                          {may: []string{"internal/nearest"}},
	"internal/elemtype":                          {may: []string{"."}},
	"internal/npy":                               {may: []string{"."}},
	"internal/onnxmodel":                         {may: []string{"kitex_gen/onnx"}},
	"internal/resample":                          {},
	"internal/onnxfile":                          {may: []string{"."}},
	"internal/convert":                           {may: []string{".", "engine", "engine/paddle", "internal/modelconf", "internal/onnxfile"}},
	"internal/dense":                             {may: []string{"."}},
	"internal/modelconf":                         {may: []string{".", "internal/elemtype", "internal/prototxt", "kitex_gen/configure"}},
	"internal/trace":                             {},
	"internal/numpytext":                         {may: []string{"."}},
	"internal/pipewire":                          {may: []string{".", "internal/npy", "kitex_gen/pipelineserving"}},
	"internal/cluster":                           {may: []string{"."}},
	"internal/baidu":                             {may: []string{".", "kitex_gen/baidurpc"}},
	"internal/ttheader":                          {may: []string{"."}},
	"internal/loan":                              {},
	"internal/wire":                              {may: []string{".", "internal/elemtype", "internal/loan", "kitex_gen/generalmodel"}},
	"kitex_gen/baidurpc":                         {},
	"kitex_gen/configure":                        {},
	"kitex_gen/generalmodel":                     {},
	"kitex_gen/onnx":                             {},
	"kitex_gen/paddle":                           {},
	"kitex_gen/pipelineserving":                  {},
	"kitex_gen/pipelineserving/pipelineservice":  {may: []string{"kitex_gen/pipelineserving"}, frameworks: []string{kitex}},
	"kitex_gen/generalmodel/generalmodelservice": {may: []string{"kitex_gen/generalmodel"}, frameworks: []string{kitex}},

	"engine":        {may: []string{".", "internal/loan", "internal/modelconf", "internal/elemtype"}},
	"engine/onnx":   {may: []string{".", "engine"}, frameworks: []string{ort}},
	"engine/paddle": {may: []string{".", "kitex_gen/paddle", "kitex_gen/onnx"}},
	"ops":           {may: []string{".", "engine", "internal/dense"}},
	"ops/vision":    {may: []string{".", "internal/resample"}},
	"ops/text":      {may: []string{"."}},
	"ops/detection": {may: []string{".", "internal/resample"}},
	"ops/steps":     {may: []string{".", "internal/nearest", "internal/numpytext", "ops", "ops/..."}},
	"ops/pictures":  {may: []string{".", "engine", "ops", "ops/vision", "ops/ocr"}},
	"ops/ocr":       {may: []string{".", "internal/resample"}},

	"server":                 {may: []string{".", "engine", "ops", "server/...", "internal/deadline", "internal/listener", "internal/loan", "internal/metrics", "internal/trace", "internal/wire"}, frameworks: []string{kitex, hertz}},
	"server/cache":           {may: []string{"."}},
	"server/config":          {may: []string{".", "internal/...", "kitex_gen/configure", "engine", "ops", "server/graph"}},
	"server/graph":           {may: []string{".", "engine", "ops", "internal/trace"}},
	"server/http":            {may: []string{".", "engine", "ops", "internal/deadline", "internal/listener", "internal/wire", "internal/baidu", "internal/metrics", "kitex_gen/..."}, frameworks: []string{hertz, netpoll}},
	"server/modelfile":       {may: []string{".", "engine", "internal/nearest"}},
	"server/pipeline/config": {may: []string{".", "internal/nearest"}},
	"server/rpc":             {may: []string{".", "engine", "ops", "internal/wire", "internal/baidu", "internal/ttheader", "internal/loan", "internal/deadline", "internal/listener", "internal/metrics", "kitex_gen/..."}, frameworks: []string{kitex, netpoll}},

	"server/pipeline": {may: []string{".", "client", "engine", "ops", "server/graph", "server/http", "server/pipeline/config", "ops/steps", "server/rpc", "internal/deadline", "internal/listener",
		"internal/metrics", "internal/numpytext", "internal/pipewire", "internal/trace", "kitex_gen/pipelineserving"}},

	"client": {may: []string{".", "kitex_gen/...", "internal/wire", "internal/numpytext", "internal/pipewire", "internal/baidu", "internal/cluster", "internal/dense", "internal/modelconf", "internal/prototxt", "internal/elemtype"},
		frameworks: []string{kitex, netpoll}},
	"bench": {may: []string{".", "client", "kitex_gen/...", "internal/wire", "internal/baidu", "internal/modelconf", "internal/elemtype"},
		frameworks: []string{kitex, hertz}},
	"cmd/sampan": {may: []string{".", "engine/...", "ops/...", "server/...", "client", "bench", "examples", "internal/..."},
		frameworks: []string{kitex, hertz}},

	"internal/zoo":             {may: []string{".", "internal/nearest"}},
	"internal/tools/operators": {may: []string{"engine/paddle", "kitex_gen/paddle"}},

	"examples":                     {},
	"server/pipeline/pipelinetest": {may: []string{"client", "server/pipeline"}},

	"examples/loopback":            {may: public},
	"examples/imdb":                {may: append([]string{"examples/loopback"}, public...)},
	"examples/bert":                {may: append([]string{"examples/loopback"}, public...)},
	"examples/ctr":                 {may: append([]string{"examples/loopback"}, public...)},
	"examples/classification":      {may: append([]string{"examples/loopback"}, public...)},
	"examples/simple_web_service":  {may: public},
	"examples/imdb_model_ensemble": {may: public},
	"examples/fit_a_line":          {may: public},
	"examples/custom_op":           {may: public},
	"examples/custom_op/serve":     {may: append([]string{"examples/custom_op"}, public...)},
}

// public is what others may use too.
var public = []string{".", "engine/...", "ops/...", "server", "server/pipeline", "client"}

// matches reports whether path is one of the patterns.
func matches(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		below, tree := strings.CutSuffix(p, "/...")
		return path == below || tree && strings.HasPrefix(path, below+"/")
	})
}

// below reports whether an import path is one of the modules or in one.
func below(path string, modules []string) bool {
	return slices.ContainsFunc(modules, func(m string) bool {
		return path == m || strings.HasPrefix(path, strings.TrimSuffix(m, "/")+"/")
	})
}

func TestImportsRunOneWay(t *testing.T) {
	packages := readHouse(t)
	for path, p := range packages {
		r, known := rooms[path]
		if !known {
			t.Errorf("package %s is not in the table of rooms", path)
			continue
		}
		for name, f := range p.files {
			for _, to := range imports(f) {
				own, inside := inModule(to)
				switch {
				case inside && !matches(own, r.may):
					t.Errorf("%s imports %s; package %s may import of this module only %q", name, own, path, r.may)
				case below(to, frameworks) && !below(to, r.frameworks):
					t.Errorf("%s imports %s; package %s may import of the frameworks only %q", name, to, path, r.frameworks)
				case path == "." && strings.Contains(strings.Split(to, "/")[0], "."):
					t.Errorf("%s imports %s; the root package may import only the standard library", name, to)
				}
			}
		}
	}
	for path := range rooms {
		if packages[path] == nil {
			t.Errorf("the table of rooms has %s, which is not there", path)
		}
	}
}

// inModule gives an import path's place in this module.
func inModule(to string) (path string, ok bool) {
	if to == module {
		return ".", true
	}
	return strings.CutPrefix(to, module+"/")
}

func TestOnlyOneRoomHasCgo(t *testing.T) {
	found := false
	for path, p := range readHouse(t) {
		for name, f := range p.files {
			if !slices.Contains(imports(f), "C") {
				continue
			}
			if path != "engine/onnx" {
				t.Errorf("%s has cgo; only engine/onnx may", name)
			}
			found = true
		}
	}
	if !found {
		t.Error("engine/onnx has no cgo: this test looks for the wrong thing")
	}
}
