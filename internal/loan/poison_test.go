//go:build poison

package loan

import "testing"

func TestMisuse(t *testing.T) {
	panics := func(what string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s did not panic", what)
			}
		}()
		f()
	}
	m := Take(100)
	m.Give()
	for _, b := range m.whole {
		if b != poison {
			t.Fatal("memory that was given back is as it was")
		}
	}
	panics("giving back twice", m.Give)
	m.whole[99] = 1
	panics("writing afterwards", func() {
		for range watched {
			Take(1).Give()
		}
	})
}
