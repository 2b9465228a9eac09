package text

import "github.com/sampanml/sampan"

// Sequences puts the ids of several texts one after the other into an int64 tensor of
// shape [ids 1], whose LoD says where each text ends. That is how Paddle's models take
// words.
func Sequences(texts ...[]int64) (sampan.Tensor, error) {
	offsets, n := make([]int64, 1, len(texts)+1), 0
	for _, ids := range texts {
		n += len(ids)
		offsets = append(offsets, int64(n))
	}
	all := make([]int64, 0, n)
	for _, ids := range texts {
		all = append(all, ids...)
	}
	t, err := sampan.Of(sampan.Shape{int64(n), 1}, all)
	t.LoD = sampan.LoD{offsets}
	return t, err
}

// Padded makes an int64 tensor of shape [texts longest] of the ids of several texts,
// filled up with padding on the right.
func Padded(padding int64, texts ...[]int64) (sampan.Tensor, error) {
	longest := 0
	for _, ids := range texts {
		longest = max(longest, len(ids))
	}
	return pad(texts, padding, longest)
}

// maxPadded bounds the elements of a padded tensor.
const maxPadded = 1 << 28

// pad makes a row of so many ids of each text, none of which is longer.
func pad(texts [][]int64, padding int64, length int) (sampan.Tensor, error) {
	if length > 0 && len(texts) > maxPadded/length {
		return sampan.Tensor{}, sampan.Errorf(sampan.ResourceExhausted, "%d texts padded to %d ids, want at most %d ids together", len(texts), length, maxPadded)
	}
	all := make([]int64, len(texts)*length)
	for i, ids := range texts {
		row := all[i*length : (i+1)*length]
		for j := copy(row, ids); j < length; j++ {
			row[j] = padding
		}
	}
	return sampan.Of(sampan.Shape{int64(len(texts)), int64(length)}, all)
}
