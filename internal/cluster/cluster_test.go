package cluster

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

// newCluster has the servers a:1, b:1 and so on, and a draw with a fixed seed.
func newCluster(t *testing.T, config Config, addresses ...string) *Cluster {
	t.Helper()
	var err error
	if config.Naming.servers, err = entries(addresses); err != nil {
		t.Fatal(err)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	c.intN = func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return random.IntN(n)
	}
	return c
}

var (
	errDown   = sampan.Errorf(sampan.Unavailable, "connect: %w", Mark(Refused, errors.New("refused")))
	errBroke  = sampan.Errorf(sampan.Unavailable, "broke: %w", Mark(Broken, errors.New("reset")))
	errDrains = sampan.Errorf(sampan.Unavailable, "draining")
	errLate   = sampan.Errorf(sampan.DeadlineExceeded, "late")
	errBad    = sampan.Errorf(sampan.InvalidArgument, "bad")
	errLeft   = sampan.Errorf(sampan.Canceled, "left")
)

// call makes a call; answers are by address, nil for all others. It returns who was
// asked.
func call(round Round, answers map[string]error) (asked []string, err error) {
	for round.Next() {
		e := round.Endpoint()
		asked = append(asked, e.Address)
		round.Done(answers[e.Address])
	}
	return asked, round.Err()
}

func TestRound(t *testing.T) {
	abc := []string{"a:1", "b:1", "c:1"}
	for name, test := range map[string]struct {
		servers []string
		retries int
		answers map[string]error
		want    []string
		code    sampan.Code
		text    string
	}{
		"good":                      {abc, 2, nil, []string{"b:1"}, 0, ""},
		"an error is an answer":     {abc, 2, map[string]error{"b:1": errBad}, []string{"b:1"}, sampan.InvalidArgument, "bad"},
		"late":                      {abc, 2, map[string]error{"b:1": errLate}, []string{"b:1"}, sampan.DeadlineExceeded, "late"},
		"left":                      {abc, 2, map[string]error{"b:1": errLeft}, []string{"b:1"}, sampan.Canceled, "left"},
		"refused":                   {abc, 0, map[string]error{"b:1": errDown}, []string{"b:1", "c:1"}, 0, ""},
		"refused by all":            {abc, 0, map[string]error{"a:1": errDown, "b:1": errDown, "c:1": errDown}, []string{"b:1", "c:1", "a:1"}, sampan.Unavailable, "connect: refused"},
		"draining":                  {abc, 2, map[string]error{"b:1": errDrains}, []string{"b:1", "c:1"}, 0, ""},
		"all drain":                 {abc, 2, map[string]error{"a:1": errDrains, "b:1": errDrains, "c:1": errDrains}, []string{"b:1", "c:1", "a:1"}, sampan.Unavailable, "draining"},
		"no retries":                {abc, 0, map[string]error{"b:1": errDrains}, []string{"b:1"}, sampan.Unavailable, "draining"},
		"alone and draining":        {abc[:1], 2, map[string]error{"a:1": errDrains}, []string{"a:1"}, sampan.Unavailable, "draining"},
		"alone and broken":          {abc[:1], 2, map[string]error{"a:1": errBroke}, []string{"a:1", "a:1", "a:1"}, sampan.Unavailable, "broke: reset"},
		"broken, then refused":      {abc[:2], 2, map[string]error{"b:1": errBroke, "a:1": errDown}, []string{"b:1", "a:1"}, sampan.Unavailable, "broke: reset; connect: refused"},
		"broken, then bad":          {abc[:2], 2, map[string]error{"b:1": errBroke, "a:1": errBad}, []string{"b:1", "a:1"}, sampan.InvalidArgument, "bad"},
		"all broken, more retries":  {abc[:2], 3, map[string]error{"a:1": errBroke, "b:1": errBroke}, []string{"b:1", "a:1", "b:1", "a:1"}, sampan.Unavailable, "broke: reset"},
		"refused do not use it up":  {abc, 1, map[string]error{"b:1": errDown, "c:1": errBroke}, []string{"b:1", "c:1", "a:1"}, 0, ""},
		"what is over stays over":   {abc, 2, nil, []string{"b:1"}, 0, ""},
		"the last one is the error": {abc, 1, map[string]error{"b:1": errBroke, "c:1": errDrains}, []string{"b:1", "c:1"}, sampan.Unavailable, "broke: reset; draining"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, Config{Retries: test.retries}, test.servers...)
			asked, err := call(c.Round(), test.answers)
			// With three servers the second one has the first turn.
			if test.servers[0] == "a:1" && len(test.servers) == 2 && asked[0] != "b:1" {
				t.Fatalf("asked %q first, want b:1", asked[0])
			}
			if d := cmp.Diff(test.want, asked); d != "" {
				t.Errorf("asked (-want +got):\n%s", d)
			}
			if test.code == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if sampan.CodeOf(err) != test.code || err.Error() != test.text {
				t.Errorf("got %v: %v, want %v: %s", sampan.CodeOf(err), err, test.code, test.text)
			}
		})
	}
}

// A server that refuses is left alone for a second, then one call looks whether it is
// back, then for twice as long.
func TestBreakerOpensAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, Config{}, "a:1", "b:1")
		down := map[string]error{"a:1": errDown}
		asks := func(answers map[string]error) (n int) {
			for range 10 {
				asked, err := call(c.Round(), answers)
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range asked {
					if a == "a:1" {
						n++
					}
				}
			}
			return n
		}
		for i, wait := range []time.Duration{0, 999 * time.Millisecond, time.Millisecond, 1999 * time.Millisecond, time.Millisecond, 4 * time.Second, 8 * time.Second, 16 * time.Second, 16 * time.Second} {
			time.Sleep(wait)
			want := 1
			if i == 1 || i == 3 {
				want = 0
			}
			if got := asks(down); got != want {
				t.Errorf("step %d: the dead server was asked %d times, want %d", i, got, want)
			}
		}
		if s, _ := c.Status(); !s[0].Open || s[1].Open {
			t.Errorf("status %+v", s)
		}
		time.Sleep(16 * time.Second)
		if got := asks(nil); got < 4 || got > 6 {
			t.Errorf("the server that is back was asked %d times of 10, want half", got)
		}
		if s, _ := c.Status(); s[0].Open || s[0].InFlight != 0 {
			t.Errorf("status %+v", s[0])
		}
		// It begins with a second again.
		asks(down)
		time.Sleep(time.Second)
		if got := asks(nil); got < 4 {
			t.Errorf("the server that is back was asked %d times of 10, want half", got)
		}
	})
}

// Soft failures open a breaker when there are enough in a row.
func TestBreakerCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, fault := range map[string]error{"broken": errBroke, "draining": errDrains, "late": errLate, "beaten": Mark(Beaten, errLeft)} {
			c := newCluster(t, Config{}, "a:1", "b:1")
			a := c.Endpoints()[0]
			for range 2 {
				for range maxFailures - 1 {
					_, _ = call(Round{cluster: c, set: &set{endpoints: []*Endpoint{a}}}, map[string]error{"a:1": fault})
				}
				if a.status().Open {
					t.Fatalf("%s: open after %d failures", name, maxFailures-1)
				}
				// An answer, even a bad one, ends the row.
				_, _ = call(Round{cluster: c, set: &set{endpoints: []*Endpoint{a}}}, map[string]error{"a:1": errBad})
			}
			for range maxFailures {
				_, _ = call(Round{cluster: c, set: &set{endpoints: []*Endpoint{a}}}, map[string]error{"a:1": fault})
			}
			if !a.status().Open {
				t.Errorf("%s: not open after %d failures", name, maxFailures)
			}
		}
	})
}

// Of many calls at the same time one is the probe. A probe that never says anything is
// followed by another one.
func TestBreakerProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, Config{}, "a:1", "b:1")
		_, _ = call(c.Round(), nil)
		if asked, _ := call(c.Round(), map[string]error{"a:1": errDown}); asked[0] != "a:1" {
			t.Fatal(asked)
		}
		for range 3 {
			time.Sleep(time.Second)
			probes := 0
			for range 10 {
				r := c.Round()
				if r.Next(); r.Endpoint().Address == "a:1" {
					probes++
				}
			}
			if probes != 1 {
				t.Errorf("%d probes, want 1", probes)
			}
		}
	})
}

// Where everybody is down everybody is asked: a breaker never fails a call.
func TestAllOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, Config{}, "a:1", "b:1")
		down := map[string]error{"a:1": errDown, "b:1": errDown}
		for range 3 {
			if asked, err := call(c.Round(), down); len(asked) != 2 || sampan.CodeOf(err) != sampan.Unavailable {
				t.Errorf("asked %q: %v", asked, err)
			}
		}
		if asked, err := call(c.Round(), nil); len(asked) != 1 || err != nil {
			t.Errorf("asked %q: %v", asked, err)
		}
	})
}

// When all servers break every call, the calls are not tripled.
func TestBudget(t *testing.T) {
	c := newCluster(t, Config{Retries: 2}, "a:1", "b:1")
	broken := map[string]error{"a:1": errBroke, "b:1": errBroke}
	attempts := func(calls int) (n int) {
		for range calls {
			asked, _ := call(c.Round(), broken)
			n += len(asked)
		}
		return n
	}
	if got := attempts(50); got != 150 {
		t.Errorf("50 calls made %d attempts, want 150 from the store", got)
	}
	attempts(50)
	if got := attempts(1000); got < 1090 || got > 1110 {
		t.Errorf("1000 calls made %d attempts, want 1100", got)
	}
	for range 1000 {
		_, _ = call(c.Round(), nil)
	}
	if got := attempts(50); got < 148 {
		t.Errorf("50 calls made %d attempts, want the store full again", got)
	}
}

func TestNamingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "servers")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		naming, err := ParseNaming("file://" + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(Config{Naming: naming}); sampan.CodeOf(err) != sampan.Unavailable {
			t.Errorf("no file: %v", err)
		}
		write("# the old ones\na:1\n  b:1 7 # strong\n\n")
		c, err := New(Config{Naming: naming})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		b := c.Endpoints()[1]
		see := func(fault string, want ...Status) {
			t.Helper()
			time.Sleep(poll)
			synctest.Wait()
			got, err := c.Status()
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if fault == "" && err != nil || fault != "" && (err == nil || err.Error() != path+": "+fault) {
				t.Errorf("fault %v, want %q", err, fault)
			}
		}
		see("", Status{Address: "a:1", Weight: 1}, Status{Address: "b:1", Weight: 7})
		write("b:1 2\nc:1")
		see("", Status{Address: "b:1", Weight: 2}, Status{Address: "c:1", Weight: 1})
		if c.Endpoints()[0] != b {
			t.Error("the endpoint that stayed is another one")
		}
		write("")
		see("no servers", Status{Address: "b:1", Weight: 2}, Status{Address: "c:1", Weight: 1})
		write("c:one")
		see(`server "c:one", want host:port`, Status{Address: "b:1", Weight: 2}, Status{Address: "c:1", Weight: 1})
		write("c:1")
		see("", Status{Address: "c:1", Weight: 1})
		c.Close()
		write("a:1")
		see("", Status{Address: "c:1", Weight: 1})
	})
}
