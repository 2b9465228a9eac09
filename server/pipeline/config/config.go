package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan"
)

// Options say how a file is read.
type Options struct {
	// Strict makes a key that is not known an error instead of a warning.
	Strict bool
	// Overrides replace values after the file is read, in order: "op.uci.concurrency=2".
	// What is after the first "=" is YAML; mappings on the way are made where they are
	// not there.
	Overrides []string
	// Known are further keys of the file, handed over in [Config.Extra].
	Known []string
	// KnownOp are further keys of an op, handed over in [Op.Extra].
	KnownOp []string
}

// Config is what a file says.
type Config struct {
	// RPCPort is for gRPC, 1024 to 65535; 0 where the file has only http_port: the first
	// free port from 12000.
	RPCPort int
	// HTTPPort is for HTTP, 1024 to 65535; 0 is no HTTP.
	HTTPPort int
	// WorkerNum, worker_num, is the number of calls that are handled at once; 0 where the
	// file does not say. The original then takes 1.
	WorkerNum int
	// BuildDAGEachWorker, build_dag_each_worker, asks for WorkerNum processes. It has no
	// effect: one process uses all processors.
	BuildDAGEachWorker bool
	// DAG is the section dag.
	DAG DAG
	// Ops are those of the section op, in the order of the file. Which comes after which
	// is not in the file.
	Ops []Op
	// Extra are the keys of [Options].Known that the file has. Aliases and merges in them
	// are resolved.
	Extra map[string]*yaml.Node

	// Notes say what was understood but has no effect: "op.det.local_service_conf.use_mkldnn
	// has no effect: onnxruntime chooses its kernels".
	Notes []string
	// Warnings name keys that are not known, with their lines.
	Warnings []string

	file string
}

// DAG says how the graph as a whole runs.
type DAG struct {
	// IsThreadOp, is_thread_op, true by default. False asks for a process for each op,
	// which has no effect: ops are goroutines.
	IsThreadOp bool
	// Retry is the most attempts of a call that ran out of time, 1 or more; 1 by default.
	Retry int
	// UseProfile, use_profile, asks for how long each part of each call took, which has no
	// effect: traces tell.
	UseProfile bool
	// ChannelSize, channel_size, bounds the queue in front of each op; 0, the default,
	// where the file sets no bound.
	ChannelSize int
	// ClientType, client_type, is how ops call models of other servers: "brpc", the
	// default, or "grpc".
	ClientType string
	// FirstArrive, channel_recv_frist_arrive, asks for ops that begin with the result that
	// comes first of those before them, which has no effect: an op waits for all.
	FirstArrive bool
	// TracerInterval, tracer.interval_s, is the time between two reports in the log; 0,
	// the default, is never.
	TracerInterval time.Duration
	// Prometheus, enable_prometheus, puts metrics on PrometheusPort.
	Prometheus bool
	// PrometheusPort, prometheus_port, 1 to 65535; 0 where the file names none.
	PrometheusPort int
}

// maxSize bounds a file, in bytes.
const maxSize = 1 << 20

// Load reads a file. The error has the code InvalidArgument and every fault; NotFound or
// FailedPrecondition if the file cannot be read. Beside an error there is what could be
// read, for those who have more to check; nil if that is nothing.
func Load(path string, o Options) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		code := sampan.FailedPrecondition
		if errors.Is(err, fs.ErrNotExist) {
			code = sampan.NotFound
		}
		return nil, sampan.Errorf(code, "%w", err)
	}
	return Parse(path, data, o)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSize+1))
}

// Parse reads the text of a file. name is the file's path: messages begin with it, and
// [Config.Path] looks beside it. Errors are those of [Load].
func Parse(name string, data []byte, o Options) (*Config, error) {
	r := &reader{name: name, options: o}
	root := r.document(data)
	if root == nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%w", r.err())
	}
	c := &Config{file: name}
	r.override(root)
	r.config(c, root)
	if err := r.err(); err != nil {
		return c, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	c.Warnings, c.Notes = r.warnings.texts(name), r.notes
	return c, nil
}

// Op returns the op of that name; nil if the file has none.
func (c *Config) Op(name string) *Op {
	for i := range c.Ops {
		if c.Ops[i].Name == name {
			return &c.Ops[i]
		}
	}
	return nil
}

// At is a line of the file, for messages; an override has no line.
func (c *Config) At(line int) string { return place(c.file, line) }

// Path returns where a path of the file leads. A relative one is looked for in the
// file's directory first and in the working directory second, where the original looks;
// if it is in neither, it is the one in the file's directory. "" stays "".
func (c *Config) Path(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	beside := filepath.Join(filepath.Dir(c.file), path)
	if !exists(beside) && exists(path) {
		return filepath.Clean(path)
	}
	return beside
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
