package http_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	nethttp "net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan/internal/fixture"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
	"github.com/sampanml/sampan/server/http"
)

// ours is what this server answers where brpc's answer is another one.
type ours struct {
	status int
	// body is the whole body, or the end of it behind the text that brpc has too.
	body string
	why  string
}

// Why answers differ.
const (
	place    = "the text says where"
	path     = "the text has the path of the value"
	hint     = "the text says where to look"
	noCode   = "no fault here has this code"
	noType   = "without elem_type the data is in the wrong field; brpc's service echoed it"
	contents = "an empty reply for a tensor without data would be no help"
)

// different has every recorded exchange in which the answers differ.
var different = map[string]ours{
	"proto, application/protobuf (not a known type)": {400, ", not JSON at byte 1: 'B', want a value", place},
	"proto as application/json":                      {400, ", not JSON at byte 1: 'B', want a value", place},
	"invalid JSON":                                   {400, ", not JSON at byte 1: 'n', want a key", place},
	"truncated JSON":                                 {400, ", not JSON at byte 22: the end, want ',' or '}'", place},
	"trailing garbage":                               {400, "", place},
	"comments and trailing comma":                    {400, "", place},
	"bare NaN":                                       {400, "", place},
	"deflate request":                                {400, "", place},
	"gzip named, plain body":                         {400, "the body is not gzip, as Content-Encoding says", "the text says what is wrong"},
	"[]":                                             {400, ", body: a list, want an object", path},
	"null":                                           {400, ", body: null, want an object", path},
	"text":                                           {400, `, body: "abc", want an object`, path},
	"unknown method":                                 {404, "", hint},
	"unknown service":                                {404, "", hint},
	"lower case":                                     {404, "", hint},
	"dot form":                                       {404, "", hint},
	"repeated field not an array":                    {400, ", tensor: an object, want a list", path},
	"null in array":                                  {400, ", tensor[0]: null, want an object", path},
	"number as text: float_data":                     {400, `, tensor[0].float_data[0]: "0.0137", want a number`, path},
	"shape as text":                                  {400, `, tensor[0].shape[0]: "1", want an int32`, path},
	"echo int32 overflow":                            {400, ", tensor[0].int_data[0]: 2147483648, want an int32", path},
	"echo bytes, not base64":                         {400, ", tensor[0].tensor_content: not base64 at byte 0 of 3", path},
	"echo bytes, base64 without padding":             {200, "", "base64 without padding, or of URLs, is read"},
	"camelCase keys":                                 {400, "", contents},
	"elem_type 1.0":                                  {400, "", noType},
	"elem_type 2^31":                                 {400, "", noType},
	"echo: zero scalar fields":                       {400, `tensor "e": 1 int64 for shape [0], want 0`, "a tensor that contradicts itself is refused"},
	"NaN as text":                                    {200, `{"outputs":[{"tensor":[{"float_data":["NaN","Infinity","-Infinity"],"elem_type":1,"shape":[3],"name":"e"}],"engine_name":"GeneralInferOp_0"}],"profile_time":[t0,t1]}`, "brpc writes 2.7e308 for NaN, which reads as infinity"},
	"float_data 1e40 (above float32)":                {200, `{"outputs":[{"tensor":[{"float_data":["-Infinity"],"elem_type":1,"shape":[1,1],"name":"fc_0.tmp_1","alias_name":"price"}],"engine_name":"GeneralInferOp_0"}],"profile_time":[t0,t1]}`, "brpc writes -1.8e308, which is finite"},
	"server fails with ERPCAUTH":                     {200, "", noCode},
	"server fails with EINVAL":                       {200, "", noCode},
	"server fails with EPERM":                        {200, "", noCode},
}

// TestRecorded has every exchange with a real brpc server in testdata/brpc_http.txt.
func TestRecorded(t *testing.T) {
	address := start(t, newService(t), http.Options{})
	text, err := os.ReadFile(filepath.Join("testdata", "brpc_http.txt"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, section := range strings.Split(string(text), "\n### ")[1:] {
		name, lines, _ := strings.Cut(section, "\n")
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			request, want := parseExchange(t, lines)
			got := exchange(t, address, request)
			if got.header.Get("Content-Type") == want.header.Get("Content-Type") && strings.HasPrefix(want.header.Get("Content-Type"), "application/") && isBinary(want.body) {
				got.body, want.body = decoded(t, got.body), decoded(t, want.body)
			}
			got.body, want.body = comparable(got.body), comparable(want.body)
			d, differs := different[name]
			switch {
			case !differs:
				check(t, got, want)
			case got.status != d.status || d.body != "" && !strings.HasSuffix(got.body, comparable(d.body)):
				t.Errorf("got  %d %s\nwant %d %s, as %s", got.status, got.body, d.status, d.body, d.why)
			case got.status == want.status && got.body == want.body:
				t.Errorf("answered as brpc does, not as the table says")
			case got.status >= 400:
				// The code and how the text begins are brpc's all the same.
				if code := got.header.Get("X-Bd-Error-Code"); code != "1003" && code != "1002" || want.status == got.status && code != want.header.Get("X-Bd-Error-Code") {
					t.Errorf("x-bd-error-code %q, want %q", code, want.header.Get("X-Bd-Error-Code"))
				}
				if !strings.HasPrefix(got.body, "[ADDRESS][E100") {
					t.Errorf("the text begins otherwise: %s", got.body)
				}
			}
		})
	}
	for name := range different {
		if !seen[name] {
			t.Errorf("the table has %q, which was not recorded", name)
		}
	}
}

func check(t *testing.T, got, want reply) {
	t.Helper()
	if got.status != want.status || got.body != want.body {
		t.Errorf("got  %d %s\nwant %d %s", got.status, got.body, want.status, want.body)
	}
	for _, name := range []string{"Content-Type", "X-Bd-Error-Code", "Content-Encoding", "Connection"} {
		if g, w := got.header.Get(name), want.header.Get(name); g != w {
			t.Errorf("%s: %q, want %q", name, g, w)
		}
	}
}

var (
	headerLine = regexp.MustCompile(`^[A-Za-z-]+: `)
	onlyHex    = regexp.MustCompile(`^([0-9a-f]{2})+$`)
)

// parseExchange reads a section of the recordings: a request as it is to be sent, and
// the reply to it.
func parseExchange(t *testing.T, section string) (request []byte, want reply) {
	t.Helper()
	section = strings.ReplaceAll(strings.ReplaceAll(section, "[T]", "["+row+"]"), "[XF]", "["+xf+"]")
	var sent, body []byte
	want.header = nethttp.Header{}
	began, hasBody := false, false
	for i, line := range strings.Split(strings.TrimRight(section, "\n"), "\n") {
		switch {
		case i == 0:
			sent = fmt.Appendf(nil, "%s HTTP/1.1\r\nHost: h\r\n", strings.TrimPrefix(line, "> "))
		case strings.HasPrefix(line, ">") && headerLine.MatchString(line[2:]):
			sent = append(sent, line[2:]+"\r\n"...)
		case strings.HasPrefix(line, ">"):
			hasBody = true
			if body = []byte(strings.TrimPrefix(strings.TrimPrefix(line, ">"), " ")); onlyHex.Match(body) {
				body, _ = hex.DecodeString(string(body))
			}
		case strings.HasPrefix(line, "< HTTP/1.1 "):
			want.status, _ = strconv.Atoi(line[len("< HTTP/1.1 "):][:3])
		case !began && headerLine.MatchString(strings.TrimPrefix(line, "< ")):
			name, value, _ := strings.Cut(line[2:], ": ")
			want.header.Set(name, value)
		default:
			line = strings.TrimPrefix(strings.TrimPrefix(line, "<"), " ")
			if began {
				line = "\n" + line
			}
			want.body, began = want.body+line, true
		}
	}
	if text, ok := strings.CutPrefix(want.body, "(hex) "); ok {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		want.body = string(raw)
	}
	if hasBody {
		sent = fmt.Appendf(sent, "Content-Length: %d\r\n", len(body))
	}
	return append(append(sent, "\r\n"...), body...), want
}

func isBinary(body string) bool { return len(body) > 0 && body[0] == 0x0a }

// decoded shows a response message without its times.
func decoded(t *testing.T, body string) string {
	t.Helper()
	m := &generalmodel.Response{}
	if err := proto.Unmarshal([]byte(body), m); err != nil {
		t.Errorf("the reply is not a Response: %v", err)
	}
	if len(m.ProfileTime) != 2 {
		t.Errorf("%d profile times, want 2", len(m.ProfileTime))
	}
	m.ProfileTime = nil
	return strings.ReplaceAll(prototext.Format(m), "  ", " ")
}

var (
	times   = regexp.MustCompile(`"profile_time":\[[^\]]*\]`)
	origin  = regexp.MustCompile(`^\[[0-9.]+:[0-9]+\]`)
	decimal = regexp.MustCompile(`-?[0-9]+(\.[0-9]+(e-?[0-9]+)?|e-?[0-9]+)`)
)

// comparable leaves out times and addresses, and gives numbers one form: brpc writes
// one more digit than it takes to read the same number back.
func comparable(body string) string {
	body = times.ReplaceAllString(body, `"profile_time":[t0,t1]`)
	body = origin.ReplaceAllString(body, "[ADDRESS]")
	return decimal.ReplaceAllStringFunc(strings.TrimSpace(body), func(number string) string {
		f, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return number
		}
		// What is whole keeps its point.
		return strconv.FormatFloat(f, 'g', -1, 64) + strings.Repeat("f", strings.Count(number, "."))
	})
}

// TestRecordedBytes replays what brpc's own HTTP client wrote, and compares with what
// brpc's server answered.
func TestRecordedBytes(t *testing.T) {
	address := start(t, newService(t), http.Options{})
	for _, name := range []string{"http_json", "http_json_gzip", "http_proto", "http_error"} {
		t.Run(name, func(t *testing.T) {
			file := func(end string) []byte {
				data, err := os.ReadFile(fixture.Shared(t, "wire", "brpc_1.0.0-rc01", name+end))
				if err != nil {
					t.Fatal(err)
				}
				return data
			}
			got := exchange(t, address, file(".req.bin"))
			head, body, _ := bytes.Cut(file(".rep.bin"), []byte("\r\n\r\n"))
			want := reply{header: nethttp.Header{}, body: string(body)}
			for i, line := range strings.Split(string(head), "\r\n") {
				if i == 0 {
					want.status, _ = strconv.Atoi(line[len("HTTP/1.1 "):][:3])
					continue
				}
				name, value, _ := strings.Cut(line, ": ")
				want.header.Set(name, value)
			}
			if isBinary(want.body) {
				got.body, want.body = decoded(t, got.body), decoded(t, want.body)
			}
			got.body, want.body = comparable(got.body), comparable(want.body)
			check(t, got, want)
		})
	}
}
