package wire

import (
	"bytes"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
)

// checkOutgoing writes a reply twice with o, and compares it with what ToResponse and
// the generated types make of it.
func checkOutgoing(t *testing.T, o *Outgoing, reply *sampan.Reply, req *sampan.Request) {
	t.Helper()
	var want []byte
	m, wantErr := ToResponse(reply, req)
	if wantErr == nil {
		want, wantErr = proto.Marshal(m)
	}
	for range 2 {
		err := o.Set(reply, req)
		if (err == nil) != (wantErr == nil) || err != nil && sampan.CodeOf(err) != sampan.CodeOf(wantErr) {
			t.Fatalf("%v, want %v", err, wantErr)
		}
		if err != nil {
			continue
		}
		got := o.Append([]byte("before"))
		if !bytes.Equal(got[6:], want) {
			t.Fatalf("% x, want % x", got[6:], want)
		}
		if o.Size() != len(want) {
			t.Fatalf("size %d, want %d", o.Size(), len(want))
		}
	}
}

func TestOutgoing(t *testing.T) {
	every := everyType(t)
	var o Outgoing
	for _, reply := range []*sampan.Reply{
		{},
		{Outputs: []sampan.Output{{}, {Engine: "cnn"}}},
		{Profile: []int64{0, -1, 1 << 62}},
		{Outputs: []sampan.Output{{Engine: "cnn", Tensors: every}, {Tensors: every[:3]}}, Profile: []int64{1, 2}},
		{Outputs: []sampan.Output{{Tensors: []sampan.Named{{Tensor: mustOf[int32](t, sampan.Shape{}, -7)}}}}},
		{Outputs: []sampan.Output{{Engine: "\xff"}}},
		{Outputs: []sampan.Output{{Tensors: []sampan.Named{{Name: "\xff", Tensor: mustOf[int8](t, nil, 1)}}}}},
		{Outputs: []sampan.Output{{Tensors: []sampan.Named{{Alias: "\xff", Tensor: mustOf[int8](t, nil, 1)}}}}},
		{Outputs: []sampan.Output{{Tensors: []sampan.Named{{Tensor: sampan.Tensor{DType: sampan.Bool, Shape: sampan.Shape{1}, Data: []byte{2}}}}}}},
		{Outputs: []sampan.Output{{Tensors: []sampan.Named{{Tensor: withLoD(mustOf(t, sampan.Shape{2}, make([]int8, 2)...), []int64{0, 1 << 31})}}}}},
	} {
		checkOutgoing(t, &o, reply, nil)
		checkOutgoing(t, &o, reply, &sampan.Request{LogID: 1 << 63})
		checkOutgoing(t, &o, reply, &sampan.Request{LogID: 5, Profile: true})
	}
	for _, n := range every {
		checkOutgoing(t, &o, outputs("", n), nil)
		// An address that does not suit the type.
		n.Tensor.Data = append([]byte{0}, n.Tensor.Data...)[1:]
		checkOutgoing(t, &o, outputs("", n), nil)
	}
}

func TestOutgoingTakesNoMemory(t *testing.T) {
	reply := benchReply(make([]float32, 13))
	var o Outgoing
	var b []byte
	if n := testing.AllocsPerRun(100, func() {
		_ = o.Set(reply, nil)
		b = o.Append(b[:0])
	}); n > 0 {
		t.Errorf("%v allocations for a reply", n)
	}
}

func BenchmarkOutgoing(b *testing.B) {
	for _, n := range benchSizes {
		_, _, values := benchFloats(n)
		reply := benchReply(values)
		b.Run(fmt.Sprintf("wire/%d", n), func(b *testing.B) {
			var o Outgoing
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				if err := o.Set(reply, nil); err != nil {
					b.Fatal(err)
				}
				dst = o.Append(dst[:0])
			}
			b.SetBytes(int64(len(dst)))
		})
		b.Run(fmt.Sprintf("generated/%d", n), func(b *testing.B) {
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				m, err := ToResponse(reply, nil)
				if err != nil {
					b.Fatal(err)
				}
				if dst, err = (proto.MarshalOptions{}).MarshalAppend(dst[:0], m); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(dst)))
		})
	}
}
