package loan

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// Memory is a piece of lent memory. The nil Memory is one without bytes.
type Memory struct {
	// Bytes are as many as were asked for. What they hold is left over from others. They
	// begin at a multiple of 64 bytes, and nothing behind them is anybody else's up to
	// their capacity. The owner may cut them, append to them and replace them.
	Bytes []byte
	// whole are those that go back; nil for memory that is not lent.
	whole []byte
	given bool
}

// Size classes are powers of two. What is larger than the largest is not kept.
const (
	smallest = 6
	largest  = 26
)

var (
	pools [largest + 1]sync.Pool
	out   atomic.Int64
)

// Take lends memory of so many bytes.
func Take(size int) *Memory {
	class := max(smallest, bits.Len(uint(max(size, 1)-1)))
	m, ok := (*Memory)(nil), false
	if class <= largest {
		m, ok = pools[class].Get().(*Memory)
	}
	switch {
	case ok:
	case class <= largest:
		m = &Memory{whole: make([]byte, 1<<class)}
	default:
		m = &Memory{whole: make([]byte, size)}
	}
	m.Bytes = m.whole[:size]
	out.Add(int64(len(m.whole)))
	return m
}

// Of passes bytes of another origin as memory, which is not lent: giving it back does
// nothing.
func Of(b []byte) *Memory { return &Memory{Bytes: b} }

// Give gives the memory back.
func (m *Memory) Give() {
	if m == nil || m.whole == nil {
		return
	}
	out.Add(-int64(len(m.whole)))
	m.Bytes = nil
	if poisoned {
		m.poison()
		return
	}
	if class := bits.Len(uint(len(m.whole) - 1)); class <= largest {
		pools[class].Put(m)
	}
}

// Out is the number of bytes that are lent now.
func Out() int64 { return out.Load() }
