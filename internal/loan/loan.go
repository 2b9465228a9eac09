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
	// their capacity.
	Bytes []byte
	class int
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
		m.Bytes = m.Bytes[:size]
	case class <= largest:
		m = &Memory{Bytes: make([]byte, size, 1<<class), class: class}
	default:
		m = &Memory{Bytes: make([]byte, size), class: class}
	}
	out.Add(int64(cap(m.Bytes)))
	return m
}

// Give gives the memory back.
func (m *Memory) Give() {
	if m == nil {
		return
	}
	out.Add(-int64(cap(m.Bytes)))
	if poisoned {
		m.poison()
		return
	}
	if m.class <= largest {
		pools[m.class].Put(m)
	}
}

// Out is the number of bytes that are lent now.
func Out() int64 { return out.Load() }
