package pipeline

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/sampanml/sampan/internal/metrics"
	"github.com/sampanml/sampan/ops"
)

// call is one on its way through the pipeline.
type call struct {
	ops.Call
	// number is the server's own; messages have it.
	number int64
	began  time.Time
	start  metrics.Instant
	// profile has the time stamps that the caller asked for; nil if it did not.
	profile *profile
}

// at is the time of an instant within the call, in microseconds since the epoch.
func (c *call) at(i metrics.Instant) int64 { return c.began.Add(i.Since(c.start)).UnixMicro() }

// ProfileKey is the key with which a caller asks for time stamps, by the value "1", and
// under which the answer has them.
const ProfileKey = "pipeline.profile"

// profile collects time stamps in the form of Paddle Serving.
type profile struct {
	mu    sync.Mutex
	spans strings.Builder
}

// add notes an op's three parts.
func (p *profile) add(c *call, op string, began, prepared, processed, ended metrics.Instant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	bounds := [...]metrics.Instant{began, prepared, processed, ended}
	for i, phase := range phases {
		p.span(fmt.Sprintf("%s#[%s|0]", phase, op), c.at(bounds[i]), c.at(bounds[i+1]))
	}
}

func (p *profile) span(name string, start, end int64) {
	fmt.Fprintf(&p.spans, "%s_0:%d %s_1:%d ", name, start, name, end)
}

// text is the whole: what the service did, and what its ops did.
func (p *profile) text(c *call, unpacked, packing metrics.Instant) string {
	const executor = "@DAGExecutor"
	now := metrics.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	own := profile{}
	own.span(fmt.Sprintf("prepack_%d#%s", c.number, executor), c.at(c.start), c.at(unpacked))
	own.span(fmt.Sprintf("postpack_%d#%s", c.number, executor), c.at(packing), c.at(now))
	own.span(fmt.Sprintf("call_%d#DAG", c.number), c.at(c.start), c.at(now))
	return fmt.Sprintf("\nPROFILE\tpid:%d\t%s\nPROFILE\tpid:%d\t%s\n", os.Getpid(), own.spans.String(), os.Getpid(), p.spans.String())
}
