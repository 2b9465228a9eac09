package config

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Bounds of a port that a pipeline listens on.
const (
	minPort = 1024
	maxPort = 65535
)

func (r *reader) config(c *Config, root *yaml.Node) {
	s := r.section("", root)
	c.RPCPort = s.integer("rpc_port", 0, minPort, maxPort)
	c.HTTPPort = s.integer("http_port", 0, minPort, maxPort)
	c.WorkerNum = s.count("worker_num", 0, 1)
	c.BuildDAGEachWorker = s.boolean("build_dag_each_worker", false)
	switch rpc, http := s.get("rpc_port"), s.get("http_port"); {
	case rpc == nil && http == nil:
		r.fault(s.line, "", "rpc_port and http_port are missing, want at least one")
	case http != nil && c.HTTPPort > 0 && c.HTTPPort == c.RPCPort:
		r.fault(http.Line, "http_port", "got %d, which is rpc_port, want another", c.HTTPPort)
	}
	if c.WorkerNum > 0 {
		s.noted("worker_num", "calls are worked on as they come, dag.channel_size of them at once at most")
	}
	if c.BuildDAGEachWorker {
		s.noted("build_dag_each_worker", "one process uses all processors")
	}
	if s.get("grpc_gateway_port") != nil {
		s.integer("grpc_gateway_port", 0, 0, maxPort)
		s.noted("grpc_gateway_port", "http_port is answered without a gateway")
	}
	c.DAG = s.inner("dag").dag()
	ops := s.inner("op")
	for _, key := range ops.keys {
		if key.Value == "" {
			r.fault(key.Line, ops.path, "an op has no name")
		}
		op := ops.inner(key.Value).op(key.Value)
		op.Line = key.Line
		c.Ops = append(c.Ops, op)
	}
	c.Extra = s.extra(r.options.Known)
	s.end()
}

func (s *section) dag() DAG {
	d := DAG{
		IsThreadOp:     s.boolean("is_thread_op", true),
		Retry:          s.count("retry", 1, 1),
		UseProfile:     s.boolean("use_profile", false),
		ChannelSize:    s.count("channel_size", 0, 0),
		ClientType:     s.choice("client_type", "brpc", "brpc", "grpc"),
		FirstArrive:    s.boolean("channel_recv_frist_arrive", false),
		Prometheus:     s.boolean("enable_prometheus", false),
		PrometheusPort: s.integer("prometheus_port", 0, 1, maxPort),
	}
	if !d.IsThreadOp {
		s.noted("is_thread_op", "ops are goroutines, which use all processors")
	}
	if d.UseProfile {
		s.noted("use_profile", "a call with the key pipeline.profile gets its time stamps, and --trace writes those of all calls")
	}
	if d.FirstArrive {
		s.noted("channel_recv_frist_arrive", "an op waits for all those before it")
	}
	if d.PrometheusPort > 0 && !d.Prometheus {
		s.noted("prometheus_port", "enable_prometheus is not True")
	}
	tracer := s.inner("tracer")
	d.TracerInterval = tracer.span("interval_s", time.Second)
	tracer.end()
	s.end()
	return d
}

func (s *section) op(name string) Op {
	op := Op{
		Name:          name,
		Concurrency:   s.count("concurrency", 0, 1),
		Timeout:       s.span("timeout", time.Millisecond),
		Retry:         s.count("retry", 1, 1),
		BatchSize:     s.count("batch_size", 1, 1),
		BatchDelay:    s.span("auto_batching_timeout", time.Millisecond),
		Endpoints:     s.texts("server_endpoints"),
		ClientConfig:  s.text("client_config"),
		FetchList:     s.texts("fetch_list"),
		ClientType:    s.choice("client_type", "", "brpc", "grpc", "pipeline_grpc"),
		Encrypted:     s.boolean("use_encryption_model", false),
		EncryptionKey: s.text("encryption_key"),
	}
	if op.BatchSize == 1 {
		op.BatchDelay = 0
	}
	remote := len(op.Endpoints) > 0
	if !remote && op.ClientType != "" {
		s.noted("client_type", "there are no server_endpoints")
	}
	if !remote && op.Encrypted {
		s.noted("use_encryption_model", "there are no server_endpoints; sampan serve decrypts models")
	}
	if remote && op.BatchSize > 1 {
		s.noted("batch_size", "the server of the model merges calls, if it is told to")
	}
	if s.get("local_service_conf") != nil {
		notes := s.notes
		op.Local = s.inner("local_service_conf").local()
		if remote {
			op.Local, s.notes = nil, notes
			s.noted("local_service_conf", "the model is that of server_endpoints")
		}
	}
	op.Extra = s.extra(s.options.KnownOp)
	s.end()
	return op
}

func (s *section) local() *Local {
	l := &Local{
		ClientType:          s.choice("client_type", "local_predictor", "local_predictor", "brpc", "grpc"),
		ModelConfig:         s.text("model_config"),
		DeviceType:          s.integer("device_type", -1, -1, Ascend910),
		ThreadNum:           s.count("thread_num", 0, 1),
		FetchList:           s.texts("fetch_list"),
		Precision:           s.precision(),
		MinSubgraphSize:     s.count("min_subgraph_size", 3, 0),
		UseCalib:            s.boolean("use_calib", false),
		MemOptim:            s.boolean("mem_optim", true),
		IROptim:             s.boolean("ir_optim", false),
		UseMKLDNN:           s.boolean("use_mkldnn", false),
		MKLDNNCacheCapacity: s.count("mkldnn_cache_capacity", 0, 0),
		MKLDNNOpList:        s.texts("mkldnn_op_list"),
		MKLDNNBF16OpList:    s.texts("mkldnn_bf16_op_list"),
		WorkDir:             s.text("workdir"),
	}
	s.devices(l)
	s.idle(l)
	s.end()
	return l
}

// precision is in any case, as in the original.
func (s *section) precision() string {
	if n := s.get("precision"); n != nil && kindOf(n) == text {
		n.Value = strings.ToLower(n.Value)
	}
	return s.choice("precision", "fp32", "fp32", "fp16", "int8", "bf16")
}

// devices reads the numbers of the GPUs and resolves the type.
func (s *section) devices(l *Local) {
	n, written := s.get("devices"), s.text("devices")
	var devices []int
	if written != "" {
		for _, field := range strings.Split(written, ",") {
			v, err := strconv.Atoi(strings.TrimSpace(field))
			if err != nil || v < 0 {
				s.want(n, "devices", `numbers such as "0" or "0,1"`)
				return
			}
			devices = append(devices, v)
		}
	}
	switch l.DeviceType {
	case -1:
		l.DeviceType = CPU
		if len(devices) > 0 {
			l.DeviceType, l.Devices = GPU, devices
		}
	case GPU, TensorRT:
		if len(devices) == 0 {
			s.fault(s.get("device_type").Line, join(s.path, "devices"), `device_type %d wants numbers such as "0" or "0,1"`, l.DeviceType)
		}
		l.Devices = devices
	default:
		if len(devices) > 0 {
			s.noted("devices", "device_type "+strconv.Itoa(l.DeviceType)+" is not a GPU")
		}
	}
}

// lacking are the types of devices that models do not run on.
var lacking = map[int]string{
	TensorRT:  "there is no TensorRT; the model runs on the GPU as with device_type 1",
	ARM:       "Paddle Lite is not used; the model runs on the CPU",
	KunlunXPU: "there is no Kunlun XPU; the model runs on the CPU",
	Ascend310: "there is no Ascend 310; the model runs on the CPU",
	Ascend910: "there is no Ascend 910; the model runs on the CPU",
}

// idle notes the settings that have no effect, where they ask for something.
func (s *section) idle(l *Local) {
	const kernels = "onnxruntime chooses its kernels"
	for _, i := range []struct {
		key string
		set bool
		why string
	}{
		{"client_type", l.ClientType != "local_predictor", "the model runs in this process, without a server of its own"},
		{"device_type", lacking[l.DeviceType] != "", lacking[l.DeviceType]},
		{"precision", l.Precision != "fp32", "a model runs in the precision of its files"},
		{"use_calib", l.UseCalib, "a model runs in the precision of its files"},
		{"min_subgraph_size", l.MinSubgraphSize != 3, "there is no TensorRT"},
		{"mem_optim", !l.MemOptim, "onnxruntime plans its memory"},
		{"ir_optim", l.IROptim, "onnxruntime optimises every graph"},
		{"use_mkldnn", l.UseMKLDNN, kernels},
		{"mkldnn_cache_capacity", l.MKLDNNCacheCapacity > 0, kernels},
		{"mkldnn_op_list", len(l.MKLDNNOpList) > 0, kernels},
		{"mkldnn_bf16_op_list", len(l.MKLDNNBF16OpList) > 0, kernels},
		{"workdir", l.WorkDir != "", "nothing is written there"},
	} {
		if i.set {
			s.noted(i.key, i.why)
		}
	}
}
