package config

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// Op says how an op runs and which model it has: that of another server (Endpoints), one
// in this process (Local), or none.
type Op struct {
	// Name is the key in the section op, and Line its line; 0 in an override.
	Name string
	Line int `json:"-"`
	// Concurrency, concurrency, is the number of runs of the op's model at once, 1 or more;
	// 0 where the file does not say. The original then takes 1.
	Concurrency int
	// Timeout, timeout in milliseconds, is for one attempt to run the model; 0, the
	// default, is no limit.
	Timeout time.Duration
	// Retry, retry, is the most attempts to run the model, 1 or more; 1 by default.
	Retry int
	// BatchSize, batch_size, is the most calls that share one run, 1 or more; 1 by
	// default.
	BatchSize int
	// BatchDelay, auto_batching_timeout in milliseconds, is how long a run waits for more
	// calls; 0, the default, and always with a BatchSize of 1, where it takes those that
	// are there. The original then waits until the batch is full.
	BatchDelay time.Duration
	// Endpoints, server_endpoints, are the servers that have the model; empty where the
	// op asks none.
	Endpoints []string
	// ClientConfig, client_config, is the file or directory with the signature of the
	// servers' model; see [Config.Path].
	ClientConfig string
	// FetchList, fetch_list, are the outputs that are wanted, by alias; empty for all.
	// Where the op has a Local model, Local.FetchList counts.
	FetchList []string
	// ClientType, client_type, is how Endpoints are called: "brpc", "grpc" or
	// "pipeline_grpc", a pipeline; "" where the file does not say.
	ClientType string
	// Encrypted, use_encryption_model, says that the servers wait for EncryptionKey before
	// they load the model.
	Encrypted bool
	// EncryptionKey, encryption_key, is the file with the key; see [Config.Path].
	EncryptionKey string
	// Local, local_service_conf, is the model in this process; nil where the file has no
	// such section, or names endpoints.
	Local *Local
	// Extra are the keys of [Options].KnownOp that the op has.
	Extra map[string]*yaml.Node
}

// What [Local].DeviceType may be.
const (
	CPU       = 0
	GPU       = 1
	TensorRT  = 2
	ARM       = 3
	KunlunXPU = 4
	Ascend310 = 5
	Ascend910 = 6
)

// Local is a model that runs in this process.
type Local struct {
	// ClientType, client_type, is "local_predictor", the default, or "brpc" or "grpc",
	// with which the original starts a server for the model; that has no effect.
	ClientType string
	// ModelConfig, model_config, is the directory of the model; see [Config.Path]. It is
	// "" where the op has no model.
	ModelConfig string
	// DeviceType, device_type, is one of the constants such as [GPU]. -1, the default,
	// has been resolved: the CPU without devices, else the GPU.
	DeviceType int
	// Devices, devices ("0,1"), are the numbers of the GPUs; empty on the CPU.
	Devices []int
	// ThreadNum, thread_num, is the number of threads of one run, 1 or more; 0 where the
	// file does not say. The original then takes 2.
	ThreadNum int
	// FetchList, fetch_list, are the outputs that are wanted, by alias; empty for all.
	FetchList []string

	// Precision, precision, is "fp32", the default, "fp16", "int8" or "bf16".
	Precision string
	// MinSubgraphSize, min_subgraph_size, is the least part of a graph that TensorRT gets,
	// in operators; 3 by default.
	MinSubgraphSize int
	// UseCalib, use_calib, asks for TensorRT's calibration to int8.
	UseCalib bool
	// MemOptim, mem_optim, is true by default, IROptim, ir_optim, and UseMKLDNN,
	// use_mkldnn, are false. They have no effect.
	MemOptim, IROptim, UseMKLDNN bool
	// MKLDNNCacheCapacity, mkldnn_cache_capacity, has no effect; 0 by default.
	MKLDNNCacheCapacity int
	// MKLDNNOpList, mkldnn_op_list, and MKLDNNBF16OpList, mkldnn_bf16_op_list, have no
	// effect.
	MKLDNNOpList, MKLDNNBF16OpList []string
	// WorkDir, workdir, has no effect.
	WorkDir string
}
