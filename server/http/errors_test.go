package http_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/server/http"
)

// Retry-After is in whole seconds, rounded up; 1 where nothing better is known.
func TestRetryAfter(t *testing.T) {
	s := newService(t)
	var fault atomic.Pointer[sampan.Error]
	s.before = func(context.Context) error { return fault.Load() }
	address := start(t, s, http.Options{})
	for _, c := range []struct {
		code  sampan.Code
		after time.Duration
		want  string
	}{
		{sampan.ResourceExhausted, 1500 * time.Millisecond, "2"},
		{sampan.ResourceExhausted, 2 * time.Second, "2"},
		{sampan.ResourceExhausted, time.Millisecond, "1"},
		{sampan.ResourceExhausted, 0, "1"},
		{sampan.Unavailable, 0, "1"},
		{sampan.Internal, 5 * time.Second, ""},
	} {
		err := sampan.Errorf(c.code, "asked to")
		err.RetryAfter = c.after
		fault.Store(err)
		feed := strings.Replace(string(post(`{"feed":[{}],"fetch":[]}`, "")), "/GeneralModelService/inference", "/uci/prediction", 1)
		for _, request := range [][]byte{post(good, ""), []byte(feed)} {
			if r := exchange(t, address, request); r.header.Get("Retry-After") != c.want {
				t.Errorf("%s after %v: Retry-After %q, want %q", c.code, c.after, r.header.Get("Retry-After"), c.want)
			}
		}
	}
}
