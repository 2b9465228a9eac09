package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLaunched(t *testing.T) {
	for args, want := range map[string]bool{
		"":                                false,
		"serve --model x":                 false,
		"-enable_model_toolkit -port 1":   true,
		"--flagfile=proj.conf":            true,
		"-port=1":                         true,
		"-V":                              true,
		"-h":                              false,
		"--help":                          false,
		"--model x":                       false,
		"-workflow_path w -resource_path": true,
	} {
		if got := launched(strings.Fields(args)); got != want {
			t.Errorf("%q: %v, want %v", args, got, want)
		}
	}
}

func TestParseLaunch(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "proj.conf")
	if err := os.WriteFile(file, []byte("# all\n--port=7\n\n  -num_threads=3  \nnot a flag\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]map[string]string{
		"-port 1 -num_threads=2 --precision fp32": {"port": "1", "num_threads": "2", "precision": "fp32"},
		"-enable_model_toolkit -port 1":           {"enable_model_toolkit": "true", "port": "1"},
		"-use_calib=False -noenable_cube":         {"use_calib": "False", "enable_cube": "false"},
		"-port 1 -port 2":                         {"port": "2"},
		"-port -1":                                {"port": "-1"},
		"-workflow_path= -port 1":                 {"workflow_path": "", "port": "1"},
		"-port 1 -flagfile " + file:               {"port": "7", "num_threads": "3"},
		"--flagfile=" + file + " -port 1":         {"port": "1", "num_threads": "3"},
	} {
		got, err := parseLaunch(strings.Fields(args))
		if err != nil {
			t.Errorf("%s: %v", args, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", args, diff)
		}
	}
	for args, want := range map[string]string{
		"-port":           "flag -port: the value is missing",
		"-port 1 stray":   `argument "stray": want a flag`,
		"-port 1 ---v=1":  `argument "---v=1": want a flag`,
		"-port 1 --":      `argument "--": want a flag`,
		"-port 1 -colour": "unknown flag: -colour; `sampan serve --help` has those of sampan's own form",
		"-noport":         "unknown flag: -noport; did you mean -port?",
	} {
		if _, err := parseLaunch(strings.Fields(args)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", args, err, want)
		}
	}
}
