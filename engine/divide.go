package engine

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/sampanml/sampan"
)

// divide hands each member of a batch its part of the outputs: the rows that are its
// own, or where the model gave one row for all, that row. The parts share the memory of
// the whole, each in a place of its own.
func (m *merger) divide(members []*ticket, in *joined, outputs []sampan.Tensor) error {
	for o := range outputs {
		starts, err := in.startsOf(&outputs[o])
		if err != nil {
			return fmt.Errorf("output %d: %w", o, err)
		}
		for k, t := range members {
			switch {
			case starts == nil:
				t.outputs[o] = cloned(&outputs[o])
			case len(outputs[o].LoD) > 0:
				t.outputs[o] = sequences(&outputs[o], starts[k], starts[k+1])
			default:
				t.outputs[o] = slice(&outputs[o], starts[k], starts[k+1])
			}
			if t.outputs[o].Data == nil {
				return fmt.Errorf("output %d: rows of %s do not begin at whole bytes", o, outputs[o].DType)
			}
		}
	}
	return nil
}

// startsOf finds the rows of an output in those of the inputs. No rows and no error: it
// belongs to all members.
func (m *joined) startsOf(t *sampan.Tensor) ([]int64, error) {
	total := m.starts[len(m.starts)-1]
	if len(t.LoD) > 0 {
		if n := int64(len(t.LoD[0])) - 1; n != total {
			return nil, fmt.Errorf("%d sequences for %d", n, total)
		}
		return m.starts, nil
	}
	rows := t.Rows()
	if len(t.Shape) > 0 && rows == total {
		return m.starts, nil
	}
	for _, starts := range m.lodStarts {
		if starts != nil && rows == starts[len(starts)-1] {
			return starts, nil
		}
	}
	if rows == 1 {
		return nil, nil
	}
	return nil, fmt.Errorf("shape %v for %d rows", t.Shape, total)
}

// slice returns the rows from one to before another; without data where they cannot be
// told apart.
func slice(t *sampan.Tensor, from, to int64) sampan.Tensor {
	shape := slices.Clone(t.Shape)
	shape[0] = to - from
	out := sampan.Tensor{DType: t.DType, Shape: shape}
	n, _ := shape[1:].Elements()
	if t.DType == sampan.String {
		start := skipStrings(t.Data, from*n)
		out.Data = part(t.Data, start, start+skipStrings(t.Data[start:], (to-from)*n))
		return out
	}
	if !wholeBytes(t) {
		return out
	}
	size, _ := t.DType.Size(n)
	out.Data = part(t.Data, int(from)*size, int(to)*size)
	return out
}

// part is data[from:to], never nil, with which nobody can reach the bytes behind it.
func part(data []byte, from, to int) []byte {
	if from == to {
		return []byte{}
	}
	return data[from:to:to]
}

// skipStrings returns where the string with number n begins.
func skipStrings(data []byte, n int64) (at int) {
	for range n {
		at += 4 + int(binary.LittleEndian.Uint32(data[at:]))
	}
	return at
}

// sequences returns the sequences of the outermost level from one to before another.
func sequences(t *sampan.Tensor, from, to int64) sampan.Tensor {
	lod := make(sampan.LoD, len(t.LoD))
	for level, offsets := range t.LoD {
		own := slices.Clone(offsets[from : to+1])
		from, to = own[0], own[len(own)-1]
		for i := range own {
			own[i] -= from
		}
		lod[level] = own
	}
	out := slice(t, from, to)
	out.LoD = lod
	return out
}

func cloned(t *sampan.Tensor) sampan.Tensor {
	out := sampan.Tensor{DType: t.DType, Shape: slices.Clone(t.Shape), Data: append([]byte{}, t.Data...)}
	if t.LoD != nil {
		out.LoD = cloneLoD(t.LoD)
	}
	return out
}

// piece returns the inputs of a request's rows from one to before another. They share
// the request's memory.
func (m *merger) piece(inputs []sampan.Tensor, rows, from, to int64) ([]sampan.Tensor, bool) {
	out := slices.Clone(inputs)
	for i := range inputs {
		switch {
		case m.shared(i, inputs[i], rows):
		case len(inputs[i].LoD) > 0:
			out[i] = sequences(&inputs[i], from, to)
		default:
			out[i] = slice(&inputs[i], from, to)
		}
		if out[i].Data == nil {
			return nil, false
		}
	}
	return out, true
}

// unite joins the outputs of a request's pieces; false where they do not go together.
func unite(pieces [][]sampan.Tensor, rows []int64) ([]sampan.Tensor, bool) {
	out := make([]sampan.Tensor, len(pieces[0]))
	for o := range out {
		first := &pieces[0][o]
		if len(first.Shape) == 0 {
			return nil, false
		}
		whole := sampan.Tensor{DType: first.DType, Shape: slices.Clone(first.Shape)}
		whole.Shape[0] = 0
		size := 0
		for k := range pieces {
			p := &pieces[k][o]
			ofRows := len(p.LoD) == 0 && p.Rows() == rows[k] || len(p.LoD) > 0 && tasks(*p) == rows[k]
			if !ofRows || !p.Shape[1:].Equal(first.Shape[1:]) || len(p.LoD) != len(first.LoD) ||
				p.DType != sampan.String && !wholeBytes(p) {
				return nil, false
			}
			whole.Shape[0] += p.Shape[0]
			size += len(p.Data)
		}
		whole.Data = make([]byte, 0, size)
		for k := range pieces {
			whole.Data = append(whole.Data, pieces[k][o].Data...)
		}
		if len(first.LoD) > 0 {
			whole.LoD = uniteLoD(pieces, o)
		}
		out[o] = whole
	}
	return out, true
}

func uniteLoD(pieces [][]sampan.Tensor, o int) sampan.LoD {
	members := make([]*ticket, len(pieces))
	for k := range pieces {
		members[k] = &ticket{inputs: pieces[k]}
	}
	lod, _ := joinLoD(members, o)
	return lod
}
