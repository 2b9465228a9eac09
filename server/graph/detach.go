package graph

import (
	"slices"
	"unsafe"

	"github.com/sampanml/sampan"
)

// single is a reply of one output with one tensor, the usual one, in one piece of
// memory.
type single struct {
	reply   sampan.Reply
	outputs [1]sampan.Output
	tensors [1]sampan.Named
	times   [2]int64
}

// detach copies what an op made of the run's memory, and elements only where they are
// the request's: those that an op made are the caller's from here on.
func detach(from *sampan.Reply, req *sampan.Request, times []int64) *sampan.Reply {
	room := &single{}
	outputs, tensors := room.outputs[:0], room.tensors[:0]
	if n := len(from.Outputs); n > cap(outputs) {
		outputs = make([]sampan.Output, 0, n)
	}
	n := 0
	for i := range from.Outputs {
		n += len(from.Outputs[i].Tensors)
	}
	if n > cap(tensors) {
		tensors = make([]sampan.Named, 0, n)
	}
	for i := range from.Outputs {
		o, start := &from.Outputs[i], len(tensors)
		for _, t := range o.Tensors {
			for j := range req.Inputs {
				separate(&t.Tensor, &req.Inputs[j].Tensor)
			}
			tensors = append(tensors, t)
		}
		outputs = append(outputs, sampan.Output{Engine: o.Engine, Tensors: tensors[start:len(tensors):len(tensors)]})
	}
	room.reply = sampan.Reply{Outputs: outputs, Profile: append(room.times[:0], times...)}
	return &room.reply
}

// separate copies those parts of t that lie in the memory of lent.
func separate(t, lent *sampan.Tensor) {
	if overlap(t.Data, lent.Data) {
		t.Data = slices.Clone(t.Data)
	}
	if overlap(t.Shape, lent.Shape) {
		t.Shape = slices.Clone(t.Shape)
	}
	if t.LoD == nil || lent.LoD == nil {
		return
	}
	lod := make(sampan.LoD, len(t.LoD))
	for i, level := range t.LoD {
		lod[i] = slices.Clone(level)
	}
	t.LoD = lod
}

// overlap reports whether two slices have an element in common.
func overlap[T any](a, b []T) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	startA, startB := address(a), address(b)
	size := unsafe.Sizeof(a[0])
	return startA < startB+uintptr(len(b))*size && startB < startA+uintptr(len(a))*size
}

func address[T any](s []T) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(s))) }
