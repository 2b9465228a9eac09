package loan

import (
	"sync"
	"testing"
	"unsafe"
)

func TestTake(t *testing.T) {
	for _, size := range []int{0, 1, 63, 64, 65, 4096, 4097, 602112, 1 << largest, 1<<largest + 1} {
		before := Out()
		m := Take(size)
		if len(m.Bytes) != size {
			t.Errorf("%d bytes, want %d", len(m.Bytes), size)
		}
		if at := uintptr(unsafe.Pointer(unsafe.SliceData(m.Bytes))); at%64 != 0 {
			t.Errorf("%d bytes begin at %x, want a multiple of 64", size, at)
		}
		if lent := Out() - before; lent < int64(size) {
			t.Errorf("%d bytes are counted of %d", lent, size)
		}
		m.Give()
		if Out() != before {
			t.Errorf("%d bytes are still lent after %d were given back", Out()-before, size)
		}
	}
	before := Out()
	(*Memory)(nil).Give()
	Of([]byte("text")).Give()
	grown := Take(64)
	grown.Bytes = append(grown.Bytes, make([]byte, 1000)...)
	grown.Give()
	if n := cap(Take(64).Bytes); n != 64 {
		t.Errorf("%d bytes are lent for 64", n)
	}
	if Out() != before+64 {
		t.Errorf("%d bytes are lent, want 64", Out()-before)
	}
}

func TestPiecesAreApart(t *testing.T) {
	var callers sync.WaitGroup
	for mark := range byte(8) {
		callers.Go(func() {
			for range 1000 {
				m := Take(100)
				for i := range m.Bytes {
					m.Bytes[i] = mark
				}
				for i, b := range m.Bytes {
					if b != mark {
						t.Errorf("byte %d is somebody else's", i)
					}
				}
				m.Give()
			}
		})
	}
	callers.Wait()
}

func BenchmarkTake(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Take(100).Give()
	}
}
