package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sampanml/sampan/internal/nearest"
	"github.com/sampanml/sampan/server/config"
)

// launchFlags are those of Paddle Serving's server program and of the libraries in it
// that its launcher and its documentation use; true for a boolean.
var launchFlags = map[string]bool{
	"port": false, "num_threads": false, "max_concurrency": false, "max_body_size": false, "idle_timeout_s": false,
	"inferservice_path": false, "inferservice_file": false, "workflow_path": false, "workflow_file": false,
	"resource_path": false, "resource_file": false, "reload_interval_s": false, "request_cache_size": false,
	"enable_prometheus": true, "prometheus_port": false,
	"enable_model_toolkit": true, "enable_general_model": true, "enable_cube": true, "enable_protocol_list": false,
	"bthread_concurrency": false, "bthread_min_concurrency": false, "precision": false, "use_calib": true,
	"logger_path": false, "logger_file": false, "log_dir": false, "logtostderr": true, "alsologtostderr": true,
	"minloglevel": false, "v": false, "V": true, "flagfile": false,
}

// launched reports whether the program was started as Paddle Serving's launcher starts
// its server program: flags of that program, with one dash, and no subcommand.
func launched(args []string) bool {
	if len(args) == 0 || !strings.HasPrefix(args[0], "-") {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
	_, known := launchFlags[name]
	return known
}

// flagFiles bounds the flag files that name each other.
const flagFiles = 16

// parseLaunch reads flags as gflags does: one dash or two, "flag value", "flag=value",
// "flag" and "noflag" for booleans, --flagfile for more of them, a line each. Of a flag
// that comes twice the last counts.
func parseLaunch(args []string) (map[string]string, error) {
	values := map[string]string{}
	files := 0
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		text := strings.TrimLeft(arg, "-")
		if len(text) == len(arg) || len(arg)-len(text) > 2 || text == "" {
			return nil, fmt.Errorf("argument %q: want a flag", arg)
		}
		name, value, given := strings.Cut(text, "=")
		boolean, known := launchFlags[name]
		if off := strings.TrimPrefix(name, "no"); !known && launchFlags[off] && !given {
			name, value, boolean, known, given = off, "false", true, true, true
		}
		switch {
		case !known:
			return nil, unknownLaunch(name)
		case given:
		case boolean:
			value = "true"
		case len(args) == 0:
			return nil, fmt.Errorf("flag -%s: the value is missing", name)
		default:
			value, args = args[0], args[1:]
		}
		if name == "flagfile" {
			if files++; files > flagFiles {
				return nil, fmt.Errorf("flag -flagfile: more than %d files", flagFiles)
			}
			more, err := readFlagFile(value)
			if err != nil {
				return nil, err
			}
			args = append(more, args...)
			continue
		}
		values[name] = value
	}
	return values, nil
}

func unknownLaunch(name string) error {
	var names []string
	for known := range launchFlags {
		names = append(names, known)
	}
	slices.Sort(names)
	if near := nearest.Name(name, names); near != "" {
		return fmt.Errorf("unknown flag: -%s; did you mean -%s?", name, near)
	}
	return fmt.Errorf("unknown flag: -%s; `sampan serve --help` has those of sampan's own form", name)
}

// readFlagFile returns the flags in a file; lines that do not begin with a dash are
// comments.
func readFlagFile(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("flag -flagfile: %w", err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "-") {
			out = append(out, line)
		}
	}
	return out, nil
}

// launchValues reads values and gathers what is wrong with them.
type launchValues struct {
	values map[string]string
	faults []string
}

func (l *launchValues) text(name, usual string) string { return cmp.Or(l.values[name], usual) }

func (l *launchValues) number(name string, usual, least, most int) int {
	text, given := l.values[name]
	if !given {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		l.faults = append(l.faults, fmt.Sprintf("-%s %q: want a number from %d to %d", name, text, least, most))
	}
	return n
}

func (l *launchValues) is(name string) bool {
	text, given := l.values[name]
	if !given {
		return false
	}
	yes, err := strconv.ParseBool(strings.ToLower(text))
	if err != nil {
		l.faults = append(l.faults, fmt.Sprintf("-%s %q: want true or false", name, text))
	}
	return yes
}

// directory is the one that has all configuration files.
func (l *launchValues) directory() string {
	const usual = "./conf"
	dir := l.text("workflow_path", usual)
	for name, file := range map[string]string{"workflow": "workflow.prototxt", "inferservice": "infer_service.prototxt", "resource": "resource.prototxt"} {
		if other := l.text(name+"_path", usual); filepath.Clean(other) != filepath.Clean(dir) {
			l.faults = append(l.faults, fmt.Sprintf("-%s_path %q: want the directory of the other files, %q", name, other, dir))
		}
		if other := l.text(name+"_file", file); other != file {
			l.faults = append(l.faults, fmt.Sprintf("-%s_file %q: want %q", name, other, file))
		}
	}
	slices.Sort(l.faults)
	return dir
}

const (
	mostPort  = 65535
	mostBytes = 1<<31 - 1
)

// launch serves what Paddle Serving's launcher has written into its working directory.
func launch(ctx context.Context, args []string, out, errs io.Writer) error {
	values, err := parseLaunch(args)
	if err != nil {
		return err
	}
	l := launchValues{values: values}
	if l.is("V") {
		fmt.Fprintln(out, "sampan", version)
		return nil
	}
	load := loadFlags{conf: l.directory(), thread: l.number("num_threads", 0, 0, 1<<20)}
	port := l.number("port", 8010, 0, mostPort)
	metrics := 0
	if l.is("enable_prometheus") {
		metrics = l.number("prometheus_port", 19393, 1, mostPort)
	}
	body := l.number("max_body_size", 0, 0, mostBytes)
	reload := l.number("reload_interval_s", 10, 0, 1<<20)
	cache := l.number("request_cache_size", 0, 0, 1<<62)
	if len(l.faults) > 0 {
		return fmt.Errorf("%s", strings.Join(l.faults, "; "))
	}
	conf, err := config.Load(load.conf)
	if err != nil {
		return err
	}
	c, err := load.config(ctx, errs)
	if err != nil {
		return err
	}
	c.Port, c.PrometheusPort, c.Version = cmp.Or(conf.Port, port), metrics, version
	c.MaxBody, c.CacheBytes = body, int64(cache)
	if c.ReloadInterval = time.Duration(reload) * time.Second; reload == 0 {
		c.ReloadInterval = -1
	}
	return serveUntilStopped(ctx, c, func() { l.report(errs) }, out, errs)
}

// report names the flags that were given, do nothing and might have been meant to.
func (l *launchValues) report(w io.Writer) {
	for _, f := range []struct{ name, usual, why string }{
		{"max_concurrency", "0", "--queue and --max_connections of `sampan serve` bound what waits"},
		{"precision", "fp32", "a model runs in the precision that it was saved in"},
		{"use_calib", "False", "there is no TensorRT here"},
		{"enable_cube", "false", "there is no Cube here"},
		{"idle_timeout_s", "80", "connections may be idle for ten minutes"},
	} {
		if given, ok := l.values[f.name]; ok && !strings.EqualFold(given, f.usual) {
			fmt.Fprintf(w, "note: -%s %s has no effect: %s\n", f.name, given, f.why)
		}
	}
}
