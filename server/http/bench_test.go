package http_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/server/http"
)

// BenchmarkJSON is a call over one connection, here and with encoding/json on net/http:
// one whose reply is what was asked, and one of a picture's 150,528 numbers whose reply
// are ten, as of a classifier. The client writes bytes that are ready and reads without
// a look.
func BenchmarkJSON(b *testing.B) {
	for _, c := range []struct{ n, reply int }{{13, 13}, {150528, 150528}, {150528, 10}} {
		n := c.n
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprint(float32(i%1000)/1000 + 0.0001)
		}
		body := fmt.Sprintf(`{"tensor":[{"float_data":[%s],"elem_type":1,"shape":[1,%d],"name":"e"}]}`, strings.Join(values, ","), n)
		for name, address := range map[string]string{"sampan": start(b, &first{c.reply}, http.Options{}), "net_http": plainEcho(b, c.reply)} {
			b.Run(fmt.Sprintf("%s/%d-%d", name, n, c.reply), func(b *testing.B) {
				conn := dial(b, address)
				request, r := post(body, ""), bufio.NewReaderSize(conn, 1<<20)
				b.ReportAllocs()
				for b.Loop() {
					go conn.Write(request)
					resp, err := nethttp.ReadResponse(r, nil)
					if err != nil {
						b.Fatal(err)
					}
					if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
						b.Fatal(resp.Status, err)
					}
				}
			})
		}
	}
}

// first answers with the first numbers of the only input.
type first struct{ n int }

func (f *first) Predict(_ context.Context, req *sampan.Request) (*sampan.Reply, error) {
	in := req.Inputs[0].Tensor
	out := sampan.Tensor{DType: in.DType, Shape: sampan.Shape{1, int64(f.n)}, Data: slices.Clone(in.Data[:4*f.n])}
	return &sampan.Reply{Outputs: []sampan.Output{{Engine: "e", Tensors: []sampan.Named{{Name: "e", Alias: "e", Tensor: out}}}}}, nil
}

func (f *first) Ready() bool          { return true }
func (f *first) Models() []http.Model { return nil }

// plainEcho is the same service by the standard library alone.
func plainEcho(b *testing.B, reply int) string {
	type tensor struct {
		Floats   []float32 `json:"float_data"`
		ElemType int       `json:"elem_type"`
		Shape    []int     `json:"shape"`
		Name     string    `json:"name"`
	}
	type wide struct {
		tensor
		Floats []float64 `json:"float_data"`
	}
	server := &nethttp.Server{Handler: nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		var request struct{ Tensor []tensor }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			nethttp.Error(w, err.Error(), 400)
			return
		}
		// Floats as the protocol has them: as doubles.
		in := request.Tensor[0]
		in.Floats, in.Shape = in.Floats[:reply], []int{1, reply}
		out := wide{tensor: in, Floats: make([]float64, len(in.Floats))}
		for i, f := range in.Floats {
			out.Floats[i] = float64(f)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"outputs": []any{map[string]any{"tensor": []wide{out}, "engine_name": "e"}}})
	})}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go server.Serve(ln)
	b.Cleanup(func() { server.Close() })
	return ln.Addr().String()
}
