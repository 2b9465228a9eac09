package pipeline_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/sampanml/sampan/server/pipeline"
)

// TestTrace has two ops at the same time between two others: each op's parts lie within the
// op, and the ops within the call.
func TestTrace(t *testing.T) {
	o := options(t)
	o.TraceFile = filepath.Join(t.TempDir(), "trace.json")
	svc := pipeline.Parse("uci", []byte(uciConfig), o)
	a := svc.Add("a", pipeline.Op{}, svc.Request())
	b, c := svc.Add("uci", uci{}, a), svc.Add("c", sleeper{}, a)
	svc.Respond(svc.Add("d", pipeline.Op{}, svc.Add("e", step(func(context.Context) error { return nil }), b, c)))
	r := serve(t, svc)
	for range 2 {
		if got := r.post("x", sample); got.No != 0 {
			t.Fatalf("%+v", got)
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	var events []struct {
		Name, Ph string
		TS, Dur  float64
		TID      int64
	}
	if err := json.Unmarshal([]byte(readFile(t, o.TraceFile)), &events); err != nil {
		t.Fatal(err)
	}
	calls, ops := 0, map[string]int{}
	for _, e := range events {
		if e.Ph != "X" || e.Dur < 0 {
			t.Errorf("%+v", e)
		}
		if e.Name == "uci" && e.TID%64 == 0 {
			calls++
		} else {
			ops[e.Name]++
		}
		if e.Name != "c postp" {
			continue
		}
		for _, whole := range events {
			if whole.Name == "c" && whole.TID == e.TID && (whole.TS > e.TS+1 || whole.TS+whole.Dur < e.TS+e.Dur-1) {
				t.Errorf("%+v does not lie within %+v", e, whole)
			}
		}
	}
	if calls != 2 || ops["uci"] != 2 || ops["uci midp"] != 2 || ops["c postp"] != 2 || ops["d prep"] != 2 {
		t.Errorf("%d calls, %v", calls, ops)
	}
}
