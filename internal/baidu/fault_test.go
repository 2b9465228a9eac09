package baidu

import (
	"testing"

	"github.com/sampanml/sampan"
)

// TestCodes: what a server of ours says is understood by a client of ours; two codes
// share the number of a third.
func TestCodes(t *testing.T) {
	for code, want := range map[sampan.Code]sampan.Code{
		sampan.InvalidArgument:    sampan.InvalidArgument,
		sampan.FailedPrecondition: sampan.InvalidArgument,
		sampan.NotFound:           sampan.NotFound,
		sampan.Unimplemented:      sampan.NotFound,
		sampan.ResourceExhausted:  sampan.ResourceExhausted,
		sampan.DeadlineExceeded:   sampan.DeadlineExceeded,
		sampan.Unavailable:        sampan.Unavailable,
		sampan.Internal:           sampan.Internal,
	} {
		if got := Code(Number(code)); got != want {
			t.Errorf("%v travels as %d and arrives as %v, want %v", code, Number(code), got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		Text("127.0.0.1:9393", BadRequest, `input "x"`): `input "x"`,
		Text("[::1]:9393", OpFailed, "a]b"):             "a]b",
		"no address":                                    "no address",
		"[E1]":                                          "[E1]",
		"":                                              "",
		"a][E1003]b":                                    "a][E1003]b",
		"[a][E1003]":                                    "",
		"[a][E1003 b":                                   "[a][E1003 b",
	} {
		if got := Plain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
