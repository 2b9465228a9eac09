package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sampanml/sampan/internal/metrics"
)

// trace writes Paddle Serving's report of what ops did since the last one, every interval
// until ctx ends.
func (m *meters) trace(ctx context.Context, log *slog.Logger, every time.Duration, inside *atomic.Int64) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	before := m.snapshot()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			now := m.snapshot()
			log.Info(now.report(before, every, inside.Load()))
			before = now
		}
	}
}

// snapshot is what the meters say at a time.
type snapshot struct {
	ops               []opSnapshot
	answers, refusals metrics.Reading
}

type opSnapshot struct {
	name   string
	phases [len(phases)]metrics.Reading
	inside int64
}

func (m *meters) snapshot() snapshot {
	s := snapshot{answers: m.answers.Reading(), refusals: m.refusals.Reading()}
	for _, op := range m.ops {
		o := opSnapshot{name: op.name, inside: op.inside.Load()}
		for i := range op.phases {
			o.phases[i] = op.phases[i].Reading()
		}
		s.ops = append(s.ops, o)
	}
	return s
}

// report has the lines of the original's tracer. Of its parts in is not there: calls do
// not wait between ops. Times are in milliseconds.
func (s snapshot) report(before snapshot, every time.Duration, inside int64) string {
	var b strings.Builder
	b.WriteString("==================== TRACER ======================\n")
	for i, op := range s.ops {
		fmt.Fprintf(&b, "Op(%s):\n", op.name)
		busy := time.Duration(0)
		for j, phase := range phases {
			part := op.phases[j].Since(before.ops[i].phases[j])
			busy += part.Sum
			fmt.Fprintf(&b, "\t%s[%.3f ms]\n", phase, milliseconds(part.Mean()))
		}
		fmt.Fprintf(&b, "\tcalls[%d] busy[%.2f]\n", op.inside, busy.Seconds()/every.Seconds())
	}
	answers, refusals := s.answers.Since(before.answers), s.refusals.Since(before.refusals)
	all := answers.Plus(refusals)
	rate := 1.0
	if all.Count > 0 {
		rate = float64(answers.Count) / float64(all.Count)
	}
	fmt.Fprintf(&b, "DAGExecutor:\n\tQuery count[%d]\n\tQPS[%.2f q/s]\n\tSucc[%.3f]\n\tError req[%d]\n\tLatency:\n\t\tave[%.3f ms]\n",
		all.Count, float64(all.Count)/every.Seconds(), rate, refusals.Count, milliseconds(all.Mean()))
	for _, q := range []float64{.5, .6, .7, .8, .9, .95, .99} {
		fmt.Fprintf(&b, "\t\t.%02.0f[%.3f ms]\n", q*100, milliseconds(all.Quantile(q)))
	}
	fmt.Fprintf(&b, "Channel (calls under way):\n\tsize[%d]", inside)
	return b.String()
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
