package text

import (
	"sync"

	"golang.org/x/text/unicode/norm"
)

// scratch is memory for a text on its way to ids.
type scratch struct {
	text, word, lower, folded []byte
	iter                      norm.Iter
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxKept bounds what a scratch keeps of each buffer for the next text, in bytes.
const maxKept = 64 << 10

func (s *scratch) release() {
	for _, b := range []*[]byte{&s.text, &s.word, &s.lower, &s.folded} {
		if cap(*b) > maxKept {
			*b = nil
		}
	}
	scratches.Put(s)
}
