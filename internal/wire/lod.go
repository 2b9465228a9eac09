package wire

import (
	"fmt"
	"math"

	"github.com/sampanml/sampan"
)

// fromLoD divides the flat list of the wire into levels. Each level starts with 0 and
// never falls, so where the list falls to 0 the next one starts. A zero after a zero
// stays in its level: it ends an empty sequence. The levels share flat's memory.
func fromLoD(flat []int64, rows int64) (sampan.LoD, error) {
	if flat[0] != 0 {
		return nil, fmt.Errorf("lod starts with %d, want 0", flat[0])
	}
	var lod sampan.LoD
	start := 0
	for i, offset := range flat {
		if i == 0 || offset >= flat[i-1] {
			continue
		}
		if offset != 0 {
			return nil, fmt.Errorf("lod falls from %d to %d, want a rise or a 0", flat[i-1], offset)
		}
		lod = append(lod, flat[start:i:i])
		start = i
	}
	lod = append(lod, flat[start:])
	if err := lod.Validate(rows); err != nil {
		return nil, err
	}
	return lod, nil
}

// toLoD is the way back.
func toLoD(lod sampan.LoD) ([]int32, error) {
	var flat []int32
	for _, level := range lod {
		for _, offset := range level {
			if offset > math.MaxInt32 {
				return nil, fmt.Errorf("lod offset %d is beyond the protocol's 32 bits", offset)
			}
			flat = append(flat, int32(offset))
		}
	}
	return flat, nil
}
