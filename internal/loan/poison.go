package loan

import (
	"bytes"
	"sync"
)

// poison is what memory holds that was given back: floats are no numbers with it,
// integers and sizes -1, and lengths beyond any memory.
const poison = 0xFF

// watched is how many pieces that were given back are watched.
const watched = 256

// graveyard has the pieces that were given back last. They are never lent again.
var graveyard struct {
	sync.Mutex
	pieces [watched]*Memory
	next   int
}

// poison overwrites what was given back, and looks at the piece that it takes the place
// of: nobody may have written to it meanwhile.
func (m *Memory) poison() {
	g := &graveyard
	g.Lock()
	defer g.Unlock()
	if m.given {
		panic("loan: memory is given back twice")
	}
	m.given = true
	for i := range m.whole {
		m.whole[i] = poison
	}
	old := g.pieces[g.next]
	g.pieces[g.next], g.next = m, (g.next+1)%watched
	if old == nil {
		return
	}
	if len(bytes.TrimLeft(old.whole, "\xFF")) > 0 {
		panic("loan: memory was written to after it had been given back")
	}
}
