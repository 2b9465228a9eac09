package zoo

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sampanml/sampan"
)

// The example of AWS's documentation, "Signature Calculations for the Authorization
// Header", GET Object.
func TestSignature(t *testing.T) {
	req, err := http.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Range", "bytes=0-9")
	sign(req, credentials{id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1"}, time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC))
	want := "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
		"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, " +
		"Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
	if got := req.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestS3(t *testing.T) {
	data := zipOf(t, member{"a", "alpha"})
	var asked []*http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r)
		switch r.URL.Path {
		case "/models/zoo/index.json":
			e := entry("a", "", data)
			e.URL = "s3://models/zoo/a b+c.zip"
			_, _ = w.Write(indexOf(t, e))
		case "/models/zoo/a b+c.zip":
			_, _ = w.Write(data)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer s.Close()
	defer remote.CloseIdleConnections()
	t.Setenv("AWS_ENDPOINT_URL", s.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_SESSION_TOKEN", "token")
	t.Setenv("AWS_REGION", "eu-central-1")
	index, err := OpenIndex(t.Context(), "s3://models/zoo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store(t).Get(t.Context(), only(index)); err != nil {
		t.Fatal(err)
	}
	for _, r := range asked {
		auth := r.Header.Get("Authorization")
		if !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=id/") || !strings.Contains(auth, "/eu-central-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,") {
			t.Errorf("%s: %s", r.URL, auth)
		}
	}
	if got := asked[1].URL.EscapedPath(); got != "/models/zoo/a%20b%2Bc.zip" {
		t.Errorf("asked for %s", got)
	}
	_, err = OpenIndex(t.Context(), "s3://other/zoo")
	refused(t, err, sampan.FailedPrecondition, "s3://other/zoo/index.json: answered 403 Forbidden")

	// Without keys nothing is signed; without an endpoint it is AWS.
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	u := &url.URL{Scheme: "s3", Host: "models", Path: "/k"}
	if req, err := request(t.Context(), u, 0); err != nil || req.Header.Get("Authorization") != "" {
		t.Errorf("%v, %v", req, err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "")
	if at, err := bucketURL(u); err != nil || at.String() != "https://s3.eu-central-1.amazonaws.com/models/k" {
		t.Errorf("%v, %v", at, err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "nowhere")
	_, err = bucketURL(u)
	refused(t, err, sampan.InvalidArgument, `AWS_ENDPOINT_URL "nowhere": want http:// or https:// and a host`)
}
