package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

// recorder is a model of free rows whose runs take a second and give their inputs back.
type recorder struct {
	fake
	mu sync.Mutex
	// ran are the first inputs' rows of the runs so far.
	ran []int64
	// refuse fails runs whose first input holds it.
	refuse float32
}

func newRecorder(inputs ...Field) *recorder {
	if len(inputs) == 0 {
		inputs = []Field{field("x", -1, 1)}
	}
	r := &recorder{refuse: -1}
	r.signature = Signature{Inputs: inputs, Outputs: slices.Clone(inputs)}
	for i := range r.signature.Outputs {
		r.signature.Outputs[i].Name = "out" + inputs[i].Name
		r.signature.Outputs[i].Alias = "out" + inputs[i].Alias
	}
	r.run = func(ctx context.Context, inputs, outputs []sampan.Tensor) error {
		r.mu.Lock()
		r.ran = append(r.ran, inputs[0].Rows())
		r.mu.Unlock()
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return sampan.ContextError(ctx)
		}
		if inputs[0].DType == sampan.Float32 {
			if v, err := sampan.View[float32](inputs[0]); err != nil || slices.Contains(v, r.refuse) {
				return errors.Join(sampan.Errorf(sampan.Internal, "a value that the model does not like"), err)
			}
		}
		for i := range inputs {
			outputs[i] = cloned(&inputs[i])
		}
		return nil
	}
	return r
}

// answer is what a call gave.
type answer struct {
	outputs []sampan.Tensor
	err     error
}

// send runs the model in the background and returns when it waits or runs.
func send(ctx context.Context, m *Model, inputs ...sampan.Tensor) <-chan answer {
	done := make(chan answer, 1)
	go func() {
		out, err := m.Run(ctx, inputs)
		done <- answer{out, err}
	}()
	synctest.Wait()
	return done
}

// expect checks that the outputs are the inputs.
func expect(t *testing.T, done <-chan answer, inputs ...sampan.Tensor) {
	t.Helper()
	a := <-done
	if a.err != nil {
		t.Error(a.err)
		return
	}
	for i := range inputs {
		a.outputs[i].LoD, inputs[i].LoD = slices.Clip(a.outputs[i].LoD), slices.Clip(inputs[i].LoD)
	}
	if diff := cmp.Diff(inputs, a.outputs); diff != "" {
		t.Errorf("outputs: %s", diff)
	}
}

// loadOne opens the recorder's model with one run at a time and requests merged.
func loadOne(t *testing.T, r *recorder, b Batching) *Model {
	return load(t, &r.fake, "", Options{Concurrency: 1, Batching: &b})
}

func TestWaitingRequestsAreMerged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		m := loadOne(t, r, Batching{MaxRows: 8})
		start := time.Now()
		var calls []<-chan answer
		sizes := []int64{1, 3, 1, 2, 4, 1}
		for i, n := range sizes {
			calls = append(calls, send(context.Background(), m, rows(t, n, float32(i))))
		}
		for i, done := range calls {
			expect(t, done, rows(t, sizes[i], float32(i)))
		}
		// The first ran alone at once; 3+1+2 and 1 of those behind them fit into 8.
		if diff := cmp.Diff([]int64{1, 7, 4}, r.ran); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, want 3s", took)
		}
	})
}

func TestPreferredSizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		m := loadOne(t, r, Batching{MaxRows: 8, Preferred: []int64{2, 4}})
		var calls []<-chan answer
		for i := range 8 {
			calls = append(calls, send(context.Background(), m, rows(t, 1, float32(i))))
		}
		for i, done := range calls {
			expect(t, done, rows(t, 1, float32(i)))
		}
		if diff := cmp.Diff([]int64{1, 4, 2, 1}, r.ran); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDelayFillsBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		m := loadOne(t, r, Batching{MaxRows: 3, Delay: 10 * time.Millisecond})
		start := time.Now()
		one := send(context.Background(), m, rows(t, 1, 1))
		time.Sleep(5 * time.Millisecond)
		two := send(context.Background(), m, rows(t, 1, 2))
		expect(t, one, rows(t, 1, 1))
		expect(t, two, rows(t, 1, 2))
		if took := time.Since(start); took != time.Second+10*time.Millisecond {
			t.Errorf("half a batch took %v, want 1.01s", took)
		}
		start = time.Now()
		calls := []<-chan answer{
			send(context.Background(), m, rows(t, 1, 1)), send(context.Background(), m, rows(t, 2, 2)),
		}
		expect(t, calls[0], rows(t, 1, 1))
		expect(t, calls[1], rows(t, 2, 2))
		if took := time.Since(start); took != time.Second {
			t.Errorf("a full batch took %v, want 1s", took)
		}
		if diff := cmp.Diff([]int64{2, 3}, r.ran); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOverrun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		m := loadOne(t, r, Batching{MaxRows: 4, Overrun: true})
		var calls []<-chan answer
		for range 3 {
			calls = append(calls, send(context.Background(), m, rows(t, 3, 1)))
		}
		for _, done := range calls {
			expect(t, done, rows(t, 3, 1))
		}
		if diff := cmp.Diff([]int64{3, 6}, r.ran); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLargeRequestIsSplit(t *testing.T) {
	for _, whole := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r := newRecorder()
			m := loadOne(t, r, Batching{MaxRows: 32, KeepWhole: whole})
			x := rows(t, 100, 0)
			v, err := sampan.View[float32](x)
			if err != nil {
				t.Fatal(err)
			}
			for i := range v {
				v[i] = float32(i)
			}
			expect(t, send(context.Background(), m, x), x)
			want := []int64{32, 32, 32, 4}
			if whole {
				want = []int64{100}
			}
			if diff := cmp.Diff(want, r.ran); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoDIsMergedAndDivided(t *testing.T) {
	words := Field{Name: "words", Alias: "words", DType: sampan.Int64, Shape: sampan.Shape{-1, 1}, LoD: true}
	sequence := func(lod ...[]int64) sampan.Tensor {
		n := lod[len(lod)-1][len(lod[len(lod)-1])-1]
		data := make([]int64, n)
		for i := range data {
			data[i] = n*100 + int64(i)
		}
		x, err := sampan.Of(sampan.Shape{n, 1}, data)
		if err != nil {
			t.Fatal(err)
		}
		x.LoD = lod
		return x
	}
	for name, inputs := range map[string][]sampan.Tensor{
		"one level":  {sequence([]int64{0, 5}), sequence([]int64{0, 2, 3}), sequence([]int64{0, 0, 4})},
		"two levels": {sequence([]int64{0, 2}, []int64{0, 3, 5}), sequence([]int64{0, 1, 3}, []int64{0, 1, 2, 4})},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder(words)
				m := loadOne(t, r, Batching{MaxRows: 32})
				first := send(context.Background(), m, sequence([]int64{0, 1}))
				var calls []<-chan answer
				for _, x := range inputs {
					calls = append(calls, send(context.Background(), m, x))
				}
				expect(t, first, sequence([]int64{0, 1}))
				total := int64(0)
				for i, done := range calls {
					expect(t, done, inputs[i])
					total += inputs[i].Rows()
				}
				if diff := cmp.Diff([]int64{1, total}, r.ran); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestSharedInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder(field("x", -1, 1), field("scale", 1))
		scale := func(v float32) sampan.Tensor {
			s, err := sampan.Of(sampan.Shape{1}, []float32{v})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		m := loadOne(t, r, Batching{MaxRows: 8})
		calls := []<-chan answer{
			send(context.Background(), m, rows(t, 1, 0), scale(1)),
			send(context.Background(), m, rows(t, 2, 1), scale(1)),
			send(context.Background(), m, rows(t, 1, 2), scale(2)),
			send(context.Background(), m, rows(t, 3, 3), scale(1)),
		}
		expect(t, calls[0], rows(t, 1, 0), scale(1))
		expect(t, calls[1], rows(t, 2, 1), scale(1))
		expect(t, calls[2], rows(t, 1, 2), scale(2))
		expect(t, calls[3], rows(t, 3, 3), scale(1))
		if diff := cmp.Diff([]int64{1, 5, 1}, r.ran); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPadding(t *testing.T) {
	square := func(n, side int64, v float32) sampan.Tensor {
		data := make([]float32, n*side*side)
		for i := range data {
			data[i] = v + float32(i)
		}
		x, err := sampan.Of(sampan.Shape{n, side, side}, data)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		name string
		b    Batching
		want []int64
	}{
		{"not allowed", Batching{MaxRows: 8}, []int64{1, 2, 1}},
		{"by name", Batching{MaxRows: 8, Padding: map[string]float64{"x": -7}}, []int64{1, 3}},
		{"all", Batching{MaxRows: 8, PadAll: true}, []int64{1, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder(field("x", -1, -1, -1))
				m := loadOne(t, r, c.b)
				first := send(context.Background(), m, square(1, 1, 0))
				two, three := send(context.Background(), m, square(2, 2, 10)), send(context.Background(), m, square(1, 3, 20))
				expect(t, first, square(1, 1, 0))
				a := <-two
				if a.err != nil {
					t.Fatal(a.err)
				}
				if len(c.want) == 2 {
					v := float32(c.b.Padding["x"])
					want, err := sampan.Of(sampan.Shape{2, 3, 3}, []float32{10, 11, v, 12, 13, v, v, v, v, 14, 15, v, 16, 17, v, v, v, v})
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, a.outputs[0]); diff != "" {
						t.Error(diff)
					}
				}
				expect(t, three, square(1, 3, 20))
				if diff := cmp.Diff(c.want, r.ran); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// Every element type is merged and divided, with rows of 3 elements.
func TestEveryTypeIsMerged(t *testing.T) {
	for d := range sampan.DType(32) {
		if !d.Valid() {
			continue
		}
		t.Run(d.String(), func(t *testing.T) {
			x := func(n int64, seed byte) sampan.Tensor {
				if d == sampan.String {
					var texts []string
					for i := range 3 * n {
						texts = append(texts, fmt.Sprint("text", seed, i))
					}
					s, err := sampan.OfStrings(sampan.Shape{n, 3}, texts)
					if err != nil {
						t.Fatal(err)
					}
					return s
				}
				s, err := sampan.New(d, sampan.Shape{n, 3})
				if err != nil {
					t.Fatal(err)
				}
				for i := range s.Data {
					s.Data[i] = (seed + byte(i)) % 2
				}
				return s
			}
			synctest.Test(t, func(t *testing.T) {
				r := newRecorder(Field{Name: "x", Alias: "x", DType: d, Shape: sampan.Shape{-1, 3}})
				r.refuse = -1e30
				m := loadOne(t, r, Batching{MaxRows: 8})
				first := send(context.Background(), m, x(1, 0))
				second, third := send(context.Background(), m, x(2, 1)), send(context.Background(), m, x(1, 2))
				expect(t, first, x(1, 0))
				expect(t, second, x(2, 1))
				expect(t, third, x(1, 2))
				want := []int64{1, 3}
				if size, _ := d.Size(3); d != sampan.String && size*2 > len(x(2, 0).Data) {
					want = []int64{1, 2, 1}
				}
				if diff := cmp.Diff(want, r.ran); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A request that makes the model fail does not fail those that were merged with it.
func TestBatchMatesOfABadRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.refuse = 13
		m := loadOne(t, r, Batching{MaxRows: 8})
		first := send(context.Background(), m, rows(t, 1, 0))
		var calls []<-chan answer
		for i := range 4 {
			calls = append(calls, send(context.Background(), m, rows(t, 1, float32(11+i))))
		}
		expect(t, first, rows(t, 1, 0))
		for i, done := range calls {
			if i == 2 {
				fails(t, (<-done).err, sampan.Internal, "a value that the model does not like")
				continue
			}
			expect(t, done, rows(t, 1, float32(11+i)))
		}
		if diff := cmp.Diff([]int64{1, 4, 1, 1, 1, 1}, r.ran); diff != "" {
			t.Error(diff)
		}
	})
}

// A model that does not keep rows is not batched any more, and nobody notices.
func TestOutputsThatCannotBeDivided(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		whole := r.run
		r.run = func(ctx context.Context, inputs, outputs []sampan.Tensor) error {
			if err := whole(ctx, inputs, outputs); err != nil {
				return err
			}
			out, err := sampan.New(sampan.Float32, sampan.Shape{5, 1})
			outputs[0] = out
			return err
		}
		m := loadOne(t, r, Batching{MaxRows: 8})
		var calls []<-chan answer
		for range 4 {
			calls = append(calls, send(context.Background(), m, rows(t, 1, 1)))
		}
		for _, done := range calls {
			expect(t, done, rows(t, 5, 0))
		}
		if diff := cmp.Diff([]int64{1, 3, 1, 1, 1}, r.ran); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMemberThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		m := loadOne(t, r, Batching{MaxRows: 8})
		first := send(context.Background(), m, rows(t, 1, 0))
		short, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
		defer cancel()
		start := time.Now()
		leaves := send(short, m, rows(t, 1, 1))
		stays := send(context.Background(), m, rows(t, 1, 2))
		fails(t, (<-leaves).err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
		if took := time.Since(start); took != 1500*time.Millisecond {
			t.Errorf("left after %v, want 1.5s", took)
		}
		expect(t, first, rows(t, 1, 0))
		expect(t, stays, rows(t, 1, 2))
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("took %v, want 2s", took)
		}
	})
}

// What a member lent is its own again when it has left, while the run goes on.
func TestMemberThatLeavesTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder(field("x", -1, 1), field("scale", 1))
		m := loadOne(t, r, Batching{MaxRows: 8})
		scale := func() sampan.Tensor {
			s, err := sampan.Of(sampan.Shape{1}, []float32{5})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		first := send(context.Background(), m, rows(t, 1, 0), scale())
		short, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
		defer cancel()
		lent := []sampan.Tensor{rows(t, 1, 1), scale()}
		leaves := send(short, m, lent...)
		stays := send(context.Background(), m, rows(t, 1, 2), scale())
		fails(t, (<-leaves).err, sampan.DeadlineExceeded, "the deadline passed before the answer was ready")
		for _, l := range lent {
			clear(l.Data)
			clear(l.Shape)
		}
		expect(t, first, rows(t, 1, 0), scale())
		expect(t, stays, rows(t, 1, 2), scale())
		if diff := cmp.Diff([]int64{1, 2}, r.ran); diff != "" {
			t.Error(diff)
		}
	})
}

// A merged run that nobody waits for any more is stopped.
func TestBatchThatAllLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		m := loadOne(t, r, Batching{MaxRows: 8})
		first := send(context.Background(), m, rows(t, 1, 0))
		ctx, leave := context.WithCancel(context.Background())
		calls := []<-chan answer{send(ctx, m, rows(t, 1, 1)), send(ctx, m, rows(t, 1, 2))}
		expect(t, first, rows(t, 1, 0))
		start := time.Now()
		leave()
		for _, done := range calls {
			fails(t, (<-done).err, sampan.Canceled, "the caller left before the answer was ready")
		}
		expect(t, send(context.Background(), m, rows(t, 1, 3)), rows(t, 1, 3))
		if took := time.Since(start); took != time.Second {
			t.Errorf("the next answer took %v, want 1s", took)
		}
	})
}

func TestDeadlineThatCannotBeMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := load(t, slow(), "", Options{Concurrency: 1})
		var calls []<-chan error
		calls = append(calls, background(context.Background(), t, m))
		if err := <-calls[0]; err != nil {
			t.Fatal(err)
		}
		for range 3 {
			calls = append(calls, background(context.Background(), t, m))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := m.Run(ctx, []sampan.Tensor{rows(t, 1, 1)})
		fails(t, err, sampan.DeadlineExceeded, "the deadline would pass before the model is free, in about 2s")
		if took := time.Since(start); took != 0 {
			t.Errorf("the refusal took %v, want none", took)
		}
		for _, done := range calls[1:] {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := load(t, slow(), "", Options{Concurrency: 1})
		first := background(context.Background(), t, m)
		start := time.Now()
		var mu sync.Mutex
		var order []string
		var calls sync.WaitGroup
		call := func(name string, p Priority) {
			calls.Go(func() {
				if _, err := m.Run(WithPriority(context.Background(), p), []sampan.Tensor{rows(t, 1, 1)}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
			})
			synctest.Wait()
		}
		call("n1", Normal)
		call("n2", Normal)
		for i := range 9 {
			call(fmt.Sprint("h", i+1), High)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
		calls.Wait()
		want := []string{"h1", "h2", "h3", "h4", "h5", "h6", "h7", "n1", "h8", "h9", "n2"}
		if diff := cmp.Diff(want, order); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(start); took != 12*time.Second {
			t.Errorf("took %v, want 12s", took)
		}
	})
}

// A model with long runs that fill the processors does not keep another from running.
func TestHeavyModelBesideALightOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := NewProcessors(2)
		heavy := load(t, slow(), "", Options{Concurrency: 2, Processors: shared})
		light := load(t, echo(), "", Options{Concurrency: 2, Processors: shared})
		var calls []<-chan error
		for range 4 {
			calls = append(calls, background(context.Background(), t, heavy))
		}
		start := time.Now()
		for range 100 {
			if _, err := light.Run(context.Background(), []sampan.Tensor{rows(t, 1, 1)}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the light model waited %v, want none", took)
		}
		for _, done := range calls {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("the heavy model's runs took %v, want 2s", took)
		}
	})
}

// Two models with long runs share the processors: no more runs than processors.
func TestProcessorsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := NewProcessors(2)
		a := load(t, slow(), "", Options{Concurrency: 2, Processors: shared})
		b := load(t, slow(), "", Options{Concurrency: 2, Processors: shared})
		start := time.Now()
		calls := []<-chan error{background(context.Background(), t, a), background(context.Background(), t, b)}
		for range 2 {
			calls = append(calls, background(context.Background(), t, a), background(context.Background(), t, b))
		}
		for _, done := range calls {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("six runs on two processors took %v, want 3s", took)
		}
	})
}

func TestQueueBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := load(t, slow(), "", Options{Concurrency: 1, QueueBytes: 20})
		ctx := context.Background()
		calls := []<-chan error{background(ctx, t, m), background(ctx, t, m)}
		big := []sampan.Tensor{rows(t, 5, 1)}
		_, err := m.Run(ctx, big)
		fails(t, err, sampan.ResourceExhausted, "4 bytes wait for the model, the limit is 20; try again later")
		for _, done := range calls {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if _, err := m.Run(ctx, big); err != nil {
			t.Errorf("with an empty queue: %v", err)
		}
	})
}

func TestBatchingFaults(t *testing.T) {
	for _, c := range []struct {
		b    Batching
		want string
	}{
		{Batching{}, `load model "m": batching: 0 rows at most, want 1 or more`},
		{Batching{MaxRows: 1, Delay: -1}, `load model "m": batching: delay -1ns, want 0 or more`},
		{Batching{MaxRows: 4, Preferred: []int64{5}}, `load model "m": batching: 5 rows are preferred, want 1 to 4`},
		{Batching{MaxRows: 4, Padding: map[string]float64{"y": 0}}, `load model "m": batching: padding for input "y", want one of "x"`},
	} {
		r := newRecorder()
		_, err := Open(context.Background(), directory(t, map[string]string{"model.onnx": ""}), Options{Name: "m", Backend: &r.fake, Batching: &c.b})
		fails(t, err, sampan.InvalidArgument, c.want)
	}
}
