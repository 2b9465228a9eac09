package cluster

import "sync/atomic"

// budget bounds the calls that are made twice, so that a server in trouble does not get
// more of them than usual: one for every ten calls, and a store of a hundred for a
// server that goes down with calls on it.
type budget struct{ spent atomic.Int64 }

// Units of a budget.
const (
	price  = 10
	income = 1
	store  = 100 * price
)

// earn counts a call.
func (b *budget) earn() {
	if b.spent.Load() > 0 {
		b.spent.Add(-income)
	}
}

// spend reports whether one more call may be made.
func (b *budget) spend() bool {
	for {
		spent := b.spent.Load()
		if spent+price > store {
			return false
		}
		if b.spent.CompareAndSwap(spent, spent+price) {
			return true
		}
	}
}
