package cache

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/sampanml/sampan"
)

// key stands for a request.
type key [2]uint64

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// keyOf hashes what makes a request. Everything of variable length has its length
// before it, so that no two requests give the same bytes.
func keyOf(req *sampan.Request) key {
	var k key
	for i, seed := range seeds {
		var h hasher
		h.SetSeed(seed)
		h.text(req.Model)
		h.number(int64(len(req.Outputs)))
		for _, name := range req.Outputs {
			h.text(name)
		}
		for j := range req.Inputs {
			h.input(&req.Inputs[j])
		}
		k[i] = h.Sum64()
	}
	return k
}

type hasher struct{ maphash.Hash }

func (h *hasher) number(n int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	_, _ = h.Write(b[:])
}

func (h *hasher) text(s string) {
	h.number(int64(len(s)))
	_, _ = h.WriteString(s)
}

func (h *hasher) numbers(list []int64) {
	h.number(int64(len(list)))
	for _, n := range list {
		h.number(n)
	}
}

func (h *hasher) input(n *sampan.Named) {
	t := &n.Tensor
	h.text(n.Name)
	h.text(n.Alias)
	h.number(int64(t.DType))
	h.numbers(t.Shape)
	h.number(int64(len(t.LoD)))
	for _, level := range t.LoD {
		h.numbers(level)
	}
	h.number(int64(len(t.Data)))
	_, _ = h.Write(t.Data)
}
