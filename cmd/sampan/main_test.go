package main

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/internal/fixture"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sampan": main})
}

// TestScripts runs testdata/script. Beside testscript's own commands there are
//
//	fault REGEXP sampan ARGUMENT...   the command ends with status 1, prints nothing and
//	                                  says "sampan: " and the text on one line of stderr
//	expand FILE...                    puts the values of $VARIABLES into files
//	head N FROM TO                    copies the first N bytes of a file
//	truncate N FILE                   makes a file of N bytes, which take no room on disk
//	posts REGEXP BODY URL             the reply to a POST matches
//	listens ADDRESS                   waits until something does
//	terminate                         sends SIGTERM to what runs in the background
//
// and $MODEL, $ENCRYPTED, $CLIENT and $PORT: the tutorial's model directory, an encrypted
// one, the client config, and
// a port of 127.0.0.1 that is free. photo.jpeg is in the working directory, and so are
// the models of [foreign] and [external] and the files of [arrays].
func TestScripts(t *testing.T) {
	library := fixture.ONNXRuntime(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv(onnx.LibraryEnv, library)
			env.Setenv("MODEL", fixture.Repo("examples", "fit_a_line", "uci_housing_model"))
			env.Setenv("ENCRYPTED", fixture.Repo("engine", "paddle", "testdata", "encrypted"))
			env.Setenv("CLIENT", fixture.Repo("examples", "fit_a_line", "uci_housing_client", "serving_client_conf.prototxt"))
			port, err := freePort()
			if err != nil {
				return err
			}
			env.Setenv("PORT", strconv.Itoa(port))
			var photo bytes.Buffer
			if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
				return err
			}
			return errors.Join(
				os.WriteFile(filepath.Join(env.WorkDir, "photo.jpeg"), photo.Bytes(), 0o600),
				foreign(filepath.Join(env.WorkDir, "foreign")),
				external(filepath.Join(env.WorkDir, "external")),
				arrays(env.WorkDir),
			)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"expand": expand, "posts": posts, "fault": fault, "head": head, "truncate": truncate, "listens": listens, "terminate": terminate,
		},
	})
}

func fault(ts *testscript.TestScript, not bool, args []string) {
	if not || len(args) < 2 {
		ts.Fatalf("usage: fault REGEXP COMMAND ARGUMENT...")
	}
	want, err := regexp.Compile(args[0])
	ts.Check(err)
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		ts.Fatalf("ended with %v, want status 1", err)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout has %q", out)
	}
	text := ts.ReadFile("stderr")
	line, ours := strings.CutPrefix(text, "sampan: ")
	line, ends := strings.CutSuffix(line, "\n")
	switch {
	case !ours || !ends || strings.Contains(line, "\n"):
		ts.Fatalf("stderr is not one line of sampan's:\n%s", text)
	case !want.MatchString(line):
		ts.Fatalf("stderr has %q, want %q", line, args[0])
	}
}

func posts(ts *testscript.TestScript, not bool, args []string) {
	if not || len(args) != 3 {
		ts.Fatalf("usage: posts REGEXP BODY URL")
	}
	want, err := regexp.Compile(args[0])
	ts.Check(err)
	resp, err := http.Post(args[2], "application/json", strings.NewReader(args[1]))
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if !want.Match(body) {
		ts.Fatalf("answered %q, want %q", body, args[0])
	}
}

func expand(ts *testscript.TestScript, not bool, args []string) {
	if not || len(args) == 0 {
		ts.Fatalf("usage: expand FILE...")
	}
	for _, file := range args {
		text := os.Expand(ts.ReadFile(file), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
	}
}

func head(ts *testscript.TestScript, not bool, args []string) {
	if not || len(args) != 3 {
		ts.Fatalf("usage: head N FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	data, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	if n >= len(data) {
		ts.Fatalf("%s has no more than %d bytes", args[1], len(data))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data[:n], 0o600))
}

func truncate(ts *testscript.TestScript, not bool, args []string) {
	if not || len(args) != 2 {
		ts.Fatalf("usage: truncate N FILE")
	}
	n, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), nil, 0o600))
	ts.Check(os.Truncate(ts.MkAbs(args[1]), n))
}

func listens(ts *testscript.TestScript, not bool, args []string) {
	if not || len(args) != 1 {
		ts.Fatalf("usage: listens ADDRESS")
	}
	const patience = time.Minute
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", args[0])
		if err == nil {
			ts.Check(conn.Close())
			return
		}
		if time.Since(start) > patience {
			ts.Fatalf("nothing listens after %v: %v", patience, err)
		}
	}
}

func terminate(ts *testscript.TestScript, not bool, args []string) {
	background := ts.BackgroundCmds()
	if not || len(args) != 0 || len(background) == 0 {
		ts.Fatalf("usage: terminate, while something runs in the background")
	}
	for _, cmd := range background {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
