package zoo

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sampanml/sampan"
)

// credentials for a store that speaks S3's protocol.
type credentials struct{ id, secret, token, region string }

// credentialsFromEnv reads the variables that AWS's own tools read. Without them
// requests are not signed, which is right for public buckets.
func credentialsFromEnv() credentials {
	return credentials{
		id: os.Getenv("AWS_ACCESS_KEY_ID"), secret: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		token: os.Getenv("AWS_SESSION_TOKEN"), region: region(),
	}
}

func region() string {
	return cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), "us-east-1")
}

// bucketURL is where s3://BUCKET/KEY is: below the store that AWS_ENDPOINT_URL names,
// else at AWS.
func bucketURL(u *url.URL) (*url.URL, error) {
	endpoint := os.Getenv("AWS_ENDPOINT_URL")
	if endpoint == "" {
		endpoint = "https://s3." + region() + ".amazonaws.com"
	}
	at, err := url.Parse(strings.TrimSuffix(endpoint, "/") + "/" + escapePath(u.Host+u.Path))
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return nil, sampan.Errorf(sampan.InvalidArgument, "AWS_ENDPOINT_URL %q: want http:// or https:// and a host", endpoint)
	}
	return at, nil
}

// escapePath escapes all but the letters, digits and signs that S3's signature leaves
// as they are.
func escapePath(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// sign adds AWS's signature, version 4, to a request without a body or a query.
func sign(req *http.Request, c credentials, now time.Time) {
	if c.id == "" || c.secret == "" {
		return
	}
	nothing := hex.EncodeToString(sha256.New().Sum(nil))
	stamp := now.UTC().Format("20060102T150405Z")
	req.Header.Set("X-Amz-Date", stamp)
	req.Header.Set("X-Amz-Content-Sha256", nothing)
	if c.token != "" {
		req.Header.Set("X-Amz-Security-Token", c.token)
	}
	values := map[string]string{"host": req.URL.Host}
	for name := range req.Header {
		if lower := strings.ToLower(name); lower == "range" || strings.HasPrefix(lower, "x-amz-") {
			values[lower] = req.Header.Get(name)
		}
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	canonical := req.Method + "\n" + req.URL.EscapedPath() + "\n\n"
	for _, name := range names {
		canonical += name + ":" + values[name] + "\n"
	}
	signed := strings.Join(names, ";")
	canonical += "\n" + signed + "\n" + nothing

	scope := stamp[:8] + "/" + c.region + "/s3/aws4_request"
	digest := sha256.Sum256([]byte(canonical))
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hex.EncodeToString(digest[:])
	key := []byte("AWS4" + c.secret)
	for _, part := range append(strings.Split(scope, "/"), text) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x", c.id, scope, signed, key))
}
