package wire

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
)

// benchSizes are the tutorial's row and a picture of 3×224×224.
var benchSizes = []int64{13, 150528}

// benchFloats are numbers as they come: a float32 written with the digits of the
// float64 of equal value, as Python does, or with four decimals.
func benchFloats(n int64) (long, short []string, values []float32) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		f := float32(r.NormFloat64())
		values = append(values, f)
		long = append(long, string(appendFloat(nil, f)))
		short = append(short, fmt.Sprintf("%.4f", f))
	}
	return long, short, values
}

type jsonRequest struct {
	Tensor []struct {
		FloatData []float32 `json:"float_data"`
		ElemType  int32     `json:"elem_type"`
		Name      string    `json:"name"`
		AliasName string    `json:"alias_name"`
		Shape     []int64   `json:"shape"`
	} `json:"tensor"`
	FetchVarNames []string `json:"fetch_var_names"`
	LogID         uint64   `json:"log_id"`
}

func BenchmarkParseJSON(b *testing.B) {
	for _, n := range benchSizes {
		long, short, _ := benchFloats(n)
		for name, numbers := range map[string][]string{"long": long, "short": short} {
			body := []byte(fmt.Sprintf(`{"tensor":[{"float_data":[%s],"elem_type":1,"name":"x","alias_name":"x","shape":[1,%d]}],"fetch_var_names":["price"],"log_id":0}`,
				strings.Join(numbers, ","), n))
			b.Run(fmt.Sprintf("wire/%d/%s", n, name), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := readJSON(body); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("encoding_json/%d/%s", n, name), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					var r jsonRequest
					if err := json.Unmarshal(body, &r); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkDecodeFeed(b *testing.B) {
	for _, n := range benchSizes {
		long, _, _ := benchFloats(n)
		body := []byte(`{"feed":[{"x":[` + strings.Join(long, ",") + `]}],"fetch":["price"]}`)
		feeds := []FeedVar{{Name: "x", Alias: "x", DType: sampan.Float32, Shape: sampan.Shape{n}}}
		b.Run(fmt.Sprintf("wire/%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := DecodeFeed(body, feeds); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("encoding_json/%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				var r struct {
					Feed  []map[string][]float32
					Fetch []string
				}
				if err := json.Unmarshal(body, &r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchReply(values []float32) *sampan.Reply {
	t, err := sampan.Of(sampan.Shape{1, int64(len(values))}, values)
	if err != nil {
		panic(err)
	}
	return &sampan.Reply{
		Outputs: []sampan.Output{{Engine: "GeneralInferOp_0", Tensors: []sampan.Named{{Name: "fc_0.tmp_1", Alias: "price", Tensor: t}}}},
		Profile: []int64{1700000000000000, 1700000000000100},
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	for _, n := range benchSizes {
		_, _, values := benchFloats(n)
		reply := benchReply(values)
		var dst []byte
		b.Run(fmt.Sprintf("wire/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = AppendJSON(dst[:0], reply, nil)
			}
			b.SetBytes(int64(len(dst)))
		})
		b.Run(fmt.Sprintf("result/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = AppendResult(dst[:0], reply)
			}
			b.SetBytes(int64(len(dst)))
		})
		b.Run(fmt.Sprintf("encoding_json/%d", n), func(b *testing.B) {
			// As float64, or the digits would be those of float32.
			wide := make([]float64, len(values))
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				for i, v := range values {
					wide[i] = float64(v)
				}
				text, err := json.Marshal(map[string]any{"outputs": []any{map[string]any{
					"tensor": []any{map[string]any{
						"float_data": wide, "elem_type": 1, "shape": []int64{1, n}, "name": "fc_0.tmp_1", "alias_name": "price",
					}},
					"engine_name": "GeneralInferOp_0",
				}}})
				if err != nil {
					b.Fatal(err)
				}
				size = len(text)
			}
			b.SetBytes(int64(size))
		})
	}
}

func BenchmarkFromRequest(b *testing.B) {
	for _, n := range benchSizes {
		_, _, values := benchFloats(n)
		t, _ := sampan.Of(sampan.Shape{1, n}, values)
		m, err := ToRequest(&sampan.Request{Inputs: []sampan.Named{{Name: "x", Alias: "x", Tensor: t}}})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("from/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := FromRequest(m); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("unmarshal/%d", n), func(b *testing.B) {
			data, _ := proto.Marshal(m)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				m := m.ProtoReflect().New().Interface()
				if err := proto.Unmarshal(data, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkToResponse(b *testing.B) {
	for _, n := range benchSizes {
		_, _, values := benchFloats(n)
		reply := benchReply(values)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ToResponse(reply, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
