package onnx

// #include "ort.h"
import "C"

import (
	"slices"
	"strings"
	"unsafe"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
)

// fullSuffix is at the end of the names that the runtime lists.
const fullSuffix = "ExecutionProvider"

// Providers lists the execution providers of the library in use, such as "CPU" and
// "CUDA".
func Providers() ([]string, error) {
	var names **C.char
	var n C.int32_t
	if err := message(C.sampan_providers(&names, &n)); err != nil {
		return nil, err
	}
	defer C.sampan_providers_free(names, n)
	var out []string
	for _, name := range unsafe.Slice(names, n) {
		out = append(out, strings.TrimSuffix(C.GoString(name), fullSuffix))
	}
	return out, nil
}

// Require fails with FailedPrecondition if the library in use lacks an execution
// provider. Upper and lower case are the same.
func Require(name string) error {
	known, err := Providers()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
		return nil
	}
	library, version := Library()
	return sampan.Errorf(sampan.FailedPrecondition,
		"execution provider %q is not in onnxruntime %s (%s), which has %s; give a library that has it with --onnxruntime",
		name, version, library, strings.Join(known, ", "))
}

// appendProvider gives the session a provider, which must not be missing: the runtime
// would run everything on the CPU without a word.
func appendProvider(o *ort.SessionOptions, p engine.Provider) error {
	if err := Require(p.Name); err != nil {
		return err
	}
	is := func(name string) bool { return strings.EqualFold(name, p.Name) }
	switch {
	case is("CPU"):
		return nil
	case is("CUDA"):
		return appendWith(p, ort.NewCUDAProviderOptions, o.AppendExecutionProviderCUDA)
	case is("TensorRT"):
		return appendWith(p, ort.NewTensorRTProviderOptions, o.AppendExecutionProviderTensorRT)
	}
	return providerError(p, o.AppendExecutionProvider(p.Name, p.Options))
}

// updatable are the options of a provider that has a type of its own for them.
type updatable interface {
	Update(map[string]string) error
	Destroy() error
}

func appendWith[T updatable](p engine.Provider, make func() (T, error), add func(T) error) error {
	options, err := make()
	if err != nil {
		return providerError(p, err)
	}
	defer func() { _ = options.Destroy() }()
	if err := options.Update(p.Options); err != nil {
		return providerError(p, err)
	}
	return providerError(p, add(options))
}

func providerError(p engine.Provider, err error) error {
	if err == nil {
		return nil
	}
	return sampan.Errorf(sampan.FailedPrecondition, "execution provider %q cannot be used: %w", p.Name, plain(err))
}
