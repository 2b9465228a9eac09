package onnx

// #cgo LDFLAGS: -ldl
// #include <stdlib.h>
// #include "ort.h"
import "C"

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	ort "github.com/yalue/onnxruntime_go"
)

// LibraryEnv names the environment variable that says where the library is.
const LibraryEnv = "SAMPAN_ONNXRUNTIME"

// minAPI is the version of the interface that onnxruntime_go asks for; onnxruntime
// 1.N has versions up to N.
const minAPI = 28

const libraryName = "libonnxruntime.so"

// environment is the process-wide state of the runtime: there can be one only.
var environment struct {
	sync.Mutex
	library string
	version string
}

// Library says which onnxruntime is in use: its path and version. Empty before the
// first [Open].
func Library() (path, version string) {
	environment.Lock()
	defer environment.Unlock()
	return environment.library, environment.version
}

// LogEnv names the environment variable that, set to "warning", lets onnxruntime write
// its warnings to standard error.
const LogEnv = "SAMPAN_ONNXRUNTIME_LOG"

// start loads the library and makes the environment, once for the process.
func start(path string) error {
	environment.Lock()
	defer environment.Unlock()
	path = local(path)
	if environment.library != "" {
		if path != "" && path != environment.library {
			return fmt.Errorf("onnxruntime: %s is in use already, %s cannot be loaded beside it", environment.library, path)
		}
		return nil
	}
	library, version, err := findLibrary(path)
	if err != nil {
		return err
	}
	// Newer releases report usage otherwise.
	if err := os.Setenv("ORT_DISABLE_TELEMETRY", "1"); err != nil {
		return fmt.Errorf("onnxruntime: %w", err)
	}
	ort.SetSharedLibraryPath(library)
	// What the runtime logs as an error it also returns.
	level := ort.WithLogLevelFatal()
	if os.Getenv(LogEnv) == "warning" {
		level = ort.WithLogLevelWarning()
	}
	if err := ort.InitializeEnvironment(level); err != nil {
		return fmt.Errorf("onnxruntime: %s: %w", library, err)
	}
	cpath := C.CString(library)
	defer C.free(unsafe.Pointer(cpath))
	if err := message(C.sampan_library_use(cpath, minAPI)); err != nil {
		return fmt.Errorf("onnxruntime: %s: %w", library, err)
	}
	environment.library, environment.version = library, version
	return nil
}

// findLibrary looks at the given path, the environment variable, the directory of the
// program and the system's own places, in this order. A path that was asked for is
// not passed over.
func findLibrary(path string) (library, version string, err error) {
	for _, asked := range []struct{ path, by string }{{path, "--onnxruntime"}, {local(os.Getenv(LibraryEnv)), LibraryEnv}} {
		if asked.path == "" {
			continue
		}
		if version, err = probe(asked.path); err != nil {
			return "", "", fmt.Errorf("onnxruntime: %s says %s: %w", asked.by, asked.path, err)
		}
		return asked.path, version, nil
	}
	var candidates []string
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			candidates = append(candidates, filepath.Join(filepath.Dir(exe), libraryName))
		}
	}
	candidates = append(candidates, libraryName, libraryName+".1")
	var faults []string
	for _, c := range candidates {
		if version, err = probe(c); err == nil {
			return c, version, nil
		}
		if !strings.Contains(err.Error(), "No such file") {
			faults = append(faults, fmt.Sprintf("%s: %v", c, err))
		}
	}
	if len(faults) > 0 {
		return "", "", fmt.Errorf("onnxruntime: %s", strings.Join(faults, "; "))
	}
	return "", "", fmt.Errorf("onnxruntime is not here: looked for %s beside the program and in the system's library path; "+
		"`./build.sh deps` fetches it, or give its path with --onnxruntime or %s", libraryName, LibraryEnv)
}

// local gives a file of the working directory its path: the system looks for a bare
// name elsewhere.
func local(path string) string {
	if path == filepath.Base(path) {
		if _, err := os.Stat(path); err == nil {
			return "." + string(filepath.Separator) + path
		}
	}
	return path
}

// probe says which version the library at path is, if it is new enough.
func probe(path string) (version string, err error) {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath))
	var cversion *C.char
	if err := message(C.sampan_library_version(cpath, &cversion)); err != nil {
		return "", err
	}
	defer C.free(unsafe.Pointer(cversion))
	version = C.GoString(cversion)
	fields := strings.Split(version, ".")
	if len(fields) >= 2 && fields[0] == "1" {
		if minor, err := strconv.Atoi(fields[1]); err == nil && minor >= minAPI {
			return version, nil
		}
	}
	return "", fmt.Errorf("version %s is too old, want 1.%d or later; `./build.sh deps` fetches one", version, minAPI)
}

// message takes over a message from C as an error; NULL is none.
func message(text *C.char) error {
	if text == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(text))
	return errors.New(C.GoString(text))
}
