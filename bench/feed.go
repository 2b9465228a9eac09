package bench

import (
	"math/rand/v2"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// RandomFeed makes a feed of so many rows that fits the variables, the same one for the
// same seed. It carries its batch axis: give it to a client with [client.Batch].
//
// Floats lie between 0 and 1. Integers lie between 0 and 9, so that they are in range
// for any table that a model may look them up in; uint8, as pixels are, take all
// values. Strings are words of eight letters. Sizes that the config leaves open are 1,
// and a variable with LoD gets so many sequences of eight rows of one element. A dtype
// without a Go type is Unimplemented.
func RandomFeed(vars []client.Var, rows int, seed uint64) (client.Feed, error) {
	random := rand.New(rand.NewPCG(seed, seed))
	feed := client.Feed{}
	for _, v := range vars {
		shape := append(sampan.Shape{int64(rows)}, v.Shape...)
		if v.LoD {
			shape = sampan.Shape{int64(rows) * sequence, 1}
		}
		for i, size := range shape {
			if size < 0 {
				shape[i] = 1
			}
		}
		t, err := randomTensor(random, v.DType, shape)
		if err != nil {
			return nil, sampan.Errorf(sampan.CodeOf(err), "feed %q: %w", v.Alias, err)
		}
		if v.LoD {
			offsets := make([]int64, rows+1)
			for i := range offsets {
				offsets[i] = int64(i) * sequence
			}
			t.LoD = sampan.LoD{offsets}
		}
		feed[v.Alias] = t
	}
	return feed, nil
}

// sequence is the number of rows in a random sequence.
const sequence = 8

func randomTensor(r *rand.Rand, d sampan.DType, shape sampan.Shape) (sampan.Tensor, error) {
	digit := func() int { return r.IntN(10) }
	switch d {
	case sampan.Float32:
		return generate(shape, r.Float32)
	case sampan.Float64:
		return generate(shape, r.Float64)
	case sampan.Float16:
		return generate(shape, func() sampan.F16 { return sampan.ToF16(r.Float32()) })
	case sampan.BFloat16:
		return generate(shape, func() sampan.BF16 { return sampan.ToBF16(r.Float32()) })
	case sampan.Int8:
		return generate(shape, func() int8 { return int8(digit()) })
	case sampan.Int16:
		return generate(shape, func() int16 { return int16(digit()) })
	case sampan.Int32:
		return generate(shape, func() int32 { return int32(digit()) })
	case sampan.Int64:
		return generate(shape, func() int64 { return int64(digit()) })
	case sampan.Uint8:
		return generate(shape, func() uint8 { return uint8(r.UintN(256)) })
	case sampan.Bool:
		return generate(shape, func() bool { return r.IntN(2) == 1 })
	case sampan.Complex64:
		return generate(shape, func() complex64 { return complex(r.Float32(), r.Float32()) })
	case sampan.Complex128:
		return generate(shape, func() complex128 { return complex(r.Float64(), r.Float64()) })
	case sampan.String:
		n, _ := shape.Elements()
		words := make([]string, n)
		for i := range words {
			word := make([]byte, 8)
			for j := range word {
				word[j] = byte('a' + r.IntN(26))
			}
			words[i] = string(word)
		}
		return sampan.OfStrings(shape, words)
	}
	return sampan.Tensor{}, sampan.Errorf(sampan.Unimplemented, "no random %s", d)
}

func generate[T sampan.Element](shape sampan.Shape, next func() T) (sampan.Tensor, error) {
	n, ok := shape.Elements()
	if !ok {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "shape %v is too large", shape)
	}
	data := make([]T, n)
	for i := range data {
		data[i] = next()
	}
	return sampan.Of(shape, data)
}
