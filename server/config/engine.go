package config

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/sampanml/sampan/internal/modelconf"
	"github.com/sampanml/sampan/kitex_gen/configure"
)

var reloadTypes = []string{"timestamp_ne", "timestamp_gt", "md5sum", "revision", "none"}

func (l *loader) readEngines() {
	f := l.own("resource.prototxt")
	var m configure.ResourceConf
	if !f.read(&m) {
		return
	}
	for _, s := range []struct {
		field string
		set   bool
	}{
		{"cube_config_path", m.CubeConfigPath != nil}, {"cube_config_file", m.CubeConfigFile != nil},
		{"cube_quant_bits", m.CubeQuantBits != nil}, {"cube_cache_path", m.CubeCachePath != nil},
		{"auth_product_name", m.AuthProductName != nil}, {"auth_container_id", m.AuthContainerId != nil},
	} {
		if s.set {
			f.note(s.field, "has no effect")
		}
	}
	toolkits, known := f.paths("model_toolkit", m.GetModelToolkitPath(), m.GetModelToolkitFile())
	l.enginesKnown = known
	for _, path := range toolkits {
		l.enginesKnown = file{l, path}.readToolkit() && l.enginesKnown
	}
	confs, known := f.paths("general_model", m.GetGeneralModelPath(), m.GetGeneralModelFile())
	if !known || !l.enginesKnown || len(confs) == 0 {
		return
	}
	if len(confs) != len(l.engines) {
		f.fault("general_model_file", "there are %d, want one for each of the %d engines", len(confs), len(l.engines))
		return
	}
	for i, path := range confs {
		l.engines[i].Conf = path
		if _, err := modelconf.Load(path); err != nil {
			l.faults = append(l.faults, err)
		}
	}
}

// paths joins a resource's lists of directories and files, and finds the files. One
// that is not there is looked for without its directory, which may have another name
// by now. It reports false if one cannot be found.
func (f file) paths(what string, dirs, names []string) (found []string, ok bool) {
	if len(dirs) != len(names) && len(dirs) != 0 {
		f.fault(what+"_path", "there are %d, want one for each of the %d %s_file", len(dirs), len(names), what)
		return nil, false
	}
	ok = true
	for i, name := range names {
		full := name
		if len(dirs) > 0 {
			full = filepath.Join(dirs[i], name)
		}
		path, err := f.l.locate(full)
		if alone := filepath.Join(f.l.dir, name); err != nil && exists(alone) {
			path, err = alone, nil
		}
		if err != nil {
			f.fault(fmt.Sprintf("%s_file[%d]", what, i), "%w", err)
			ok = false
			continue
		}
		found = append(found, path)
	}
	return found, ok
}

// readToolkit adds a file's engines. It reports false if it cannot be read.
func (f file) readToolkit() bool {
	var m configure.ModelToolkitConf
	if !f.read(&m) {
		return false
	}
	if len(m.GetEngines()) == 0 {
		f.fault("engines", "there are none")
	}
	for i, e := range m.GetEngines() {
		place := fmt.Sprintf("engines[%d]", i)
		if e.GetName() == "" {
			f.fault(place, "name is empty")
		} else if slices.ContainsFunc(f.l.engines, func(o Engine) bool { return o.Name == e.GetName() }) {
			f.fault(place, "the name %q is there twice", e.GetName())
		}
		f.l.engines = append(f.l.engines, f.engine(place, e))
	}
	return true
}

// engine checks an engine's description.
func (f file) engine(place string, e *configure.EngineDesc) Engine {
	if e.GetType() != "PADDLE_INFER" {
		f.fault(place+".type", `%q, want "PADDLE_INFER"`, e.GetType())
	}
	if !slices.Contains(reloadTypes, e.GetReloadableType()) {
		f.fault(place+".reloadable_type", "%q, want one of %s", e.GetReloadableType(), quoted(reloadTypes, func(s string) string { return s }))
	}
	dir, err := f.l.locate(e.GetModelDir())
	if e.GetModelDir() == "" {
		f.fault(place+".model_dir", "is empty")
	} else if err != nil {
		f.fault(place+".model_dir", "%w", err)
	}
	for _, s := range []struct {
		field string
		set   bool
		what  string
	}{
		{"encrypted_model", e.GetEncryptedModel(), "encrypted models cannot be read"},
		{"enable_dist_model", e.GetEnableDistModel(), "a model runs in one process"},
		{"sparse_param_service_type", e.GetSparseParamServiceType() != configure.SparseParamServiceType_NONE, "there is no service of sparse parameters"},
	} {
		if s.set {
			f.fault(place+"."+s.field, "%s", s.what)
		}
	}
	for _, s := range []struct {
		field string
		set   bool
	}{
		{"use_trt", e.GetUseTrt()}, {"use_lite", e.GetUseLite()}, {"use_xpu", e.GetUseXpu()},
		{"use_ascend_cl", e.GetUseAscendCl()}, {"gpu_multi_stream", e.GetGpuMultiStream()},
	} {
		if s.set {
			f.note(place+"."+s.field, "has no effect")
		}
	}
	if e.GetCpuMathThreadNum() < 0 {
		f.fault(place+".cpu_math_thread_num", "%d, want 0 or more", e.GetCpuMathThreadNum())
	}
	return Engine{
		Name: e.GetName(), ModelDir: dir,
		RuntimeThreads: int(e.GetRuntimeThreadNum()), BatchSize: int(e.GetBatchInferSize()),
		Overrun: e.GetEnableOverrun(), SplitRequests: e.GetAllowSplitRequest(),
		MathThreads: int(e.GetCpuMathThreadNum()), GPUs: f.gpus(place, e.GetGpuIds()),
		Reload: e.GetReloadableType(), ReloadFile: e.GetReloadableMeta(),
	}
}

// gpus checks the devices; -1 alone is the CPU.
func (f file) gpus(place string, ids []int32) []int {
	if slices.Equal(ids, []int32{-1}) {
		return nil
	}
	var out []int
	for i, id := range ids {
		if id < 0 {
			f.fault(fmt.Sprintf("%s.gpu_ids[%d]", place, i), "%d, want 0 or more, or -1 alone for the CPU", id)
		}
		out = append(out, int(id))
	}
	return out
}
