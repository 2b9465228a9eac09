package cluster

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

func TestParseBalance(t *testing.T) {
	for b := RoundRobin; b <= MD5; b++ {
		if got, err := ParseBalance(b.String()); got != b || err != nil {
			t.Errorf("%v: %v, %v", b, got, err)
		}
	}
	_, err := ParseBalance("ll")
	if want := `"ll", want one of rr, la, wrr, random, c_murmurhash, c_md5`; sampan.CodeOf(err) != sampan.InvalidArgument || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// spread makes calls and counts where they went.
func spread(t *testing.T, c *Cluster, calls int) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for range calls {
		asked, err := call(c.Round(), nil)
		if err != nil || len(asked) != 1 {
			t.Fatal(asked, err)
		}
		counts[asked[0]]++
	}
	return counts
}

func TestSpread(t *testing.T) {
	equal := map[string]int{"a:1": 1000, "b:1": 1000, "c:1": 1000}
	for b, test := range map[Balance]struct {
		servers []string
		want    map[string]int
		slack   int
	}{
		RoundRobin:         {[]string{"a:1", "b:1 5", "c:1"}, equal, 0},
		Random:             {[]string{"a:1", "b:1 5", "c:1"}, equal, 150},
		WeightedRoundRobin: {[]string{"a:1 5", "b:1 1", "c:1 4"}, map[string]int{"a:1": 1500, "b:1": 300, "c:1": 1200}, 0},
		Murmur:             {[]string{"a:1", "b:1", "c:1"}, equal, 150},
		MD5:                {[]string{"a:1", "b:1", "c:1"}, equal, 150},
	} {
		t.Run(b.String(), func(t *testing.T) {
			got := spread(t, newCluster(t, Config{Balance: b}, test.servers...), 3000)
			for address, want := range test.want {
				if n := got[address]; n < want-test.slack || n > want+test.slack {
					t.Errorf("%s had %d calls, want %d ± %d", address, n, want, test.slack)
				}
			}
		})
	}
}

// Every rule finds the one server that is left.
func TestOneIsLeft(t *testing.T) {
	for b := RoundRobin; b <= MD5; b++ {
		c := newCluster(t, Config{Balance: b}, "a:1", "b:1", "c:1", "d:1")
		for range 20 {
			asked, err := call(c.KeyedRound(Hash("key")), map[string]error{"a:1": errDown, "b:1": errDown, "d:1": errDown})
			if err != nil || asked[len(asked)-1] != "c:1" {
				t.Fatalf("%v: asked %q: %v", b, asked, err)
			}
		}
	}
}

// The turns of the strong one are not one after the other.
func TestWeightedTurns(t *testing.T) {
	c := newCluster(t, Config{Balance: WeightedRoundRobin}, "a:1 5", "b:1 1", "c:1 1")
	var turns []string
	for range 7 {
		asked, _ := call(c.Round(), nil)
		turns = append(turns, asked[0][:1])
	}
	if got := strings.Join(turns, ""); got != "aabacaa" {
		t.Errorf("turns %s, want aabacaa", got)
	}
}

// A server that answers ten times later gets few calls, and is noticed when it is fast
// again.
func TestLocalityAware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, Config{Balance: LocalityAware}, "a:1", "b:1")
		takes := map[string]time.Duration{"a:1": time.Millisecond, "b:1": time.Millisecond}
		run := func() map[string]int {
			counts := map[string]int{}
			for range 1000 {
				r := c.Round()
				r.Next()
				time.Sleep(takes[r.Endpoint().Address])
				counts[r.Endpoint().Address]++
				r.Done(nil)
			}
			return counts
		}
		if got := run(); got["a:1"] < 400 || got["a:1"] > 600 {
			t.Errorf("of two equal servers one had %d calls of 1000", got["a:1"])
		}
		takes["a:1"] = 10 * time.Millisecond
		if got := run(); got["a:1"] > 50 {
			t.Errorf("the slow server had %d calls of 1000", got["a:1"])
		}
		takes["a:1"] = 100 * time.Microsecond
		time.Sleep(10 * time.Second)
		if got := run(); got["a:1"] < 800 {
			t.Errorf("the fast server had %d calls of 1000", got["a:1"])
		}
	})
}

// Calls that are under way keep others away.
func TestLocalityAwareInFlight(t *testing.T) {
	c := newCluster(t, Config{Balance: LocalityAware}, "a:1", "b:1")
	for _, e := range c.Endpoints() {
		e.load.begin()
		e.load.end(time.Now(), time.Millisecond)
	}
	stuck := map[string]int{}
	for range 100 {
		r := c.Round()
		r.Next()
		stuck[r.Endpoint().Address]++
	}
	if d := cmp.Diff(map[string]int{"a:1": 50, "b:1": 50}, stuck); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A key stays where it is; when a server goes, only its keys move.
func TestConsistent(t *testing.T) {
	for _, b := range []Balance{Murmur, MD5} {
		five := newCluster(t, Config{Balance: b}, "a:1", "b:1", "c:1", "d:1", "e:1")
		four := newCluster(t, Config{Balance: b}, "a:1", "b:1", "d:1", "e:1")
		moved := 0
		for i := range 1000 {
			key := Hash(fmt.Sprint("user", i))
			before, _ := call(five.KeyedRound(key), nil)
			again, _ := call(five.KeyedRound(key), nil)
			after, _ := call(four.KeyedRound(key), nil)
			switch {
			case before[0] != again[0]:
				t.Fatalf("%v: key %d went to %s and to %s", b, i, before[0], again[0])
			case before[0] != "c:1" && before[0] != after[0]:
				t.Fatalf("%v: key %d went from %s to %s", b, i, before[0], after[0])
			case before[0] == "c:1":
				moved++
			}
		}
		if moved < 100 || moved > 300 {
			t.Errorf("%v: %d keys of 1000 moved, want about 200", b, moved)
		}
	}
}

// The values are those of Austin Appleby's reference implementation.
func TestMurmur(t *testing.T) {
	for text, want := range map[string]uint32{
		"": 0, "hello": 0x248bfa47, "hello, world": 0x149bbb7f, "The quick brown fox jumps over the lazy dog": 0x2e4ff723,
	} {
		if got := Hash(text); got != want {
			t.Errorf("%q: %#x, want %#x", text, got, want)
		}
	}
}

// A round on a healthy cluster leaves nothing to collect.
func TestRoundAllocations(t *testing.T) {
	for b := RoundRobin; b <= MD5; b++ {
		c := newCluster(t, Config{Balance: b}, "a:1", "b:1", "c:1")
		if n := testing.AllocsPerRun(100, func() {
			r := c.Round()
			for r.Next() {
				r.Done(nil)
			}
		}); n != 0 {
			t.Errorf("%v: %v allocations", b, n)
		}
	}
}

func BenchmarkRound(b *testing.B) {
	for balance := RoundRobin; balance <= MD5; balance++ {
		b.Run(balance.String(), func(b *testing.B) {
			naming, err := ParseNaming("list://a:1,b:1,c:1")
			if err != nil {
				b.Fatal(err)
			}
			c, err := New(Config{Naming: naming, Balance: balance})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r := c.Round()
				for r.Next() {
					r.Done(nil)
				}
			}
		})
	}
}
