package nearest

import "testing"

func TestName(t *testing.T) {
	candidates := []string{"port", "http_port", "model", "model_dir"}
	for name, want := range map[string]string{
		"prot": "port", "pord": "port", "modle_dir": "model_dir", "modl": "model", "http-port": "http_port",
		"zzz": "", "": "", "port": "port",
	} {
		if got := Name(name, candidates); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"kitten", "sitting", 3}, {"abc", "", 3}, {"prot", "port", 2}} {
		if got := distance(c.a, c.b, 10); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
