package wire

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/loan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// checkIncoming decodes a message twice with in, and compares what comes with what the
// generated types and FromRequest make of it.
func checkIncoming(t *testing.T, in *Incoming, data []byte) {
	t.Helper()
	m := &message{}
	faulty := proto.Unmarshal(data, m)
	want, wantErr := FromRequest(m)
	for range 2 {
		err := in.Decode(data)
		if (err != nil) != (faulty != nil) && len(m.Tensor) <= maxTensors {
			t.Fatalf("%v, protobuf: %v", err, faulty)
		}
		if err != nil || faulty != nil {
			in.Release()
			continue
		}
		got, err := in.Request()
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || sampan.CodeOf(err) != sampan.CodeOf(wantErr) {
			t.Fatalf("%v, want %v", err, wantErr)
		}
		if err == nil {
			if !slices.Equal(got.Outputs, want.Outputs) || got.Profile != want.Profile || got.LogID != want.LogID {
				t.Errorf("%+v, want %+v", got, want)
			}
			sameNamed(t, got.Inputs, want.Inputs)
			checkOutgoing(t, &Outgoing{}, &sampan.Reply{Outputs: []sampan.Output{{Engine: "e", Tensors: got.Inputs}}}, got)
		}
		in.Release()
	}
}

// fields makes a message of them.
func fields(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func varintField(n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
}

func bytesField(n protowire.Number, v ...byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), v)
}

func fixed4Field(n protowire.Number, v uint32) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(nil, n, protowire.Fixed32Type), v)
}

func fixed8Field(n protowire.Number, v uint64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(nil, n, protowire.Fixed64Type), v)
}

// tensors are messages of a tensor, well made and not.
var tensors = map[string][]byte{
	"empty":              nil,
	"packed":             fields(bytesField(1, 1, 0x80, 0x01, 2), bytesField(11, 3)),
	"unpacked":           fields(varintField(1, 7), varintField(1, math.MaxUint64), varintField(11, 2), varintField(11, 1)),
	"chunks":             fields(bytesField(1, 1, 2), varintField(1, 3), bytesField(1), bytesField(1, 4)),
	"floats":             fields(fixed4Field(2, 0x3f800000), fixed4Field(2, 0x40000000), varintField(10, 1)),
	"floats, chunks":     fields(bytesField(2, 0, 0, 128, 63), fixed4Field(2, 1), fixed4Field(2, 2), bytesField(2, 1, 2, 3, 4, 5, 6, 7, 8), varintField(10, 1)),
	"floats, apart":      fields(fixed4Field(2, 1), varintField(10, 1), fixed4Field(2, 2), bytesField(13, 'x'), fixed4Field(2, 3)),
	"part of a float":    fields(bytesField(2, 1, 2, 3), varintField(10, 1)),
	"a float is cut":     fields(fixed4Field(2, 1), varintField(10, 1), fixed4Field(2, 2)[:3]),
	"a tag of two bytes": fields([]byte{0x95, 0, 1, 2, 3, 4}, fixed4Field(1<<20+2, 1), []byte{0x95, 0, 5, 6, 7, 8}, varintField(10, 1)),
	"doubles, two bytes": fields([]byte{0xa1, 0, 1, 2, 3, 4, 5, 6, 7, 8}, []byte{0xa1, 0, 5, 6, 7, 8, 9, 10, 11, 12}, varintField(10, 3)),
	"another long tag":   fields([]byte{0xbd, 0, 0, 0, 0xbd, 0xbd}, []byte{0xbd, 0x45, 1, 2, 3, 4}),
	"doubles":            fields(fixed8Field(4, 1), fixed8Field(4, 2), bytesField(4, 1, 2, 3, 4, 5, 6, 7, 8), varintField(10, 3)),
	"a float of 8":       fields(fixed8Field(2, 1), varintField(2, 1), fixed4Field(2, 1), varintField(10, 1)),
	"int32":              fields(bytesField(3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), varintField(3, 1<<40), varintField(10, 2)),
	"bool":               fields(bytesField(6, 0, 1, 2, 0x80, 1), varintField(6, 9), varintField(10, 9)),
	"complex":            fields(bytesField(7, 1, 2, 3, 4, 5, 6, 7, 8), varintField(10, 10)),
	"odd complex":        fields(fixed4Field(7, 1), varintField(10, 10)),
	"complex128":         fields(fixed8Field(8, 1), fixed8Field(8, 2), varintField(10, 11)),
	"strings":            fields(bytesField(9, 'a'), bytesField(9), bytesField(9, 0xc3, 0xa4), varintField(10, 20)),
	"not UTF-8":          fields(bytesField(9, 0xc3), varintField(10, 20)),
	"not UTF-8, unread":  fields(bytesField(9, 0xc3), varintField(10, 1)),
	"a name's bytes":     bytesField(13, 0xff),
	"an alias's bytes":   bytesField(14, 0xff),
	"the last counts":    fields(varintField(10, 3), varintField(10, 7), bytesField(13, 'x'), bytesField(13, 'y'), bytesField(14, 'a'), bytesField(14), bytesField(15, 1, 2), bytesField(15, 3)),
	"raw":                fields(bytesField(15, 1, 0, 2, 0), varintField(10, 4), bytesField(11, 2, 1)),
	"raw bool":           fields(bytesField(15, 1, 7), varintField(10, 9)),
	"raw and typed":      fields(bytesField(15, 1, 0, 0, 0), fixed4Field(2, 1), varintField(10, 1)),
	"two types":          fields(varintField(1, 7), fixed4Field(2, 1)),
	"two, one bad":       fields(bytesField(1, 0x80), fixed4Field(2, 1), varintField(10, 1)),
	"uint32":             fields(bytesField(5, 1), varintField(5, 2)),
	"uint32, a bad one":  fields(bytesField(5, 0x80), varintField(10, 77)),
	"unknown type":       fields(bytesField(1, 1), bytesField(15, 1), varintField(10, 77)),
	"a long varint":      bytesField(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
	"a large varint":     bytesField(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2),
	"a varint is cut":    bytesField(1, 0x80),
	"shape is cut":       fields(bytesField(1, 1), bytesField(11, 1, 0x80)),
	"large shape":        fields(bytesField(11, 0xff, 0xff, 0xff, 0xff, 0x7f)),
	"lod":                fields(bytesField(1, 1, 2, 3), bytesField(12, 0, 1), varintField(12, 3)),
	"two levels":         fields(bytesField(1, 1, 2, 3), bytesField(12, 0, 2, 0, 1, 3)),
	"lod falls":          fields(bytesField(1, 1, 2, 3), bytesField(12, 0, 2, 1)),
	"no tag":             {0x80},
	"field 0":            {0x00, 0x01},
	"a large field":      {0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01},
	"too large a field":  {0xf8, 0xff, 0xff, 0xff, 0x1f, 0x01},
	"unknown":            fields(varintField(99, 1), bytesField(16, 1), fixed4Field(17, 1), fixed8Field(18, 1), bytesField(1, 1)),
	"a group":            fields([]byte{0x83, 0x01, 0x08, 0x01, 0x84, 0x01}, bytesField(1, 1)),
	"a group of ours":    fields([]byte{0x0b, 0x08, 0x01, 0x0c}, bytesField(1, 1)),
	"an open group":      {0x83, 0x01},
	"the end of none":    {0x84, 0x01},
	"kind 6":             {0x0e, 0x01},
	"kind 7":             {0x0f, 0x01},
}

func TestIncoming(t *testing.T) {
	var in Incoming
	for name, tensor := range tensors {
		t.Run(name, func(t *testing.T) {
			checkIncoming(t, &in, bytesField(1, tensor...))
			checkIncoming(t, &in, tensor)
			checkIncoming(t, &in, fields(bytesField(1, tensors["packed"]...), varintField(1, 1), bytesField(1, tensor...), varintField(3, 2)))
		})
	}
	for name, data := range map[string][]byte{
		"nothing":         nil,
		"outputs":         fields(bytesField(2, 'a'), bytesField(2), bytesField(2, 'b', 'c')),
		"outputs' bytes":  bytesField(2, 0xff),
		"flags":           fields(varintField(3, 0), varintField(4, math.MaxUint64), varintField(4, 5), varintField(3, 300)),
		"the wrong kinds": fields(varintField(1, 1), varintField(2, 1), bytesField(3, 1), fixed8Field(4, 1)),
		"too many":        bytes.Repeat(bytesField(1), maxTensors+1),
		"a piece":         bytesField(1, tensors["packed"]...)[:5],
	} {
		t.Run(name, func(t *testing.T) { checkIncoming(t, &in, data) })
	}
	files, _ := filepath.Glob("testdata/paddle_client_0.9.0/*.bin")
	for _, file := range files {
		data, _ := proto.Marshal(readFrame(t, file))
		checkIncoming(t, &in, data)
	}
}

// TestIncomingAtRandom reads messages of fields that come in any order and form.
func TestIncomingAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var in Incoming
	for range 20000 {
		var data []byte
		for range r.IntN(4) {
			data = append(data, bytesField(1, randomTensor(r)...)...)
		}
		if r.IntN(2) == 0 {
			data = append(data, bytesField(2, byte(r.IntN(130)))...)
		}
		checkIncoming(t, &in, data)
	}
}

func randomTensor(r *rand.Rand) (b []byte) {
	own := protowire.Number(1 + r.IntN(15))
	for range r.IntN(8) {
		n := own
		if r.IntN(2) == 0 {
			n = protowire.Number(1 + r.IntN(16))
		}
		switch r.IntN(5) {
		case 0:
			b = append(b, varintField(n, r.Uint64()>>r.IntN(64))...)
		case 1:
			b = append(b, fixed4Field(n, r.Uint32())...)
		case 2:
			b = append(b, fixed8Field(n, r.Uint64())...)
		default:
			chunk := make([]byte, r.IntN(5)*(1+7*r.IntN(2)))
			for i := range chunk {
				chunk[i] = byte(r.IntN(256) >> r.IntN(8))
			}
			b = append(b, bytesField(n, chunk...)...)
		}
	}
	if r.IntN(2) == 0 {
		b = append(b, varintField(10, uint64(r.IntN(13)))...)
	}
	return b
}

// TestIncomingKeepsNothing changes the bytes and looks at what is lent.
func TestIncomingKeepsNothing(t *testing.T) {
	before := loan.Out()
	var in Incoming
	data := bytesField(1, fields(bytesField(9, 'a', 'b'), varintField(10, 20), bytesField(13, 'n'))...)
	if err := in.Decode(data); err != nil {
		t.Fatal(err)
	}
	clear(data)
	r, err := in.Request()
	if err != nil {
		t.Fatal(err)
	}
	if texts, err := r.Inputs[0].Tensor.Strings(); err != nil || texts[0] != "ab" || r.Inputs[0].Name != "n" {
		t.Errorf("%v %s %v", texts, r.Inputs[0].Name, err)
	}
	if loan.Out() == before {
		t.Error("nothing is lent")
	}
	in.Release()
	long := strings.Repeat("n", maxKeptName+1)
	for _, data := range [][]byte{bytesField(1, bytesField(13, []byte(long)...)...), bytesField(2, []byte(long)...), bytes.Repeat(bytesField(1), 1000)} {
		_ = in.Decode(data)
		in.Release()
	}
	if cap(in.inputs) > maxKept {
		t.Errorf("room for %d inputs is kept", cap(in.inputs))
	}
	for _, n := range in.inputs[:cap(in.inputs)] {
		if n.Name == long {
			t.Error("a long name is kept")
		}
	}
	if n := loan.Out() - before; n != 0 {
		t.Errorf("%d bytes are still lent", n)
	}
}

func TestIncomingTakesNoMemory(t *testing.T) {
	tensor, _ := sampan.Of(sampan.Shape{1, 13}, make([]float32, 13))
	m, err := ToRequest(&sampan.Request{Inputs: []sampan.Named{{Name: "image", Alias: "picture", Tensor: tensor}}, Outputs: []string{"price"}})
	if err != nil {
		t.Fatal(err)
	}
	data, _ := proto.Marshal(m)
	var in Incoming
	n := testing.AllocsPerRun(100, func() {
		_ = in.Decode(data)
		in.Release()
	})
	// Memory that is poisoned is not used again, which makes two.
	if n > 2 {
		t.Errorf("%v allocations for a request", n)
	}
}

func FuzzIncoming(f *testing.F) {
	files, _ := filepath.Glob("testdata/paddle_client_0.9.0/*.bin")
	for _, file := range files {
		data, _ := proto.Marshal(readFrame(f, file))
		f.Add(data)
	}
	for _, tensor := range tensors {
		f.Add(bytesField(1, tensor...))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		f.Add(bytesField(1, randomTensor(r)...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var in Incoming
		checkIncoming(t, &in, data)
	})
}

func BenchmarkIncoming(b *testing.B) {
	for _, n := range benchSizes {
		_, _, values := benchFloats(n)
		floats, _ := sampan.Of(sampan.Shape{1, n}, values)
		packed, err := ToRequest(&sampan.Request{Inputs: []sampan.Named{{Name: "x", Alias: "x", Tensor: floats}}})
		if err != nil {
			b.Fatal(err)
		}
		raw := &message{Tensor: []*generalmodel.Tensor{{ElemType: 1, Shape: []int32{1, int32(n)}, Name: "x", AliasName: "x", TensorContent: floats.Data}}}
		unpacked := fields(varintField(10, 1), bytesField(13, 'x'), bytesField(14, 'x'))
		for _, v := range values {
			unpacked = append(unpacked, fixed4Field(2, math.Float32bits(v))...)
		}
		encoded := func(m *message) []byte { data, _ := proto.Marshal(m); return data }
		for _, c := range []struct {
			name string
			data []byte
		}{{"packed", encoded(packed)}, {"raw", encoded(raw)}, {"unpacked", bytesField(1, unpacked...)}} {
			b.Run(fmt.Sprintf("wire/%d/%s", n, c.name), func(b *testing.B) {
				b.SetBytes(int64(len(c.data)))
				b.ReportAllocs()
				var in Incoming
				for b.Loop() {
					if err := in.Decode(c.data); err != nil {
						b.Fatal(err)
					}
					in.Release()
				}
			})
			b.Run(fmt.Sprintf("generated/%d/%s", n, c.name), func(b *testing.B) {
				b.SetBytes(int64(len(c.data)))
				b.ReportAllocs()
				for b.Loop() {
					m := &message{}
					if err := proto.Unmarshal(c.data, m); err != nil {
						b.Fatal(err)
					}
					if _, err := FromRequest(m); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
