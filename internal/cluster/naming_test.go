package cluster

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

func TestParseNaming(t *testing.T) {
	got, err := ParseNaming("list://127.0.0.1:9292, b:1 50,[::1]:7,b:1 3")
	if err != nil {
		t.Fatal(err)
	}
	want := []Server{{"127.0.0.1:9292", 1}, {"b:1", 53}, {"[::1]:7", 1}}
	if d := cmp.Diff(want, got.servers); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for text, fault := range map[string]string{
		"":                    `"", want list://HOST:PORT,… or file://PATH`,
		"127.0.0.1:9292":      `"127.0.0.1:9292", want list://HOST:PORT,… or file://PATH`,
		"bns://paddle":        `"bns://paddle", want list://HOST:PORT,… or file://PATH`,
		"file://":             `"file://", want list://HOST:PORT,… or file://PATH`,
		"list://":             `server "", want host:port`,
		"list://a,b:x,c:0":    "server \"a\", want host:port\nserver \"b:x\", want host:port\nserver \"c:0\", want host:port",
		"list://a:1 0,b:1 -1": "server \"a:1\": weight \"0\", want a whole number from 1 to 1048576\nserver \"b:1\": weight \"-1\", want a whole number from 1 to 1048576",
		"list://a:1 w=2":      `server "a:1": weight "w=2", want a whole number from 1 to 1048576`,
		"list://:80":          `server ":80", want host:port`,
		"list://a:1" + strings.Repeat(",a:1", maxServers): "10001 servers, want at most 10000",
	} {
		_, err := ParseNaming(text)
		if sampan.CodeOf(err) != sampan.InvalidArgument || err.Error() != fault {
			t.Errorf("%.40q: got %v, want %s", text, err, fault)
		}
	}
}

// FuzzNamingFile: what is accepted is whole.
func FuzzNamingFile(f *testing.F) {
	f.Add("# the old ones\na:1\n  b:1 7 # strong\n\n")
	f.Add("a:1 99999999999999999999")
	f.Add("[::1]:80\r\n\x00")
	f.Fuzz(func(t *testing.T, text string) {
		servers, err := parseFile([]byte(text))
		if err != nil {
			if servers != nil || sampan.CodeOf(err) != sampan.InvalidArgument {
				t.Fatalf("%v, %v", servers, err)
			}
			return
		}
		if len(servers) == 0 || len(servers) > maxServers {
			t.Fatalf("%d servers", len(servers))
		}
		seen := map[string]bool{}
		for _, s := range servers {
			if seen[s.Address] || s.Weight < 1 || s.Weight > maxWeight || strings.ContainsAny(s.Address, " #\n") {
				t.Fatalf("accepted %+v", s)
			}
			seen[s.Address] = true
		}
	})
}
