package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// exchange is one of Paddle Serving's own: what was posted to the real pipeline server
// 0.9.0, and what it answered.
type exchange struct {
	name, method, path string
	headers            map[string]string
	request            string
	status             int
	contentType        string
	reply              string
}

// recorded reads testdata/http.txt: XS is the tutorial's row.
func recorded(t *testing.T) []exchange {
	t.Helper()
	var out []exchange
	text := strings.ReplaceAll(readFile(t, "testdata/http.txt"), "XS", sample)
	text = strings.ReplaceAll(text, "XF", sample)
	for _, part := range strings.Split(text, "### ")[1:] {
		lines := strings.Split(strings.TrimSpace(part), "\n")
		e := exchange{name: lines[0], headers: map[string]string{}}
		for _, line := range lines[1:] {
			line = strings.TrimPrefix(line, "    ")
			if sent, ok := strings.CutPrefix(line, "> "); ok || line == ">" {
				switch {
				case e.method == "":
					e.method, e.path, _ = strings.Cut(sent, " ")
				case header.MatchString(sent):
					k, v, _ := strings.Cut(sent, ": ")
					e.headers[k] = v
				default:
					e.request = sent
				}
				continue
			}
			got := strings.TrimPrefix(strings.TrimPrefix(line, "<"), " ")
			switch {
			case e.status == 0:
				e.status, _ = strconv.Atoi(strings.Fields(got)[1])
			case header.MatchString(got):
				if k, v, _ := strings.Cut(got, ": "); k == "Content-Type" {
					e.contentType = v
				}
			default:
				e.reply += got
			}
		}
		out = append(out, e)
	}
	return out
}

var header = regexp.MustCompile(`^[A-Z][A-Za-z-]*: [^{]*$`)

// oursInstead are the parts of replies that say the same in our words, or more.
var oursInstead = map[string]string{
	"empty body":            missing,
	"empty object":          missing,
	"JSON null":             missing,
	"key y instead of x":    `{"err_no":10000,"err_msg":"Log_id: 0  Raise_msg: \"x\" is missing; want it among \"y\"  ClassName: Op._run_preprocess.\u003clocals\u003e.preprocess_help  FunctionName: preprocess_help","key":[],"value":[],"tensors":[]}`,
	"12 numbers":            `{"err_no":10000,"err_msg":"[uci] failed to predict. (data_id=N log_id=N) [uci|0] Failed to process(batch: [N]): input \"x\": shape [1 12], want [-1 13]. Please check the input dict and checkout PipelineServingLogs/pipeline.log for more details.","key":[],"value":[],"tensors":[]}`,
	"tensors, elem_type 10": `{"err_no":8000,"err_msg":"rpc package error: Sorry, the type 10 of tensor x is not supported.","key":[],"value":[],"tensors":[]}`,
	// Cut short in the record, or larger than a test should send.
	"1001 rows (numpy's own abbreviation?)":    "",
	"5 MiB request value":                      "",
	"reply of 5 000 000 bytes (mode skip_5mb)": "",
}

const missing = `{"err_no":10000,"err_msg":"Log_id: 0  Raise_msg: \"x\" is missing; want it among the call's keys, which are none  ClassName: Op._run_preprocess.\u003clocals\u003e.preprocess_help  FunctionName: preprocess_help","key":[],"value":[],"tensors":[]}`

var (
	numbers   = regexp.MustCompile(`data_id=\d+ log_id=\d+|batch: \[\d+\]`)
	digits    = regexp.MustCompile(`\d+`)
	ownNumber = regexp.MustCompile(`predict\. Log_id: \d+`)
	stamps    = regexp.MustCompile(`(pid:|_|:)\d+`)
)

// masked has no numbers that differ from run to run.
func masked(e exchange, reply string) string {
	reply = numbers.ReplaceAllStringFunc(reply, func(s string) string { return digits.ReplaceAllString(s, "N") })
	if e.name == "profile key" {
		return stamps.ReplaceAllString(reply, "${1}N")
	}
	return reply
}

// TestRecordedHTTP repeats what was asked of the real server.
func TestRecordedHTTP(t *testing.T) {
	r := serveUCI(t)
	for _, e := range recorded(t) {
		want, instead := oursInstead[e.name]
		if !instead {
			want = e.reply
		} else if want == "" {
			continue
		}
		body := []byte(e.request)
		if e.headers["Content-Encoding"] == "gzip" {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write([]byte(`{"key":["x"]}`))
			_ = z.Close()
			body = b.Bytes()
		}
		resp, got := r.do(e.method, e.path, e.headers, body)
		if resp.StatusCode != e.status {
			t.Errorf("%s: status %d, want %d: %s", e.name, resp.StatusCode, e.status, got)
		}
		if got, want := masked(e, strings.TrimSpace(got)), masked(e, want); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", e.name, got, want)
		}
		if e.contentType != "" && resp.Header.Get("Content-Type") != e.contentType {
			t.Errorf("%s: content type %q, want %q", e.name, resp.Header.Get("Content-Type"), e.contentType)
		}
	}
}
