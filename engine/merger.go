package engine

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/loan"
)

// merger joins the inputs of requests along their rows, and divides what the model
// made of them. A request's rows are the first size of its inputs, or for an input
// with LoD the number of its sequences. Inputs of one row beside others with more, and
// inputs whose first size is fixed, are shared: they are not joined, and requests may
// run together only where they are equal.
type merger struct {
	inputs   []Field
	batching *Batching
}

// maxShared bounds a shared input in bytes, as it is compared while other requests wait.
const maxShared = 64 << 10

// rows counts the rows of a request. It is 0 where the request has to run alone: its
// inputs do not agree, or none has rows of its own.
func (m *merger) rows(inputs []sampan.Tensor) int64 {
	rows := int64(0)
	for i := range inputs {
		if !m.stacks(i) {
			continue
		}
		switch n := tasks(inputs[i]); {
		case n == 0:
			return 0
		case rows <= 1:
			rows = n
		case n != 1 && n != rows:
			return 0
		}
	}
	return rows
}

// stacks says that an input has rows, so that those of several requests can be joined.
func (m *merger) stacks(i int) bool {
	shape := m.inputs[i].Shape
	return len(shape) > 0 && shape[0] < 0
}

// tasks counts what a tensor has of its request's rows.
func tasks(t sampan.Tensor) int64 {
	if len(t.LoD) > 0 {
		return int64(len(t.LoD[0])) - 1
	}
	return t.Rows()
}

// shared says that the input is the same for all rows of a request that has so many.
func (m *merger) shared(i int, t sampan.Tensor, rows int64) bool {
	return !m.stacks(i) || rows > 1 && tasks(t) == 1
}

// joins says whether two requests may run together.
func (m *merger) joins(a, b *ticket) bool {
	if a.rows == 0 || b.rows == 0 {
		return false
	}
	padded := int64(0)
	for i := range a.inputs {
		x, y := &a.inputs[i], &b.inputs[i]
		shared := m.shared(i, *x, a.rows)
		if shared != m.shared(i, *y, b.rows) || len(x.LoD) != len(y.LoD) {
			return false
		}
		if shared {
			if len(x.Data) > maxShared || !x.Shape.Equal(y.Shape) || !bytes.Equal(x.Data, y.Data) {
				return false
			}
			continue
		}
		if x.DType != sampan.String && !wholeBytes(x) {
			return false
		}
		if x.Shape[1:].Equal(y.Shape[1:]) {
			continue
		}
		if _, ok := m.batching.pad(m.inputs[i].Alias); !ok || x.DType == sampan.String || len(x.LoD) > 0 {
			return false
		}
		size, ok := x.DType.Size(paddedElements(x.Shape, y.Shape))
		if !ok {
			return false
		}
		padded += int64(size)
	}
	// Padding is not worth more than a run of its own.
	return padded <= 2*(a.bytes+b.bytes)
}

// wholeBytes says that each row begins at a byte, which types narrower than a byte do
// not always grant.
func wholeBytes(t *sampan.Tensor) bool {
	n, _ := t.Shape[1:].Elements()
	size, ok := t.DType.Size(n)
	return ok && int64(size)*t.Shape[0] == int64(len(t.Data))
}

// paddedElements counts the elements of two tensors padded to each other's sizes; -1
// where they are too many.
func paddedElements(a, b sampan.Shape) int64 {
	if len(a) != len(b) || a[0] > math.MaxInt64-b[0] {
		return -1
	}
	both := slices.Clone(a)
	both[0] += b[0]
	for i := range both[1:] {
		both[i+1] = max(a[i+1], b[i+1])
	}
	n, ok := both.Elements()
	if !ok {
		return -1
	}
	return n
}

// joined are the inputs of a batch.
type joined struct {
	inputs []sampan.Tensor
	// starts has for each member the first of its rows, and behind them the number of
	// all rows.
	starts []int64
	// lodStarts is starts in the rows of an input with LoD; nil for others.
	lodStarts [][]int64
	// lent is the memory of the inputs.
	lent []*loan.Memory
}

// free gives the inputs' memory back.
func (m *joined) free() {
	for _, b := range m.lent {
		b.Give()
	}
}

// merge joins the inputs of the members, of which joins has said that they may.
func (m *merger) merge(members []*ticket) *joined {
	out := &joined{
		inputs:    make([]sampan.Tensor, len(m.inputs)),
		starts:    make([]int64, len(members)+1),
		lodStarts: make([][]int64, len(m.inputs)),
	}
	for k, t := range members {
		out.starts[k+1] = out.starts[k] + t.rows
	}
	first := members[0]
	for i := range m.inputs {
		if m.shared(i, first.inputs[i], first.rows) {
			// A copy, as the first member may leave before the run has ended.
			out.inputs[i] = cloned(&first.inputs[i])
			continue
		}
		m.join(out, members, i)
	}
	return out
}

// join makes one tensor of the members' input i.
func (m *merger) join(out *joined, members []*ticket, i int) {
	first := members[0].inputs[i]
	shape, size, equal := slices.Clone(first.Shape), 0, true
	shape[0] = 0
	for _, t := range members {
		in := &t.inputs[i]
		shape[0] += in.Shape[0]
		size += len(in.Data)
		equal = equal && in.Shape[1:].Equal(first.Shape[1:])
		for d := 1; d < len(shape); d++ {
			shape[d] = max(shape[d], in.Shape[d])
		}
	}
	if !equal {
		n, _ := shape.Elements()
		size, _ = first.DType.Size(n)
	}
	b := loan.Take(size)
	out.lent = append(out.lent, b)
	data := b.Bytes[:0]
	if !equal {
		value, _ := m.batching.pad(m.inputs[i].Alias)
		fill(b.Bytes, first.DType, value)
		data = b.Bytes
	}
	at := int64(0)
	for _, t := range members {
		in := &t.inputs[i]
		if equal {
			data = append(data, in.Data...)
		} else {
			paste(data, shape, at, in)
		}
		at += in.Shape[0]
	}
	out.inputs[i] = sampan.Tensor{DType: first.DType, Shape: shape, Data: data}
	if len(first.LoD) > 0 {
		out.inputs[i].LoD, out.lodStarts[i] = joinLoD(members, i)
	}
}

// joinLoD makes one LoD of the members', and tells where each one's rows begin.
func joinLoD(members []*ticket, i int) (sampan.LoD, []int64) {
	levels := len(members[0].inputs[i].LoD)
	lod, starts := make(sampan.LoD, levels), make([]int64, 1, len(members)+1)
	for level := range lod {
		lod[level] = []int64{0}
	}
	for _, t := range members {
		for level, offsets := range t.inputs[i].LoD {
			base := lod[level][len(lod[level])-1]
			for _, o := range offsets[1:] {
				lod[level] = append(lod[level], base+o)
			}
		}
		starts = append(starts, starts[len(starts)-1]+t.inputs[i].Rows())
	}
	return lod, starts
}

// fill sets all elements to a value.
func fill(data []byte, d sampan.DType, value float64) {
	if value == 0 {
		clear(data)
		return
	}
	element := encode(d, value)
	for len(data) >= len(element) && len(element) > 0 {
		copy(data, element)
		data = data[len(element):]
	}
}

// encode returns the bytes of a number as an element of type d, which has whole bytes.
func encode(d sampan.DType, v float64) []byte {
	order := binary.LittleEndian
	switch d {
	case sampan.Float32:
		return order.AppendUint32(nil, math.Float32bits(float32(v)))
	case sampan.Float64:
		return order.AppendUint64(nil, math.Float64bits(v))
	case sampan.Float16:
		return order.AppendUint16(nil, uint16(sampan.ToF16(float32(v))))
	case sampan.BFloat16:
		return order.AppendUint16(nil, uint16(sampan.ToBF16(float32(v))))
	case sampan.Complex64:
		return order.AppendUint64(nil, uint64(math.Float32bits(float32(v))))
	case sampan.Complex128:
		return append(order.AppendUint64(nil, math.Float64bits(v)), make([]byte, 8)...)
	}
	size, _ := d.Size(1)
	return order.AppendUint64(nil, uint64(int64(v)))[:size]
}

// paste copies the elements of in into data, which has the given shape, from row at on.
// No size of in is greater than the shape's.
func paste(data []byte, shape sampan.Shape, at int64, in *sampan.Tensor) {
	element, _ := in.DType.Size(1)
	last := len(shape) - 1
	run := int(in.Shape[last]) * element
	index := make([]int64, last)
	for from := 0; from < len(in.Data); from += run {
		to := at + index[0]
		for d := 1; d < last; d++ {
			to = to*shape[d] + index[d]
		}
		copy(data[int(to*shape[last])*element:], in.Data[from:from+run])
		for d := last - 1; d >= 0; d-- {
			if index[d]++; index[d] < in.Shape[d] {
				break
			}
			index[d] = 0
		}
	}
}
