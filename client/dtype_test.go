package client

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/elemtype"
)

// randomTensor makes a tensor of a dtype; every bit pattern may come, in texts
// every code point below the surrogates.
func randomTensor(t *testing.T, r *rand.Rand, dtype sampan.DType, shape sampan.Shape) sampan.Tensor {
	n, _ := shape.Elements()
	if dtype == sampan.String {
		texts := make([]string, n)
		for i := range texts {
			text := make([]rune, r.IntN(20))
			for j := range text {
				text[j] = rune(r.IntN(0xd800))
			}
			texts[i] = string(text)
		}
		out, err := sampan.OfStrings(shape, texts)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	size, _ := dtype.Size(n)
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(r.Uint32())
		if dtype == sampan.Bool {
			data[i] &= 1
		}
	}
	return sampan.Tensor{DType: dtype, Shape: shape, Data: data}
}

// TestDTypes: what is fed comes back bit by bit, every dtype over every transport, with
// and without LoD.
func TestDTypes(t *testing.T) {
	transports(t, func(t *testing.T, config Config) {
		address, _ := serve(t, func(_ context.Context, r *sampan.Request) (*sampan.Reply, error) {
			return &sampan.Reply{Outputs: []sampan.Output{{Engine: "echo", Tensors: []sampan.Named{{Name: "y", Alias: "y", Tensor: r.Inputs[0].Tensor}}}}}, nil
		})
		r := rand.New(rand.NewPCG(1, 2))
		for elem := range int32(elemtype.String + 1) {
			dtype, ok := elemtype.ToDType(elem)
			if !ok {
				continue
			}
			for _, lod := range []bool{false, true} {
				c := loadText(t, fmt.Sprintf(`
feed_var { name: "x" feed_type: %d shape: 3 is_lod_tensor: %v }
fetch_var { name: "y" fetch_type: %d shape: 3 is_lod_tensor: %v }`, elem, lod, elem, lod))
				if err := c.ConnectWith(t.Context(), config, address); err != nil {
					t.Fatal(err)
				}
				for _, rows := range []int64{1, 5, 400} {
					want := randomTensor(t, r, dtype, sampan.Shape{rows, 3})
					if lod {
						want.LoD = sampan.LoD{{0, rows / 2, rows}}
					}
					out, err := c.Predict(t.Context(), Feed{"x": want}, nil, Batch())
					if err != nil {
						t.Errorf("%v: %v", dtype, err)
						break
					}
					got, err := out.Tensor("y")
					if err != nil {
						t.Fatal(err)
					}
					if d := cmp.Diff(want, got); d != "" {
						t.Errorf("%v, %d rows, LoD %v: (-want +got):\n%.600s", dtype, rows, lod, d)
					}
				}
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
