package sampan

// LoD ("level of detail") divides a tensor's rows into sequences of varying length,
// as Paddle does. Each level is a list of offsets that starts with 0 and does not
// fall; the offsets of the last level count rows, those of an upper level count
// sequences of the level below it. A tensor without sequences has none.
type LoD [][]int64

// Validate checks the offsets against each other and against the number of rows.
func (l LoD) Validate(rows int64) error {
	if len(l) > 2 {
		return Errorf(InvalidArgument, "lod has %d levels, want at most 2", len(l))
	}
	for i, level := range l {
		end := rows
		what := "rows"
		if i+1 < len(l) {
			end, what = int64(len(l[i+1]))-1, "sequences"
		}
		if len(level) == 0 || level[0] != 0 {
			return Errorf(InvalidArgument, "lod level %d is %v, want offsets that start with 0", i, brief(level))
		}
		for j := 1; j < len(level); j++ {
			if level[j] < level[j-1] {
				return Errorf(InvalidArgument, "lod level %d falls from %d to %d", i, level[j-1], level[j])
			}
		}
		if last := level[len(level)-1]; last != end {
			return Errorf(InvalidArgument, "lod level %d ends at %d, want the number of %s, %d", i, last, what, end)
		}
	}
	return nil
}

// brief cuts a list for a message.
func brief(list []int64) []int64 { return list[:min(len(list), 8)] }
